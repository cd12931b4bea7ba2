import Announce
import AnnounceSQLite
import AnnounceTestKit
import Testing

@Suite struct StoreContractTests {
    @Test("The SQLite store keeps the contract", arguments: StoreContract.Clause.all)
    func contract(_ clause: StoreContract.Clause) async throws {
        let folder = try TemporaryFolder()
        try await clause.check { try SQLiteStore(path: folder.file("a.sqlite")) }
    }

    @Test func `A store in memory is empty and can be read`() async throws {
        let store = try SQLiteStore()
        #expect(try await store.announcements(matching: .init()).isEmpty)
        #expect(try await store.history(matching: HistoryFilter(limit: 9)).isEmpty)
        #expect(try await store.status(at: .morning).lease.holder == nil)
    }
}

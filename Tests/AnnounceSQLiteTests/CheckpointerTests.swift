import AnnounceTestKit
import Foundation
import GRDB
import Testing

@testable import AnnounceSQLite

/// The log of the database, and who moves it.
@Suite struct CheckpointerTests {
    private let folder: TemporaryFolder
    private let store: SQLiteStore
    private var path: String { folder.file("a.sqlite") }

    init() async throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(path: folder.file("a.sqlite"))
        try await store.write { try $0.execute(sql: "CREATE TABLE filling (bytes BLOB)") }
    }

    /// Writes four megabytes, which are five hundred pages.
    private func fill() async throws {
        try await store.write { try $0.execute(sql: "INSERT INTO filling VALUES (randomblob(4000000))") }
    }

    private func size(_ file: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
    }

    @Test("The log is moved beside those who write, and begins anew when it is long")
    func moved() async throws {
        for _ in 1...3 { try await fill() }
        // Nobody writes now, so it is the checkpointer.
        try await eventually("what is in the log is moved") { size(path) > 8_000_000 }
        for _ in 1...22 { try await fill() }
        #expect(size(path + "-wal") < 40_000_000)
        #expect(size(path) > 60_000_000)
        let (count, found) = try await store.read { database in
            (
                try Int.fetchOne(database, sql: "SELECT count(*) FROM filling"),
                try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
            )
        }
        #expect(count == 25 && found == "ok")
    }

    @Test("Where the file was taken away none is made")
    func takenAway() async throws {
        for end in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: path + end) }
        for _ in 1...8 { try await fill() }
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}

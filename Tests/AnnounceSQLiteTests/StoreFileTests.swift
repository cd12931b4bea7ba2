import Announce
import AnnounceTestKit
import Foundation
import GRDB
import Testing

@testable import AnnounceSQLite

/// The file: how it is made, and what is refused without touching it.
@Suite struct StoreFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    /// What opening the file throws.
    private func refusal(_ path: String) throws -> AnnounceError {
        try #require(throws: AnnounceError.self) { try SQLiteStore(path: path, busyTimeout: 0.1) }
    }

    @Test func `A new file and its folder are for their user only`() async throws {
        let path = folder.file("new/deeper/a.sqlite")
        let store = try SQLiteStore(path: path)
        _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning)
        #expect(try mode(path) == 0o600)
        #expect(try mode(path + "-wal") == 0o600)
        #expect(try mode(folder.file("new/deeper")) == 0o700)
    }

    @Test func `A new file has the application id, the schema version and a write-ahead log`() throws {
        let path = folder.file("a.sqlite")
        let store = try SQLiteStore(path: path)
        try store.database.read { database in
            #expect(try Int32.fetchOne(database, sql: "PRAGMA application_id") == Migrations.applicationID)
            #expect(try Int32.fetchOne(database, sql: "PRAGMA user_version") == Migrations.newest)
            #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal")
            #expect(try Int.fetchOne(database, sql: "PRAGMA page_size") == 8_192)
            #expect(try Int.fetchOne(database, sql: "PRAGMA foreign_keys") == 1)
            #expect(try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2)
            let loose = try String.fetchAll(
                database,
                sql: "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0"
            )
            #expect(Set(loose) == ["grdb_migrations", "sqlite_schema", "sqlite_sequence"])
        }
    }

    @Test func `Many first openings at once make one file`() async throws {
        let path = folder.file("a.sqlite")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 1...8 {
                group.addTask {
                    let store = try SQLiteStore(path: path)
                    _ = try await store.add(.sample("\(index)"), first: .morning, by: "eva", at: .morning)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await SQLiteStore(path: path).announcements(matching: .init()).count == 8)
    }

    @Test func `The database of another program is refused and untouched`() throws {
        let path = folder.file("other.sqlite")
        try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE t (x)") }
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try refusal(path).code == .storeSchema)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
    }

    @Test func `A newer schema is refused and untouched`() throws {
        let path = folder.file("a.sqlite")
        try SQLiteStore(path: path).database.write { try $0.execute(sql: "PRAGMA user_version = 99") }
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let error = try refusal(path)
        #expect(error.code == .storeSchema)
        #expect(error.message.contains("99"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test func `A store that is upgraded while it is used says so`() async throws {
        let store = try SQLiteStore(path: folder.file("a.sqlite"))
        let lease = try await store.lease()
        try await store.database.write { try $0.execute(sql: "PRAGMA user_version = 99") }
        let error = await #expect(throws: AnnounceError.self) {
            try await store.claim(term: lease.term, at: .morning, limit: 1, excluding: [])
        }
        #expect(error?.code == .storeSchema)
    }

    @Test func `A file that is not a database is refused and untouched`() throws {
        let path = folder.file("a.sqlite")
        let text = Data(String(repeating: "This is not a database. ", count: 100).utf8)
        try text.write(to: URL(fileURLWithPath: path))
        let error = try refusal(path)
        #expect(error.code == .storeUnavailable)
        #expect(error.message.contains("damaged"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == text)
    }

    @Test func `A file whose pages are damaged is refused in words`() async throws {
        let path = folder.file("a.sqlite")
        let url = URL(fileURLWithPath: path)
        do {
            let store = try SQLiteStore(path: path)
            _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning)
            try store.database.close()
        }
        var bytes = try Data(contentsOf: url)
        bytes.replaceSubrange(4096..<bytes.count, with: Data(repeating: 0xAB, count: bytes.count - 4096))
        try bytes.write(to: url)
        let error = await #expect(throws: AnnounceError.self) {
            try await SQLiteStore(path: path).add(.sample(), first: .morning, by: "eva", at: .morning)
        }
        #expect(error?.code == .storeUnavailable)
        #expect(error?.message.contains("damaged") == true)
    }

    @Test func `A folder, and a place that cannot be made, are refused`() throws {
        #expect(try refusal(folder.path).code == .storeCannotBeCreated)
        #expect(try refusal("/proc/nowhere/a.sqlite").code == .storeCannotBeCreated)
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.file("file")))
        #expect(try refusal(folder.file("file/a.sqlite")).code == .storeCannotBeCreated)
    }

    @Test func `A store that another process holds says that it is busy`() async throws {
        let path = folder.file("a.sqlite")
        let store = try SQLiteStore(path: path, busyTimeout: 0.05)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let holder = try DatabaseQueue(path: path, configuration: configuration)
        try await holder.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let error = await #expect(throws: AnnounceError.self) {
            try await store.add(.sample(), first: .morning, by: "eva", at: .morning)
        }
        #expect(error?.code == .storeUnavailable)
        #expect(error?.message.contains("busy") == true)
        try await holder.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning)
    }
}

import Foundation
import GRDB
import Testing

/// Databases that cannot be used: refused in words, and left as they are.
@Suite(.serialized) struct BadDatabaseTests {
    private let announce: Program

    init() throws {
        announce = try Program()
    }

    /// Every command that opens the database.
    static let commands = [
        ["add", "hi", "--all", "--in", "1m"], ["list"], ["show", "1"], ["cancel", "1"], ["next", "1"], ["history"],
        ["status"],
        ["migrate"], ["run"], ["run", "--once"],
    ]

    @Test("A folder in place of the database is refused (73)", arguments: commands)
    func folder(_ command: [String]) async throws {
        let finished = try await announce.run(command + ["--database", announce.folder.path])
        expect(finished, refusedWith: 73, says: [announce.folder.path, "--database"])
    }

    @Test(
        "A database in a place that cannot be made is refused (73)",
        arguments: ["/proc/nowhere/a.sqlite", "FILE/a.sqlite"]
    )
    func impossiblePlace(_ place: String) async throws {
        let file = try announce.write("x", to: "file")
        let path = place.replacingOccurrences(of: "FILE", with: file)
        for command in [["add", "hi", "--all", "--in", "1m"], ["migrate"], ["run"]] {
            expect(
                try await announce.run(command + ["--database", path]),
                refusedWith: 73,
                says: [path, "--database"]
            )
        }
    }

    @Test("A name that is taken is refused (73) and tells who has it")
    func nameTaken() async throws {
        let add = ["add", "hi", "--all", "--in", "1h", "--name", "coffee"]
        #expect(try await announce.run(add).status == 0)
        expect(try await announce.run(add), refusedWith: 73, says: ["coffee", "announcement 1"])
        #expect(try await announce.run("list", "-o", "json").json.elements.count == 1)
    }

    @Test("The database of another program is refused (78) and untouched", arguments: commands)
    func otherProgram(_ command: [String]) async throws {
        try sqlite("CREATE TABLE t (x); INSERT INTO t VALUES (1);")
        try await expectUntouched(command, status: 78, says: "another program")
    }

    @Test("A newer schema is refused (78) and untouched", arguments: commands)
    func newerSchema(_ command: [String]) async throws {
        #expect(try await announce.run("migrate").status == 0)
        try sqlite("PRAGMA user_version = 99;")
        try await expectUntouched(command, status: 78, says: "Upgrade announce")
    }

    @Test("A file that is no database is refused (69) and untouched", arguments: commands)
    func noDatabase(_ command: [String]) async throws {
        try announce.write(String(repeating: "This is a letter, not a database. ", count: 300), to: "a.sqlite")
        try await expectUntouched(command, status: 69, says: "damaged")
    }

    @Test("A database with damaged pages is refused (69) and untouched", arguments: commands)
    func damaged(_ command: [String]) async throws {
        #expect(try await announce.run("add", "hi", "--all", "--in", "1h").status == 0)
        try sqlite("PRAGMA wal_checkpoint(TRUNCATE)")
        let file = URL(fileURLWithPath: announce.database)
        var bytes = try Data(contentsOf: file)
        try #require(bytes.count > 8192)
        bytes.replaceSubrange(4096..<bytes.count, with: Data(repeating: 0xAB, count: bytes.count - 4096))
        try bytes.write(to: file)
        try await expectUntouched(command, status: 69, says: "damaged")
    }

    @Test(
        "A database that is damaged only where nobody looks at first is refused before it is written to",
        arguments: [["run"], ["run", "--once"], ["migrate"]]
    )
    func partlyDamaged(_ command: [String]) async throws {
        for number in 1...30 {
            let text = String(repeating: "\(number)", count: 1_000)
            #expect(try await announce.run("add", text, "--all", "--in", "1h").status == 0)
        }
        try sqlite("PRAGMA wal_checkpoint(TRUNCATE)")
        let file = URL(fileURLWithPath: announce.database)
        var bytes = try Data(contentsOf: file)
        bytes.replaceSubrange((bytes.count - 8192)..., with: Data(repeating: 0xAB, count: 8192))
        try bytes.write(to: file)
        try await expectUntouched(command, status: 69, says: "damaged")
    }

    private func expectUntouched(_ command: [String], status: Int32, says: String) async throws {
        let before = try Data(contentsOf: URL(fileURLWithPath: announce.database))
        expect(try await announce.run(command), refusedWith: status, says: [says, announce.database])
        #expect(try Data(contentsOf: URL(fileURLWithPath: announce.database)) == before)
    }

    /// Changes the database with SQLite alone; its side files are gone afterwards.
    private func sqlite(_ sql: String) throws {
        let database = try DatabaseQueue(path: announce.database)
        try database.writeWithoutTransaction { try $0.execute(sql: sql) }
        try database.close()
    }
}

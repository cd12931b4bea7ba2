import GRDB
import Testing

@testable import AnnounceSQLite

/// Adding many rows, some of which cannot be added.
struct RowWriterTests {
    private let database: DatabaseQueue

    init() throws {
        database = try DatabaseQueue()
        try database.write {
            try $0.execute(
                sql:
                    "CREATE TABLE words (id INTEGER PRIMARY KEY AUTOINCREMENT, word TEXT UNIQUE, size INTEGER NOT NULL)"
            )
        }
    }

    private func row(_ word: String, _ tell: (FastStatement.Argument) throws -> Void) throws {
        try tell(.text(word))
        try tell(.integer(Int64(word.utf8.count)))
    }

    private func words() throws -> [String] {
        try database.read { try String.fetchAll($0, sql: "SELECT word FROM words ORDER BY id") }
    }

    @Test("All are added in their order, whatever part of them goes together", arguments: [0, 1, 7, 8, 9, 16, 21])
    func all(count: Int) throws {
        let added = try database.write { database in
            var writer = try RowWriter("INSERT OR FAIL INTO words (word, size)", columns: 2, in: database)
            return try writer.add((0..<count).map { "w\($0)" }, values: row)
        }
        #expect(added == count)
        #expect(try words() == (0..<count).map { "w\($0)" })
    }

    @Test(
        "One that is there already is tried again once those before it are added, and before the others",
        arguments: 0..<20
    )
    func twice(place: Int) throws {
        try database.write { try $0.execute(sql: "INSERT INTO words (word, size) VALUES ('taken', 5)") }
        let expected = (0..<20).map { $0 == place ? "taken" : "w\($0)" }
        let added = try database.write { database in
            var writer = try RowWriter("INSERT OR FAIL INTO words (word, size)", columns: 2, in: database)
            return try writer.add(expected, values: row) { index in
                #expect(index == place)
                #expect(try Int.fetchOne(database, sql: "SELECT count(*) FROM words") == place + 1)
                try database.execute(sql: "DELETE FROM words WHERE word = 'taken'")
            }
        }
        #expect(added == 20)
        #expect(try words() == expected)
        // The ids follow each other, which whoever adds announcements counts on.
        let ids = try database.read { try Int.fetchAll($0, sql: "SELECT id FROM words ORDER BY id") }
        #expect(ids == Array(2...21))
    }

    @Test("Those that are there already are left out where the statement says so, and not counted")
    func leftOut() throws {
        try database.write {
            try $0.execute(sql: "INSERT INTO words (word, size) VALUES ('w3', 2), ('w12', 3), ('w17', 3)")
        }
        let added = try database.write { database in
            var writer = try RowWriter(
                "INSERT OR FAIL INTO words (word, size)",
                columns: 2,
                ending: "ON CONFLICT (word) DO NOTHING",
                in: database
            )
            return try writer.add((0..<20).map { "w\($0)" }, values: row)
        }
        #expect(added == 17)
        #expect(try Set(words()) == Set((0..<20).map { "w\($0)" }))
    }

    @Test("One that may not be there at all ends it, and the transaction has nothing of it")
    func refused() throws {
        #expect(throws: DatabaseError.self) {
            try database.write { database in
                var writer = try RowWriter("INSERT OR FAIL INTO words (word, size)", columns: 2, in: database)
                try writer.add(Array(0..<20)) { number, tell in
                    try tell(.text("w\(number)"))
                    try tell(number == 13 ? .null : .integer(1))
                }
            }
        }
        #expect(try words().isEmpty)
    }
}

import Announce
import GRDB
import Recurrence

/// The rows of `batches`: what is on its way.
enum BatchTable {
    static func insert(_ batch: NewBatch, term: Int64, at now: Timestamp, in database: Database) throws {
        let statement = try FastStatement(
            "INSERT INTO batches (token, term, opened_at, size, members) VALUES (?, ?, ?, ?, ?)",
            in: database
        )
        try statement.execute(
            .text(batch.token),
            .integer(term),
            .integer(now.milliseconds),
            .integer(Int64(batch.members.count)),
            .text(StoredJSON.encode(batch.members.lazy.map(\.entry.occurrence)))
        )
    }

    /// Takes a batch out.
    ///
    /// - Returns: whether it was still there.
    static func close(_ token: String, in database: Database) throws -> Bool {
        try FastStatement("DELETE FROM batches WHERE token = ?", in: database).execute(.text(token)) > 0
    }

    static func all(in database: Database) throws -> [(token: String, opened: Timestamp, members: [Occurrence])] {
        try Row.fetchAll(database, sql: "SELECT token, opened_at, members FROM batches ORDER BY opened_at, token").map {
            ($0["token"], Timestamp(milliseconds: $0["opened_at"]), try StoredJSON.occurrences($0["members"]))
        }
    }

    /// How many occurrences are on their way.
    static func size(in database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT coalesce(sum(size), 0) FROM batches") ?? 0
    }

    /// The occurrences that are on their way.
    static func occurrences(in database: Database) throws -> [Occurrence] {
        try String.fetchAll(database, sql: "SELECT members FROM batches").flatMap(StoredJSON.occurrences)
    }
}

/// The rows of `troubles`: what the dispatcher complains about.
enum TroubleTable {
    static func replace(_ troubles: [Trouble], in database: Database) throws {
        try database.execute(sql: "DELETE FROM troubles")
        for trouble in troubles {
            try database.execute(
                sql: "INSERT INTO troubles (name, since, message) VALUES (?, ?, ?)",
                arguments: [trouble.name.rawValue, trouble.since.milliseconds, trouble.message]
            )
        }
    }

    static func all(in database: Database) throws -> [Trouble] {
        try Row.fetchAll(database, sql: "SELECT name, since, message FROM troubles ORDER BY since, name").compactMap {
            row in
            Trouble.Name(rawValue: row["name"]).map {
                Trouble($0, since: Timestamp(milliseconds: row["since"]), message: row["message"])
            }
        }
    }
}

/// How many changes by people there have been, in `totals`.
enum ChangeCount {
    static func value(in database: Database) throws -> Int64 {
        try FastStatement("SELECT value FROM totals WHERE name = 'changes'", in: database).first { $0.integer(0) } ?? 0
    }

    static func add(_ count: Int, in database: Database) throws {
        let statement = try database.cachedStatement(sql: "UPDATE totals SET value = value + ? WHERE name = 'changes'")
        try statement.execute(arguments: [count])
    }
}

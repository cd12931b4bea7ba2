import Announce
import GRDB
import Recurrence

/// The rows of `imports` and `staged`: documents that are being brought in.
enum ImportTable {
    private static let columns = """
        due_at, rank, announcement_id, nominal_at, phase, anchor_at, ordinal, handled_at, handled_wall, handled_ordinal
        """

    static func insert(_ holder: String, at now: Timestamp, in database: Database) throws -> ImportID {
        try database.execute(
            sql: "INSERT INTO imports (holder, renewed_at) VALUES (?, ?)",
            arguments: [holder, now.milliseconds]
        )
        return ImportID(database.lastInsertedRowID)
    }

    /// Shows a sign of life.
    ///
    /// - Returns: whether it is there still, and not complete.
    static func renew(_ number: ImportID, at now: Timestamp, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "UPDATE imports SET renewed_at = ? WHERE id = ? AND NOT complete"
        )
        try statement.execute(arguments: [now.milliseconds, number.number])
        return database.changesCount > 0
    }

    static func complete(_ number: ImportID, in database: Database) throws {
        try database.execute(sql: "UPDATE imports SET complete = 1 WHERE id = ?", arguments: [number.number])
    }

    /// Those that are not complete, with their holders and their last signs of life.
    static func begun(in database: Database) throws -> [(number: ImportID, holder: String, renewed: Timestamp)] {
        try Row.fetchAll(database, sql: "SELECT id, holder, renewed_at FROM imports WHERE NOT complete").map {
            (ImportID($0["id"]), $0["holder"], Timestamp(milliseconds: $0["renewed_at"]))
        }
    }

    /// Whether what a document brought is there for nobody yet.
    static func isHidden(_ number: Int64?, in database: Database) throws -> Bool {
        guard let number else { return false }
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM imports WHERE id = ? AND NOT complete")
        return try Bool.fetchOne(statement, arguments: [number]) ?? false
    }

    /// Whether complete documents have something that is not queued yet.
    static func hasArrivals(in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM imports WHERE complete LIMIT 1")
        return try Bool.fetchOne(statement) ?? false
    }

    /// Keeps an occurrence for a document.
    static let staging = "INSERT INTO staged (\(columns), import_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

    /// Keeps an occurrence for a document, by ``staging`` prepared.
    static func stage(_ entry: QueueEntry, in number: ImportID, by statement: FastStatement) throws {
        try statement.bind(plan: entry, from: 1)
        try statement.bind(.integer(number.number), at: 11)
        try statement.execute()
    }

    /// Queues what a complete document brought of an announcement.
    static func settle(_ id: Announcement.ID, in database: Database) throws {
        guard try hasArrivals(in: database) else { return }
        let insertion = try database.cachedStatement(
            sql: """
                INSERT INTO queue (\(columns), attempts, error) SELECT \(columns), 0, NULL FROM staged
                WHERE announcement_id = ? ON CONFLICT (announcement_id, nominal_at, phase) DO NOTHING
                """
        )
        try insertion.execute(arguments: [id])
        let added = database.changesCount
        // Also where it is queued already: what stays here would keep its document from coming to its end.
        let deletion = try database.cachedStatement(sql: "DELETE FROM staged WHERE announcement_id = ?")
        try deletion.execute(arguments: [id])
        try QueueTable.count(added, in: database)
    }

    /// The first of what the oldest complete document brought, in the order of their key: no call looks at more than it takes.
    static let first = """
        FROM staged WHERE import_id = (SELECT min(id) FROM imports WHERE complete)
        ORDER BY due_at, rank, announcement_id LIMIT ?
        """

    /// Queues the first of what the oldest complete document brought.
    ///
    /// - Returns: whether something may be left, of this one or another.
    static func settle(limit: Int, in database: Database) throws -> Bool {
        let insertion = try FastStatement(
            """
            INSERT INTO queue (\(columns), attempts, error) SELECT \(columns), 0, NULL \(first)
            ON CONFLICT (announcement_id, nominal_at, phase) DO NOTHING
            """,
            in: database
        )
        try QueueTable.count(try insertion.execute(.integer(Int64(limit))), in: database)
        let deletion = try FastStatement(
            "DELETE FROM staged WHERE announcement_id IN (SELECT announcement_id \(first))",
            in: database
        )
        if try deletion.execute(.integer(Int64(limit))) == limit { return true }
        try database.execute(sql: "DELETE FROM imports WHERE id = (SELECT min(id) FROM imports WHERE complete)")
        return try hasArrivals(in: database)
    }

    /// Removes some of what was staged.
    ///
    /// - Returns: whether something is left.
    static func drop(_ number: ImportID, limit: Int, in database: Database) throws -> Bool {
        if try !isHidden(number.number, in: database) { return false }
        let ids = try Int64.fetchAll(
            database,
            sql: "SELECT id FROM announcements WHERE import_id = ? LIMIT ?",
            arguments: [number.number, limit]
        )
        for id in ids {
            try database.cachedStatement(sql: "DELETE FROM staged WHERE announcement_id = ?").execute(arguments: [id])
            try database.cachedStatement(sql: "DELETE FROM announcements WHERE id = ?").execute(arguments: [id])
        }
        if ids.count == limit { return true }
        try database.execute(sql: "DELETE FROM imports WHERE id = ?", arguments: [number.number])
        return false
    }
}

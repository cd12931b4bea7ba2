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

    /// Keeps occurrences for a document.
    static func stage(_ entries: [QueueEntry], in number: ImportID, _ database: Database) throws {
        var rows = try RowWriter("INSERT OR FAIL INTO staged (\(columns), import_id)", columns: 11, in: database)
        try rows.add(entries) { entry, tell in
            try entry.eachColumnOfKey(tell)
            try entry.eachColumnOfPlan(tell)
            try tell(.integer(number.number))
        }
    }

    /// What is staged of an announcement whose row is at hand.
    static let fromOne = """
        FROM staged WHERE staged.import_id = announcements.import_id AND staged.announcement_id = announcements.id
        """

    /// What a complete document has staged of the announcement `:id`.
    static let fromComplete = """
        FROM staged WHERE import_id = (SELECT imports.id FROM announcements JOIN imports ON imports.id = import_id
            WHERE announcements.id = :id AND complete) AND announcement_id = :id
        """

    /// Queues what a complete document brought of an announcement.
    static func settle(_ id: Announcement.ID, in database: Database) throws {
        guard try hasArrivals(in: database) else { return }
        let insertion = try database.cachedStatement(sql: "\(queuing) \(fromComplete) \(unlessQueued)")
        try insertion.execute(arguments: ["id": id])
        let added = database.changesCount
        // Also where it is queued already: what stays here would keep its document from coming to its end.
        try database.cachedStatement(sql: "DELETE \(fromComplete)").execute(arguments: ["id": id])
        try QueueTable.count(added, in: database)
    }

    private static let queuing = "INSERT OR FAIL INTO queue (\(columns), attempts, error) SELECT \(columns), 0, NULL"
    private static let unlessQueued = "ON CONFLICT (announcement_id, nominal_at, phase) DO NOTHING"

    /// The first so many that a document has staged, in the order of their key: no call looks at more than it takes.
    static let first = "FROM staged WHERE import_id = ?1 ORDER BY announcement_id LIMIT ?2"

    /// What a document has staged up to an announcement.
    static let part = "FROM staged WHERE import_id = ?1 AND announcement_id <= ?2"

    /// Queues the first of what the oldest complete document brought.
    ///
    /// - Returns: whether something may be left, of this one or another.
    static func settle(limit: Int, in database: Database) throws -> Bool {
        guard let number = try Int64.fetchOne(database, sql: "SELECT min(id) FROM imports WHERE complete") else {
            return false
        }
        let last = try Int64.fetchOne(
            database,
            sql: "SELECT max(announcement_id) FROM (SELECT announcement_id \(first))",
            arguments: [number, limit]
        )
        if let last {
            let bounds: [FastStatement.Argument] = [.integer(number), .integer(last)]
            let insertion = try FastStatement("\(queuing) \(part) \(unlessQueued)", in: database)
            try QueueTable.count(try insertion.execute(bounds), in: database)
            if try FastStatement("DELETE \(part)", in: database).execute(bounds) == limit { return true }
        }
        try database.execute(sql: "DELETE FROM imports WHERE id = ?", arguments: [number])
        return try hasArrivals(in: database)
    }

    /// Removes some of what was staged.
    ///
    /// - Returns: whether something is left.
    static func drop(_ number: ImportID, limit: Int, in database: Database) throws -> Bool {
        if try !isHidden(number.number, in: database) { return false }
        let ids = try Int64.fetchAll(
            database,
            sql: "SELECT announcement_id \(first)",
            arguments: [number.number, limit]
        )
        for id in ids {
            try database.cachedStatement(sql: "DELETE FROM staged WHERE import_id = ? AND announcement_id = ?")
                .execute(arguments: [number.number, id])
            try database.cachedStatement(sql: "DELETE FROM announcements WHERE id = ?").execute(arguments: [id])
        }
        if ids.count == limit { return true }
        try database.execute(sql: "DELETE FROM imports WHERE id = ?", arguments: [number.number])
        return false
    }
}

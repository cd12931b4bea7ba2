import Announce
import GRDB
import Recurrence

/// What happened, and how things stand.
extension SQLiteStore {
    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func history(of reference: Reference?, limit: Int) async throws(AnnounceError) -> [HistoryEntry] {
        try await read { database in
            let id = try reference.map { try Self.announcement($0, in: database).id }
            let entries =
                try Self.deliveries(of: id, limit: limit, in: database)
                + Self.changes(of: id, limit: limit, in: database)
                + Self.creations(of: id, limit: limit, in: database)
            return Array(entries.sorted { $0.at > $1.at }.prefix(limit))
        }
    }

    private static func deliveries(
        of id: Announcement.ID?,
        limit: Int,
        in database: Database
    ) throws -> [HistoryEntry] {
        let sql = """
            SELECT deliveries.*, event, name FROM deliveries
            JOIN announcements ON announcements.id = deliveries.announcement_id
            \(id == nil ? "ORDER BY deliveries.id DESC" : "WHERE announcement_id = ? ORDER BY nominal_at DESC") LIMIT ?
            """
        return try Row.fetchAll(database, sql: sql, arguments: arguments(id, limit)).map { row in
            .delivery(DeliveryTable.delivery(from: row), event: row["event"], name: row["name"])
        }
    }

    private static func changes(of id: Announcement.ID?, limit: Int, in database: Database) throws -> [HistoryEntry] {
        let sql = """
            SELECT changes.*, name FROM changes JOIN announcements ON announcements.id = changes.announcement_id
            \(id == nil ? "" : "WHERE announcement_id = ?") ORDER BY changes.id DESC LIMIT ?
            """
        return try Row.fetchAll(database, sql: sql, arguments: arguments(id, limit)).map { row in
            change(row, id: row["announcement_id"], action: row["action"], reason: row["reason"])
        }
    }

    private static func creations(of id: Announcement.ID?, limit: Int, in database: Database) throws -> [HistoryEntry] {
        let sql = """
            SELECT id, name, 1 AS revision, created_at AS changed_at, created_by AS changed_by FROM announcements
            \(id == nil ? "" : "WHERE id = ?") ORDER BY id DESC LIMIT ?
            """
        return try Row.fetchAll(database, sql: sql, arguments: arguments(id, limit)).map { row in
            change(row, id: row["id"], action: "created", reason: nil)
        }
    }

    private static func arguments(_ id: Announcement.ID?, _ limit: Int) -> StatementArguments {
        id.map { [$0, limit] } ?? [limit]
    }

    private static func change(_ row: Row, id: Announcement.ID, action: String, reason: String?) -> HistoryEntry {
        .change(
            HistoryEntry.Change(
                announcement: id,
                name: row["name"],
                action: action,
                revision: row["revision"],
                at: Timestamp(milliseconds: row["changed_at"]),
                by: row["changed_by"],
                reason: reason
            )
        )
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func status(at now: Timestamp) async throws(AnnounceError) -> StoreStatus {
        let isInMemory = path == nil
        return try await read { database in
            let pages = try Int64.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            let pageSize = try Int64.fetchOne(database, sql: "PRAGMA page_size") ?? 0
            return StoreStatus(
                lease: try Self.lease(in: database),
                pending: try QueueTable.count(in: database),
                overdue: try Int.fetchOne(
                    database,
                    sql: "SELECT count(*) FROM (SELECT 1 FROM queue WHERE due_at <= ? LIMIT ?)",
                    arguments: [now.milliseconds, StoreStatus.overdueLimit]
                ) ?? 0,
                inFlight: try BatchTable.size(in: database),
                troubles: try TroubleTable.all(in: database),
                nextDue: try QueueTable.firstDue(in: database),
                outcomes: try DeliveryTable.tallies(at: now, in: database),
                bytes: isInMemory ? 0 : pages * pageSize
            )
        }
    }

    /// The number of the schema that the file has.
    ///
    /// - Throws: ``AnnounceError`` when the file cannot be read.
    public func schemaVersion() async throws(AnnounceError) -> Int {
        try await read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
    }
}

import Announce
import GRDB
import Recurrence

/// What happened, and how things stand.
extension SQLiteStore {
    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func history(matching filter: HistoryFilter) async throws(AnnounceError) -> [HistoryEntry] {
        try await read { database in
            let id = try filter.reference.map { try Self.announcement($0, in: database).id }
            var entries = try Self.deliveries(of: id, filter, in: database)
            if filter.outcomes.isEmpty {
                entries += try Self.changes(of: id, filter, in: database)
                entries += try Self.creations(of: id, filter, in: database)
            }
            return Array(entries.sorted { $0.at > $1.at }.prefix(filter.limit))
        }
    }

    /// Deliveries in the order in which they were recorded: the newest are found without looking at the others.
    private static func deliveries(
        of id: Announcement.ID?,
        _ filter: HistoryFilter,
        in database: Database
    ) throws -> [HistoryEntry] {
        // Each outcome by itself: then the index of what did not simply go out gives the newest first.
        if !filter.outcomes.isEmpty {
            return try filter.outcomes.flatMap { outcome in
                let unusual = outcome == .published ? "" : " AND outcome <> 'published'"
                return try deliveries(of: id, "outcome = '\(outcome.rawValue)'\(unusual)", filter, in: database)
            }
        }
        return try deliveries(of: id, "1", filter, in: database)
    }

    private static func deliveries(
        of id: Announcement.ID?,
        _ condition: String,
        _ filter: HistoryFilter,
        in database: Database
    ) throws -> [HistoryEntry] {
        let sql = """
            SELECT deliveries.*, event, name FROM deliveries
            CROSS JOIN announcements ON announcements.id = deliveries.announcement_id
            WHERE \(condition) \(id == nil ? "ORDER BY deliveries.id DESC" : "AND announcement_id = ? ORDER BY nominal_at DESC")
            """
        return try entries(sql, id.map { [$0] } ?? [], filter, in: database) { row in
            .delivery(DeliveryTable.delivery(from: row), event: row["event"], name: row["name"])
        }
    }

    private static func changes(
        of id: Announcement.ID?,
        _ filter: HistoryFilter,
        in database: Database
    ) throws -> [HistoryEntry] {
        let sql = """
            SELECT changes.*, name FROM changes CROSS JOIN announcements ON announcements.id = changes.announcement_id
            \(id == nil ? "" : "WHERE announcement_id = ?") ORDER BY changes.id DESC
            """
        return try entries(sql, id.map { [$0] } ?? [], filter, in: database) { row in
            change(row, id: row["announcement_id"], action: row["action"], reason: row["reason"])
        }
    }

    private static func creations(
        of id: Announcement.ID?,
        _ filter: HistoryFilter,
        in database: Database
    ) throws -> [HistoryEntry] {
        let sql = """
            SELECT id, name, 1 AS revision, created_at AS changed_at, created_by AS changed_by FROM announcements
            WHERE \(AnnouncementRow.isVisible) \(id == nil ? "" : "AND id = ?") ORDER BY id DESC
            """
        return try entries(sql, id.map { [$0] } ?? [], filter, in: database) { row in
            change(row, id: row["id"], action: "created", reason: nil)
        }
    }

    /// Records that are made one after the other are older and older: after ``outOfOrder`` that are too old in a row it ends.
    private static func entries(
        _ sql: String,
        _ arguments: [any DatabaseValueConvertible],
        _ filter: HistoryFilter,
        in database: Database,
        _ entry: (Row) -> HistoryEntry
    ) throws -> [HistoryEntry] {
        let rows = try Row.fetchCursor(database, sql: sql, arguments: StatementArguments(arguments))
        var entries: [HistoryEntry] = []
        var tooOld = 0
        while entries.count < filter.limit, tooOld < outOfOrder, let row = try rows.next() {
            let found = entry(row)
            guard found.at >= filter.since else {
                tooOld += 1
                continue
            }
            tooOld = 0
            entries.append(found)
        }
        return entries
    }

    /// Clocks are set back: so many records can be older than one that was made before them.
    private static let outOfOrder = 1_000

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
                hold: try HoldTable.hold(in: database),
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

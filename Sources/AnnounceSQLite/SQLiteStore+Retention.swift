import Announce
import GRDB
import Recurrence

/// How long records are kept.
extension SQLiteStore {
    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func prune(
        _ retention: Retention,
        after position: Int64?,
        limit: Int,
        at now: Timestamp
    ) async throws(AnnounceError) -> Pruned {
        try await write { database in
            // Records are made in the order of their ids, and looked at in it: no index of times has to be kept.
            let newest = try Int64.fetchOne(database, sql: "SELECT max(id) FROM deliveries") ?? 0
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT id, announcement_id, concluded_at, coalesce(anchor_at, nominal_at) AS anchor FROM deliveries
                    WHERE id > ? ORDER BY id LIMIT ?
                    """,
                arguments: [position ?? .min, limit]
            )
            var removed = 0
            var touched: Set<Announcement.ID> = []
            var next = rows.count < limit ? nil : rows.last.map { $0["id"] as Int64 }
            for row in rows {
                let (id, anchor): (Int64, Int64) = (row["id"], row["anchor"])
                let concluded = Timestamp(milliseconds: row["concluded_at"])
                let isTooMany = retention.count.map { id <= newest - Int64($0) } ?? false
                let oldest = now - retention.age
                if !isTooMany && concluded >= oldest {
                    // What a clock that was wrong has dated in the future does not hide what comes after it.
                    if concluded > now { continue }
                    next = nil
                    break
                }
                if !isTooMany && Timestamp(milliseconds: anchor) >= oldest { continue }
                if try Self.isNeeded(anchor, of: row["announcement_id"], in: database) { continue }
                try database.cachedStatement(sql: "DELETE FROM deliveries WHERE id = ?").execute(arguments: [id])
                removed += 1
                touched.insert(row["announcement_id"])
            }
            let announcements = try touched.filter { try Self.removeIfOver($0, in: database) }.count
            return Pruned(deliveries: removed, announcements: announcements, next: next)
        }
    }

    /// Whether something of an occurrence is still queued, which has to know what was said of it.
    private static func isNeeded(_ anchor: Int64, of id: Announcement.ID, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT 1 FROM queue WHERE announcement_id = ? AND coalesce(anchor_at, nominal_at) = ?"
        )
        return try Bool.fetchOne(statement, arguments: [id, anchor]) ?? false
    }

    /// Removes an announcement of which neither something is queued nor something recorded.
    ///
    /// - Returns: whether it was removed.
    private static func removeIfOver(_ id: Announcement.ID, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM queue WHERE announcement_id = :id)
                    OR EXISTS (SELECT 1 FROM deliveries WHERE announcement_id = :id)
                    OR EXISTS (SELECT 1 \(ImportTable.fromComplete))
                """
        )
        if try Bool.fetchOne(statement, arguments: ["id": id]) ?? true { return false }
        try database.execute(sql: "DELETE FROM changes WHERE announcement_id = ?", arguments: [id])
        try database.execute(sql: "DELETE FROM announcements WHERE id = ?", arguments: [id])
        return true
    }
}

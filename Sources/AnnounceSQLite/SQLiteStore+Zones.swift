import Announce
import GRDB
import Recurrence

/// What follows from new zone data.
extension SQLiteStore {
    /// So many queue rows are planned anew in one transaction, so that what is due does not wait for them.
    private static let replanBatch = 500

    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func replan(
        zones: ZoneSource,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> [Move] {
        let version = zones.version()
        var moves: [Move] = []
        for (name, known) in try await read({ try Self.plannedZones(in: $0) }) {
            guard let zone = try? zones.zone(name) else { continue }
            let fingerprint = zone.fingerprint
            if known == fingerprint { continue }
            // Where nothing is known, planning anew moves only what was planned by other rules.
            var last: Announcement.ID? = 0
            var isComplete = true
            while let after = last {
                let batch = try await write { database in
                    try Self.requireLeader(term, in: database)
                    return try Self.replan(zone, zones.loader, name, after: after, at: now, in: database)
                }
                moves += batch.moves
                isComplete = isComplete && batch.isComplete
                last = batch.last
            }
            if !isComplete { continue }
            try await write { database in
                try database.execute(
                    sql: "INSERT OR REPLACE INTO zones (name, fingerprint, version) VALUES (?, ?, ?)",
                    arguments: [name, fingerprint, version]
                )
            }
        }
        return moves
    }

    /// The zones that matter to an announcement, and the fingerprint of the rules by which each was planned last
    /// (``Zone/fingerprint``).
    ///
    /// - Returns: the fingerprints by the zone's name; zones that were not planned since they came into use are left out.
    /// - Throws: ``AnnounceError`` when the store cannot be read.
    public func plannedZones() async throws(AnnounceError) -> [String: Int64] {
        try await read { database in
            try Self.plannedZones(in: database).reduce(into: [:]) { $0[$1.name] = $1.fingerprint }
        }
    }

    /// The zones that matter to an announcement, and by which rules each was planned last; each step jumps over all
    /// announcements of one zone.
    private static func plannedZones(in database: Database) throws -> [(name: String, fingerprint: Int64?)] {
        try Row.fetchAll(
            database,
            sql: """
                WITH RECURSIVE planned (zone) AS (
                    SELECT min(timezone) FROM announcements WHERE zoned = 1
                    UNION ALL
                    SELECT (SELECT min(timezone) FROM announcements WHERE zoned = 1 AND timezone > zone) FROM planned
                    WHERE zone IS NOT NULL
                )
                SELECT zone, fingerprint FROM planned LEFT JOIN zones ON zones.name = zone WHERE zone IS NOT NULL
                """
        ).map { ($0[0], $0[1]) }
    }

    private static func replan(
        _ zone: Zone,
        _ zones: ZoneLoader,
        _ name: String,
        after id: Announcement.ID,
        at now: Timestamp,
        in database: Database
    ) throws -> (moves: [Move], last: Announcement.ID?, isComplete: Bool) {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT \(AnnouncementRow.columns) FROM announcements
                WHERE zoned = 1 AND timezone = ? AND id > ? ORDER BY id LIMIT ?
                """,
            arguments: [name, id, replanBatch]
        )
        var moves: [Move] = []
        var isComplete = true
        for row in rows {
            guard try BatchTable.occurrences(of: row["id"], in: database).isEmpty else {
                isComplete = false
                continue
            }
            let plan = NoticePlan(try AnnouncementRow.plan(from: row), in: zone, zones: zones)
            let entries = try QueueTable.entries(of: row["id"], in: database)
            for entry in entries {
                guard let moved = plan.replanned(entry, at: now) else { continue }
                if moved.isWindow, let told = try Self.follow(zone, row["id"], zones, at: now, in: database) {
                    moves.append(Move(announcement: row["id"], zone: name, from: entry.occurrence.nominal, to: told))
                    continue
                }
                try QueueTable.delete(entry, in: database)
                let change = try moved.entry.map { try QueueTable.insert($0, in: database) } ?? false
                if !change { try QueueTable.count(-1, in: database) }
                moves.append(
                    Move(
                        announcement: row["id"],
                        zone: name,
                        from: entry.occurrence.nominal,
                        to: moved.entry?.occurrence.nominal
                    )
                )
            }
        }
        return (moves, rows.count < replanBatch ? nil : rows.last.map { $0["id"] }, isComplete)
    }

    /// Moves a window of which a notice went out, so that people are told.
    ///
    /// - Returns: when its next notice goes out; nil when nobody has heard of it yet.
    private static func follow(
        _ zone: Zone,
        _ id: Announcement.ID,
        _ zones: ZoneLoader,
        at now: Timestamp,
        in database: Database
    ) throws -> Timestamp? {
        let standing = try standing(of: .id(id), at: now, in: database)
        let editor = Editor(now: now) { (plan) throws(AnnounceError) -> NoticePlan in
            NoticePlan(plan, in: zone, zones: zones)
        }
        guard let revision = try editor.follow(standing) else { return nil }
        try apply(revision, to: standing.announcement, by: "the zone data", at: now, in: database)
        return revision.added.map(\.due).min()
    }
}

import Announce
import GRDB
import Recurrence

/// What follows from new zone data.
extension SQLiteStore {
    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func replan(
        _ part: ReplanPart,
        zones: ZoneSource,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> ReplanStep {
        // Where nothing is known of a zone, planning anew moves only what was planned by other rules.
        let changed = try await read { try Self.plannedZones(in: $0) }.compactMap { name, known -> ZonePlanner? in
            guard let zone = try? zones.zone(name), zone.fingerprint != known else { return nil }
            return ZonePlanner(name: name, zone: zone, loader: zones.loader, now: now)
        }
        switch part {
        case .these(let ids):
            if changed.isEmpty { return ReplanStep(moves: [], next: nil) }
            return try await write { database in
                try Self.requireLeader(term, in: database)
                return ReplanStep(moves: try changed.flatMap { try $0.replan(ids, in: database) }, next: nil)
            }
        case .next(let position, let limit):
            let planner = changed.first { planner in
                guard let position else { return true }
                return planner.name > position.zone || planner.name == position.zone && position.announcement != nil
            }
            guard let planner else { return ReplanStep(moves: [], next: nil) }
            let version = zones.version()
            return try await write { database in
                try Self.requireLeader(term, in: database)
                return try planner.step(after: position, limit: limit, version: version, in: database)
            }
        }
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
}

import Announce
import GRDB
import Payload
import Recurrence

/// Plans the announcements of a zone by its present rules.
struct ZonePlanner: Sendable {
    let name: String
    let zone: Zone
    let loader: ZoneLoader
    let now: Timestamp

    private static let selection = "SELECT \(AnnouncementRow.columns) FROM"
    private static let condition = "zoned = 1 AND timezone = ? AND \(AnnouncementRow.isVisible)"

    /// Plans the next announcements of the zone; at its end its rules are noted, unless something had to be left out.
    ///
    /// - Parameters:
    ///   - position: up to where the queue is planned anew, in this zone or another one.
    ///   - limit: how many announcements, at most.
    ///   - version: that of the zone data.
    ///   - database: in a transaction.
    /// - Returns: what has moved, and where to go on.
    /// - Throws: what the database throws.
    func step(
        after position: ReplanPosition?,
        limit: Int,
        version: String?,
        in database: Database
    ) throws -> ReplanStep {
        let begun = position.flatMap { $0.zone == name && $0.announcement != nil ? $0 : nil }
        let statement = try database.cachedStatement(
            sql:
                "\(Self.selection) announcements WHERE \(Self.condition) AND announcements.id > ? ORDER BY announcements.id LIMIT ?"
        )
        let rows = try Row.fetchAll(statement, arguments: [name, begun?.announcement ?? 0, limit])
        let step = try replan(rows, in: database)
        let last: Announcement.ID? = rows.count < limit ? nil : rows.last?[.id]
        let isComplete = step.isComplete && begun.map { $0.isComplete && $0.fingerprint == zone.fingerprint } ?? true
        // What is being brought in was planned by rules of which nothing is known here.
        if last == nil, isComplete, try ImportTable.begun(in: database).isEmpty {
            try database.execute(
                sql: "INSERT OR REPLACE INTO zones (name, fingerprint, version) VALUES (?, ?, ?)",
                arguments: [name, zone.fingerprint, version]
            )
        }
        let next = ReplanPosition(
            zone: name,
            fingerprint: zone.fingerprint,
            announcement: last,
            isComplete: isComplete
        )
        return ReplanStep(moves: step.moves, next: next)
    }

    /// Plans those of some announcements that are of this zone.
    func replan(_ ids: [Announcement.ID], in database: Database) throws -> [Move] {
        let statement = try database.cachedStatement(
            sql:
                "\(Self.selection) json_each(?) CROSS JOIN announcements ON announcements.id = value WHERE \(Self.condition)"
        )
        let list = try PayloadValue.array(ids.map(PayloadValue.integer)).jsonText()
        return try replan(try Row.fetchAll(statement, arguments: [list, name]), in: database).moves
    }

    private func replan(_ rows: [Row], in database: Database) throws -> (moves: [Move], isComplete: Bool) {
        var moves: [Move] = []
        var isComplete = true
        let onTheirWay = Set(try BatchTable.occurrences(in: database).map(\.announcement))
        for row in rows {
            let id: Announcement.ID = row[.id]
            guard !onTheirWay.contains(id) else {
                isComplete = false
                continue
            }
            try ImportTable.settle(id, in: database)
            let plan = NoticePlan(try AnnouncementRow.plan(from: row), in: zone, zones: loader)
            for entry in try QueueTable.entries(of: id, in: database) {
                guard let moved = plan.replanned(entry, at: now) else { continue }
                let old = entry.occurrence.nominal
                if moved.isWindow, let told = try follow(id, in: database) {
                    moves.append(Move(announcement: id, zone: name, from: old, to: told))
                    continue
                }
                try QueueTable.delete(entry, in: database)
                let change = try moved.entry.map { try QueueTable.insert($0, in: database) } ?? false
                if !change { try QueueTable.count(-1, in: database) }
                moves.append(Move(announcement: id, zone: name, from: old, to: moved.entry?.occurrence.nominal))
            }
        }
        return (moves, isComplete)
    }

    /// Moves a window of which a notice went out, so that people are told.
    ///
    /// - Returns: when its next notice goes out; nil when nobody has heard of it yet.
    private func follow(_ id: Announcement.ID, in database: Database) throws -> Timestamp? {
        let standing = try SQLiteStore.standing(of: .id(id), at: now, in: database)
        let editor = Editor(now: now) { (plan) throws(AnnounceError) -> NoticePlan in
            NoticePlan(plan, in: zone, zones: loader)
        }
        guard let revision = try editor.follow(standing) else { return nil }
        try SQLiteStore.apply(revision, to: standing.announcement, by: "the zone data", at: now, in: database)
        return revision.added.map(\.due).min()
    }
}

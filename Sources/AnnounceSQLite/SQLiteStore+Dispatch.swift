import Announce
import Foundation
import GRDB
import Recurrence

/// What the dispatcher does: claim what is due, record what became of it.
extension SQLiteStore {
    /// A claim ends after so many bytes of messages, so that a batch of long ones stays small.
    private static let claimBytes = 256 * 1024

    /// In the order of the queue's key, so it costs the same however much is pending.
    static let dueQuery = """
        SELECT queue.*, event, arguments, packed, namespace, everyone, rooms, sockets, excluded, volatile, compress,
            allow_unheard, acknowledge_within, excluded_sockets, recurring, rules, timezone, limits, leads, length, style, rendered, name, revision, misfire,
            misfire_limit, grace, expiry, state
        FROM queue CROSS JOIN announcements ON announcements.id = queue.announcement_id
        WHERE due_at <= ?
        ORDER BY due_at, rank, announcement_id, nominal_at, phase
        """

    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func claim(term: Int64, at now: Timestamp, limit: Int) async throws(AnnounceError) -> Claim {
        let path = path
        try refuseLostFile()
        return try await read { database in
            try Self.refuseNewerSchema(try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0, path: path)
            guard try Self.lease(in: database).term == term else {
                throw AnnounceError(.notLeader, "Another dispatcher leads now. This one stands by.")
            }
            let statement = try database.cachedStatement(sql: Self.dueQuery)
            let rows = try Row.fetchCursor(statement, arguments: [now.milliseconds])
            var due: [DueOccurrence] = []
            var bytes = 0
            while due.count < limit, bytes < Self.claimBytes, let row = try rows.next() {
                due.append(try Self.dueOccurrence(from: row))
                bytes += (row["packed"] as Data).count
            }
            return Claim(due: due, nextDue: due.isEmpty ? try Self.firstDue(in: database) : now)
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func record(_ settlements: [Settlement], at now: Timestamp) async throws(AnnounceError) {
        try await write { database in
            var change = 0
            var outcomes: [Outcome: Int] = [:]
            for settlement in settlements {
                guard try QueueTable.delete(settlement.entry, in: database) else {
                    try Self.recordLate(settlement, in: database)
                    continue
                }
                change -= 1
                for delivery in settlement.deliveries where try DeliveryTable.insert(delivery, in: database) {
                    outcomes[delivery.outcome, default: 0] += 1
                }
                change += try Self.queue(settlement, in: database)
                if let reason = settlement.failure {
                    change -= try Self.fail(settlement.entry.occurrence.announcement, reason, at: now, in: database)
                }
            }
            try QueueTable.count(change, in: database)
            try DeliveryTable.tally(outcomes, at: now, in: database)
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func acknowledge(_ occurrence: Occurrence, _ count: AcknowledgementCount) async throws(AnnounceError) {
        try await write { try DeliveryTable.acknowledge(occurrence, count, in: $0) }
    }

    /// Queues what is to come of a settled occurrence.
    ///
    /// A notice that follows by the plan is left out when another is queued already: somebody has changed the plan while the
    /// occurrence was on its way.
    /// - Returns: how many rows were added.
    private static func queue(_ settlement: Settlement, in database: Database) throws -> Int {
        var added = 0
        for entry in settlement.queued {
            let isRetry = entry.occurrence == settlement.entry.occurrence
            if try !isRetry && QueueTable.hasUntried(of: entry.occurrence.announcement, in: database) { continue }
            if try QueueTable.insert(entry, in: database) { added += 1 }
        }
        return added
    }

    /// Marks an announcement as failed and takes what is left of it out of the queue.
    ///
    /// - Returns: how many rows that were.
    private static func fail(
        _ id: Announcement.ID,
        _ reason: String,
        at now: Timestamp,
        in database: Database
    ) throws -> Int {
        try database.execute(
            sql: "UPDATE announcements SET state = 'failed', reason = ?, updated_at = ? WHERE id = ?",
            arguments: [reason, now.milliseconds, id]
        )
        try database.execute(sql: "DELETE FROM queue WHERE announcement_id = ?", arguments: [id])
        return database.changesCount
    }

    /// Records an occurrence that left the queue after it was claimed, because somebody cancelled it or another
    /// dispatcher recorded it: nothing follows from it, but that it went out is the truth.
    private static func recordLate(_ settlement: Settlement, in database: Database) throws {
        for delivery in settlement.deliveries where delivery.outcome == .published {
            try DeliveryTable.replaceEnded(by: delivery, in: database)
        }
    }

    private static func dueOccurrence(from row: Row) throws -> DueOccurrence {
        let isRendered: Bool = row["rendered"]
        let hasPlan = isRendered || (row["recurring"] as Bool) || (row["expiry"] as String?) != nil
        let state: String = row["state"]
        return DueOccurrence(
            entry: QueueTable.entry(from: row),
            data: AnnouncementRow.data(from: row),
            target: try AnnouncementRow.target(from: row),
            allowUnheard: row["allow_unheard"],
            acknowledgeWithin: row["acknowledge_within"],
            isPaused: state == "paused",
            policy: try AnnouncementRow.policy(from: row),
            plan: hasPlan ? try AnnouncementRow.plan(from: row) : nil,
            rendering: isRendered
                ? DueOccurrence.Rendering(
                    style: try AnnouncementRow.style(from: row),
                    name: row["name"],
                    revision: row["revision"]
                ) : nil
        )
    }

    static func firstDue(in database: Database) throws -> Timestamp? {
        try Int64.fetchOne(database, sql: "SELECT due_at FROM queue ORDER BY due_at LIMIT 1").map {
            Timestamp(milliseconds: $0)
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func changes() async throws(AnnounceError) -> AsyncStream<Void> {
        guard let path else { return AsyncStream { $0.finish() } }
        return Bell(database: path).rings()
    }
}

import Announce
import Foundation
import GRDB
import Recurrence

/// What the dispatcher does: claim what is due, record what became of it.
extension SQLiteStore {
    /// A claim ends after so many bytes of messages, so that a batch of long ones stays small.
    private static let claimBytes = 256 * 1024

    /// All that is needed to send an occurrence, as ``dueOccurrence(from:)`` reads it.
    private static let dueColumns = """
        \(AnnouncementRow.columns), queue.*,
            EXISTS (SELECT 1 FROM deliveries WHERE deliveries.announcement_id = queue.announcement_id
                AND deliveries.nominal_at = queue.nominal_at AND deliveries.phase = queue.phase) AS recorded
        """

    /// In the order of the queue's key, so it costs the same however much is pending.
    static let dueQuery = """
        SELECT \(dueColumns)
        FROM queue CROSS JOIN announcements ON announcements.id = queue.announcement_id
        WHERE due_at <= ?
        ORDER BY due_at, rank, announcement_id, nominal_at, phase
        """

    /// The same of one instant.
    private static let instantQuery = """
        SELECT \(dueColumns)
        FROM queue CROSS JOIN announcements ON announcements.id = queue.announcement_id
        WHERE due_at = ?
        ORDER BY due_at, rank, announcement_id, nominal_at, phase
        """

    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func claim(
        term: Int64,
        at now: Timestamp,
        limit: Int,
        excluding inFlight: Set<Occurrence>
    ) async throws(AnnounceError) -> Claim {
        let path = path
        try refuseLostFile()
        return try await read { database in
            try Self.refuseNewerSchema(try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0, path: path)
            try Self.requireLeader(term, in: database)
            let hold = try HoldTable.hold(in: database)
            let due = try hold == nil ? Self.due(at: now, limit: limit, excluding: inFlight, in: database) : []
            let next = try hold == nil && due.isEmpty ? QueueTable.firstDue(excluding: inFlight, in: database) : nil
            let resumption = try Resumptions.next(after: now, in: database)
            return Claim(
                due: due,
                nextDue: due.isEmpty ? [next, resumption].compactMap { $0 }.min() : now,
                changes: try ChangeCount.value(in: database),
                pending: try QueueTable.count(in: database),
                hold: hold,
                toResume: try Resumptions.due(at: now, in: database),
                hasArrivals: try ImportTable.hasArrivals(in: database)
            )
        }
    }

    /// What is due, the first first; where that has waited for long, what fell due last makes up a quarter.
    private static func due(
        at now: Timestamp,
        limit: Int,
        excluding inFlight: Set<Occurrence>,
        in database: Database
    ) throws -> [DueOccurrence] {
        var due: [DueOccurrence] = []
        var passed = inFlight
        var bytes = 0
        func take(from rows: RowCursor, limit: Int = limit, bytes most: Int = claimBytes) throws {
            while due.count < limit, bytes < most, let row = try rows.next() {
                if !passed.isEmpty, passed.contains(QueueTable.occurrence(from: row)) { continue }
                due.append(try dueOccurrence(from: row))
                bytes += (row["packed"] as Data).count
            }
        }
        let rows = try Row.fetchCursor(
            try database.cachedStatement(sql: dueQuery),
            arguments: [now.milliseconds]
        )
        try take(from: rows, limit: limit - limit / 4, bytes: claimBytes - claimBytes / 4)
        let front = due.count
        if let first = due.first, let last = due.last, now - first.entry.due > Claim.fairAfter {
            var instant = try QueueTable.lastDue(before: now + 1, in: database)
            while due.count < limit, bytes < claimBytes, let found = instant, found > last.entry.due {
                let latest = try database.cachedStatement(sql: instantQuery)
                try take(from: Row.fetchCursor(latest, arguments: [found.milliseconds]))
                instant = try QueueTable.lastDue(before: found, in: database)
            }
        }
        passed.formUnion(due[front...].map(\.entry.occurrence))
        try take(from: rows)
        return due
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func open(
        _ batches: [NewBatch],
        changes: Int64,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> Bool {
        try refuseLostFile()
        return try await writeSynced { database in
            try Self.requireLeader(term, in: database)
            if try ChangeCount.value(in: database) != changes {
                if try HoldTable.hold(in: database) != nil { return false }
                for due in batches.flatMap(\.members) where try !Self.isUnchanged(due, in: database) { return false }
            }
            for batch in batches { try BatchTable.insert(batch, term: term, at: now, in: database) }
            return true
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func openBatches() async throws(AnnounceError) -> [OpenBatch] {
        try await read { database in
            try BatchTable.all(in: database).map { token, opened, size in
                var members = [DueOccurrence?](repeating: nil, count: size)
                let sql = """
                    SELECT \(Self.dueColumns), json_each.key AS place
                    FROM batches CROSS JOIN json_each(batches.members)
                    CROSS JOIN queue ON queue.announcement_id = json_extract(json_each.value, '$[0]')
                        AND queue.nominal_at = json_extract(json_each.value, '$[1]')
                        AND queue.phase = json_extract(json_each.value, '$[2]')
                    CROSS JOIN announcements ON announcements.id = queue.announcement_id
                    WHERE token = ?
                    """
                for row in try Row.fetchAll(database, sql: sql, arguments: [token]) {
                    members[row["place"]] = try Self.dueOccurrence(from: row)
                }
                return OpenBatch(token: token, opened: opened, members: members)
            }
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func record(
        _ conclusions: [Conclusion],
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) {
        try await write { database in
            let leads = try Self.lease(in: database).term == term
            let changes = try ChangeCount.value(in: database)
            for conclusion in conclusions {
                let holds =
                    switch conclusion.ground {
                    case .claim(let seen): leads && seen == changes
                    case .batch(let token): try BatchTable.close(token, in: database)
                    case .plain: true
                    }
                if holds { try Self.record(conclusion.settlements, at: now, in: database) }
            }
        }
    }

    private static func record(_ settlements: [Settlement], at now: Timestamp, in database: Database) throws {
        var change = 0
        var outcomes: [Outcome: Int] = [:]
        for settlement in settlements {
            guard try QueueTable.delete(settlement.entry, in: database) else {
                try recordLate(settlement, in: database)
                continue
            }
            change -= 1
            // When somebody has changed the plan since it fell due, the new one goes on without it.
            let isOvertaken = try settlement.hasFollowers && QueueTable.hasLater(than: settlement.entry, in: database)
            let own = settlement.entry.occurrence
            for delivery in settlement.deliveries where !isOvertaken || delivery.occurrence == own {
                guard try DeliveryTable.insert(delivery, in: database) else { continue }
                outcomes[delivery.outcome, default: 0] += 1
            }
            for entry in settlement.queued where !isOvertaken || entry.occurrence == own {
                if try QueueTable.insert(entry, in: database) { change += 1 }
            }
            if let reason = settlement.failure {
                change -= try fail(settlement.entry.occurrence.announcement, reason, at: now, in: database)
            }
        }
        try QueueTable.count(change, in: database)
        try DeliveryTable.tally(outcomes, at: now, in: database)
    }

    /// Whether a claimed occurrence is queued, and its announcement is, as they were then.
    private static func isUnchanged(_ due: DueOccurrence, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT revision FROM announcements WHERE id = ?")
        let id = due.entry.occurrence.announcement
        return try Int.fetchOne(statement, arguments: [id]) == due.revision
            && QueueTable.contains(due.entry, in: database)
    }

    static func requireLeader(_ term: Int64, in database: Database) throws {
        guard try lease(in: database).term == term else {
            throw AnnounceError(.notLeader, "Another dispatcher leads now. This one stands by.")
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func bringForward(
        putOffBeyond longest: Int64,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> Int {
        try await write { database in
            try Self.requireLeader(term, in: database)
            let entries = try QueueTable.putOff(beyond: now + longest, in: database)
            if entries.isEmpty { return 0 }
            let inFlight = try BatchTable.occurrences(in: database)
            let waiting = entries.filter { !inFlight.contains($0.occurrence) }
            for entry in waiting {
                try QueueTable.move(entry, to: max(now, entry.occurrence.nominal), in: database)
            }
            return waiting.count
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func report(_ troubles: [Trouble]) async throws(AnnounceError) {
        try await write { try TroubleTable.replace(troubles, in: $0) }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func acknowledge(_ occurrence: Occurrence, _ count: AcknowledgementCount) async throws(AnnounceError) {
        try await write { try DeliveryTable.acknowledge(occurrence, count, in: $0) }
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
            sql: "UPDATE announcements SET state = 'failed', reason = ?, resume_at = NULL, updated_at = ? WHERE id = ?",
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
        let isRendered: Bool = row[.rendered]
        let hasPlan = isRendered || (row[.recurring] as Bool) || (row[.expiry] as String?) != nil
        let state: String = row[.state]
        return DueOccurrence(
            entry: QueueTable.entry(from: row),
            revision: row[.revision],
            data: AnnouncementRow.data(from: row),
            target: try AnnouncementRow.target(from: row),
            allowUnheard: row[.allowUnheard],
            acknowledgeWithin: row[.acknowledgeWithin],
            isPaused: state == "paused",
            isRecorded: row["recorded"],
            policy: try AnnouncementRow.policy(from: row),
            plan: hasPlan ? try AnnouncementRow.plan(from: row) : nil,
            rendering: isRendered
                ? DueOccurrence.Rendering(
                    style: try AnnouncementRow.style(from: row),
                    name: row[.name]
                ) : nil
        )
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func changes() async throws(AnnounceError) -> AsyncStream<Void> {
        guard let path else { return AsyncStream { $0.finish() } }
        return Bell(database: path).rings()
    }
}

extension Settlement {
    /// Whether it says something of occurrences that follow its own by the plan.
    fileprivate var hasFollowers: Bool {
        queued.contains { $0.occurrence != entry.occurrence }
            || deliveries.contains { $0.occurrence != entry.occurrence }
    }
}

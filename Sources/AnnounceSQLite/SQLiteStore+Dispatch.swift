import Announce
import Foundation
import GRDB
import Recurrence

/// What the dispatcher does: claim what is due, record what became of it.
extension SQLiteStore {
    /// A claim ends after so many bytes of messages, so that a batch of long ones stays small.
    private static let claimBytes = 512 * 1024

    private static let dueSelection = """
        SELECT \(DueRow.selection)
        FROM queue CROSS JOIN announcements ON announcements.id = queue.announcement_id
        """
    private static let order = "ORDER BY due_at, rank, announcement_id, nominal_at, phase"

    /// In the order of the queue's key, so it costs the same however much is pending.
    static let dueQuery = "\(dueSelection) WHERE due_at <= ? \(order)"

    /// The same from behind a key on.
    static let followingQuery = """
        \(dueSelection) WHERE due_at <= ?1
            AND (due_at, rank, announcement_id, nominal_at, phase) > (?2, ?3, ?4, ?5, ?6) \(order)
        """

    /// The same of one instant.
    private static let instantQuery = "\(dueSelection) WHERE due_at = ? \(order)"

    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func claim(
        term: Int64,
        at now: Timestamp,
        limit: Int,
        after last: QueueEntry?,
        excluding inFlight: Set<Occurrence>
    ) async throws(AnnounceError) -> Claim {
        let path = path
        try refuseLostFile()
        return try await read { [self] database in
            try Self.refuseNewerSchema(try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0, path: path)
            try Self.requireLeader(term, in: database)
            let hold = try HoldTable.hold(in: database)
            let (due, lastTaken) =
                try hold == nil
                ? dueRow.withLock {
                    try Self.due(
                        at: now,
                        limit: limit,
                        after: last,
                        excluding: inFlight,
                        reading: &$0,
                        in: database
                    )
                } : ([], nil)
            let next = try hold == nil && due.isEmpty ? QueueTable.firstDue(excluding: inFlight, in: database) : nil
            let resumption = try Resumptions.next(after: now, in: database)
            return Claim(
                due: due,
                last: lastTaken,
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
        after last: QueueEntry?,
        excluding inFlight: Set<Occurrence>,
        reading reader: inout DueRow,
        in database: Database
    ) throws -> (due: [DueOccurrence], last: QueueEntry?) {
        var due: [DueOccurrence] = []
        due.reserveCapacity(limit)
        var passed = inFlight
        var bytes = 0
        /// Takes rows as long as there are any, and says whether there may be more.
        func take(from rows: FastStatement, limit: Int = limit, bytes most: Int = claimBytes) throws -> Bool {
            while due.count < limit, bytes < most {
                guard try rows.step() else { return false }
                if !passed.isEmpty, passed.contains(DueRow.occurrence(of: rows)) { continue }
                due.append(try reader.read(rows, in: database))
                bytes += DueRow.size(of: rows)
            }
            return true
        }
        let rows = try FastStatement(last == nil ? dueQuery : followingQuery, in: database)
        try rows.bind(.integer(now.milliseconds), at: 1)
        if let last { try rows.bind(key: last, from: 2) }
        defer { rows.reset() }
        var isMore = try take(from: rows, limit: limit - limit / 4, bytes: claimBytes - claimBytes / 4)
        let front = due.count
        if let first = due.first, let last = due.last, now - first.entry.due > Claim.fairAfter {
            var instant = try QueueTable.lastDue(before: now + 1, in: database)
            while due.count < limit, bytes < claimBytes, let found = instant, found > last.entry.due {
                let latest = try FastStatement(instantQuery, in: database)
                try latest.bind(.integer(found.milliseconds), at: 1)
                defer { latest.reset() }
                _ = try take(from: latest)
                instant = try QueueTable.lastDue(before: found, in: database)
            }
        }
        let latest = due.count
        passed.formUnion(due[front...].map(\.entry.occurrence))
        if isMore { isMore = try take(from: rows) }
        return (due, isMore ? (due.count > latest ? due.last : due[..<front].last)?.entry : nil)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func openBatches() async throws(AnnounceError) -> [OpenBatch] {
        try await read { [self] database in
            let rows = try FastStatement(
                "\(Self.dueSelection) WHERE announcement_id = ?1 AND nominal_at = ?2 AND phase = ?3",
                in: database
            )
            return try BatchTable.all(in: database).map { token, opened, members in
                let members = try members.map { occurrence in
                    try rows.first(
                        .integer(occurrence.announcement),
                        .integer(occurrence.nominal.milliseconds),
                        .text(occurrence.phase.rawValue)
                    ) { row in try dueRow.withLock { try $0.read(row, in: database) } }
                }
                return OpenBatch(token: token, opened: opened, members: members)
            }
        }
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
            let inFlight = Set(try BatchTable.occurrences(in: database))
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

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func changes() async throws(AnnounceError) -> AsyncStream<Void> {
        guard let path else { return AsyncStream { $0.finish() } }
        return Bell(database: path).rings()
    }
}

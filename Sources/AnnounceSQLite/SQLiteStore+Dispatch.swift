import Announce
import Foundation
import GRDB
import Recurrence

/// What the dispatcher does: claim what is due, record what became of it.
extension SQLiteStore {
    /// A claim ends after so many bytes of messages, so that a batch of long ones stays small.
    private static let claimBytes = 512 * 1024

    private static let dueSelection = """
        SELECT \(DueReader.function)(\(DueRow.selection))
        FROM queue CROSS JOIN announcements ON announcements.id = queue.announcement_id
        """
    private static let order = "ORDER BY due_at, rank, announcement_id, nominal_at, phase"

    /// In the order of the queue's key, so it costs the same however much is pending.
    static let dueQuery = "\(dueSelection) WHERE due_at <= ? \(order)"

    /// The same from behind a key on: of its announcement, of its instant and priority, of its instant, and later.
    ///
    /// By one statement SQLite would compare the whole key of each row once more, although it has begun behind it.
    static let followingQueries = [
        "due_at = ?1 AND rank = ?2 AND announcement_id = ?3 AND (nominal_at, phase) > (?4, ?5)",
        "due_at = ?1 AND rank = ?2 AND announcement_id > ?3",
        "due_at = ?1 AND rank > ?2",
        "due_at > ?1 AND due_at <= ?2",
    ].map { "\(dueSelection) WHERE \($0) \(order)" }

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
            try Self.refuseNewerSchema(in: database, path: path)
            let facts = try ClaimFacts(at: now, in: database)
            if facts.term != term { throw AnnounceError.deposed }
            let hold = facts.isHeld ? try HoldTable.hold(in: database) : nil
            let (due, lastTaken) =
                try hold == nil
                ? dueReader.reading(in: database) {
                    try Self.due(
                        at: now,
                        limit: limit,
                        after: last,
                        excluding: inFlight,
                        reading: dueReader,
                        in: database
                    )
                } : ([], nil)
            let next = try hold == nil && due.isEmpty ? QueueTable.firstDue(excluding: inFlight, in: database) : nil
            return Claim(
                due: due,
                last: lastTaken,
                nextDue: due.isEmpty ? [next, facts.nextResumption].compactMap { $0 }.min() : now,
                changes: facts.changes,
                pending: facts.pending,
                hold: hold,
                toResume: facts.hasResumptions ? try Resumptions.due(at: now, in: database) : [],
                hasArrivals: facts.hasArrivals
            )
        }
    }

    /// What is due, the first first; where that has waited for long, what fell due last makes up a quarter.
    private static func due(
        at now: Timestamp,
        limit: Int,
        after last: QueueEntry?,
        excluding inFlight: Set<Occurrence>,
        reading reader: DueReader,
        in database: Database
    ) throws -> (due: [DueOccurrence], last: QueueEntry?) {
        var due: [DueOccurrence] = []
        due.reserveCapacity(limit)
        var passed = inFlight
        var bytes = 0
        /// Takes rows of statements one after the other as long as there are any, and says whether there may be more.
        func take(
            from statements: inout [FastStatement],
            limit: Int = limit,
            bytes most: Int = claimBytes
        ) throws -> Bool {
            while let rows = statements.first {
                while due.count < limit, bytes < most, try rows.step() {
                    let occurrence = try reader.present()
                    if !passed.isEmpty, passed.contains(occurrence.entry.occurrence) { continue }
                    bytes += occurrence.data.mostMessagePack
                    due.append(occurrence)
                }
                if due.count >= limit || bytes >= most { return true }
                statements.removeFirst()
            }
            return false
        }
        var rows = try rows(dueBy: now, after: last, in: database)
        defer { rows.first?.reset() }
        var isMore = try take(from: &rows, limit: limit - limit / 4, bytes: claimBytes - claimBytes / 4)
        let front = due.count
        if let first = due.first, let last = due.last, now - first.entry.due > Claim.fairAfter {
            var instant = try QueueTable.lastDue(before: now + 1, in: database)
            while due.count < limit, bytes < claimBytes, let found = instant, found > last.entry.due {
                var latest = [try FastStatement(instantQuery, in: database)]
                try latest[0].bind(.integer(found.milliseconds), at: 1)
                defer { latest.first?.reset() }
                _ = try take(from: &latest)
                instant = try QueueTable.lastDue(before: found, in: database)
            }
        }
        let latest = due.count
        passed.formUnion(due[front...].map(\.entry.occurrence))
        if isMore { isMore = try take(from: &rows) }
        return (due, isMore ? (due.count > latest ? due.last : due[..<front].last)?.entry : nil)
    }

    /// What is due by now, from behind an entry on where there is one: the rows of one statement after the other.
    private static func rows(
        dueBy now: Timestamp,
        after last: QueueEntry?,
        in database: Database
    ) throws -> [FastStatement] {
        let queries = last == nil ? [dueQuery] : followingQueries
        let statements = try queries.map { try FastStatement($0, in: database) }
        if let last {
            for (statement, count) in zip(statements, [5, 3, 2, 1] as [Int32]) {
                try statement.bind(key: last, first: count)
            }
        }
        try statements.last?.bind(.integer(now.milliseconds), at: last == nil ? 1 : 2)
        return statements
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func openBatches() async throws(AnnounceError) -> [OpenBatch] {
        try await read { [self] database in
            let rows = try FastStatement(
                "\(Self.dueSelection) WHERE announcement_id = ?1 AND nominal_at = ?2 AND phase = ?3",
                in: database
            )
            return try dueReader.reading(in: database) {
                try BatchTable.all(in: database).map { token, opened, members in
                    let members = try members.map { occurrence in
                        try rows.first(
                            .integer(occurrence.announcement),
                            .integer(occurrence.nominal.milliseconds),
                            .text(occurrence.phase.rawValue)
                        ) { _ in try dueReader.present() }
                    }
                    return OpenBatch(token: token, opened: opened, members: members)
                }
            }
        }
    }

    static func requireLeader(_ term: Int64, in database: Database) throws {
        guard try self.term(in: database) == term else { throw AnnounceError.deposed }
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

/// What a claim has to know beside what is due: all of it in one statement, which every announcement waits for.
struct ClaimFacts {
    static let query = """
        SELECT (SELECT term FROM lease),
            (SELECT value FROM totals WHERE name = 'changes'),
            (SELECT value FROM totals WHERE name = 'pending'),
            EXISTS (SELECT 1 FROM hold),
            EXISTS (SELECT 1 FROM imports WHERE complete),
            EXISTS (SELECT 1 FROM announcements WHERE resume_at <= ?1),
            (SELECT min(resume_at) FROM announcements WHERE resume_at > ?1)
        """

    let term: Int64
    let changes: Int64
    let pending: Int
    let isHeld: Bool
    let hasArrivals: Bool
    /// Whether paused announcements are to speak again now.
    let hasResumptions: Bool
    /// When the first of the others is to.
    let nextResumption: Timestamp?

    init(at now: Timestamp, in database: Database) throws {
        let row = try FastStatement(Self.query, in: database)
        try row.bind(.integer(now.milliseconds), at: 1)
        defer { row.reset() }
        _ = try row.step()
        term = row.integer(0)
        changes = row.integer(1)
        pending = Int(row.integer(2))
        isHeld = row.flag(3)
        hasArrivals = row.flag(4)
        hasResumptions = row.flag(5)
        nextResumption = row.optionalInteger(6).map(Timestamp.init(milliseconds:))
    }
}

extension AnnounceError {
    /// Another term has begun.
    fileprivate static let deposed = AnnounceError(.notLeader, "Another dispatcher leads now. This one stands by.")
}

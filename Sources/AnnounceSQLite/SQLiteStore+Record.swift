import Announce
import GRDB
import Recurrence

/// What the dispatcher does last: record what became of what was due.
extension SQLiteStore {
    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func record(
        _ conclusions: [Conclusion],
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) {
        if conclusions.contains(where: \.isLarge) {
            try await writeRecords { try Self.record(conclusions, term: term, at: now, looking: $1, in: $0) }
        } else {
            try await write { try Self.record(conclusions, term: term, at: now, looking: .always, in: $0) }
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func open(
        _ batches: [NewBatch],
        recording conclusions: [Conclusion],
        changes: Int64,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> Bool {
        try refuseLostFile()
        return try await writeRecords { database, looking in
            try Self.record(conclusions, term: term, at: now, looking: looking, in: database)
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
    public func sync() async throws(AnnounceError) {
        if let path { try await log.sync(of: path) }
        afterSync(self)
    }

    /// Writes records, and nearly always without looking before what else is among them; where something is, all over again.
    private func writeRecords<Value: Sendable>(
        _ body: @Sendable @escaping (Database, Recording.Looking) throws -> Value
    ) async throws(AnnounceError) -> Value {
        try await writeOutlet {
            try body($0, .whereIdsAreMissing)
        } orElse: {
            try body($0, .always)
        }
    }

    private static func record(
        _ conclusions: [Conclusion],
        term: Int64,
        at now: Timestamp,
        looking: Recording.Looking,
        in database: Database
    ) throws {
        if conclusions.isEmpty { return }
        let leads = try self.term(in: database) == term
        let changes = try ChangeCount.value(in: database)
        for conclusion in conclusions {
            let (holds, isUnchanged) =
                switch conclusion.ground {
                case .claim(let seen): (leads && seen == changes, true)
                case .batch(let token, let seen): (try BatchTable.close(token, in: database), seen == changes)
                case .plain: (true, false)
                }
            if !holds { continue }
            var recording = try Recording(isUnchanged: isUnchanged, looking: looking, at: now, in: database)
            try recording.write(conclusion)
        }
    }

    /// Whether a claimed occurrence is queued, and its announcement is, as they were then.
    private static func isUnchanged(_ due: DueOccurrence, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT revision FROM announcements WHERE id = ?")
        let id = due.entry.occurrence.announcement
        return try Int.fetchOne(statement, arguments: [id]) == due.revision
            && QueueTable.contains(due.entry, in: database)
    }
}

/// Writes what became of occurrences, in a transaction.
struct Recording {
    /// Whether nobody has changed an announcement since they were claimed.
    private let isUnchanged: Bool
    private let looking: Looking
    private let now: Timestamp
    private let database: Database
    private var queue: QueueStatements
    private let deliveries: DeliveryStatements

    /// When to look whether anything else is among neighbours, before they are recorded by one statement.
    enum Looking {
        case always
        /// Where the ids of their announcements follow each other without a gap, hardly anything can be: it is noticed afterwards.
        case whereIdsAreMissing
    }

    init(isUnchanged: Bool, looking: Looking, at now: Timestamp, in database: Database) throws {
        (self.isUnchanged, self.looking) = (isUnchanged, looking)
        self.now = now
        self.database = database
        queue = try QueueStatements(in: database)
        deliveries = try DeliveryStatements(in: database)
    }

    mutating func write(_ conclusion: Conclusion) throws {
        var change = 0
        var outcomes: [Outcome: Int] = [:]
        for publication in conclusion.publications { change += try write(publication, &outcomes) }
        for settlement in conclusion.settlements { change += try write(settlement, &outcomes) }
        try QueueTable.count(change, in: database)
        try DeliveryTable.tally(outcomes, at: now, in: database)
    }

    /// Writes what went out together: neighbours in the queue by one statement, where nothing else is between them.
    ///
    /// - Returns: by how many the queue has grown.
    /// - Throws: ``QueueRun/Stranger`` when something else was among them.
    private mutating func write(_ publication: Publication, _ outcomes: inout [Outcome: Int]) throws -> Int {
        guard isUnchanged else { return try write(each: publication, &outcomes) }
        var change = 0
        for members in publication.members.neighbours {
            let run = QueueRun(members)
            guard let run, try looking != .always && run.hasEveryID || queue.count(run) == members.count else {
                let part = Publication(members, receivers: publication.receivers, at: publication.concluded)
                change += try write(each: part, &outcomes)
                continue
            }
            outcomes[.published, default: 0] += try deliveries.insert(run, of: publication)
            guard try queue.delete(run) == members.count else { throw QueueRun.Stranger() }
            change -= members.count
            change += try queue.insert(members.lazy.filter(\.hasNext).compactMap(\.following))
        }
        return change
    }

    /// Writes what went out together one by one.
    ///
    /// - Returns: by how many the queue has grown.
    private mutating func write(each publication: Publication, _ outcomes: inout [Outcome: Int]) throws -> Int {
        var change = 0
        for settlement in publication.settlements { change += try write(settlement, &outcomes) }
        return change
    }

    /// Writes one.
    ///
    /// - Returns: by how many the queue has grown.
    private mutating func write(_ settlement: Settlement, _ outcomes: inout [Outcome: Int]) throws -> Int {
        guard try queue.delete(settlement.entry) else {
            try recordLate(settlement)
            return 0
        }
        var change = -1
        // When somebody has changed the plan since it fell due, the new one goes on without it.
        let isOvertaken =
            try !isUnchanged && settlement.hasFollowers && QueueTable.hasLater(than: settlement.entry, in: database)
        let own = settlement.entry.occurrence
        for delivery in settlement.deliveries where !isOvertaken || delivery.occurrence == own {
            if try deliveries.insert(delivery) { outcomes[delivery.outcome, default: 0] += 1 }
        }
        change += try queue.insert(settlement.queued.filter { !isOvertaken || $0.occurrence == own })
        if let reason = settlement.failure { change -= try fail(own.announcement, reason) }
        return change
    }

    /// Marks an announcement as failed and takes what is left of it out of the queue.
    ///
    /// - Returns: how many rows that were.
    private func fail(_ id: Announcement.ID, _ reason: String) throws -> Int {
        try database.execute(
            sql: "UPDATE announcements SET state = 'failed', reason = ?, resume_at = NULL, updated_at = ? WHERE id = ?",
            arguments: [reason, now.milliseconds, id]
        )
        try database.execute(sql: "DELETE FROM queue WHERE announcement_id = ?", arguments: [id])
        return database.changesCount
    }

    /// Records an occurrence that left the queue after it was claimed, because somebody cancelled it or another
    /// dispatcher recorded it: nothing follows from it, but that it went out is the truth.
    private func recordLate(_ settlement: Settlement) throws {
        for delivery in settlement.deliveries where delivery.outcome == .published {
            try DeliveryTable.replaceEnded(by: delivery, in: database)
        }
    }
}

/// The statements that change rows of the queue one by one, or neighbours together.
private struct QueueStatements {
    private var writer: RowWriter
    private let deleteOne: FastStatement
    private let countRange: FastStatement
    private let deleteRange: FastStatement

    init(in database: Database) throws {
        writer = try QueueTable.writer(in: database)
        deleteOne = try FastStatement(QueueTable.deletion, in: database)
        countRange = try FastStatement("SELECT count(*) FROM queue WHERE \(QueueRun.condition)", in: database)
        deleteRange = try FastStatement("DELETE FROM queue WHERE \(QueueRun.condition)", in: database)
    }

    /// Queues occurrences, in the order of the queue as far as that is known, so that neighbours find their place together.
    ///
    /// - Returns: how many were not queued already.
    mutating func insert(_ entries: [QueueEntry]) throws -> Int {
        // Their places are sorted, since the entries themselves are large.
        let places = entries.indices.map { (due: entries[$0].due, place: $0) }.sorted { $0 < $1 }.map(\.place)
        return try QueueTable.insert(entries, at: places, by: &writer)
    }

    func delete(_ entry: QueueEntry) throws -> Bool { try QueueTable.delete(entry, by: deleteOne) }

    func count(_ run: QueueRun) throws -> Int {
        try run.bind(to: countRange)
        return try countRange.first { Int($0.integer(0)) } ?? 0
    }

    func delete(_ run: QueueRun) throws -> Int {
        try run.bind(to: deleteRange)
        return try deleteRange.execute()
    }
}

/// Rows of the queue that follow each other: of one instant and priority, by the ids of their announcements.
struct QueueRun {
    /// What they fulfil, by the first four arguments of a statement.
    static let condition = "due_at = ?1 AND rank = ?2 AND announcement_id BETWEEN ?3 AND ?4"
    /// How many rows are worth statements for all of them.
    private static let shortest = 2

    private let first: QueueEntry
    private let last: QueueEntry
    /// Whether every id from its first to its last is that of a member.
    let hasEveryID: Bool

    /// What is between its first and its last is not what its members are.
    struct Stranger: Error {}

    /// Makes a run of neighbours; nil where they are too few.
    init?(_ members: ArraySlice<Judge.Approved>) {
        guard members.count >= Self.shortest, let first = members.first, let last = members.last else { return nil }
        self.first = first.due.entry
        self.last = last.due.entry
        hasEveryID = self.last.occurrence.announcement - self.first.occurrence.announcement == Int64(members.count - 1)
    }

    func bind(to statement: FastStatement) throws {
        try statement.bind(.integer(first.due.milliseconds), at: 1)
        try statement.bind(.integer(Int64(5 - first.priority)), at: 2)
        try statement.bind(.integer(first.occurrence.announcement), at: 3)
        try statement.bind(.integer(last.occurrence.announcement), at: 4)
    }
}

extension ArraySlice<Judge.Approved> {
    /// The parts in which all are of one instant and priority, in the order of their announcements.
    fileprivate var neighbours: [ArraySlice<Judge.Approved>] {
        var parts: [ArraySlice<Judge.Approved>] = []
        var start = startIndex
        for place in indices.dropFirst() {
            let (before, entry) = (self[place - 1].due.entry, self[place].due.entry)
            if before.due == entry.due, before.priority == entry.priority,
                before.occurrence.announcement < entry.occurrence.announcement
            {
                continue
            }
            parts.append(self[start..<place])
            start = place
        }
        if start < endIndex { parts.append(self[start...]) }
        return parts
    }
}

/// The statements that record how occurrences ended.
private struct DeliveryStatements {
    private let insertOne: FastStatement
    private let insertRange: FastStatement

    init(in database: Database) throws {
        insertOne = try FastStatement(DeliveryTable.insertion, in: database)
        insertRange = try FastStatement(
            """
            INSERT OR FAIL INTO deliveries (announcement_id, nominal_at, phase, outcome, attempts, concluded_at, receivers, anchor_at)
            SELECT announcement_id, nominal_at, phase, 'published', attempts + 1, ?5, ?6, anchor_at
            FROM queue WHERE \(QueueRun.condition)
            ON CONFLICT (announcement_id, nominal_at, phase) DO NOTHING
            """,
            in: database
        )
    }

    /// Records neighbours in the queue that were published together, and are still queued.
    func insert(_ run: QueueRun, of publication: Publication) throws -> Int {
        try run.bind(to: insertRange)
        try insertRange.bind(.integer(publication.concluded.milliseconds), at: 5)
        try insertRange.bind(.integer(publication.receivers.map(Int64.init)), at: 6)
        return try insertRange.execute()
    }

    func insert(_ delivery: Delivery) throws -> Bool { try DeliveryTable.insert(delivery, by: insertOne) }
}

extension Settlement {
    /// Whether it says something of occurrences that follow its own by the plan.
    fileprivate var hasFollowers: Bool {
        queued.contains { $0.occurrence != entry.occurrence }
            || deliveries.contains { $0.occurrence != entry.occurrence }
    }
}

extension Conclusion {
    /// So many that went out together are recorded with less by the connection for them, although that waits for the disk.
    private static let large = 256

    fileprivate var isLarge: Bool { publications.contains { $0.members.count >= Self.large } }
}

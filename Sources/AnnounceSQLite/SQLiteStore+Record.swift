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
        try await writeOutlet(isSynced: false) { try Self.record(conclusions, term: term, at: now, in: $0) }
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
        return try await writeOutlet(isSynced: true) { database in
            try Self.record(conclusions, term: term, at: now, in: database)
            try Self.requireLeader(term, in: database)
            if try ChangeCount.value(in: database) != changes {
                if try HoldTable.hold(in: database) != nil { return false }
                for due in batches.flatMap(\.members) where try !Self.isUnchanged(due, in: database) { return false }
            }
            for batch in batches { try BatchTable.insert(batch, term: term, at: now, in: database) }
            return true
        }
    }

    private static func record(
        _ conclusions: [Conclusion],
        term: Int64,
        at now: Timestamp,
        in database: Database
    ) throws {
        if conclusions.isEmpty { return }
        let leads = try lease(in: database).term == term
        let changes = try ChangeCount.value(in: database)
        for conclusion in conclusions {
            let (holds, isUnchanged) =
                switch conclusion.ground {
                case .claim(let seen): (leads && seen == changes, true)
                case .batch(let token, let seen): (try BatchTable.close(token, in: database), seen == changes)
                case .plain: (true, false)
                }
            if !holds { continue }
            try Recording(isUnchanged: isUnchanged, at: now, in: database).write(conclusion.settlements)
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
    private let now: Timestamp
    private let database: Database
    private let queue: QueueStatements
    private let deliveries: DeliveryStatements

    init(isUnchanged: Bool, at now: Timestamp, in database: Database) throws {
        self.isUnchanged = isUnchanged
        self.now = now
        self.database = database
        queue = try QueueStatements(in: database)
        deliveries = try DeliveryStatements(in: database)
    }

    /// How many settlements that went out in one run are worth a statement for all of them.
    private static let shortestRun = 4

    func write(_ settlements: [Settlement]) throws {
        var change = 0
        var outcomes: [Outcome: Int] = [:]
        var rest = settlements[...]
        while let first = rest.first {
            let run = isUnchanged ? rest.prefix(run(of: rest)) : []
            if run.count >= Self.shortestRun, try queue.count(from: first.entry, to: run.last?.entry) == run.count {
                outcomes[.published, default: 0] += try deliveries.insert(run)
                change -= try queue.delete(from: first.entry, to: run.last?.entry)
                for entry in run.lazy.flatMap(\.queued) where try queue.insert(entry) { change += 1 }
                rest = rest.dropFirst(run.count)
            } else {
                for settlement in rest.prefix(max(1, run.count)) { change += try write(settlement, &outcomes) }
                rest = rest.dropFirst(max(1, run.count))
            }
        }
        try QueueTable.count(change, in: database)
        try DeliveryTable.tally(outcomes, at: now, in: database)
    }

    /// How many settlements from the first on are of neighbours in the queue that went out alike: those one statement can move,
    /// where nothing else is between them.
    private func run(of settlements: ArraySlice<Settlement>) -> Int {
        guard let first = settlements.first?.plainDelivery else { return 0 }
        var last = settlements[settlements.startIndex].entry
        var count = 1
        for settlement in settlements.dropFirst() {
            guard let delivery = settlement.plainDelivery, delivery.receivers == first.receivers,
                delivery.concluded == first.concluded, last.isBefore(settlement.entry)
            else { break }
            last = settlement.entry
            count += 1
        }
        return count
    }

    /// Writes one.
    ///
    /// - Returns: by how many the queue has grown.
    private func write(_ settlement: Settlement, _ outcomes: inout [Outcome: Int]) throws -> Int {
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
        for entry in settlement.queued where !isOvertaken || entry.occurrence == own {
            if try queue.insert(entry) { change += 1 }
        }
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
    private static let range = """
        (due_at, rank, announcement_id, nominal_at, phase) >= (?1, ?2, ?3, ?4, ?5)
            AND (due_at, rank, announcement_id, nominal_at, phase) <= (?6, ?7, ?8, ?9, ?10)
        """
    /// What has to follow the first entry's key in a statement, whatever comes before and after it.
    static let rangeOfRun = range

    private let insertOne: FastStatement
    private let deleteOne: FastStatement
    private let countRange: FastStatement
    private let deleteRange: FastStatement

    init(in database: Database) throws {
        insertOne = try FastStatement(QueueTable.insertion, in: database)
        deleteOne = try FastStatement(QueueTable.deletion, in: database)
        countRange = try FastStatement("SELECT count(*) FROM queue WHERE \(Self.range)", in: database)
        deleteRange = try FastStatement("DELETE FROM queue WHERE \(Self.range)", in: database)
    }

    func insert(_ entry: QueueEntry) throws -> Bool {
        let planned = entry.planned
        let anchor = planned.notice.anchor
        try insertOne.bind(key: entry, from: 1)
        try insertOne.bind(.integer(Int64(entry.attempts)), at: 6)
        try insertOne.bind(.text(entry.error), at: 7)
        try insertOne.bind(anchor.at == planned.notice.at ? .null : .integer(anchor.at.milliseconds), at: 8)
        try insertOne.bind(.integer(Int64(anchor.ordinal)), at: 9)
        try insertOne.bind(.integer(planned.handled.at.milliseconds), at: 10)
        try insertOne.bind(.integer(planned.wall.localMilliseconds), at: 11)
        try insertOne.bind(.integer(Int64(planned.handled.ordinal)), at: 12)
        return try insertOne.execute() > 0
    }

    func delete(_ entry: QueueEntry) throws -> Bool {
        try deleteOne.bind(key: entry, from: 1)
        return try deleteOne.execute() > 0
    }

    func count(from first: QueueEntry, to last: QueueEntry?) throws -> Int {
        try countRange.bind(key: first, from: 1)
        try countRange.bind(key: last ?? first, from: 6)
        return try countRange.first { Int($0.integer(0)) } ?? 0
    }

    func delete(from first: QueueEntry, to last: QueueEntry?) throws -> Int {
        try deleteRange.bind(key: first, from: 1)
        try deleteRange.bind(key: last ?? first, from: 6)
        return try deleteRange.execute()
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
            INSERT INTO deliveries (announcement_id, nominal_at, phase, outcome, attempts, concluded_at, receivers, anchor_at)
            SELECT announcement_id, nominal_at, phase, 'published', attempts + 1, ?11, ?12, anchor_at
            FROM queue WHERE \(QueueStatements.rangeOfRun)
            ON CONFLICT (announcement_id, nominal_at, phase) DO NOTHING
            """,
            in: database
        )
    }

    /// Records neighbours in the queue that were all published, and are still queued.
    func insert(_ run: ArraySlice<Settlement>) throws -> Int {
        guard let first = run.first, let last = run.last, let delivery = first.plainDelivery else { return 0 }
        try insertRange.bind(key: first.entry, from: 1)
        try insertRange.bind(key: last.entry, from: 6)
        try insertRange.bind(.integer(delivery.concluded.milliseconds), at: 11)
        try insertRange.bind(.integer(delivery.receivers.map(Int64.init)), at: 12)
        return try insertRange.execute()
    }

    func insert(_ delivery: Delivery) throws -> Bool {
        let occurrence = delivery.occurrence
        return try insertOne.execute(
            .integer(occurrence.announcement),
            .integer(occurrence.nominal.milliseconds),
            .text(occurrence.phase.rawValue),
            .text(delivery.outcome.rawValue),
            .integer(Int64(delivery.attempts)),
            .integer(delivery.concluded.milliseconds),
            .integer(delivery.receivers.map(Int64.init)),
            .text(delivery.error),
            delivery.anchor == occurrence.nominal ? .null : .integer(delivery.anchor.milliseconds)
        ) > 0
    }
}

extension FastStatement {
    /// Binds the five columns of a queue entry's key.
    func bind(key entry: QueueEntry, from place: Int32) throws {
        try bind(.integer(entry.due.milliseconds), at: place)
        try bind(.integer(Int64(5 - entry.priority)), at: place + 1)
        try bind(.integer(entry.occurrence.announcement), at: place + 2)
        try bind(.integer(entry.occurrence.nominal.milliseconds), at: place + 3)
        try bind(.text(entry.occurrence.phase.rawValue), at: place + 4)
    }
}

extension Settlement {
    /// Whether it says something of occurrences that follow its own by the plan.
    fileprivate var hasFollowers: Bool {
        queued.contains { $0.occurrence != entry.occurrence }
            || deliveries.contains { $0.occurrence != entry.occurrence }
    }

    /// The record of an occurrence that was published at an attempt, and of nothing else; nil where there is more to it.
    fileprivate var plainDelivery: Delivery? {
        guard deliveries.count == 1, failure == nil, deliveries[0].outcome == .published, deliveries[0].error == nil,
            deliveries[0].attempts == entry.attempts + 1, deliveries[0].occurrence == entry.occurrence
        else { return nil }
        return deliveries[0]
    }
}

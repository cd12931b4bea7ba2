import Announce
import GRDB
import Recurrence

/// The rows of `queue`, and how many there are.
enum QueueTable {
    /// What adds rows of so many columns, in their order in the table: in another one SQLite copies each value once more.
    private static let insertion = """
        INSERT OR FAIL INTO queue (due_at, rank, announcement_id, nominal_at, phase, attempts, error, anchor_at, ordinal, handled_at,
            handled_wall, handled_ordinal)
        """
    private static let columns = 12
    private static let ending = "ON CONFLICT (announcement_id, nominal_at, phase) DO NOTHING"

    /// A row by its whole key, the first five arguments of a statement.
    private static let isKey = "due_at = ?1 AND rank = ?2 AND announcement_id = ?3 AND nominal_at = ?4 AND phase = ?5"

    /// Removes a row, named by its whole key.
    static let deletion = "DELETE FROM queue WHERE \(isKey)"

    /// What queues many; nobody else may queue any for as long as it is used.
    static func writer(in database: Database) throws -> RowWriter {
        try RowWriter(insertion, columns: columns, ending: ending, in: database)
    }

    /// Queues an occurrence; one that is queued already stays as it is.
    ///
    /// - Returns: whether a row was added.
    @discardableResult
    static func insert(_ entry: QueueEntry, in database: Database) throws -> Bool {
        var writer = try writer(in: database)
        return try insert([entry], at: [0], by: &writer) > 0
    }

    /// Queues those of some occurrences that are at places, one after the other, by a ``writer(in:)``; one that is queued already
    /// stays as it is.
    ///
    /// - Returns: how many rows were added.
    static func insert(_ entries: [QueueEntry], at places: [Int], by writer: inout RowWriter) throws -> Int {
        try writer.add(places) { place, tell in
            let entry = entries[place]
            try entry.eachColumnOfKey(tell)
            try tell(.integer(Int64(entry.attempts)))
            try tell(.text(entry.error))
            try entry.eachColumnOfPlan(tell)
        }
    }

    /// Takes an occurrence out of the queue.
    ///
    /// - Returns: whether it was still there.
    @discardableResult
    static func delete(_ entry: QueueEntry, in database: Database) throws -> Bool {
        try delete(entry, by: FastStatement(deletion, in: database))
    }

    /// The same, by ``deletion`` prepared.
    static func delete(_ entry: QueueEntry, by statement: FastStatement) throws -> Bool {
        try statement.bind(key: entry)
        return try statement.execute() > 0
    }

    /// Makes an occurrence due at another time.
    static func move(_ entry: QueueEntry, to due: Timestamp, in database: Database) throws {
        let statement = try FastStatement("UPDATE queue SET due_at = ?6 WHERE \(isKey)", in: database)
        try statement.bind(key: entry)
        try statement.bind(.integer(due.milliseconds), at: 6)
        try statement.execute()
    }

    /// What is queued of one announcement.
    static func entries(of id: Announcement.ID, in database: Database) throws -> [QueueEntry] {
        let columns = """
            due_at, rank, announcement_id, nominal_at, phase, anchor_at, ordinal, handled_at, handled_wall, handled_ordinal
            """
        let statement = try database.cachedStatement(
            sql: """
                SELECT \(columns), attempts, error FROM queue WHERE announcement_id = :id
                UNION ALL SELECT \(columns), 0, NULL \(ImportTable.fromComplete)
                ORDER BY due_at
                """
        )
        return try Row.fetchAll(statement, arguments: ["id": id]).map(entry)
    }

    /// Whether a later notice of the same announcement is queued by its plan.
    static func hasLater(than entry: QueueEntry, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT 1 FROM queue WHERE announcement_id = ? AND nominal_at > ? AND instr(phase, '#') = 0"
        )
        let occurrence = entry.occurrence
        return try Bool.fetchOne(statement, arguments: [occurrence.announcement, occurrence.nominal.milliseconds])
            ?? false
    }

    /// Whether an entry is queued as it is.
    static func contains(_ entry: QueueEntry, in database: Database) throws -> Bool {
        let statement = try FastStatement("SELECT 1 FROM queue WHERE \(isKey)", in: database)
        try statement.bind(key: entry)
        return try statement.first { _ in true } ?? false
    }

    /// When the first occurrence is due that is not among those.
    static func firstDue(excluding passed: Set<Occurrence> = [], in database: Database) throws -> Timestamp? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT due_at, announcement_id, nominal_at, phase FROM queue
                ORDER BY due_at, rank, announcement_id, nominal_at, phase
                """
        )
        let rows = try Row.fetchCursor(statement)
        while let row = try rows.next() {
            if !passed.isEmpty, passed.contains(occurrence(from: row)) { continue }
            return Timestamp(milliseconds: row["due_at"])
        }
        return nil
    }

    /// The last time before `limit` at which something is due.
    static func lastDue(before limit: Timestamp, in database: Database) throws -> Timestamp? {
        let statement = try database.cachedStatement(sql: "SELECT max(due_at) FROM queue WHERE due_at < ?")
        return try Int64.fetchOne(statement, arguments: [limit.milliseconds]).map(Timestamp.init(milliseconds:))
    }

    /// What is to be tried after `limit` and was due before that.
    static func putOff(beyond limit: Timestamp, in database: Database) throws -> [QueueEntry] {
        let sql = "SELECT * FROM queue WHERE due_at > nominal_at AND due_at > ? ORDER BY due_at"
        return try Row.fetchAll(database, sql: sql, arguments: [limit.milliseconds]).map(entry)
    }

    static func occurrence(from row: Row) -> Occurrence {
        Occurrence(
            announcement: row["announcement_id"],
            nominal: Timestamp(milliseconds: row["nominal_at"]),
            phase: Phase(rawValue: row["phase"])
        )
    }

    static func entry(from row: Row) -> QueueEntry {
        let nominal = Timestamp(milliseconds: row["nominal_at"])
        // Rows of the first schema have neither an anchor nor where the plan stood: nothing was handled, by any clock.
        let anchor = (row["anchor_at"] as Int64?).map(Timestamp.init(milliseconds:)) ?? nominal
        let handled = (row["handled_at"] as Int64?).map(Timestamp.init(milliseconds:)) ?? anchor - 1
        let wall = (row["handled_wall"] as Int64?) ?? Timestamp.min.milliseconds
        return QueueEntry(
            announcement: row["announcement_id"],
            planned: PlannedNotice(
                notice: Notice(
                    at: nominal,
                    phase: Phase(rawValue: row["phase"]),
                    anchor: Schedule.Position(at: anchor, ordinal: row["ordinal"])
                ),
                handled: Schedule.Position(at: handled, ordinal: row["handled_ordinal"]),
                wallMilliseconds: wall
            ),
            due: Timestamp(milliseconds: row["due_at"]),
            priority: 5 - (row["rank"] as Int),
            attempts: row["attempts"],
            error: row["error"]
        )
    }

    /// How many rows there are.
    static func count(in database: Database) throws -> Int {
        let statement = try database.cachedStatement(sql: "SELECT value FROM totals WHERE name = 'pending'")
        return try Int.fetchOne(statement) ?? 0
    }

    /// Keeps the number of rows after a change of so many.
    static func count(_ change: Int, in database: Database) throws {
        if change == 0 { return }
        let statement = try FastStatement("UPDATE totals SET value = value + ? WHERE name = 'pending'", in: database)
        try statement.execute(.integer(Int64(change)))
    }
}

/// The rows of `deliveries`, and how many there were in each minute.
enum DeliveryTable {
    private static let minute: Int64 = 60_000
    /// The minutes for which counts are kept: a day, and the one that has begun.
    private static let keptMinutes: Int64 = 24 * 60

    /// Adds a record, unless the occurrence has one.
    static let insertion = """
        INSERT INTO deliveries (announcement_id, nominal_at, phase, outcome, attempts, concluded_at, receivers, error,
            anchor_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (announcement_id, nominal_at, phase) DO NOTHING
        """

    /// Records how an occurrence ended; the first record of an occurrence stands.
    ///
    /// - Returns: whether it was recorded.
    @discardableResult
    static func insert(_ delivery: Delivery, in database: Database) throws -> Bool {
        try insert(delivery, by: FastStatement(insertion, in: database))
    }

    /// The same, by ``insertion`` prepared.
    static func insert(_ delivery: Delivery, by statement: FastStatement) throws -> Bool {
        let occurrence = delivery.occurrence
        return try statement.execute(
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

    /// Puts the acknowledgements into the record of an occurrence that was published.
    static func acknowledge(_ occurrence: Occurrence, _ count: AcknowledgementCount, in database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE deliveries SET addressed = ?, acknowledged = ?
                WHERE announcement_id = ? AND nominal_at = ? AND phase = ? AND outcome = 'published'
                """
        )
        try statement.execute(arguments: [
            count.addressed,
            count.acknowledged,
            occurrence.announcement,
            occurrence.nominal.milliseconds,
            occurrence.phase.rawValue,
        ])
    }

    /// Makes a record say that the occurrence went out after all: a person's change ended it while it was on its way.
    static func replaceEnded(by delivery: Delivery, in database: Database) throws {
        let occurrence = delivery.occurrence
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT concluded_at, outcome FROM deliveries
                WHERE announcement_id = ? AND nominal_at = ? AND phase = ? AND outcome IN ('cancelled', 'skipped')
                """,
            arguments: [occurrence.announcement, occurrence.nominal.milliseconds, occurrence.phase.rawValue]
        )
        guard let row else { return }
        let concluded: Int64 = row["concluded_at"]
        try database.execute(
            sql: "UPDATE tallies SET count = count - 1 WHERE minute = ? AND outcome = ?",
            arguments: [concluded / minute, row["outcome"] as String]
        )
        try tally([delivery.outcome: 1], at: delivery.concluded, in: database)
        try database.execute(
            sql: """
                UPDATE deliveries SET outcome = ?, attempts = ?, concluded_at = ?, receivers = ?, error = ?
                WHERE announcement_id = ? AND nominal_at = ? AND phase = ?
                """,
            arguments: [
                delivery.outcome.rawValue,
                delivery.attempts,
                delivery.concluded.milliseconds,
                delivery.receivers,
                row["outcome"] == "cancelled"
                    ? "it was cancelled while it was on its way" : "it was changed while it was on its way",
                occurrence.announcement,
                occurrence.nominal.milliseconds,
                occurrence.phase.rawValue,
            ]
        )
    }

    /// Counts outcomes in the present minute, and forgets the counts of minutes long past.
    static func tally(_ outcomes: [Outcome: Int], at now: Timestamp, in database: Database) throws {
        if outcomes.isEmpty { return }
        for (outcome, count) in outcomes where count > 0 {
            let statement = try FastStatement(
                """
                INSERT INTO tallies (minute, outcome, count) VALUES (?, ?, ?)
                ON CONFLICT (minute, outcome) DO UPDATE SET count = count + excluded.count
                """,
                in: database
            )
            try statement.execute(
                .integer(now.milliseconds / minute),
                .text(outcome.rawValue),
                .integer(Int64(count))
            )
        }
        let statement = try FastStatement("DELETE FROM tallies WHERE minute < ?", in: database)
        try statement.execute(.integer(now.milliseconds / minute - keptMinutes))
    }

    /// The outcomes of the last 24 hours.
    static func tallies(at now: Timestamp, in database: Database) throws -> [Outcome: Int] {
        let sql = """
            SELECT outcome, sum(count) AS count FROM tallies WHERE minute >= ? GROUP BY outcome HAVING sum(count) > 0
            """
        let rows = try Row.fetchAll(database, sql: sql, arguments: [now.milliseconds / minute - keptMinutes])
        return Dictionary(
            uniqueKeysWithValues: rows.compactMap { row in
                Outcome(rawValue: row["outcome"]).map { ($0, row["count"]) }
            }
        )
    }

    static func delivery(from row: Row) -> Delivery {
        Delivery(
            occurrence: Occurrence(
                announcement: row["announcement_id"],
                nominal: Timestamp(milliseconds: row["nominal_at"]),
                phase: Phase(rawValue: row["phase"])
            ),
            anchor: (row["anchor_at"] as Int64?).map(Timestamp.init(milliseconds:)),
            outcome: Outcome(rawValue: row["outcome"]) ?? .failed,
            attempts: row["attempts"],
            concluded: Timestamp(milliseconds: row["concluded_at"]),
            receivers: row["receivers"],
            error: row["error"],
            acknowledgements: (row["addressed"] as Int?).map {
                AcknowledgementCount(addressed: $0, acknowledged: row["acknowledged"])
            },
            firedBy: row["fired_by"]
        )
    }
}

extension FastStatement {
    /// Binds the first of the five columns of a queue entry's key, from the first place on.
    func bind(key entry: QueueEntry, first count: Int32 = 5) throws {
        var place: Int32 = 0
        try entry.eachColumnOfKey { column in
            place += 1
            if place <= count { try bind(column, at: place) }
        }
    }
}

extension QueueEntry {
    /// Calls the body with the five columns of the key, in their order.
    func eachColumnOfKey(_ body: (FastStatement.Argument) throws -> Void) rethrows {
        try body(.integer(due.milliseconds))
        try body(.integer(Int64(5 - priority)))
        try body(.integer(occurrence.announcement))
        try body(.integer(occurrence.nominal.milliseconds))
        try body(.text(occurrence.phase.rawValue))
    }

    /// Calls the body with the five columns that say where the plan stands, in their order.
    func eachColumnOfPlan(_ body: (FastStatement.Argument) throws -> Void) rethrows {
        let anchor = planned.notice.anchor
        try body(anchor.at == planned.notice.at ? .null : .integer(anchor.at.milliseconds))
        try body(.integer(Int64(anchor.ordinal)))
        try body(.integer(planned.handled.at.milliseconds))
        try body(.integer(planned.wallMilliseconds))
        try body(.integer(Int64(planned.handled.ordinal)))
    }
}

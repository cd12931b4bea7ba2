import Announce
import GRDB
import Glibc
import Payload
import Recurrence

/// Reads occurrences that are due, with what is needed to send them and no more.
///
/// Many announcements are alike but for their message, so what others had as well is read once: to whom they go and how, their
/// plans.
struct DueRow: Sendable {
    /// The columns, in the order in which they are selected.
    private enum Column: Int32, CaseIterable {
        case id, revision, event, arguments, packed, manner
        case dueAt, rank, nominalAt, phase, attempts, error, anchorAt, ordinal, handledAt, handledWall, handledOrdinal
        case plan

        /// What is selected.
        var expression: String {
            switch self {
            case .id, .revision, .event, .arguments, .packed, .manner: "announcements.\(self)"
            case .plan: DueRow.usualPlan
            default: "queue.\(snakeCase)"
            }
        }

        private var snakeCase: String {
            "\(self)".reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
        }
    }

    /// What to select from the queue joined with its announcements.
    static let selection = Column.allCases.map(\.expression).joined(separator: ", ")

    /// How many columns that are.
    static let count = Int32(Column.allCases.count)

    /// The text of a plan, of parts of which each says itself where it ends: no zone's name has a bracket.
    private static let planText = """
        CASE WHEN limits = '{}' AND leads = '[]' AND length IS NULL THEN timezone || rules
            ELSE timezone || rules || limits || leads || ifnull(length, '') END
        """

    /// The plan's text of a recurring announcement about whose occurrence nothing else is to be known.
    private static let usualPlan = """
        CASE WHEN announcements.recurring AND NOT announcements.rendered AND announcements.state <> 'paused'
            AND NOT EXISTS (
                SELECT 1 FROM deliveries
                WHERE (announcement_id, nominal_at, phase) = (queue.announcement_id, queue.nominal_at, queue.phase)
            )
        THEN \(planText) END
        """

    /// What the only occurrence of a one-shot that was never changed does without: its plan, and whether it has its record already.
    static let more = """
        SELECT rules, timezone, limits, leads, length, style, name, rendered, state = 'paused',
            EXISTS (SELECT 1 FROM deliveries WHERE announcement_id = ?1 AND nominal_at = ?2 AND phase = ?3),
            \(planText)
        FROM announcements WHERE id = ?1
        """

    private var manners = RecentReadings<(manner: Manner, isPlanned: Bool)>()
    private var plans = RecentReadings<SharedPlan>()
    private var events = RecentReadings<String>()
    private var phases = RecentReadings<Phase>()

    /// Reads a row.
    mutating func read(_ row: FunctionValues, in database: Database) throws -> DueOccurrence {
        let entry = entry(row)
        let revision: Int = row[Column.revision]
        let (manner, isPlanned) = try row.withBytes(Column.manner.rawValue) { bytes in
            try manners.value(of: bytes) { try Manner.reading($0) }
        }
        let event = row.withBytes(Column.event.rawValue) { bytes in
            events.value(of: bytes) { String(decoding: $0, as: UTF8.self) }
        }
        let more =
            isPlanned || revision > 1 ? try more(about: entry, row, isPlanned: isPlanned, in: database) : More()
        return DueOccurrence(
            entry: entry,
            revision: revision,
            data: data(row, event: event),
            manner: manner,
            isPaused: more.isPaused,
            isRecorded: more.isRecorded,
            plan: more.plan,
            rendering: more.rendering
        )
    }

    private func data(_ row: FunctionValues, event: String) -> EventData {
        row.withBytes(Column.arguments.rawValue) { json in
            row.withBytes(Column.packed.rawValue) { packed in
                EventData(event: event, encodedArguments: json, messagePack: packed)
            }
        }
    }

    private mutating func entry(_ row: FunctionValues) -> QueueEntry {
        let nominal = Timestamp(milliseconds: row[Column.nominalAt])
        let phase = row.withBytes(Column.phase.rawValue) { bytes in
            phases.value(of: bytes) { Phase(rawValue: String(decoding: $0, as: UTF8.self)) }
        }
        // Rows of the first schema have neither an anchor nor where the plan stood: nothing was handled, by any clock.
        let anchor =
            row.isNull(Column.anchorAt.rawValue) ? nominal : Timestamp(milliseconds: row[Column.anchorAt])
        let handled = row.optionalInteger(Column.handledAt.rawValue).map(Timestamp.init(milliseconds:)) ?? anchor - 1
        let wall = row.optionalInteger(Column.handledWall.rawValue) ?? Timestamp.min.milliseconds
        return QueueEntry(
            announcement: row[Column.id],
            planned: PlannedNotice(
                notice: Notice(
                    at: nominal,
                    phase: phase,
                    anchor: Schedule.Position(at: anchor, ordinal: row[Column.ordinal])
                ),
                handled: Schedule.Position(at: handled, ordinal: row[Column.handledOrdinal]),
                wallMilliseconds: wall
            ),
            due: Timestamp(milliseconds: row[Column.dueAt]),
            priority: 5 - row[Column.rank],
            attempts: row[Column.attempts],
            error: row.optionalText(Column.error.rawValue)
        )
    }

    // MARK: What few need

    private struct More {
        var plan: SharedPlan?
        var rendering: DueOccurrence.Rendering?
        var isPaused = false
        var isRecorded = false
    }

    private mutating func more(
        about entry: QueueEntry,
        _ row: FunctionValues,
        isPlanned: Bool,
        in database: Database
    ) throws -> More {
        let usual = row.withBytes(Column.plan.rawValue) { $0.isEmpty ? nil : plans.known($0) }
        if let usual { return More(plan: usual) }
        let occurrence = entry.occurrence
        let row = try FastStatement(Self.more, in: database)
        return try row.first(
            .integer(occurrence.announcement),
            .integer(occurrence.nominal.milliseconds),
            .text(occurrence.phase.rawValue)
        ) { row in
            var more = More(isPaused: row.flag(8), isRecorded: row.flag(9))
            if isPlanned {
                more.plan = try row.withBytes(10) { text in
                    try plans.value(of: text) { _ in SharedPlan(try Self.plan(row)) }
                }
            }
            if row.flag(7) {
                let isWindow = row.text(3) != "[]" || !row.isNull(4)
                let style = try StoredJSON.style(row.text(5), isWindow: isWindow)
                more.rendering = DueOccurrence.Rendering(style: style, name: row.optionalText(6))
            }
            return more
        } ?? More()
    }

    private static func plan(_ row: FastStatement) throws -> Plan {
        var plan = Plan(rules: try StoredJSON.rules(row.text(0)), timezone: row.text(1))
        let limits = row.text(2)
        if limits != "{}" { try plan.read(limits: try PayloadValue(json: limits)) }
        plan.leads = try StoredJSON.strings(row.text(3)).map { try TimeSpan($0) }
        plan.length = try row.optionalText(4).map { try TimeSpan($0) }
        return plan
    }
}

/// What some bytes mean, read once for as long as they are met often.
private struct RecentReadings<Value: Sendable>: Sendable {
    private static var most: Int { 1_024 }

    private typealias Reading = (bytes: [UInt8], value: Value)

    private var last: Reading?
    /// By a digest of the bytes; of those that have it in common, the one that was read last.
    private var readings: [UInt64: Reading] = [:]

    /// What the bytes were found to mean, if that is still known.
    mutating func known(_ bytes: UnsafeBufferPointer<UInt8>) -> Value? {
        if let last, bytes.isSame(as: last.bytes) { return last.value }
        guard let found = readings[bytes.digest], bytes.isSame(as: found.bytes) else { return nil }
        last = found
        return found.value
    }

    mutating func value(
        of bytes: UnsafeBufferPointer<UInt8>,
        read: ([UInt8]) throws -> Value
    ) rethrows -> Value {
        if let known = known(bytes) { return known }
        let copy = Array(bytes)
        let reading = (copy, try read(copy))
        if readings.count == Self.most { readings.removeAll(keepingCapacity: true) }
        readings[bytes.digest] = reading
        last = reading
        return reading.1
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate func isSame(as other: [UInt8]) -> Bool {
        count == other.count && (baseAddress.map { memcmp($0, other, count) == 0 } ?? true)
    }

    /// A number that few others have: by far quicker than what keeps a dictionary quick whatever is put into it, which here costs no
    /// more than to read something twice.
    fileprivate var digest: UInt64 {
        let raw = UnsafeRawBufferPointer(self)
        var digest = UInt64(truncatingIfNeeded: count)
        var place = 0
        func add(_ word: UInt64) {
            digest = (digest ^ word) &* 0x9E37_79B9_7F4A_7C15
            digest ^= digest >> 32
        }
        while place + 8 <= count {
            add(raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        while place < count {
            add(UInt64(self[place]))
            place += 1
        }
        return digest
    }
}

extension FunctionValues {
    fileprivate subscript<Column: RawRepresentable<Int32>>(column: Column) -> Int64 { integer(column.rawValue) }
    fileprivate subscript<Column: RawRepresentable<Int32>>(column: Column) -> Int { Int(integer(column.rawValue)) }
}

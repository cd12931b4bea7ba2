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

        /// What is selected.
        var expression: String {
            switch self {
            case .id, .revision, .event, .arguments, .packed, .manner: "announcements.\(self)"
            default: "queue.\(snakeCase)"
            }
        }

        private var snakeCase: String {
            "\(self)".reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
        }
    }

    /// What to select from the queue joined with its announcements.
    static let selection = Column.allCases.map(\.expression).joined(separator: ", ")

    /// What the only occurrence of a one-shot that was never changed does without: its plan, and whether it has its record already.
    static let more = """
        SELECT rules, timezone, limits, leads, length, style, name, rendered, state = 'paused',
            EXISTS (SELECT 1 FROM deliveries WHERE announcement_id = ?1 AND nominal_at = ?2 AND phase = ?3)
        FROM announcements WHERE id = ?1
        """

    private var manners = RecentReadings<(manner: Manner, isPlanned: Bool)>()
    private var plans = RecentReadings<SharedPlan>()
    private var events = RecentReadings<String>()
    private var phases = RecentReadings<Phase>()

    /// How many bytes the message of the present row has.
    static func size(of row: FastStatement) -> Int { row.size(Column.packed.rawValue) }

    /// Which occurrence the present row is.
    static func occurrence(of row: FastStatement) -> Occurrence {
        Occurrence(
            announcement: row[Column.id],
            nominal: Timestamp(milliseconds: row[Column.nominalAt]),
            phase: Phase(rawValue: row[Column.phase])
        )
    }

    /// Reads the present row.
    mutating func read(_ row: FastStatement, in database: Database) throws -> DueOccurrence {
        let entry = entry(row)
        let revision: Int = row[Column.revision]
        let (manner, isPlanned) = try row.withBytes(Column.manner.rawValue) { bytes in
            try manners.value(of: bytes) { try Manner.reading($0) }
        }
        let event = row.withBytes(Column.event.rawValue) { bytes in
            events.value(of: bytes) { String(decoding: $0, as: UTF8.self) }
        }
        let more = isPlanned || revision > 1 ? try more(about: entry, isPlanned: isPlanned, in: database) : More()
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

    private func data(_ row: FastStatement, event: String) -> EventData {
        row.withBytes(Column.arguments.rawValue) { json in
            row.withBytes(Column.packed.rawValue) { packed in
                EventData(event: event, encodedArguments: json, messagePack: packed)
            }
        }
    }

    private mutating func entry(_ row: FastStatement) -> QueueEntry {
        let nominal = Timestamp(milliseconds: row[Column.nominalAt])
        let phase = row.withBytes(Column.phase.rawValue) { bytes in
            phases.value(of: bytes) { Phase(rawValue: String(decoding: $0, as: UTF8.self)) }
        }
        // Rows of the first schema have neither an anchor nor where the plan stood: nothing was handled, by any clock.
        let anchor = row.optionalInteger(Column.anchorAt.rawValue).map(Timestamp.init(milliseconds:)) ?? nominal
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
                wall: CivilDateTime(localMilliseconds: wall)
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

    private mutating func more(about entry: QueueEntry, isPlanned: Bool, in database: Database) throws -> More {
        let occurrence = entry.occurrence
        let row = try FastStatement(Self.more, in: database)
        return try row.first(
            .integer(occurrence.announcement),
            .integer(occurrence.nominal.milliseconds),
            .text(occurrence.phase.rawValue)
        ) { row in
            var more = More(isPaused: row.flag(8), isRecorded: row.flag(9))
            if isPlanned { more.plan = try plans.value(of: row.joined(0...4)) { _ in SharedPlan(try Self.plan(row)) } }
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

    private var last: (bytes: [UInt8], value: Value)?
    private var known: [[UInt8]: Value] = [:]

    mutating func value(
        of bytes: UnsafeBufferPointer<UInt8>,
        read: ([UInt8]) throws -> Value
    ) rethrows -> Value {
        if let last, last.bytes.count == bytes.count,
            bytes.baseAddress.map({ memcmp($0, last.bytes, bytes.count) == 0 }) ?? true
        {
            return last.value
        }
        return try value(of: Array(bytes), read: read)
    }

    mutating func value(of bytes: [UInt8], read: ([UInt8]) throws -> Value) rethrows -> Value {
        let value: Value
        if let found = known[bytes] {
            value = found
        } else {
            value = try read(bytes)
            if known.count == Self.most { known.removeAll(keepingCapacity: true) }
            known[bytes] = value
        }
        last = (bytes, value)
        return value
    }
}

extension FastStatement {
    fileprivate subscript<Column: RawRepresentable<Int32>>(column: Column) -> Int64 { integer(column.rawValue) }
    fileprivate subscript<Column: RawRepresentable<Int32>>(column: Column) -> Int { Int(integer(column.rawValue)) }
    fileprivate subscript<Column: RawRepresentable<Int32>>(column: Column) -> String { text(column.rawValue) }

    /// The bytes of some columns, so that other values make other bytes.
    fileprivate func joined(_ columns: ClosedRange<Int32>) -> [UInt8] {
        var bytes: [UInt8] = []
        for column in columns {
            bytes.append(isNull(column) ? 0 : 1)
            withBytes(column) { value in
                withUnsafeBytes(of: value.count) { bytes.append(contentsOf: $0) }
                bytes.append(contentsOf: value)
            }
        }
        return bytes
    }
}

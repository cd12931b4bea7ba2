import Announce
import GRDB
import Payload
import Recurrence

/// Reads occurrences that are due, with what is needed to send them and no more.
///
/// Neighbours in the queue are often alike but for their message: what several columns make together is read again only where it
/// differs from the row before, or, for rules, from all rows of late.
struct DueRow: Sendable {
    /// The columns, in the order in which they are selected.
    private enum Column: Int32, CaseIterable {
        case id, revision, event, arguments, packed, everyone, rooms, sockets, excluded, excludedSockets
        case namespace, volatile, compress, misfire, misfireLimit, grace, expiry
        case allowUnheard, acknowledgeWithin, paused, rendered, planned
        case rules, timezone, limits, leads, length, style, name
        case dueAt, rank, nominalAt, phase, attempts, error, anchorAt, ordinal, handledAt, handledWall, handledOrdinal
        case recorded

        /// What is selected.
        var expression: String {
            switch self {
            case .paused: "announcements.state = 'paused'"
            case .planned: Self.isPlanned
            // What comes of a plan is of no use for the only occurrence of a one-shot.
            case .rules, .timezone, .limits, .leads, .length:
                "CASE WHEN \(Self.isPlanned) THEN announcements.\(self) END"
            case .style, .name: "CASE WHEN announcements.rendered THEN announcements.\(self) END"
            case .dueAt, .rank, .nominalAt, .phase, .attempts, .error, .anchorAt, .ordinal, .handledAt, .handledWall,
                .handledOrdinal:
                "queue.\(snakeCase)"
            case .recorded:
                // The only occurrence of what was never changed leaves the queue with its record.
                """
                (announcements.recurring OR announcements.revision > 1) AND
                    EXISTS (SELECT 1 FROM deliveries WHERE deliveries.announcement_id = queue.announcement_id
                        AND deliveries.nominal_at = queue.nominal_at AND deliveries.phase = queue.phase)
                """
            default: "announcements.\(snakeCase)"
            }
        }

        private static let isPlanned =
            "(announcements.recurring OR announcements.rendered OR announcements.expiry IS NOT NULL)"

        private var snakeCase: String {
            "\(self)".reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
        }
    }

    /// What to select from the queue joined with its announcements.
    static let selection = Column.allCases.map(\.expression).joined(separator: ", ")

    /// How many columns ``selection`` has; others may follow.
    static let width = Int32(Column.allCases.count)

    private var manner = LastRead<(target: Target, policy: Policy)>()
    private var rules: [[UInt8]: [Rule]] = [:]
    private static let keptRules = 1_024

    /// How many bytes the message of the present row has.
    static func size(of row: FastStatement) -> Int { row.withBytes(Column.packed.rawValue) { $0.count } }

    /// Which occurrence the present row is.
    static func occurrence(of row: FastStatement) -> Occurrence {
        Occurrence(
            announcement: row[Column.id],
            nominal: Timestamp(milliseconds: row[Column.nominalAt]),
            phase: Phase(rawValue: row[Column.phase])
        )
    }

    /// Reads the present row.
    mutating func read(_ row: FastStatement) throws -> DueOccurrence {
        let isRendered: Bool = row[Column.rendered]
        let (target, policy) = try manner.value(
            of: Column.everyone.rawValue...Column.expiry.rawValue,
            in: row
        ) { (try Self.target($0), try Self.policy($0)) }
        return DueOccurrence(
            entry: entry(row),
            revision: Int(row[Column.revision] as Int64),
            data: EventData(
                event: row[Column.event],
                encodedArguments: row.bytes(Column.arguments.rawValue),
                messagePack: row.bytes(Column.packed.rawValue)
            ),
            target: target,
            allowUnheard: row[Column.allowUnheard],
            acknowledgeWithin: row.optionalInteger(Column.acknowledgeWithin.rawValue),
            isPaused: row[Column.paused],
            isRecorded: row[Column.recorded],
            policy: policy,
            plan: row[Column.planned] ? try plan(row) : nil,
            rendering: isRendered
                ? DueOccurrence.Rendering(
                    style: try StoredJSON.style(
                        row[Column.style],
                        isWindow: row[Column.leads] != "[]" || !row.isNull(Column.length.rawValue)
                    ),
                    name: row.optionalText(Column.name.rawValue)
                ) : nil
        )
    }

    private func entry(_ row: FastStatement) -> QueueEntry {
        let nominal = Timestamp(milliseconds: row[Column.nominalAt])
        // Rows of the first schema have neither an anchor nor where the plan stood: nothing was handled, by any clock.
        let anchor = row.optionalInteger(Column.anchorAt.rawValue).map(Timestamp.init(milliseconds:)) ?? nominal
        let handled = row.optionalInteger(Column.handledAt.rawValue).map(Timestamp.init(milliseconds:)) ?? anchor - 1
        let wall = row.optionalInteger(Column.handledWall.rawValue) ?? Timestamp.min.milliseconds
        return QueueEntry(
            announcement: row[Column.id],
            planned: PlannedNotice(
                notice: Notice(
                    at: nominal,
                    phase: Phase(rawValue: row[Column.phase]),
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

    private static func target(_ row: FastStatement) throws -> Target {
        Target(
            namespace: row[Column.namespace],
            audience: row[Column.everyone]
                ? .everyone
                : .some(rooms: try row.strings(Column.rooms), sockets: try row.strings(Column.sockets)),
            except: try row.strings(Column.excluded),
            exceptSockets: try row.strings(Column.excludedSockets),
            volatile: row[Column.volatile],
            compress: row.optionalInteger(Column.compress.rawValue).map { $0 != 0 }
        )
    }

    private static func policy(_ row: FastStatement) throws -> Policy {
        let misfire: Policy.Misfire =
            switch row[Column.misfire] as String {
            case "skip": .skip
            case "all": .all(limit: row.optionalInteger(Column.misfireLimit.rawValue).map { Int($0) })
            default: .latest
            }
        return Policy(
            misfire: misfire,
            grace: row.optionalInteger(Column.grace.rawValue),
            expiry: try row.optionalText(Column.expiry.rawValue).map {
                try Policy.Expiry(json: try PayloadValue(json: $0))
            }
        )
    }

    private mutating func plan(_ row: FastStatement) throws -> Plan {
        var plan = Plan(rules: try rules(row), timezone: row[Column.timezone])
        let limits: String = row[Column.limits]
        if limits != "{}" { try plan.read(limits: try PayloadValue(json: limits)) }
        plan.leads = try row.strings(Column.leads).map { try TimeSpan($0) }
        plan.length = try row.optionalText(Column.length.rawValue).map { try TimeSpan($0) }
        return plan
    }

    private mutating func rules(_ row: FastStatement) throws -> [Rule] {
        let bytes = row.bytes(Column.rules.rawValue)
        if let known = rules[bytes] { return known }
        let read = try StoredJSON.rules(String(decoding: bytes, as: UTF8.self))
        if rules.count == Self.keptRules { rules.removeAll(keepingCapacity: true) }
        rules[bytes] = read
        return read
    }
}

/// What some columns of a row make, read again only where they differ from those of the row before.
private struct LastRead<Value: Sendable>: Sendable {
    private var columns: [FastStatement.Value] = []
    private var value: Value?

    mutating func value(
        of range: ClosedRange<Int32>,
        in row: FastStatement,
        read: (FastStatement) throws -> Value
    ) throws -> Value {
        if let value, zip(range, columns).allSatisfy({ row.holds($1, at: $0) }) { return value }
        let read = try read(row)
        columns = range.map(row.value)
        value = read
        return read
    }
}

extension FastStatement {
    fileprivate subscript<Column: RawRepresentable<Int32>>(column: Column) -> Int64 { integer(column.rawValue) }
    fileprivate subscript<Column: RawRepresentable<Int32>>(column: Column) -> Int { Int(integer(column.rawValue)) }
    fileprivate subscript<Column: RawRepresentable<Int32>>(column: Column) -> Bool { flag(column.rawValue) }
    fileprivate subscript<Column: RawRepresentable<Int32>>(column: Column) -> String { text(column.rawValue) }

    /// The texts of a column that holds a JSON array of them.
    fileprivate func strings<Column: RawRepresentable<Int32>>(_ column: Column) throws -> [String] {
        try StoredJSON.strings(text(column.rawValue))
    }
}

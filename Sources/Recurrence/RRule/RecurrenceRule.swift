/// A recurrence rule of RFC 5545 §3.3.10, read and checked, without its start.
///
/// ```swift
/// let rule = try RecurrenceRule("FREQ=MONTHLY;BYDAY=-1FR;COUNT=12")
/// rule.words  // every month on the last Friday, 12 times
/// let anchored = AnchoredRule(rule, start: try CivilDateTime("2026-01-30 17:00"))
/// anchored.next(after: now, in: zone)
/// ```
///
/// Every part of the RFC is read: FREQ, INTERVAL, COUNT, UNTIL, BYSECOND, BYMINUTE, BYHOUR, BYDAY, BYMONTHDAY, BYYEARDAY,
/// BYWEEKNO, BYMONTH, BYSETPOS and WKST. Two rules are equal when their ``text`` is: the order of parts and of numbers and
/// what is written twice make no difference.
public struct RecurrenceRule: Hashable, Sendable, CustomStringConvertible {
    /// The length of the period that a rule repeats in, from FREQ; longer ones are the greater.
    public enum Frequency: Int, Hashable, Sendable, CaseIterable, Comparable {
        case secondly, minutely, hourly, daily, weekly, monthly, yearly

        /// Compares two lengths; the shorter period is the smaller.
        public static func < (left: Frequency, right: Frequency) -> Bool { left.rawValue < right.rawValue }
    }

    /// A weekday of BYDAY, such as `MO`, `1MO` (the first) or `-1MO` (the last).
    public struct Day: Hashable, Sendable {
        /// Which one of the month or year, from its end when negative; nil for each of them.
        public let ordinal: Int?

        /// The day of the week.
        public let weekday: Weekday

        init(ordinal: Int?, weekday: Weekday) {
            self.ordinal = ordinal
            self.weekday = weekday
        }
    }

    /// The last moment at which a rule may occur, which is included.
    public enum Until: Hashable, Sendable {
        /// The end of a day in the zone in which the rule is read.
        case date(CivilDate)
        /// A wall time in that zone.
        case wall(CivilDateTime)
        /// An instant, written in UTC.
        case instant(Timestamp)
    }

    /// FREQ.
    public internal(set) var frequency: Frequency = .daily

    /// INTERVAL: every so many periods, 1 to 1 000 000 000.
    public internal(set) var interval = 1

    /// COUNT: 1 to 1 000 000, or nil.
    public internal(set) var count: Int?

    /// UNTIL, or nil.
    public internal(set) var until: Until?

    /// BYSECOND: 0 to 59, sorted.
    ///
    /// The leap second 60 is read as 59 (RFC 5545 §3.3.12).
    public internal(set) var seconds: [Int] = []

    /// BYMINUTE: 0 to 59, sorted.
    public internal(set) var minutes: [Int] = []

    /// BYHOUR: 0 to 23, sorted.
    public internal(set) var hours: [Int] = []

    /// BYDAY, sorted.
    public internal(set) var days: [Day] = []

    /// BYMONTHDAY: 1 to 31, or -31 to -1 from the end of the month; sorted.
    public internal(set) var monthDays: [Int] = []

    /// BYYEARDAY: 1 to 366, or -366 to -1 from the end of the year; sorted.
    public internal(set) var yearDays: [Int] = []

    /// BYWEEKNO: 1 to 53, or -53 to -1 from the end of the year; sorted.
    public internal(set) var weekNumbers: [Int] = []

    /// BYMONTH: 1 to 12, sorted.
    public internal(set) var months: [Int] = []

    /// BYSETPOS: 1 to 366, or -366 to -1 from the end of each period's set; sorted.
    public internal(set) var positions: [Int] = []

    /// WKST: the day on which weeks begin, Monday unless it is given.
    public internal(set) var weekStart = Weekday.monday

    init() {}

    /// Reads a rule; `RRULE:` may stand before it, case does not matter and the parts may come in any order.
    ///
    /// What RFC 5545 forbids is refused, and so is an ordinal that its month cannot have (`6MO`). A rule that is well
    /// formed and yet never occurs (`FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30`) is none of that: ``AnchoredRule`` has no
    /// `next` for it.
    /// - Throws: ``RecurrenceRuleError``, with the part at fault.
    public init(_ text: String) throws(RecurrenceRuleError) {
        self = try RecurrenceRuleParser(text: text).rule()
    }

    /// The rule in its normal form, without `RRULE:`; ``init(_:)`` reads it back to an equal rule.
    ///
    /// Parts stand in a fixed order, numbers are sorted, and what says nothing (INTERVAL=1, WKST=MO) is left out.
    public var text: String {
        var parts = ["FREQ=\(frequency.name)"]
        if interval != 1 { parts.append("INTERVAL=\(interval)") }
        if let count { parts.append("COUNT=\(count)") }
        if let until { parts.append("UNTIL=\(until.text)") }
        for (name, numbers) in [
            ("BYMONTH", months), ("BYWEEKNO", weekNumbers), ("BYYEARDAY", yearDays), ("BYMONTHDAY", monthDays),
        ] where !numbers.isEmpty {
            parts.append("\(name)=\(Self.list(numbers))")
        }
        if !days.isEmpty { parts.append("BYDAY=\(days.map(\.text).joined(separator: ","))") }
        for (name, numbers) in [
            ("BYHOUR", hours), ("BYMINUTE", minutes), ("BYSECOND", seconds), ("BYSETPOS", positions),
        ] where !numbers.isEmpty {
            parts.append("\(name)=\(Self.list(numbers))")
        }
        if weekStart != .monday { parts.append("WKST=\(weekStart.code)") }
        return parts.joined(separator: ";")
    }

    /// The normal form.
    public var description: String { text }

    private static func list(_ numbers: [Int]) -> String {
        numbers.map(String.init).joined(separator: ",")
    }
}

extension RecurrenceRule.Frequency {
    /// The name in FREQ.
    var name: String {
        switch self {
        case .secondly: "SECONDLY"
        case .minutely: "MINUTELY"
        case .hourly: "HOURLY"
        case .daily: "DAILY"
        case .weekly: "WEEKLY"
        case .monthly: "MONTHLY"
        case .yearly: "YEARLY"
        }
    }
}

extension RecurrenceRule.Day {
    var text: String { "\(ordinal.map(String.init) ?? "")\(weekday.code)" }
}

extension RecurrenceRule.Until {
    var text: String {
        switch self {
        case .date(let date): date.basicText
        case .wall(let wall): wall.basicText
        case .instant(let instant): "\(CivilDateTime(localMilliseconds: instant.milliseconds).basicText)Z"
        }
    }
}

extension Weekday {
    /// The two letters of RFC 5545.
    var code: String { String(description.uppercased().prefix(2)) }

    /// Reads the two letters of RFC 5545, in upper case.
    init?(code: some StringProtocol) {
        guard let found = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = found
    }
}

/// A field of a cron expression.
public enum CronField: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// The second, 0 to 59; only in expressions of 6 and 7 fields.
    case second
    /// The minute, 0 to 59.
    case minute
    /// The hour, 0 to 23.
    case hour
    /// The day of the month, 1 to 31.
    case dayOfMonth
    /// The month, 1 to 12 or `JAN` to `DEC`.
    case month
    /// The day of the week, 0 to 7 or `SUN` to `SAT`; 0 and 7 are Sunday.
    case dayOfWeek
    /// The year, 1970 to 2099; only in expressions of 7 fields.
    case year

    /// The name in words, such as `day of month`.
    public var description: String {
        switch self {
        case .dayOfMonth: "day of month"
        case .dayOfWeek: "day of week"
        default: rawValue
        }
    }

    /// The values that may be written.
    var range: ClosedRange<Int> {
        switch self {
        case .second, .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        case .year: 1970...2099
        }
    }

    /// The last value of `*` and of `5/15`; a week goes from Sunday, 0, to Saturday, 6.
    var last: Int { self == .dayOfWeek ? 6 : range.upperBound }

    /// The number of different values.
    var width: Int { last - range.lowerBound + 1 }

    /// Whether a range may go past the end: `FRI-MON`, `22-2`, `NOV-FEB`.
    var wraps: Bool { self == .hour || self == .month || self == .dayOfWeek }

    /// The names of the values from ``range``'s first one on, in upper case; empty where there are none.
    var names: [String] {
        switch self {
        case .month: (1...12).map { monthAbbreviation($0).uppercased() }
        case .dayOfWeek: Weekday.allCases.map { $0.description.uppercased() }
        default: []
        }
    }

    /// The range in words, such as `hours go from 0 to 23`.
    var extent: String {
        switch self {
        case .dayOfMonth: "days of the month go from 1 to 31"
        case .dayOfWeek: "days of the week go from 0 (Sunday) to 7 (Sunday again)"
        default: "\(rawValue)s go from \(range.lowerBound) to \(range.upperBound)"
        }
    }

    /// A few texts that can be written in the field.
    var example: String {
        switch self {
        case .second, .minute: "0, 0,30, 10-20, */15 or *"
        case .hour: "9, 9,18, 9-17, */2 or *"
        case .dayOfMonth: "1, 1,15, 10-20, L, L-3, LW, 15W or *"
        case .month: "1, JAN, JAN-MAR, */3 or *"
        case .dayOfWeek: "1, MON, MON-FRI, FRI#2, FRIL or *"
        case .year: "2027, 2027-2030 or *"
        }
    }
}

/// A day of the week, numbered as in cron and POSIX: Sunday is 0.
public enum Weekday: Int, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case sunday, monday, tuesday, wednesday, thursday, friday, saturday

    /// The three-letter English name, such as `Tue`.
    public var description: String {
        switch self {
        case .sunday: "Sun"
        case .monday: "Mon"
        case .tuesday: "Tue"
        case .wednesday: "Wed"
        case .thursday: "Thu"
        case .friday: "Fri"
        case .saturday: "Sat"
        }
    }

    /// Reads an English name in any case: `fri`, `Friday`, also `tues`, `thur` and `thurs`; nil for anything else.
    public init?(name: String) {
        switch name.lowercased() {
        case "sun", "sunday": self = .sunday
        case "mon", "monday": self = .monday
        case "tue", "tues", "tuesday": self = .tuesday
        case "wed", "wednesday": self = .wednesday
        case "thu", "thur", "thurs", "thursday": self = .thursday
        case "fri", "friday": self = .friday
        case "sat", "saturday": self = .saturday
        default: return nil
        }
    }

    /// The number of days from this weekday forward to another, 0 to 6.
    public func days(until other: Weekday) -> Int {
        (other.rawValue - rawValue + 7) % 7
    }

    /// The English name, such as `Tuesday`.
    var fullName: String {
        switch self {
        case .sunday: "Sunday"
        case .monday: "Monday"
        case .tuesday: "Tuesday"
        case .wednesday: "Wednesday"
        case .thursday: "Thursday"
        case .friday: "Friday"
        case .saturday: "Saturday"
        }
    }
}

/// A day of the proleptic Gregorian calendar, without a zone.
///
/// ```swift
/// let day = try CivilDate("2026-01-31")
/// day.adding(months: 1)  // 2026-02-28: month ends clamp
/// day.weekday            // .saturday
/// ```
public struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The year, 1 to 9999 (0 and 10000 occur only as the local year of an instant at the very ends of the range).
    public let year: Int

    /// The month, 1 to 12.
    public let month: Int

    /// The day of the month, 1 to 31.
    public let day: Int

    /// Makes a date, or nil when there is no such day in the years 1 to 9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month),
            day >= 1, day <= Self.daysInMonth(year: year, month: month)
        else { return nil }
        self.init(uncheckedYear: year, month: month, day: day)
    }

    init(uncheckedYear year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Makes the date that many days after 1970-01-01.
    ///
    /// Integer arithmetic over 400-year eras that begin on 1 March: `civil_from_days` of Howard Hinnant,
    /// "chrono-Compatible Low-Level Date Algorithms", howardhinnant.github.io/date_algorithms.html.
    /// - Parameter days: Clamped to 0000-12-30 … 10000-01-02, which holds every local day of a ``Timestamp``.
    public init(daysSinceEpoch days: Int) {
        let shifted = Swift.min(Swift.max(days, Self.firstDay - 2), Self.lastDay + 2) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01, negative before it (`days_from_civil` of the same source as ``init(daysSinceEpoch:)``).
    public var daysSinceEpoch: Int {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let era = (yearFromMarch >= 0 ? yearFromMarch : yearFromMarch - 399) / 400
        let yearOfEra = yearFromMarch - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The day of the week.
    public var weekday: Weekday {
        // 1970-01-01 was a Thursday (4); the shift by whole weeks keeps the remainder from being negative.
        Weekday(rawValue: (daysSinceEpoch + 7 * 150_000 + 4) % 7) ?? .sunday
    }

    /// The date that many days later (earlier when negative), or the nearest of 0001-01-01 and 9999-12-31.
    public func adding(days: Int) -> CivilDate {
        let (sum, overflow) = daysSinceEpoch.addingReportingOverflow(days)
        let wanted = overflow ? (days < 0 ? Int.min : Int.max) : sum
        return CivilDate(daysSinceEpoch: Swift.min(Swift.max(wanted, Self.firstDay), Self.lastDay))
    }

    /// The same day of the month that many months later (earlier when negative); a day that the month lacks becomes
    /// its last.
    ///
    /// Beyond the ends of the range the result is 0001-01-01 or 9999-12-31.
    public func adding(months: Int) -> CivilDate {
        let (count, overflow) = (year * 12 + month - 1).addingReportingOverflow(months)
        if overflow || count < 12 || count >= 120_000 {
            return CivilDate(daysSinceEpoch: months < 0 ? Self.firstDay : Self.lastDay)
        }
        let (newYear, newMonth) = (count / 12, count % 12 + 1)
        let newDay = Swift.min(day, Self.daysInMonth(year: newYear, month: newMonth))
        return CivilDate(uncheckedYear: newYear, month: newMonth, day: newDay)
    }

    /// First months, then days later, or nil beyond 9999-12-31.
    ///
    /// Neither number may be negative, nor so large that the sum overflows.
    func advanced(months: Int = 0, days: Int) -> CivilDate? {
        guard year * 12 + month - 1 + months < 120_000 else { return nil }
        let day = adding(months: months).daysSinceEpoch + days
        return day <= Self.lastDay ? CivilDate(daysSinceEpoch: day) : nil
    }

    /// Whether a year of the Gregorian calendar has a 29 February.
    public static func isLeap(year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// The length of a month (1 to 12): 28 to 31 days.
    public static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 2: isLeap(year: year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Compares two days; the earlier is the smaller.
    public static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    /// The date as ISO 8601, such as `2026-12-01`.
    public var description: String {
        (0...9999).contains(year)
            ? DigitWriter.text(atMost: 10, write) : "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
    }

    /// Writes a date whose year has four digits.
    func write(to writer: inout DigitWriter) {
        writer.write(year, width: 4)
        writer.write("-")
        writer.write(month, width: 2)
        writer.write("-")
        writer.write(day, width: 2)
    }

    private static let firstDay = -719_162
    private static let lastDay = 2_932_896
}

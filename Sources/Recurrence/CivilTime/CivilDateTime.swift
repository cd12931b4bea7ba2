/// A wall time: a date and a time of day, without a zone.
///
/// A wall time is not an instant: in a zone it may happen once, twice (clocks set back) or never (clocks set forward);
/// see ``Zone/instants(of:)``.
public struct CivilDateTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The day.
    public let date: CivilDate

    /// The time of day.
    public let time: CivilTime

    /// The hour, 0 to 23.
    public var hour: Int { time.hour }

    /// The minute, 0 to 59.
    public var minute: Int { time.minute }

    /// The second, 0 to 59.
    public var second: Int { time.second }

    /// The millisecond, 0 to 999.
    public var millisecond: Int { time.millisecond }

    /// Joins a day and a time of day.
    public init(date: CivilDate, time: CivilTime) {
        self.date = date
        self.time = time
    }

    /// Milliseconds from 1970-01-01T00:00:00 to this wall time, both read on the same clock (as if it were UTC).
    public var localMilliseconds: Int64 {
        Int64(date.daysSinceEpoch) * 86_400_000 + Int64(time.millisecondOfDay)
    }

    /// Makes the wall time that many milliseconds after 1970-01-01T00:00:00 on the same clock.
    /// - Parameter milliseconds: Days beyond the range are clamped as in ``CivilDate/init(daysSinceEpoch:)``.
    public init(localMilliseconds milliseconds: Int64) {
        var days = milliseconds / 86_400_000
        var rest = milliseconds % 86_400_000
        if rest < 0 {
            days -= 1
            rest += 86_400_000
        }
        date = CivilDate(daysSinceEpoch: Int(days))
        time = CivilTime(millisecondOfDay: Int(rest))
    }

    /// Compares two wall times; the earlier is the smaller.
    public static func < (left: CivilDateTime, right: CivilDateTime) -> Bool {
        left.date == right.date ? left.time < right.time : left.date < right.date
    }

    /// The wall time as ISO 8601, such as `2026-12-01T09:00:00`; three decimals follow when they are not zero.
    public var description: String { "\(date)T\(time)" }
}

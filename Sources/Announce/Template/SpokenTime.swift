import Recurrence

/// Times as they read inside a sentence that is said to people.
enum SpokenTime {
    private static let minute: Int64 = 60_000
    private static let hour: Int64 = 3_600_000
    private static let day: Int64 = 86_400_000
    /// The largest change of a clock that is daylight saving; more is a correction of the calendar.
    private static let largestShift: Int64 = 3 * hour
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The time from one instant to a later one in at most two units: `15 minutes`, `2 hours 5 minutes`, `1 day`; empty when
    /// it is not later by at least half a second.
    ///
    /// The finest unit grows with the distance, so that a notice which goes out up to five seconds after its time (that is
    /// still on time) says what its lead says: seconds up to a minute, ten seconds up to 5 minutes, then minutes, and hours
    /// from a day on. Days are those of the wall clock: from 09:00 to 09:00 of the next day is `1 day` when the clocks are
    /// changed at night too.
    static func distance(from now: Timestamp, to instant: Timestamp, in zone: Zone) -> String {
        let elapsed = instant - now
        guard elapsed >= 500 else { return "" }
        if elapsed < 20 * hour { return clockUnits(elapsed) }
        let wall = zone.civil(at: instant).localMilliseconds - zone.civil(at: now).localMilliseconds
        let lasting = abs(wall - elapsed) <= largestShift ? wall : elapsed
        guard rounded(lasting, to: minute) >= day else { return clockUnits(elapsed) }
        let hours = rounded(lasting, to: hour) / hour
        return words([(hours / 24, "day"), (hours % 24, "hour")])
    }

    /// An instant in a zone: `Sun 29 Nov 02:00 CET`, with the year where it is not that of `now`.
    ///
    /// The day is always told, since a text may be read on another day than it was sent. An offset stands in the place of
    /// an abbreviation that is only a number, such as `+03`: `Sun 29 Nov 02:00 UTC+03`.
    static func moment(_ instant: Timestamp, in zone: Zone, now: Timestamp) -> String {
        let civil = zone.civil(at: instant)
        let year = civil.date.year == zone.civil(at: now).date.year ? "" : " \(civil.date.year)"
        let abbreviation = zone.abbreviation(at: instant)
        let sign = abbreviation.first.map { $0 == "+" || $0 == "-" } == true ? "UTC" : ""
        let seconds = civil.second == 0 ? "" : ":\(twoDigits(civil.second))"
        return "\(civil.date.weekday) \(civil.date.day) \(months[civil.date.month - 1])\(year)"
            + " \(twoDigits(civil.hour)):\(twoDigits(civil.minute))\(seconds) \(sign)\(abbreviation)"
    }

    /// Hours, minutes and seconds of a time that elapses.
    private static func clockUnits(_ elapsed: Int64) -> String {
        let unit: Int64 = elapsed < minute ? 1_000 : elapsed < 5 * minute ? 10_000 : minute
        let seconds = rounded(elapsed, to: unit) / 1_000
        return words([(seconds / 3_600, "hour"), (seconds / 60 % 60, "minute"), (seconds % 60, "second")])
    }

    private static func rounded(_ milliseconds: Int64, to unit: Int64) -> Int64 {
        (milliseconds + unit / 2) / unit * unit
    }

    private static func words(_ units: [(count: Int64, name: String)]) -> String {
        units.filter { $0.count != 0 }.prefix(2).map { "\($0.count) \($0.name)\($0.count == 1 ? "" : "s")" }
            .joined(separator: " ")
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}

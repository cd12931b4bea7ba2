/// A length of time as people mean it: calendar months, calendar days, and elapsed milliseconds.
///
/// ```swift
/// let span = try TimeSpan("1d 2h30m")
/// span.added(to: now, in: zone)  // the same wall time tomorrow, then 2 h 30 min later
/// ```
///
/// The parts are kept apart because a day is not always 24 hours: `1d` keeps the wall time across daylight saving,
/// `24h` does not.
public struct TimeSpan: Hashable, Sendable {
    /// No time at all.
    public static let zero = TimeSpan(months: 0, days: 0, milliseconds: 0)

    /// Calendar months; a year is 12.
    public let months: Int

    /// Calendar days; a week is 7.
    public let days: Int

    /// Elapsed milliseconds, from hours, minutes and seconds.
    public let milliseconds: Int64

    /// Makes a span of parts that are not negative.
    init(months: Int, days: Int, milliseconds: Int64) {
        self.months = months
        self.days = days
        self.milliseconds = milliseconds
    }

    /// Reads a span: `2h30m`, `1h 30m`, `90s`, `500ms`, `1.5h`, `10 minutes`, `1d`, `2w`, `1mo`, `1y`, or ISO 8601 as
    /// `PT10M`, `P1DT2H`.
    ///
    /// Each unit occurs at most once; case does not matter, but `M` alone (month or minute?) is refused outside of ISO
    /// 8601. Only hours, minutes and seconds take decimals, and no part may be negative. Zero is a span; whether it
    /// makes sense, the caller knows.
    /// - Throws: ``TimeExpressionError``: `malformed`, `ambiguous`, `tooPrecise` (finer than a millisecond) or
    ///   `outOfRange` (longer than 9998 years).
    public init(_ text: String) throws(TimeExpressionError) {
        var parser = SpanParser(text: text)
        self = try parser.span()
    }

    /// Whether the span is elapsed time alone, which no zone's rules can change.
    public var isElapsed: Bool { months == 0 && days == 0 }

    /// The instant that lies this span after another, as a zone's clocks count it.
    ///
    /// First months, then days are added to the wall time, a day that the month lacks becoming its last, and the wall
    /// time is read as ``LocalInstants/resolved`` says; then the milliseconds elapse. Beyond the range the result is
    /// ``Timestamp/max``.
    public func added(to instant: Timestamp, in zone: Zone) -> Timestamp {
        if isElapsed { return instant + milliseconds }
        guard let wall = addingCalendarPart(to: zone.civil(at: instant)) else { return .max }
        return zone.instants(of: wall).resolved + milliseconds
    }

    /// The instant that lies this span before another, as a zone's clocks count it.
    ///
    /// The milliseconds elapse backwards, then days and months are taken from the wall time: a day before 09:00 is 09:00,
    /// across daylight saving. Before the year 1 the result is ``Timestamp/min``.
    public func subtracted(from instant: Timestamp, in zone: Zone) -> Timestamp {
        let elapsed = instant - milliseconds
        if isElapsed { return elapsed }
        let wall = zone.civil(at: elapsed)
        let date = wall.date.adding(days: -days).adding(months: -months)
        return zone.instants(of: CivilDateTime(date: date, time: wall.time)).resolved
    }

    /// The wall time as many months and days later, or nil beyond the year 9999.
    func addingCalendarPart(to wall: CivilDateTime) -> CivilDateTime? {
        wall.date.advanced(months: months, days: days).map { CivilDateTime(date: $0, time: wall.time) }
    }
}

extension TimeSpan: CustomStringConvertible {
    /// The span in words, such as `2 h 30 min`; ``init(_:)`` reads it back.
    public var description: String {
        let seconds = milliseconds / 1000
        var parts = [
            (Int64(months / 12), "y"), (Int64(months % 12), "mo"), (Int64(days), "d"), (seconds / 3600, "h"),
            (seconds / 60 % 60, "min"),
        ].filter { $0.0 != 0 }.map { "\($0.0) \($0.1)" }
        let fraction = milliseconds % 1000
        if fraction == 0 {
            if seconds % 60 != 0 || parts.isEmpty { parts.append("\(seconds % 60) s") }
        } else if seconds % 60 == 0 {
            parts.append("\(fraction) ms")
        } else {
            parts.append("\(seconds % 60).\(digits(Int(fraction), 3)) s")
        }
        return parts.joined(separator: " ")
    }
}

extension TimeSpan {
    /// The span as it is typed, such as `1h30m` or `1d`; ``init(_:)`` reads it back.
    public var compactDescription: String {
        let seconds = milliseconds / 1000
        let parts = [
            (Int64(months / 12), "y"), (Int64(months % 12), "mo"), (Int64(days), "d"), (seconds / 3600, "h"),
            (seconds / 60 % 60, "m"), (seconds % 60, "s"), (milliseconds % 1000, "ms"),
        ].filter { $0.0 != 0 }.map { "\($0.0)\($0.1)" }
        return parts.isEmpty ? "0s" : parts.joined()
    }
}

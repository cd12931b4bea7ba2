/// Occurrences at equal distances of elapsed time, without drift and without end.
///
/// The n-th occurrence is `anchor + n * every`: computed from the nominal time, never from the time at which the one
/// before was handled. Daylight saving does not matter to it.
public struct Interval: Hashable, Sendable {
    /// The distance of two occurrences in milliseconds, at least 1000.
    public let every: Int64

    /// The first occurrence.
    public let anchor: Timestamp

    /// Makes an interval of so many milliseconds.
    ///
    /// - Throws: ``TimeExpressionError`` `tooShort` below 1000 milliseconds, which is how a run-away schedule begins.
    public init(every: Int64, anchor: Timestamp) throws(TimeExpressionError) {
        guard every >= 1000 else {
            throw TimeExpressionError(.tooShort, "An interval of \(every) ms is too short. Write 1s or more.")
        }
        self.every = every
        self.anchor = anchor
    }

    /// Reads the distance, in milliseconds, from a text such as `15m`, `36h`, `1h 30m` or `PT10M`.
    ///
    /// Here a day is 24 hours and a week 168 hours of elapsed time.
    /// - Throws: ``TimeExpressionError``: what ``TimeSpan/init(_:)`` throws; `notElapsed` for months and years, which
    ///   have no fixed length; `tooShort` below one second.
    public static func parse(_ text: String) throws(TimeExpressionError) -> Int64 {
        let span = try TimeSpan(text)
        guard span.months == 0 else {
            throw TimeExpressionError(
                .notElapsed,
                "\"\(text)\" has months or years, which are not always equally long. "
                    + "Use days, hours, minutes or seconds."
            )
        }
        let every = Int64(span.days) * 86_400_000 + span.milliseconds
        guard every >= 1000 else {
            throw TimeExpressionError(.tooShort, "\"\(text)\" is too short for an interval. Write 1s or more.")
        }
        return every
    }

    /// The first occurrence strictly after an instant, by one division however far ahead; nil beyond the year 9999.
    public func next(after instant: Timestamp) -> Timestamp? {
        if instant < anchor { return anchor }
        let steps = (instant - anchor) / every + 1
        let (distance, overflow) = steps.multipliedReportingOverflow(by: every)
        return overflow ? nil : Timestamp(exactly: anchor.milliseconds &+ distance)
    }
}

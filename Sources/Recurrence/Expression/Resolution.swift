extension TimeExpression {
    /// Finds the instant that the expression means.
    ///
    /// Times of day and days without a year mean the next such moment strictly after `now`. An instant or a full wall
    /// time is taken as it is, **also when it has passed**: compare ``ResolvedTime/at`` with `now` where that matters.
    ///
    /// Days, weeks, months and years from now keep the wall time and are stored as such, unless hours or less follow
    /// them: then the result is stored as an instant.
    /// - Parameters:
    ///   - now: What relative times count from.
    ///   - zone: The zone in which wall times are read.
    /// - Returns: The instant, and the rule to store.
    /// - Throws: ``TimeExpressionError`` `passed` for `today` with a time that has passed, `outOfRange` beyond the
    ///   year 9999.
    public func resolve(now: Timestamp, in zone: Zone) throws(TimeExpressionError) -> ResolvedTime {
        let today = zone.civil(at: now).date
        switch form {
        case .instant(let instant):
            return ResolvedTime(at: instant, rule: .instant(instant))
        case .wall(let wall):
            return Self.resolve(wall, in: zone)
        case .timeOfDay(let time):
            return try first(of: Self.days(from: today, plus: [0, 1, 2]), at: time, after: now, in: zone)
        case .today(let time):
            let resolved = Self.resolve(CivilDateTime(date: today, time: time), in: zone)
            guard resolved.at > now else {
                throw TimeExpressionError(
                    .passed,
                    "\"\(text)\" has passed. Write a later time, or \"tomorrow \(time.shortText)\"."
                )
            }
            return resolved
        case .tomorrow(let time):
            return try first(of: Self.days(from: today, plus: [1]), at: time, after: now, in: zone)
        case .weekday(let weekday, let time, let afterToday):
            let ahead = today.weekday.days(until: weekday)
            let days = Self.days(from: today, plus: afterToday && ahead == 0 ? [7] : [ahead, ahead + 7])
            return try first(of: days, at: time, after: now, in: zone)
        case .dayOfYear(let month, let day, let time):
            // 29 February is up to 8 years away, around a year such as 2100.
            let days = (0...8).compactMap { CivilDate(year: today.year + $0, month: month, day: day) }
            return try first(of: days, at: time, after: now, in: zone)
        case .relative(let span):
            return try resolve(span, now: now, in: zone)
        }
    }

    private static func days(from today: CivilDate, plus distances: [Int]) -> [CivilDate] {
        distances.compactMap { today.advanced(days: $0) }
    }

    private static func resolve(_ wall: CivilDateTime, in zone: Zone) -> ResolvedTime {
        ResolvedTime(at: zone.instants(of: wall).resolved, rule: .wall(wall))
    }

    private func first(
        of days: [CivilDate],
        at time: CivilTime,
        after now: Timestamp,
        in zone: Zone
    ) throws(TimeExpressionError) -> ResolvedTime {
        for day in days {
            let resolved = Self.resolve(CivilDateTime(date: day, time: time), in: zone)
            if resolved.at > now { return resolved }
        }
        throw beyondRange
    }

    private func resolve(_ span: TimeSpan, now: Timestamp, in zone: Zone) throws(TimeExpressionError) -> ResolvedTime {
        let at = span.added(to: now, in: zone)
        guard at < .max else { throw beyondRange }
        guard let wall = span.addingCalendarPart(to: zone.civil(at: now)) else { throw beyondRange }
        return ResolvedTime(at: at, rule: span.isElapsed || span.milliseconds > 0 ? .instant(at) : .wall(wall))
    }

    private var beyondRange: TimeExpressionError {
        TimeExpressionError(.outOfRange, "\"\(text)\" lies beyond the year 9999. Write an earlier time.")
    }
}

extension CronExpression {
    /// The expression in English, such as `at 09:00, Monday to Friday` or `every 15 minutes`.
    ///
    /// Whether a day must fit the day of month *or* the day of week, or both, is said: `at 02:30 on day 1 of the month
    /// or on Monday`, `at 00:00 on day 13 of the month, but only if it is Friday`.
    public var words: String {
        let clock = CronClockWords(fields: fields)
        return clock.text + CronDayWords(fields: fields).text(isTimesOfDay: clock.isTimesOfDay)
    }
}

/// Puts the days, months and years of a cron expression in words, to follow the time.
struct CronDayWords {
    let fields: CronFields

    func text(isTimesOfDay: Bool) -> String {
        let years = fields.years.map { " in \(CronNumbers.text($0, unit: nil))" } ?? ""
        return days(isTimesOfDay: isTimesOfDay) + years
    }

    private func days(isTimesOfDay: Bool) -> String {
        let (ofMonth, ofWeek, months) = (daysOfMonth, daysOfWeek, months)
        let inMonths = months.map { " in \($0)" } ?? ""
        let month = months ?? "the month"
        if fields.reading == .either {
            let first = ofMonth.isEmpty ? "any day of the month" : "\(englishList(ofMonth)) of the month"
            let second = ofWeek.isEmpty ? "any day of the week" : englishList(ofWeek, "or")
            let comma = inMonths.isEmpty ? "" : ","
            return " on \(first) or on \(second)\(hasCounted ? " of the month" : "")\(comma)\(inMonths)"
        }
        if ofMonth.isEmpty, ofWeek.isEmpty {
            return (isTimesOfDay ? " every day" : "") + inMonths
        }
        if ofWeek.isEmpty { return " on \(englishList(ofMonth)) of \(month)" }
        if ofMonth.isEmpty {
            let isRun = weekdayRuns.count == 1 && weekdayRuns[0].count > 2 && !hasCounted
            return (isRun ? ", " : " on ") + englishList(ofWeek) + (hasCounted ? " of \(month)" : inMonths)
        }
        return " on \(englishList(ofMonth)) of \(month), but only if it is "
            + "\(englishList(ofWeek, "or"))\(hasCounted ? " of the month" : "")"
    }

    /// The months, or nil for all of them.
    private var months: String? {
        let months = Array(BitSequence(fields.months))
        if months.count == 12 { return nil }
        return englishList(
            CronNumbers.runs(months, count: 12, first: 1).flatMap { CronNumbers.words($0, monthName) }
        )
    }

    /// The phrases of the day of month field; none when it names every day.
    private var daysOfMonth: [String] {
        let field = fields.daysOfMonth
        if field.isAll { return [] }
        var phrases: [String] = []
        if field.days != 0 { phrases.append(CronNumbers.text(Array(BitSequence(field.days)), unit: "day")) }
        phrases += BitSequence(field.nearest).map { "the weekday (Monday to Friday) nearest day \($0)" }
        phrases += BitSequence(field.beforeLast).reversed().map { distance in
            distance == 0 ? "the last day" : "the day \(distance) \(distance == 1 ? "day" : "days") before the last day"
        }
        if field.lastWorkday { phrases.append("the last weekday (Monday to Friday)") }
        return phrases
    }

    /// Whether weekdays of a month are counted: `FRI#2`, `FRIL`.
    private var hasCounted: Bool { fields.daysOfWeek.nth | fields.daysOfWeek.last != 0 }

    private var weekdayRuns: [[Int]] {
        CronNumbers.runs(Array(BitSequence(fields.daysOfWeek.weekdays)), count: 7, first: 1)
    }

    /// The phrases of the day of week field; none when it names every day.
    private var daysOfWeek: [String] {
        let field = fields.daysOfWeek
        if field.isAll { return [] }
        func name(_ day: Int) -> String { Self.weekdays[day] }
        return weekdayRuns.flatMap { CronNumbers.words($0, name) }
            + BitSequence(field.nth).map { "the \(CronNumbers.ordinal($0 / 7 + 1)) \(name($0 % 7))" }
            + BitSequence(field.last).map { "the last \(name($0))" }
    }

    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
}

/// Reads a ``TimeExpression``: finds the form by the first word, then reads that form and nothing else.
struct ExpressionParser {
    let text: String
    let words: [String]

    init(text: String) {
        self.text = text
        words = text.lowercased().split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// Reads a text.
    static func form(_ text: String) throws(TimeExpressionError) -> TimeExpression.Form {
        // What programs write is read as it stands, without taking it apart into words: twenty times as fast.
        if let form = TimestampParser.form(text) { return form }
        return try ExpressionParser(text: text).form()
    }

    func form() throws(TimeExpressionError) -> TimeExpression.Form {
        guard let first = words.first else { throw malformed("There is no time. Write a time like 2026-12-01 09:00.") }
        let rest = Array(words.dropFirst())
        switch first {
        case "in": return .relative(try span(afterIn: rest))
        case "today": return .today(try time(rest, after: first))
        case "tomorrow": return .tomorrow(try time(rest, after: first))
        case "next": return try nextWeekday(rest)
        case "noon", "midnight": return .timeOfDay(try ClockParser(text: text).time(words))
        default: break
        }
        if first.first == "@" { return .instant(try epoch(words)) }
        if let weekday = Weekday(name: first) {
            return .weekday(weekday, try time(rest, after: first), afterToday: false)
        }
        if let month = monthNumber(named: first) { return try dayOfMonth(month: month, dayFirst: false) }
        if first.first?.isNumber == true { return try numeric(first) }
        if first.first == "p", first.dropFirst().first.map({ $0.isNumber || $0 == "t" }) == true {
            return .relative(try TimeSpan(text))
        }
        throw unknown(first)
    }

    /// A text that begins with a digit: a date, a time of day, a day of a month or a duration.
    private func numeric(_ first: String) throws(TimeExpressionError) -> TimeExpression.Form {
        if DateParser.looksLikeDate(first) { return try DateParser(text: text).form(words) }
        if words.count > 1, let month = monthNumber(named: words[1]) {
            return try dayOfMonth(month: month, dayFirst: true)
        }
        if words.count == 1, first.allSatisfy(\.isNumber) {
            throw TimeExpressionError(
                .ambiguous,
                "\"\(text)\" could mean an hour, a day or a number of minutes. Write 09:00, 9am or \"in 9 minutes\"."
            )
        }
        if ClockParser.looksLikeTime(words) { return .timeOfDay(try ClockParser(text: text).time(words)) }
        return .relative(try TimeSpan(text))
    }

    /// The time of day that follows a day, with or without `at`.
    private func time(_ words: [String], after day: String) throws(TimeExpressionError) -> CivilTime {
        let words = words.first == "at" ? Array(words.dropFirst()) : words
        guard !words.isEmpty else {
            throw TimeExpressionError(.missingTime, "\"\(text)\" has no time of day. Write \"\(day) 09:00\".")
        }
        return try ClockParser(text: text).time(words)
    }

    private func nextWeekday(_ rest: [String]) throws(TimeExpressionError) -> TimeExpression.Form {
        guard let name = rest.first, let weekday = Weekday(name: name) else {
            throw malformed(
                "\"\(text)\" is not understood: only a weekday can follow \"next\". "
                    + "Write \"next friday 17:00\" or a date."
            )
        }
        return .weekday(weekday, try time(Array(rest.dropFirst()), after: "next \(name)"), afterToday: true)
    }

    /// `15 march 10:00`, `march 15 10:00`, both also with a year after the day and month.
    private func dayOfMonth(month: Int, dayFirst: Bool) throws(TimeExpressionError) -> TimeExpression.Form {
        let number = words.count > 1 ? words[dayFirst ? 0 : 1] : ""
        guard number.count <= 2, number.allSatisfy(\.isASCII), let day = Int(number), day > 0 else {
            throw malformed("\"\(text)\" is not understood. Write a day and a time like \"15 march 10:00\".")
        }
        let name = "\(words[0]) \(words[1])"
        var rest = Array(words.dropFirst(2))
        if let word = rest.first, word.count == 4, let year = Int(word) {
            rest.removeFirst()
            guard let date = CivilDate(year: year, month: month, day: day) else { throw noSuchDay(name, year: year) }
            return .wall(CivilDateTime(date: date, time: try time(rest, after: "\(name) \(word)")))
        }
        // A leap year has every day that any year has.
        guard day <= CivilDate.daysInMonth(year: 2000, month: month) else { throw noSuchDay(name, year: nil) }
        return .dayOfYear(month: month, day: day, try time(rest, after: name))
    }

    private func noSuchDay(_ name: String, year: Int?) -> TimeExpressionError {
        let place = year.map { " in the year \($0)" } ?? ""
        return TimeExpressionError(.outOfRange, "There is no \(name)\(place). Write a day that the month has.")
    }

    private func span(afterIn words: [String]) throws(TimeExpressionError) -> TimeSpan {
        try TimeSpan(words.joined(separator: " "))
    }

    /// `@` and seconds since 1970-01-01T00:00:00Z, with up to 3 decimals.
    private func epoch(_ words: [String]) throws(TimeExpressionError) -> Timestamp {
        let number = words[0].dropFirst()
        let isNegative = number.first == "-"
        let parts = number.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 1, (1...2).contains(parts.count),
            number.filter({ $0 == "-" }).count == (isNegative ? 1 : 0),
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { throw malformed("\"\(text)\" is not a number of seconds. Write seconds since 1970 like @1790000000.") }
        let fraction = try ClockParser(text: text).milliseconds(parts.count == 2 ? parts[1] : "0")
        guard parts[0].count <= 12, let seconds = Int64(parts[0]),
            let instant = Timestamp(exactly: (isNegative ? -1 : 1) * (seconds * 1000 + Int64(fraction)))
        else {
            throw TimeExpressionError(
                .outOfRange,
                "\"\(text)\" is not in the years 1 to 9999. Write seconds, not milliseconds, like @1790000000."
            )
        }
        return instant
    }

    private func unknown(_ word: String) -> TimeExpressionError {
        let hint =
            switch word {
            case "now": "Write a time that is ahead, like \"in 1 s\"."
            case "yesterday": "Write a time that is ahead."
            case "this": "Write the weekday alone, like \"friday 17:00\", or \"today 17:00\"."
            default: "Write a time like 2026-12-01 09:00, \"tomorrow 9am\" or \"in 10 minutes\"."
            }
        return malformed("\"\(text)\" is not understood at \"\(word)\". \(hint)")
    }

    private func malformed(_ message: String) -> TimeExpressionError {
        TimeExpressionError(.malformed, message)
    }
}

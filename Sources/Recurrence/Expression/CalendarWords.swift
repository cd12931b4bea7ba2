extension CronExpression {
    /// The expressions for which calendar words are shorthand, such as `every weekday at 09:00`.
    ///
    /// ```swift
    /// try CronExpression.every("weekday", at: [nine])         // 0 9 * * MON-FRI
    /// try CronExpression.every("mon,thu", at: [six, eight])   // 0 18,20 * * MON,THU
    /// try CronExpression.every("month", on: "last", at: [..]) // 0 9 L * *
    /// try CronExpression.every("15m", at: [])                 // nil: an interval
    /// ```
    ///
    /// | words | `on` |
    /// | --- | --- |
    /// | `day`, `daily` | – |
    /// | `weekday`, `weekdays` (Monday to Friday), `weekend`, `weekends` | – |
    /// | `mon`, `monday`, `mondays`, `mon,thu`, `mon and thu`, `mon-fri` | – |
    /// | `week`, `weekly` | the days as above |
    /// | `month`, `monthly` | `1` to `28`, `1,15`, `1st`, `last`, `last weekday`, `2nd tue`, `last friday` |
    /// | `year`, `yearly`, `annually` | `15 march`, `march 15` |
    ///
    /// Case does not matter, and `every` may precede the words.
    /// - Parameters:
    ///   - words: What follows `every`.
    ///   - day: Which day of the week, month or year.
    ///   - times: The times of day, in any order; each becomes an occurrence of each day.
    /// - Returns: The fewest expressions whose union is meant; nil when the words are an interval, such as `15m`.
    /// - Throws: ``TimeExpressionError``: `missingTime` without a time of day; `malformed` for other words and for a
    ///   day too many or missing; `outOfRange` for a day that some months or years lack; `tooPrecise` for milliseconds.
    public static func every(
        _ words: String,
        on day: String? = nil,
        at times: [CivilTime]
    ) throws(TimeExpressionError) -> [CronExpression]? {
        let reader = CalendarWords(text: words, day: day)
        if reader.isInterval { return nil }
        let days = try reader.days()
        guard !times.isEmpty else {
            throw TimeExpressionError(.missingTime, "\"\(words)\" has no time of day. Give one, such as 09:00.")
        }
        if let time = times.first(where: { $0.millisecond != 0 }) {
            throw TimeExpressionError(.tooPrecise, "\(time) is finer than a second. Give a time such as 09:00:30.")
        }
        var expressions: [CronExpression] = []
        for clock in clockFields(of: times) {
            do {
                expressions.append(try CronExpression("\(clock) \(days)"))
            } catch {
                throw TimeExpressionError(.malformed, error.message)
            }
        }
        return expressions
    }

    /// Whether what follows `every` is an interval, such as `15m`, and not the words of ``every(_:on:at:)``.
    public static func isInterval(_ words: String) -> Bool {
        CalendarWords(text: words, day: nil).isInterval
    }

    /// The second, minute and hour fields that together name the times and no others, the earliest first.
    private static func clockFields(of times: [CivilTime]) -> [String] {
        // Times of one minute join their hours; then those of the same hours join their minutes.
        let byMinute = Dictionary(grouping: Set(times)) { CivilTime(millisecondOfDay: $0.millisecondOfDay % 3_600_000) }
        let byHours = Dictionary(grouping: byMinute) { minute, times in
            ClockGroup(hours: times.map(\.hour).sorted(), second: minute.second)
        }
        let fields = byHours.map { group, entries in
            let minutes = entries.map(\.key.minute).sorted()
            let first = (group.hours[0], minutes[0], group.second)
            let text = "\(list(minutes)) \(list(group.hours))"
            return (first: first, text: group.second == 0 ? text : "\(group.second) \(text)")
        }
        return fields.sorted { $0.first < $1.first }.map(\.text)
    }

    private static func list(_ numbers: [Int]) -> String {
        numbers.map(String.init).joined(separator: ",")
    }
}

private struct ClockGroup: Hashable {
    let hours: [Int]
    let second: Int
}

/// Reads calendar words as the day fields of a cron expression.
private struct CalendarWords {
    /// What was typed, for messages.
    let text: String
    /// The words in lower case, without `every`.
    let words: String
    /// The day within a week, month or year, in lower case.
    let day: String?

    init(text: String, day: String?) {
        self.text = text
        let words = Self.normal(text)
        self.words = words.hasPrefix("every ") ? String(words.dropFirst(6)) : words
        self.day = day.map(Self.normal)
    }

    /// Lower case, single spaces, and commas for `and`.
    private static func normal(_ text: String) -> String {
        let words = text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.replacing(" and ", with: ",").replacing(", ", with: ",").replacing(" ,", with: ",")
    }

    /// Whether the text is a length of time: it begins with a digit, a sign or an ISO 8601 `P`.
    var isInterval: Bool {
        guard let first = words.first else { return false }
        if first == "p", let second = words.dropFirst().first {
            return second.isNumber || (second == "t" && words.dropFirst(2).first?.isNumber == true)
        }
        return !first.isLetter
    }

    /// The day of month, month and day of week fields.
    func days() throws(TimeExpressionError) -> String {
        switch words {
        case "day", "days", "daily":
            try refuseDay()
            return "* * *"
        case "week", "weekly":
            guard let day else { throw missingDay("of the week", "mon, or mon,thu") }
            guard let days = Self.weekdays(day) else { throw unknownDay(day, "mon, or mon,thu") }
            return "* * \(days)"
        case "month", "monthly":
            guard let day else { throw missingDay("of the month", "1, or last") }
            return try dayOfMonth(day)
        case "year", "yearly", "annually":
            guard let day else { throw missingDay("of the year", "15 march") }
            return try dayOfYear(day)
        default:
            guard let days = Self.weekdays(words) else { throw unknownWords }
            try refuseDay()
            return "* * \(days)"
        }
    }

    /// A day of week field of names and ranges of names joined by commas, or nil.
    private static func weekdays(_ list: String) -> String? {
        var items: [String] = []
        for item in list.split(separator: ",", omittingEmptySubsequences: false) {
            switch item {
            case "weekday", "weekdays": items.append("MON-FRI")
            case "weekend", "weekends": items.append("SAT,SUN")
            default:
                let days = item.split(separator: "-", omittingEmptySubsequences: false).map(weekday)
                let names = days.compactMap { $0?.description.uppercased() }
                guard names.count == days.count, names.count <= 2 else { return nil }
                items.append(names.joined(separator: "-"))
            }
        }
        return items.joined(separator: ",")
    }

    private static func weekday(_ name: Substring) -> Weekday? {
        let name = name.trimmed
        return Weekday(name: name) ?? (name.hasSuffix("s") ? Weekday(name: String(name.dropLast())) : nil)
    }

    private func dayOfMonth(_ list: String) throws(TimeExpressionError) -> String {
        var ofMonth: [String] = []
        var ofWeek: [String] = []
        for item in list.split(separator: ",", omittingEmptySubsequences: false) {
            let words = item.split(separator: " ")
            if words == ["last"] || words == ["last", "day"] {
                ofMonth.append("L")
            } else if words == ["last", "weekday"] {
                ofMonth.append("LW")
            } else if words.count == 1, let number = Self.number(words[0]) {
                ofMonth.append(try checked(number))
            } else if words.count == 2, let weekday = Self.weekday(words[1]) {
                ofWeek.append(try counted(words[0], weekday))
            } else {
                throw unknownDay(String(item), "1 to 28, last, last weekday, first monday or last friday")
            }
        }
        func field(_ items: [String]) -> String { items.isEmpty ? "*" : items.joined(separator: ",") }
        return "\(field(ofMonth)) * \(field(ofWeek))"
    }

    private func checked(_ number: Int) throws(TimeExpressionError) -> String {
        guard (1...31).contains(number) else {
            throw outOfRange("A month has no day \(number).", "Give one from 1 to 28, or last.")
        }
        guard number <= 28 else {
            throw outOfRange(
                "Not every month has a day \(number).",
                "Give last for the last day, or leave such months out with the cron expression 0 9 \(number) * *."
            )
        }
        return String(number)
    }

    private func counted(_ word: Substring, _ weekday: Weekday) throws(TimeExpressionError) -> String {
        let name = weekday.description.uppercased()
        if word == "last" { return "\(name)L" }
        let ordinals = ["first", "second", "third", "fourth", "fifth"]
        let number = ordinals.firstIndex(of: String(word)).map { $0 + 1 } ?? Self.number(word)
        guard let number, number > 0 else {
            throw unknownDay("\(word) \(weekday)", "first monday, or last friday")
        }
        guard number < 5 else {
            throw outOfRange(
                "Not every month has a weekday for the \(word) time.",
                "Give last, or a number from 1 to 4."
            )
        }
        return "\(name)#\(number)"
    }

    private func dayOfYear(_ text: String) throws(TimeExpressionError) -> String {
        let words = text.split(separator: " ")
        for (first, second) in words.count == 2 ? [(words[0], words[1]), (words[1], words[0])] : [] {
            guard let month = monthNumber(named: String(second)), let day = Self.number(first) else { continue }
            guard day <= CivilDate.daysInMonth(year: 2001, month: month), day > 0 else {
                throw outOfRange("Not every year has a \(text).", "Give a day that each has.")
            }
            return "\(day) \(month) *"
        }
        throw unknownDay(text, "15 march")
    }

    /// A number of one or two digits, with or without `st`, `nd`, `rd` or `th`.
    private static func number(_ word: Substring) -> Int? {
        let figures = word.prefix { $0.isASCII && $0.isNumber }
        guard (1...2).contains(figures.count), ["", "st", "nd", "rd", "th"].contains(word.dropFirst(figures.count))
        else { return nil }
        return Int(figures)
    }

    private func refuseDay() throws(TimeExpressionError) {
        guard let day else { return }
        throw TimeExpressionError(
            .malformed,
            "\"\(text)\" already says which days, so \"\(day)\" cannot go with it. Leave it out."
        )
    }

    private func missingDay(_ which: String, _ example: String) -> TimeExpressionError {
        TimeExpressionError(.malformed, "\"\(text)\" does not say which day \(which). Give one, such as \(example).")
    }

    private func unknownDay(_ day: String, _ example: String) -> TimeExpressionError {
        TimeExpressionError(.malformed, "\"\(day)\" is not a day that goes with \"\(text)\". Write \(example).")
    }

    private func outOfRange(_ reason: String, _ advice: String) -> TimeExpressionError {
        TimeExpressionError(.outOfRange, "\(reason) \(advice)")
    }

    private var unknownWords: TimeExpressionError {
        let advice =
            switch words {
            case "second", "seconds", "minute", "minutes", "hour", "hours", "hourly":
                "Write an interval such as 1\(words.first.map(String.init) ?? "h")."
            default: "Write day, weekday, weekend, mon,thu, week, month or year, or an interval such as 15m."
            }
        return TimeExpressionError(.malformed, "\"\(text)\" is not understood. \(advice)")
    }
}

extension Substring {
    fileprivate var trimmed: String { split(separator: " ").joined(separator: " ") }
}

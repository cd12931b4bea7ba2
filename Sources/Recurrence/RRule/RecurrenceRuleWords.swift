extension RecurrenceRule {
    /// The rule in English, such as `every month on the last weekday, 12 times`.
    ///
    /// What the rule leaves to its start (the time of day, mostly) is not mentioned.
    public var words: String {
        var words = interval == 1 ? "every \(unit)" : "every \(interval) \(unit)s"
        if !weekNumbers.isEmpty { words += " in \(weekWords)" }
        words += dayWords
        if !months.isEmpty { words += " in \(Self.join(months.map(monthName)))" }
        words += timeWords
        if !positions.isEmpty, pickedDays == nil {
            words += ", of these only the \(placeWords) in each \(unit)"
        }
        if weekStart != .monday, weekStartMatters { words += ", with weeks that begin on \(weekStart.fullName)" }
        if let count { words += count == 1 ? ", once" : ", \(count) times" }
        switch until {
        case .date(let date): words += ", until the end of \(Self.words(date))"
        case .wall(let wall): words += ", until \(Self.words(wall.date)) \(wall.time.shortText)"
        case .instant(let instant):
            let wall = CivilDateTime(localMilliseconds: instant.milliseconds)
            words += ", until \(Self.words(wall.date)) \(wall.time.shortText) UTC"
        case nil: break
        }
        return words
    }

    private var unit: String {
        switch frequency {
        case .secondly: "second"
        case .minutely: "minute"
        case .hourly: "hour"
        case .daily: "day"
        case .weekly: "week"
        case .monthly: "month"
        case .yearly: "year"
        }
    }

    /// BYSETPOS, the ones from the end last.
    private var placeWords: String {
        Self.join((positions.filter { $0 > 0 } + positions.filter { $0 < 0 }).map(Self.place))
    }

    private var weekStartMatters: Bool {
        frequency == .weekly && (interval > 1 || !positions.isEmpty) || !weekNumbers.isEmpty
    }

    private var weekWords: String {
        let numbers = weekNumbers.filter { $0 > 0 }
        var parts: [String] = []
        if !numbers.isEmpty { parts.append("week\(numbers.count > 1 ? "s" : "") \(Self.numbers(numbers))") }
        let fromEnd = weekNumbers.filter { $0 < 0 }
        if !fromEnd.isEmpty { parts.append("the \(Self.join(fromEnd.map(Self.place))) week of the year") }
        return parts.joined(separator: " and ")
    }
}

extension RecurrenceRule {
    /// The weekdays as one noun: `weekday` for Monday to Friday, `weekend day`, `day`; nil for other sets.
    private var noun: String? {
        guard days.allSatisfy({ $0.ordinal == nil }) else { return nil }
        switch Set(days.map(\.weekday)) {
        case [.monday, .tuesday, .wednesday, .thursday, .friday]: return "weekday"
        case [.saturday, .sunday]: return "weekend day"
        case Set(Weekday.allCases): return "day"
        default: return days.count == 1 ? days.first?.weekday.fullName : nil
        }
    }

    /// `the last weekday`, where BYSETPOS picks days of a period by nothing but their weekday.
    private var pickedDays: String? {
        guard !positions.isEmpty, frequency >= .monthly, let noun, yearDays.isEmpty, monthDays.isEmpty,
            weekNumbers.isEmpty, frequency == .monthly || months.count == 1, hours.count < 2, minutes.count < 2,
            seconds.count < 2
        else { return nil }
        return "the \(placeWords) \(noun)"
    }

    private var dayWords: String {
        if let pickedDays { return " on \(pickedDays)" }
        var parts: [String] = []
        if !yearDays.isEmpty {
            let numbers = yearDays.filter { $0 > 0 }
            var names = numbers.isEmpty ? [] : ["day\(numbers.count > 1 ? "s" : "") \(Self.numbers(numbers))"]
            names += yearDays.filter { $0 < 0 }.map { "the \(Self.place($0)) day" }
            parts.append("\(Self.join(names)) of the year")
        }
        if !monthDays.isEmpty {
            let names =
                monthDays.filter { $0 > 0 }.map(Self.place)
                + monthDays.filter { $0 < 0 }.map {
                    "\(Self.place($0)) day"
                }
            parts.append("the \(Self.join(names))" + (frequency == .monthly ? "" : " of the month"))
        }
        let limits = !parts.isEmpty
        var words = parts.isEmpty ? "" : " on \(parts.joined(separator: " that is "))"
        if !days.isEmpty {
            words += limits ? " if that is \(weekdayWords(article: true))" : " on \(weekdayWords(article: false))"
        }
        return words
    }

    private func weekdayWords(article: Bool) -> String {
        let plain = days.filter { $0.ordinal == nil }.map(\.weekday)
        let all = noun
        var names: [String]
        if let all, plain.count > 1 {
            names = [article ? "a \(all)" : all == "day" ? "every day of the week" : "\(all)s"]
        } else {
            names = plain.map { article ? "a \($0.fullName)" : $0.fullName }
        }
        let scope =
            frequency == .yearly && months.isEmpty ? " of the year" : frequency == .yearly ? " of the month" : ""
        names += days.compactMap { day in
            day.ordinal.map { "the \(Self.place($0)) \(day.weekday.fullName)\(scope)" }
        }
        return article ? names.joined(separator: " or ") : Self.join(names)
    }

    private var timeWords: String {
        if !hours.isEmpty, !minutes.isEmpty, frequency >= .daily, hours.count * minutes.count <= 6, seconds.count < 2 {
            let second = seconds.first ?? 0
            let times = hours.flatMap { hour in
                minutes.compactMap { CivilTime(hour: hour, minute: $0, second: second)?.shortText }
            }
            return " at \(Self.join(times))"
        }
        var words = ""
        for (name, numbers) in [("hour", hours), ("minute", minutes), ("second", seconds)] where !numbers.isEmpty {
            let plural = numbers.count > 1 ? "s" : ""
            words += "\(words.isEmpty ? " at" : ",") \(name)\(plural) \(Self.numbers(numbers))"
        }
        return words
    }
}

extension RecurrenceRule {
    /// `a`, `a and b`, `a, b and c`.
    private static func join(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.first ?? "" }
        return "\(words.dropLast().joined(separator: ", ")) and \(last)"
    }

    /// Sorted numbers, three or more in a row as a range: `1, 5 to 9 and 12`.
    private static func numbers(_ numbers: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return join(
            runs.flatMap { run in
                run.count > 2 ? ["\(run.lowerBound) to \(run.upperBound)"] : run.map(String.init)
            }
        )
    }

    /// `1st`, `22nd`, `last`, `2nd to last`.
    private static func place(_ number: Int) -> String {
        if number < 0 { return number == -1 ? "last" : "\(place(-number)) to last" }
        let suffix =
            (11...13).contains(number % 100) ? "th" : [1: "st", 2: "nd", 3: "rd"][number % 10] ?? "th"
        return "\(number)\(suffix)"
    }

    private static func words(_ date: CivilDate) -> String {
        "\(date.day) \(monthName(date.month)) \(date.year)"
    }
}

/// Reads a ``RecurrenceRule``: splits the parts, reads each by its name, then checks how they go together.
struct RecurrenceRuleParser {
    /// What was typed, for messages.
    let text: String

    /// The largest COUNT: so many occurrences are counted out in a fraction of a second.
    static let largestCount = 1_000_000

    private static let largestInterval = 1_000_000_000

    func rule() throws(RecurrenceRuleError) -> RecurrenceRule {
        var body = text.drop(while: \.isWhitespace)
        while body.last?.isWhitespace == true { body.removeLast() }
        var upper = body.uppercased()[...]
        if upper.hasPrefix("RRULE:") { upper = upper.dropFirst(6) }
        guard !upper.isEmpty else {
            throw RecurrenceRuleError(.malformed, "The rule is empty. Write one like FREQ=WEEKLY;BYDAY=MO.")
        }
        if upper.contains(where: \.isNewline) {
            throw RecurrenceRuleError(
                .malformed,
                "The rule has more than one line. Write the rule alone; its start, RDATE and EXDATE are given apart."
            )
        }
        var rule = RecurrenceRule()
        var seen: Set<String> = []
        for part in upper.split(separator: ";", omittingEmptySubsequences: false) {
            let (name, value) = try split(part)
            guard seen.insert(name).inserted else {
                throw RecurrenceRuleError(.repeatedPart, part: name, "\(name) occurs twice. Write it once.")
            }
            try read(name, value, into: &rule)
        }
        guard seen.contains("FREQ") else {
            throw RecurrenceRuleError(
                .missingFrequency,
                part: "FREQ",
                "The rule has no FREQ. Write one of FREQ=\(Self.frequencies.joined(separator: ", "))."
            )
        }
        try rule.check()
        return rule
    }

    private static let frequencies = RecurrenceRule.Frequency.allCases.reversed().map(\.name)

    private func split(_ part: Substring) throws(RecurrenceRuleError) -> (String, Substring) {
        guard !part.isEmpty else {
            throw RecurrenceRuleError(.malformed, "\"\(text)\" has an empty part. Write one ; between two parts.")
        }
        guard let mark = part.firstIndex(of: "=") else {
            throw RecurrenceRuleError(
                .malformed,
                part: String(part),
                "\"\(part)\" is not a part of a rule. Write each as NAME=VALUE, like FREQ=DAILY."
            )
        }
        return (String(part[..<mark]), part[part.index(after: mark)...])
    }

    private func read(_ name: String, _ value: Substring, into rule: inout RecurrenceRule) throws(RecurrenceRuleError) {
        switch name {
        case "FREQ":
            guard let frequency = RecurrenceRule.Frequency.allCases.first(where: { $0.name == value }) else {
                let known = Self.frequencies.joined(separator: ", ")
                throw RecurrenceRuleError(
                    .malformed,
                    part: name,
                    "FREQ=\(value) is not a frequency. Write one of \(known)."
                )
            }
            rule.frequency = frequency
        case "INTERVAL": rule.interval = try number(value, name, 1...Self.largestInterval)
        case "COUNT": rule.count = try count(value)
        case "UNTIL": rule.until = try until(value)
        case "BYSECOND": rule.seconds = Set(try numbers(value, name, 0...60).map { min($0, 59) }).sorted()
        case "BYMINUTE": rule.minutes = try numbers(value, name, 0...59)
        case "BYHOUR": rule.hours = try numbers(value, name, 0...23)
        case "BYDAY": rule.days = try days(value)
        case "BYMONTHDAY": rule.monthDays = try numbers(value, name, 1...31, signed: true)
        case "BYYEARDAY": rule.yearDays = try numbers(value, name, 1...366, signed: true)
        case "BYWEEKNO": rule.weekNumbers = try numbers(value, name, 1...53, signed: true)
        case "BYMONTH": rule.months = try numbers(value, name, 1...12)
        case "BYSETPOS": rule.positions = try numbers(value, name, 1...366, signed: true)
        case "WKST":
            guard let weekday = Weekday(code: value) else { throw notWeekday(name, value) }
            rule.weekStart = weekday
        case "RSCALE", "SKIP":
            throw RecurrenceRuleError(
                .unsupported,
                part: name,
                "\(name) belongs to RFC 7529 (other calendars), which is not supported. "
                    + "Write a rule of the Gregorian calendar without it, like BYMONTHDAY=-1 for the last day of a month."
            )
        default:
            throw RecurrenceRuleError(
                .unknownPart,
                part: name,
                "There is no part \"\(name)\". Write parts of RFC 5545, like FREQ, INTERVAL, COUNT, UNTIL or BYDAY."
            )
        }
    }
}

extension RecurrenceRuleParser {
    private func items(_ value: Substring, _ name: String) throws(RecurrenceRuleError) -> [Substring] {
        let items = value.split(separator: ",", omittingEmptySubsequences: false)
        guard !items.contains(where: \.isEmpty), !items.isEmpty else {
            throw RecurrenceRuleError(
                .malformed,
                part: name,
                value.isEmpty
                    ? "\(name) has no value. Write one, or leave the part out."
                    : "\(name)=\(value) has an empty item. Write one comma between two items."
            )
        }
        return items
    }

    private func numbers(
        _ value: Substring,
        _ name: String,
        _ range: ClosedRange<Int>,
        signed: Bool = false
    ) throws(RecurrenceRuleError) -> [Int] {
        var numbers: Set<Int> = []
        for item in try items(value, name) {
            numbers.insert(try number(item, name, range, signed: signed))
        }
        return numbers.sorted()
    }

    private func number(
        _ text: Substring,
        _ name: String,
        _ range: ClosedRange<Int>,
        signed: Bool = false
    ) throws(RecurrenceRuleError) -> Int {
        let sign = signed && (text.first == "-" || text.first == "+") ? text.first : nil
        let figures = sign == nil ? text : text.dropFirst()
        guard !figures.isEmpty, figures.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw RecurrenceRuleError(
                text.first == "-" && !signed ? .outOfRange : .malformed,
                part: name,
                "\(name): \"\(text)\" is not a number here. Write one \(Self.bounds(range, signed: signed))."
            )
        }
        guard figures.utf8.count <= 12, let number = Int(figures), range.contains(number) else {
            throw RecurrenceRuleError(
                .outOfRange,
                part: name,
                "\(name) cannot be \(text). Write a number \(Self.bounds(range, signed: signed))."
            )
        }
        return sign == "-" ? -number : number
    }

    private static func bounds(_ range: ClosedRange<Int>, signed: Bool) -> String {
        let plain = "from \(range.lowerBound) to \(range.upperBound)"
        return signed ? "\(plain), or from -\(range.upperBound) to -1 to count from the end" : plain
    }

    private func count(_ value: Substring) throws(RecurrenceRuleError) -> Int {
        do {
            return try number(value, "COUNT", 1...Self.largestCount)
        } catch {
            guard error.code == .outOfRange, value.first != "-", value.contains(where: { $0 != "0" }) else {
                throw error
            }
            throw RecurrenceRuleError(
                .outOfRange,
                part: "COUNT",
                "COUNT cannot be more than \(Self.largestCount). Write UNTIL instead."
            )
        }
    }

    private func until(_ value: Substring) throws(RecurrenceRuleError) -> RecurrenceRule.Until {
        switch BasicMoment(value) {
        case .date(let date): return .date(date)
        case .wall(let wall): return .wall(wall)
        case .instant(let instant): return .instant(instant)
        case nil:
            throw RecurrenceRuleError(
                .malformed,
                part: "UNTIL",
                "UNTIL=\(value) is not a day or a date-time that exists. "
                    + "Write 20261231, 20261231T235959 or, in UTC, 20261231T235959Z."
            )
        }
    }

    private func days(_ value: Substring) throws(RecurrenceRuleError) -> [RecurrenceRule.Day] {
        var days: Set<RecurrenceRule.Day> = []
        for item in try items(value, "BYDAY") {
            guard let weekday = Weekday(code: item.suffix(2)) else { throw notWeekday("BYDAY", item) }
            let lead = item.dropLast(2)
            let ordinal = lead.isEmpty ? nil : try number(lead, "BYDAY", 1...53, signed: true)
            days.insert(RecurrenceRule.Day(ordinal: ordinal, weekday: weekday))
        }
        return days.sorted { ($0.ordinal ?? 0, $0.weekday.isoNumber) < ($1.ordinal ?? 0, $1.weekday.isoNumber) }
    }

    private func notWeekday(_ name: String, _ value: Substring) -> RecurrenceRuleError {
        let example = name == "BYDAY" ? ", with a number before it for one of the month or year, like -1FR" : ""
        return RecurrenceRuleError(
            .malformed,
            part: name,
            "\(name): \"\(value)\" is not a weekday. Write MO, TU, WE, TH, FR, SA or SU\(example)."
        )
    }
}

extension Weekday {
    /// 0 for Monday to 6 for Sunday.
    var isoNumber: Int { (rawValue + 6) % 7 }
}

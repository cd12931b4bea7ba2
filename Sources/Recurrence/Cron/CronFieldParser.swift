/// Reads one field of a cron expression.
struct CronFieldParser {
    /// The whole expression, for messages.
    let expression: String
    let field: CronField
    /// The field as it was typed, less a `+`.
    let word: String
    /// Whether the expression has a year field.
    let hasYear: Bool

    /// The numbers of a field that has nothing but numbers.
    func bits() throws(CronError) -> UInt64 {
        var bits: UInt64 = 0
        for item in try items() { bits |= Self.bits(try numbers(item)) }
        return bits
    }

    /// The years in order; nil when every year is named.
    func years() throws(CronError) -> [Int]? {
        var years: Set<Int> = []
        var isOpen = false
        for item in try items() {
            years.formUnion(try numbers(item))
            // `*` has no end, although a number that is written has.
            if item == "*" || item == "*/1" { isOpen = true }
        }
        return isOpen ? nil : years.sorted()
    }

    func daysOfMonth() throws(CronError) -> CronDaysOfMonth {
        var days = CronDaysOfMonth()
        for item in try items() {
            if item == "L" {
                days.beforeLast |= 1
            } else if item == "LW" {
                days.lastWorkday = true
            } else if item.hasPrefix("L-") {
                days.beforeLast |= 1 << UInt64(try count(item.dropFirst(2), item, "the number after L-", 1...30))
            } else if item.hasSuffix("W") {
                days.nearest |= 1 << UInt64(try count(item.dropLast(), item, "the day before W", 1...31))
            } else {
                days.days |= Self.bits(try numbers(item))
            }
        }
        return days
    }

    func daysOfWeek() throws(CronError) -> CronDaysOfWeek {
        var days = CronDaysOfWeek()
        for item in try items() {
            if let mark = item.firstIndex(of: "#") {
                let day = try number(item[..<mark], item) % 7
                let nth = try count(item[item.index(after: mark)...], item, "the number after #", 1...5)
                days.nth |= 1 << UInt64(7 * (nth - 1) + day)
            } else if item == "L" {
                throw malformed(item, "is not a day of the week. Write SAT, or SATL for the month's last Saturday.")
            } else if item.hasSuffix("L") {
                days.last |= 1 << UInt64(try number(item.dropLast(), item) % 7)
            } else {
                days.weekdays |= Self.bits(try numbers(item).map { $0 % 7 })
            }
        }
        return days
    }

    /// The items of the list in upper case; `?` is `*` in a day field, alone.
    private func items() throws(CronError) -> [String] {
        if word == "?", field == .dayOfMonth || field == .dayOfWeek { return ["*"] }
        // A field that is empty was a lone `+`.
        let items = word.uppercased().split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for item in items where item.isEmpty {
            throw error(
                .emptyItem,
                word,
                "has nothing before or after a comma or a +. Leave the sign out, or write what is missing."
            )
        }
        return items
    }

    /// The numbers of `*`, `a`, `a-b`, each with or without a step.
    private func numbers(_ item: String) throws(CronError) -> [Int] {
        let parts = item.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw malformed(item) }
        let step = parts.count == 2 ? try step(parts[1], item) : nil
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        if parts[0] == "*" {
            return Array(stride(from: field.range.lowerBound, through: field.last, by: step ?? 1))
        }
        guard ends.count <= 2, !ends.contains("") else { throw malformed(item) }
        var start = try number(ends[0], item)
        guard ends.count == 2 else {
            return step.map { Array(stride(from: start, through: max(start, field.last), by: $0)) } ?? [start]
        }
        var end = try number(ends[1], item)
        if start == end { return [start] }
        // As the first day of a range Sunday is 0, as the last it can be 7.
        if field == .dayOfWeek, start == 7 { start = 0 }
        if start > end {
            guard field.wraps else { throw backwards(item, start, end) }
            end += field.width
        }
        let first = field.range.lowerBound
        return stride(from: start, through: end, by: step ?? 1).map { number in
            number > field.range.upperBound ? first + (number - first) % field.width : number
        }
    }

    private func step(_ digits: Substring, _ item: String) throws(CronError) -> Int {
        guard Self.isNumber(digits) else { throw malformed(item) }
        let step = Self.saturating(digits)
        if step == 0 { throw error(.badStep, item, "has a step of 0. Write a step of 1 or more.") }
        guard step <= field.width else {
            throw error(
                .badStep,
                item,
                "has a step that is wider than the field, whose \(field.extent), so it would not be kept. "
                    + "Write a step up to \(field.width), or an interval such as 90m in place of the expression."
            )
        }
        return step
    }

    /// One number, or one name in a field that has names.
    private func number(_ word: Substring, _ item: String) throws(CronError) -> Int {
        if Self.isNumber(word) {
            let number = Self.saturating(word)
            guard field.range.contains(number) else { throw outOfRange(word, number, item) }
            return number
        }
        if let index = field.names.firstIndex(of: String(word)) { return field.range.lowerBound + index }
        guard !word.isEmpty, word.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else { throw malformed(item) }
        let name = word.lowercased()
        let number = field == .month ? monthNumber(named: name).map { $0 - 1 } : Weekday(name: name)?.rawValue
        guard !field.names.isEmpty, let number else {
            throw error(.unknownName, item, "is not understood at \"\(word)\". Write \(field.example).")
        }
        throw error(.unknownName, item, "has a name of more than three letters. Write \(field.names[number]).")
    }

    /// A number beside a letter, such as the 3 of `L-3`.
    private func count(
        _ word: Substring,
        _ item: String,
        _ what: String,
        _ range: ClosedRange<Int>
    ) throws(CronError) -> Int {
        guard Self.isNumber(word) else { throw malformed(item) }
        let number = Self.saturating(word)
        guard range.contains(number) else {
            throw error(
                .outOfRange,
                item,
                "cannot be: \(what) goes from \(range.lowerBound) to \(range.upperBound). Write \(field.example)."
            )
        }
        return number
    }

    private static func bits(_ numbers: [Int]) -> UInt64 {
        numbers.reduce(0) { $0 | 1 << UInt64($1) }
    }

    private static func isNumber(_ word: Substring) -> Bool {
        !word.isEmpty && word.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func saturating(_ digits: Substring) -> Int {
        Int(digits) ?? .max
    }
}

extension CronFieldParser {
    private func error(_ code: CronError.Code, _ item: String, _ rest: String) -> CronError {
        let typed = word.split(separator: ",").first { $0.uppercased() == item }.map(String.init) ?? item
        return CronError(code, field, "The \(field) \"\(typed)\" of \"\(expression)\" \(rest)")
    }

    private func malformed(_ item: String, _ rest: String? = nil) -> CronError {
        if item.contains("?") {
            return error(.malformed, item, "has a ?, which stands alone in one of the two day fields. Write *.")
        }
        if item.hasPrefix("+") {
            return error(.malformed, item, "has a +, which goes before the day of week only. Leave it out.")
        }
        if item.hasSuffix("W") {
            return error(.malformed, item, "is not understood: W goes with one day. Write 15W or LW.")
        }
        return error(.malformed, item, rest ?? "is not understood. Write \(field.example).")
    }

    private func outOfRange(_ word: Substring, _ number: Int, _ item: String) -> CronError {
        var advice = "Write \(field.example)."
        if field == .dayOfWeek, !hasYear, CronField.year.range.contains(number) {
            advice = "A year is the last of seven fields: begin with the second, such as 0."
        } else if number == (field == .hour ? 24 : 60), field != .dayOfMonth {
            advice = "Write 0."
        }
        return error(.outOfRange, item, "is out of range at \(word): \(field.extent). \(advice)")
    }

    private func backwards(_ item: String, _ start: Int, _ end: Int) -> CronError {
        let advice =
            field == .year
            ? "\(end)-\(start)" : "\(start)-\(field.last),\(field.range.lowerBound)-\(end)"
        return error(.backwards, item, "ends before it begins. Write \(advice).")
    }
}

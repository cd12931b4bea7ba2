/// Reads a time of day: `09:00`, `21:30:15.250`, `9am`, `5:45 pm`, `noon`, `midnight`.
struct ClockParser {
    /// The whole of what was typed, for messages.
    let text: String

    /// Whether words that begin with a digit are meant as a time of day and not as a duration.
    static func looksLikeTime(_ words: [String]) -> Bool {
        guard let first = words.first else { return false }
        let suffix = first.drop { $0.isNumber || $0 == "." }
        if first.contains(":") || halfDay(String(suffix)) != nil { return true }
        return suffix.isEmpty && words.count > 1 && halfDay(words[1]) != nil
    }

    private static func halfDay(_ word: String) -> Int? {
        switch word {
        case "am", "a.m.": 0
        case "pm", "p.m.": 12
        default: nil
        }
    }

    /// Reads the words as one time of day, to the last.
    func time(_ words: [String]) throws(TimeExpressionError) -> CivilTime {
        guard let first = words.first else { throw malformed(words) }
        var rest = words.dropFirst()
        if first == "noon" || first == "midnight" {
            guard rest.isEmpty else { throw trailing(rest) }
            return first == "noon" ? .noon : .midnight
        }
        var clock = first[...]
        var half: Int?
        if let letters = first.firstIndex(where: { $0.isLetter }) {
            half = Self.halfDay(String(first[letters...]))
            guard half != nil else { throw malformed(words) }
            clock = first[..<letters]
        } else if let next = rest.first, let found = Self.halfDay(next) {
            half = found
            rest = rest.dropFirst()
        }
        guard rest.isEmpty else { throw trailing(rest) }
        return try time(clock, half: half, words: words)
    }

    private func time(_ clock: Substring, half: Int?, words: [String]) throws(TimeExpressionError) -> CivilTime {
        let fields = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count <= 3, fields.count >= (half == nil ? 2 : 1) else { throw malformed(words) }
        let seconds = fields.count == 3 ? fields[2].split(separator: ".", omittingEmptySubsequences: false) : ["00"]
        guard seconds.count <= 2, let hour = number(fields[0], widths: 1...2),
            let minute = number(fields.count > 1 ? fields[1] : "00", widths: 2...2),
            let second = number(seconds[0], widths: 2...2)
        else { throw malformed(words) }
        let millisecond = seconds.count == 2 ? try milliseconds(seconds[1]) : 0
        let hour24 = try self.hour(hour, half: half)
        if hour24 == 24, minute == 0, second == 0, millisecond == 0 {
            throw outOfRange("24:00 is not a time of day", "Write 00:00 of the day after.")
        }
        guard hour24 <= 23 else { throw outOfRange("hours go from 0 to 23", "Write a time like 21:30.") }
        guard minute <= 59 else { throw outOfRange("minutes go from 0 to 59", "Write a time like 21:30.") }
        guard let time = CivilTime(hour: hour24, minute: minute, second: second, millisecond: millisecond) else {
            throw outOfRange("seconds go from 0 to 59, leap seconds being left out", "Write a time like 21:30:59.")
        }
        return time
    }

    private func hour(_ hour: Int, half: Int?) throws(TimeExpressionError) -> Int {
        guard let half else { return hour }
        guard (1...12).contains(hour) else {
            let better =
                hour == 0 ? "12am or 00:00" : hour <= 23 ? "\(digits(hour, 2)):00 without am or pm" : "1pm or 13:00"
            throw outOfRange("hours with am or pm go from 1 to 12", "Write \(better).")
        }
        return hour % 12 + half
    }

    /// Reads the decimals of a second as milliseconds.
    func milliseconds(_ decimals: Substring) throws(TimeExpressionError) -> Int {
        guard !decimals.isEmpty, decimals.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw malformed([String(decimals)])
        }
        guard decimals.count <= 3, let number = Int(decimals) else {
            throw TimeExpressionError(
                .tooPrecise,
                "\"\(text)\" has more than 3 decimals of a second. Write milliseconds, like 09:00:00.250."
            )
        }
        return decimals.count == 1 ? number * 100 : decimals.count == 2 ? number * 10 : number
    }

    private func number(_ field: Substring, widths: ClosedRange<Int>) -> Int? {
        guard widths.contains(field.utf8.count), field.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(field)
    }

    private func trailing(_ words: ArraySlice<String>) -> TimeExpressionError {
        let rest = words.joined(separator: " ")
        let advice =
            rest == "today" || rest == "tomorrow" || Weekday(name: rest) != nil
            ? "Write the day first, like \"\(rest) 9am\"."
            : "Give a time zone apart from the time, and a day before it."
        return TimeExpressionError(.malformed, "\"\(text)\" is not understood from \"\(rest)\" on. \(advice)")
    }

    private func malformed(_ words: [String]) -> TimeExpressionError {
        TimeExpressionError(
            .malformed,
            "\"\(text)\" is not understood: \"\(words.joined(separator: " "))\" is not a time of day. "
                + "Write one like 09:00, 21:30:15 or 9am."
        )
    }

    private func outOfRange(_ reason: String, _ advice: String) -> TimeExpressionError {
        TimeExpressionError(.outOfRange, "\"\(text)\" cannot be: \(reason). \(advice)")
    }
}

extension CivilTime {
    /// The time as `09:00`, with seconds and milliseconds only when they are not zero.
    var shortText: String {
        second == 0 && millisecond == 0 ? "\(digits(hour, 2)):\(digits(minute, 2))" : description
    }
}

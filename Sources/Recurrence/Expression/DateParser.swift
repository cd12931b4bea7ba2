/// Reads what begins with a date: ISO 8601 and RFC 3339, with a space or a `T` before the time.
struct DateParser {
    /// The whole of what was typed, for messages.
    let text: String

    /// Whether a word that begins with a digit is meant as a date, in whatever notation.
    static func looksLikeDate(_ word: String) -> Bool {
        let lead = word.prefix { $0.isNumber }
        guard let mark = word.dropFirst(lead.count).first else { return lead.count >= 6 }
        if mark == "-" || mark == "/" || (mark == "t" && lead.count == 8) { return true }
        return mark == "." && word.filter { $0 == "." }.count > 1 && !word.hasSuffix("m.")
    }

    /// Reads `yyyy-mm-dd`.
    func date(_ word: Substring) throws(TimeExpressionError) -> CivilDate {
        let parts = word.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { throw notISO }
        guard let date = CivilDate(year: year, month: month, day: day) else {
            throw TimeExpressionError(.outOfRange, "There is no \(word) in the calendar. \(advice(year, month))")
        }
        return date
    }

    private func advice(_ year: Int, _ month: Int) -> String {
        guard (1...12).contains(month) else { return "Write a month from 01 to 12, after the year." }
        guard year > 0 else { return "Write a year from 0001 to 9999." }
        return "Write a day from 01 to \(CivilDate.daysInMonth(year: year, month: month))."
    }

    /// Reads a date and a time, and the offset if there is one.
    func form(_ words: [String]) throws(TimeExpressionError) -> TimeExpression.Form {
        let first = words[0]
        let date = try date(first.prefix { $0 != "t" })
        var rest = Array(words.dropFirst())
        if first.contains("t") {
            rest.insert(String(first.drop { $0 != "t" }.dropFirst()), at: 0)
        } else if rest.first == "at" {
            rest.removeFirst()
        }
        guard !rest.isEmpty else {
            throw TimeExpressionError(.missingTime, "\"\(text)\" has no time of day. Write \"\(date) 09:00\".")
        }
        let offset = try takeOffset(from: &rest)
        let wall = CivilDateTime(date: date, time: try ClockParser(text: text).time(rest))
        guard let offset else { return .wall(wall) }
        guard let instant = Timestamp(exactly: wall.localMilliseconds - Int64(offset) * 1000) else {
            throw TimeExpressionError(
                .outOfRange,
                "\"\(text)\" is not in the years 1 to 9999 of UTC. Write another time."
            )
        }
        return .instant(instant)
    }

    /// Removes an offset from the end of the words: `z`, `+09:00`, in the last word or as a word.
    private func takeOffset(from words: inout [String]) throws(TimeExpressionError) -> Int? {
        guard let last = words.last, let mark = last.firstIndex(where: { $0 == "z" || $0 == "+" || $0 == "-" }) else {
            return nil
        }
        let name = String(last[mark...])
        guard last[..<mark].allSatisfy({ !$0.isLetter || "apm".contains($0) }) else { return nil }
        words.removeLast()
        if mark > last.startIndex { words.append(String(last[..<mark])) }
        guard let offset = name == "z" ? 0 : Zone.offset(parsing: Array(name.utf8)[...]) else {
            throw TimeExpressionError(
                .outOfRange,
                "\"\(text)\" ends in \"\(name)\", which is not an offset from UTC. Write one like +09:00, or Z."
            )
        }
        return offset
    }

    private var notISO: TimeExpressionError {
        let isAmbiguous = text.contains("/") || text.contains(".")
        return TimeExpressionError(
            isAmbiguous ? .ambiguous : .malformed,
            "\"\(text)\" is not a date in ISO form. Write year, month and day like 2026-12-01 09:00."
        )
    }
}

extension CivilDate {
    /// Reads a date such as `2026-12-01`; spaces around it do not matter.
    /// - Throws: ``TimeExpressionError`` `malformed`, `ambiguous`, or `outOfRange` when there is no such day.
    public init(_ text: String) throws(TimeExpressionError) {
        let words = text.split(whereSeparator: \.isWhitespace)
        self = try DateParser(text: text).date(words.count == 1 ? words[0] : "")
    }
}

extension CivilDateTime {
    /// Reads a wall time such as `2026-12-01T09:00:00`, `2026-12-01 09:00` or, with up to 3 decimals,
    /// `2026-12-01T09:00:00.250`.
    ///
    /// ``description`` is read back to the same value.
    /// - Throws: ``TimeExpressionError`` as ``TimeExpression/init(_:)`` does, and `malformed` for any other form, an
    ///   offset included.
    public init(_ text: String) throws(TimeExpressionError) {
        guard case .wall(let wall) = try TimeExpression(text).form else {
            throw TimeExpressionError(
                .malformed,
                "\"\(text)\" is not a date and time without an offset. Write it like 2026-12-01T09:00:00."
            )
        }
        self = wall
    }
}

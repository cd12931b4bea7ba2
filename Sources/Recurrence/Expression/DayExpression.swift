extension TimeExpression {
    /// Reads a day that stands alone, where a day or a time may be given.
    ///
    /// | form | examples | which day |
    /// | --- | --- | --- |
    /// | date | `2026-12-25`, `15 march 2027` | that day |
    /// | word | `today`, `tomorrow` | seen from `now` |
    /// | weekday | `fri`, `friday` | the first from today on |
    /// | next weekday | `next friday` | the first after today |
    /// | day of the year | `15 march`, `march 15` | the first from today on |
    ///
    /// - Parameters:
    ///   - text: what was typed.
    ///   - now: what relative days count from.
    ///   - zone: where it is today.
    /// - Returns: the day; nil when the text says a time too, or only a time.
    /// - Throws: ``TimeExpressionError`` when it is neither a day nor a time.
    public static func day(
        _ text: String,
        now: Timestamp,
        in zone: Zone
    ) throws(TimeExpressionError) -> CivilDate? {
        let today = zone.civil(at: now).date
        do throws(TimeExpressionError) {
            _ = try TimeExpression(text)
            return nil
        } catch {
            guard error.code == .missingTime else { throw advised(error, text, today) }
        }
        switch try TimeExpression(text + " 00:00").form {
        case .wall(let wall): return wall.date
        case .today: return today
        case .tomorrow: return today.adding(days: 1)
        case .weekday(let weekday, _, let afterToday):
            let ahead = today.weekday.days(until: weekday)
            return today.adding(days: afterToday && ahead == 0 ? 7 : ahead)
        case .dayOfYear(let month, let day, _):
            // 29 February is up to 8 years away, around a year such as 2100.
            let days = (0...8).compactMap { CivilDate(year: today.year + $0, month: month, day: day) }
            return days.first { $0 >= today }
        case .instant, .timeOfDay, .relative: return nil
        }
    }

    /// The error with advice that fits where a day may be given, too.
    private static func advised(
        _ error: TimeExpressionError,
        _ text: String,
        _ today: CivilDate
    ) -> TimeExpressionError {
        let word = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").lowercased()
        if word == "yesterday" {
            return TimeExpressionError(.passed, "\"\(text)\" is over. Write its date, \(today.adding(days: -1)).")
        }
        let figures = word.prefix { $0.isASCII && $0.isNumber }
        if figures.count <= 2, ["", "st", "nd", "rd", "th"].contains(word.dropFirst(figures.count)),
            let number = Int(figures),
            let day = (0..<366).map({ today.adding(days: $0) }).first(where: { $0.day == number })
        {
            let isHour = number < 24 && figures.count == word.count
            return TimeExpressionError(
                .ambiguous,
                isHour
                    ? "\"\(text)\" could mean a day or an hour. Write \(day) or \(digits(number, 2)):00."
                    : "\"\(text)\" does not say of which month. Write \(day)."
            )
        }
        if error.code == .malformed, !word.isEmpty, word.allSatisfy(\.isLetter) {
            return TimeExpressionError(
                .malformed,
                "\"\(text)\" is neither a day nor a time. Write a day like \(today.adding(days: 1)) or tomorrow, or a time "
                    + "like \"\(today.adding(days: 1)) 09:00\"."
            )
        }
        return error
    }
}

/// Reads a ``TimeSpan``.
struct SpanParser {
    private enum Unit: Hashable {
        case months(Int)
        case days(Int)
        case milliseconds(Int64)
    }

    /// A decimal number as two integers: `digits` without its point, and how many of them follow the point.
    private struct Number {
        var digits: Int64 = 0
        var decimals = 0
    }

    private let text: String
    private let characters: [Character]
    private var position = 0
    private var seen: Set<Unit> = []
    private var months = 0
    private var days = 0
    private var milliseconds: Int64 = 0

    init(text: String) {
        self.text = text
        characters = Array(text)
    }

    mutating func span() throws(TimeExpressionError) -> TimeSpan {
        skipSpaces()
        if next == "P" || next == "p" {
            position += 1
            try isoParts()
        } else {
            try parts()
        }
        guard !seen.isEmpty else { throw malformed("is empty") }
        // The longest distance of two instants: 9998 years and some days.
        guard months <= 12 * 9998, days <= 3_652_058, milliseconds <= 3_652_058 * 86_400_000 else { throw tooLong }
        return TimeSpan(months: months, days: days, milliseconds: milliseconds)
    }

    private mutating func parts() throws(TimeExpressionError) {
        while next != nil {
            guard let number = try number() else { throw malformed("is not a duration") }
            skipSpaces()
            let name = word()
            skipSpaces()
            if name == "M" {
                throw TimeExpressionError(
                    .ambiguous,
                    "\"\(text)\" could mean months or minutes. Write mo for months or m for minutes."
                )
            }
            guard let unit = Self.unit(name.lowercased()) else {
                throw malformed(name.isEmpty ? "lacks a unit" : "has the unknown unit \"\(name)\"")
            }
            try add(number, unit)
        }
    }

    /// `1Y2M3W4D`, then `T` and `5H6M7.5S`: each at most once, in this order (ISO 8601-1, 5.5.2).
    private mutating func isoParts() throws(TimeExpressionError) {
        var units: [(Character, Unit)] = [("Y", .months(12)), ("M", .months(1)), ("W", .days(7)), ("D", .days(1))]
        var isTime = false
        while next != nil {
            if !isTime, next == "T" || next == "t" {
                position += 1
                isTime = true
                units = [("H", .milliseconds(3_600_000)), ("M", .milliseconds(60_000)), ("S", .milliseconds(1000))]
                if next == nil { break }
            }
            guard let number = try number(), let name = next?.uppercased().first,
                let index = units.firstIndex(where: { $0.0 == name })
            else { throw malformed("is not an ISO 8601 duration") }
            position += 1
            try add(number, units[index].1)
            units.removeFirst(index + 1)
            if position < characters.count, characters[position...].allSatisfy(\.isWhitespace) { return }
        }
        if characters.last == "T" || characters.last == "t" { throw malformed("ends after the T") }
    }

    private mutating func add(_ number: Number, _ unit: Unit) throws(TimeExpressionError) {
        guard seen.insert(unit).inserted else { throw malformed("has one unit twice") }
        let size: Int64 =
            switch unit {
            case .months(let size), .days(let size): Int64(size)
            case .milliseconds(let size): size
            }
        let (product, overflow) = number.digits.multipliedReportingOverflow(by: size)
        var divisor: Int64 = 1
        for _ in 0..<number.decimals { divisor *= 10 }
        if overflow { throw tooLong }
        switch unit {
        case .milliseconds:
            guard product % divisor == 0 else {
                throw TimeExpressionError(
                    .tooPrecise,
                    "\"\(text)\" is finer than a millisecond. Write at most 3 decimals of a second."
                )
            }
            let (sum, overflow) = milliseconds.addingReportingOverflow(product / divisor)
            if overflow { throw tooLong }
            milliseconds = sum
        case .months, .days:
            guard divisor == 1 else {
                throw malformed("has decimals of a day or longer, which have no fixed length")
            }
            guard product <= 10_000_000 else { throw tooLong }
            if case .months = unit { months += Int(product) } else { days += Int(product) }
        }
    }

    private static func unit(_ name: String) -> Unit? {
        switch name {
        case "ms", "msec", "msecs", "millisecond", "milliseconds": .milliseconds(1)
        case "s", "sec", "secs", "second", "seconds": .milliseconds(1000)
        case "m", "min", "mins", "minute", "minutes": .milliseconds(60_000)
        case "h", "hr", "hrs", "hour", "hours": .milliseconds(3_600_000)
        case "d", "day", "days": .days(1)
        case "w", "week", "weeks": .days(7)
        case "mo", "month", "months": .months(1)
        case "y", "yr", "yrs", "year", "years": .months(12)
        default: nil
        }
    }

    private var next: Character? { position < characters.count ? characters[position] : nil }

    private mutating func skipSpaces() {
        while let next, next.isWhitespace { position += 1 }
    }

    private mutating func word() -> String {
        let start = position
        while let next, next.isLetter { position += 1 }
        return String(characters[start..<position])
    }

    private mutating func number() throws(TimeExpressionError) -> Number? {
        var number = Number()
        var count = 0
        var isFraction = false
        while let next {
            if next == ".", !isFraction, count > 0 {
                isFraction = true
            } else if let digit = next.wholeNumberValue, next.isASCII {
                count += 1
                guard count <= 15 else { throw tooLong }
                number.digits = number.digits * 10 + Int64(digit)
                if isFraction { number.decimals += 1 }
            } else {
                break
            }
            position += 1
        }
        return count > 0 && (!isFraction || number.decimals > 0) ? number : nil
    }

    private var tooLong: TimeExpressionError {
        TimeExpressionError(.outOfRange, "\"\(text)\" is too long. Write less than 9998 years.")
    }

    private func malformed(_ reason: String) -> TimeExpressionError {
        TimeExpressionError(
            .malformed,
            "\"\(text)\" \(reason). Write a duration like 90s, 10m, 2h30m, 1d, 1mo or PT10M."
        )
    }
}

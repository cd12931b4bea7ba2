/// A moment as `Date.prototype.toISOString` writes it: `2023-11-14T22:13:20.123Z`.
struct ISOTimestamp {
    /// The text in ASCII, without quotes.
    let text: [UInt8]

    /// JavaScript's dates reach 100 million days to either side of 1970 (ECMAScript, TimeClip).
    private static let range: ClosedRange<Int64> = -8_640_000_000_000_000...8_640_000_000_000_000
    private static let millisecondsPerDay: Int64 = 86_400_000

    /// Makes the text, or nil where JavaScript has no date.
    init?(milliseconds: Int64) {
        guard Self.range.contains(milliseconds) else { return nil }
        var day = milliseconds / Self.millisecondsPerDay
        var time = milliseconds % Self.millisecondsPerDay
        if time < 0 {
            time += Self.millisecondsPerDay
            day -= 1
        }
        let date = Self.civilDate(ofDay: day)
        var text: [UInt8] = []
        text.reserveCapacity(27)
        if (0...9999).contains(date.year) {
            Self.append(date.year, width: 4, to: &text)
        } else {
            text.append(date.year < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            Self.append(abs(date.year), width: 6, to: &text)
        }
        let parts: [(separator: Unicode.Scalar, number: Int64, width: Int)] = [
            ("-", date.month, 2), ("-", date.day, 2), ("T", time / 3_600_000, 2), (":", time / 60_000 % 60, 2),
            (":", time / 1000 % 60, 2), (".", time % 1000, 3),
        ]
        for part in parts {
            text.append(UInt8(ascii: part.separator))
            Self.append(part.number, width: part.width, to: &text)
        }
        text.append(UInt8(ascii: "Z"))
        self.text = text
    }

    /// The Gregorian date of a day counted from 1970-01-01.
    ///
    /// The year is taken to begin in March, so that the leap day is its last (Howard Hinnant, "chrono-Compatible
    /// Low-Level Date Algorithms", civil_from_days); eras are the 400 years after which the calendar repeats.
    private static func civilDate(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfMonth)
    }

    private static func append(_ number: Int64, width: Int, to text: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            text.append(0x30 + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}

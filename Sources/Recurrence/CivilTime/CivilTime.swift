/// A time of day, without a date and without a zone: 00:00:00.000 to 23:59:59.999.
public struct CivilTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The hour, 0 to 23.
    public let hour: Int

    /// The minute, 0 to 59.
    public let minute: Int

    /// The second, 0 to 59; there are no leap seconds.
    public let second: Int

    /// The millisecond, 0 to 999.
    public let millisecond: Int

    /// 00:00, the start of a day.
    public static let midnight = CivilTime(millisecondOfDay: 0)

    /// 12:00.
    public static let noon = CivilTime(millisecondOfDay: 43_200_000)

    /// Makes a time of day, or nil when a part is out of its range.
    public init?(hour: Int, minute: Int, second: Int = 0, millisecond: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second),
            (0...999).contains(millisecond)
        else { return nil }
        self.hour = hour
        self.minute = minute
        self.second = second
        self.millisecond = millisecond
    }

    /// Makes the time that many milliseconds after midnight.
    /// - Parameter milliseconds: 0 to 86 399 999.
    init(millisecondOfDay milliseconds: Int) {
        hour = milliseconds / 3_600_000
        minute = milliseconds / 60_000 % 60
        second = milliseconds / 1000 % 60
        millisecond = milliseconds % 1000
    }

    /// Milliseconds since 00:00, 0 to 86 399 999.
    public var millisecondOfDay: Int {
        ((hour * 60 + minute) * 60 + second) * 1000 + millisecond
    }

    /// Compares two times of day; the earlier is the smaller.
    public static func < (left: CivilTime, right: CivilTime) -> Bool {
        left.millisecondOfDay < right.millisecondOfDay
    }

    /// The time as ISO 8601, such as `09:00:00`; three decimals follow when they are not zero.
    public var description: String { text(decimals: millisecond != 0) }

    func text(decimals: Bool) -> String { DigitWriter.text(atMost: 12) { write(to: &$0, decimals: decimals) } }

    func write(to writer: inout DigitWriter, decimals: Bool) {
        writer.write(hour, width: 2)
        writer.write(":")
        writer.write(minute, width: 2)
        writer.write(":")
        writer.write(second, width: 2)
        if decimals {
            writer.write(".")
            writer.write(millisecond, width: 3)
        }
    }
}

/// A number with leading zeros up to a width.
func digits(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return text.count < width ? String(repeating: "0", count: width - text.count) + text : text
}

/// An offset from UTC as `+09:00`; seconds follow only when they are not zero.
func offsetText(seconds: Int) -> String {
    let size = abs(seconds)
    let text = "\(seconds < 0 ? "-" : "+")\(digits(size / 3600, 2)):\(digits(size / 60 % 60, 2))"
    return size % 60 == 0 ? text : "\(text):\(digits(size % 60, 2))"
}

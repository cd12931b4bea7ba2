/// Reads dates and times as programs write them (RFC 3339): `2026-12-01T09:00:00.250Z`, and nothing else.
struct TimestampParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    /// What a text says in the form `yyyy-mm-ddThh:mm:ss`, with a space for the `T`, without the seconds or with up to three
    /// decimals, and with or without `Z` or an offset.
    ///
    /// - Parameter text: the text.
    /// - Returns: nil for any other form, and for what is no time.
    static func form(_ text: String) -> TimeExpression.Form? {
        text.utf8.withContiguousStorageIfAvailable { bytes in
            var parser = TimestampParser(bytes: bytes)
            return parser.form()
        } ?? nil
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func form() -> TimeExpression.Form? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2), take("T", " "),
            let hour = number(2), take(":"), let minute = number(2), let (second, millisecond) = seconds(),
            let date = CivilDate(year: year, month: month, day: day),
            let time = CivilTime(hour: hour, minute: minute, second: second, millisecond: millisecond)
        else { return nil }
        let wall = CivilDateTime(date: date, time: time)
        if position == bytes.count { return .wall(wall) }
        guard let offset = offset(), position == bytes.count else { return nil }
        return Timestamp(exactly: wall.localMilliseconds - Int64(offset) * 1000).map { .instant($0) }
    }

    private mutating func seconds() -> (second: Int, millisecond: Int)? {
        guard take(":") else { return (0, 0) }
        guard let second = number(2) else { return nil }
        guard take(".") else { return (second, 0) }
        var (decimals, scale) = (0, 100)
        guard let first = number(1) else { return nil }
        decimals = first * scale
        while scale > 1, let digit = number(1) {
            scale /= 10
            decimals += digit * scale
        }
        return (second, decimals)
    }

    /// In seconds.
    private mutating func offset() -> Int? {
        if take("Z") { return 0 }
        let sign = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else {
            return nil
        }
        return sign * (hours * 3600 + minutes * 60)
    }

    /// Takes so many digits.
    private mutating func number(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var number = 0
        for byte in bytes[position..<position + count] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        position += count
        return number
    }

    /// Takes one of these letters, if it is next.
    private mutating func take(_ letters: Unicode.Scalar...) -> Bool {
        guard position < bytes.count, letters.contains(Unicode.Scalar(bytes[position])) else { return false }
        position += 1
        return true
    }
}

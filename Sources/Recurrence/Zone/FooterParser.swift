extension FooterRule {
    /// Reads a POSIX TZ string, or returns nil when it is not one.
    ///
    /// The rule of a daylight saving name is required: POSIX leaves its absence to the implementation, RFC 9636 files
    /// have it.
    init?(_ text: some Sequence<UInt8>) {
        var parser = FooterParser(bytes: Array(text))
        guard let rule = parser.rule(), parser.isAtEnd else { return nil }
        self = rule
    }
}

/// A recursive descent over the bytes of a POSIX TZ string.
private struct FooterParser {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skip(_ character: Character) -> Bool {
        guard let next, next == character.asciiValue else { return false }
        position += 1
        return true
    }

    mutating func rule() -> FooterRule? {
        guard let name = name(), let west = time(hours: 0...25) else { return nil }
        let standard = LocalType(offset: -west, isDaylightSaving: false, abbreviation: name)
        guard LocalType.offsetRange.contains(standard.offset) else { return nil }
        if isAtEnd { return FooterRule(standard: standard, daylight: nil) }
        guard let daylightName = self.name() else { return nil }
        var offset = standard.offset + 3600
        if next != 0x2C {
            guard let west = time(hours: 0...25) else { return nil }
            offset = -west
        }
        guard LocalType.offsetRange.contains(offset), let start = moment(), let end = moment() else { return nil }
        let type = LocalType(offset: offset, isDaylightSaving: true, abbreviation: daylightName)
        return FooterRule(standard: standard, daylight: .init(type: type, start: start, end: end))
    }

    /// `EST` or `<+03>`, at least three characters.
    private mutating func name() -> String? {
        let quoted = skip("<")
        let start = position
        while let next, Self.isLetter(next) || (quoted && (Self.isDigit(next) || next == 0x2B || next == 0x2D)) {
            position += 1
        }
        let name = bytes[start..<position]
        guard name.count >= 3, !quoted || skip(">") else { return nil }
        return String(decoding: name, as: UTF8.self)
    }

    /// `[+-]h[:mm[:ss]]` in seconds.
    private mutating func time(hours: ClosedRange<Int>) -> Int? {
        let isNegative = skip("-")
        if !isNegative { _ = skip("+") }
        guard let hour = number(in: hours) else { return nil }
        var seconds = hour * 3600
        if skip(":") {
            guard let minute = number(in: 0...59) else { return nil }
            seconds += minute * 60
            if skip(":") {
                guard let second = number(in: 0...59) else { return nil }
                seconds += second
            }
        }
        return isNegative ? -seconds : seconds
    }

    /// `,M3.2.0/2`, `,J60` or `,59`, the time being 02:00 where it is not given.
    private mutating func moment() -> FooterRule.Moment? {
        guard skip(","), let day = day() else { return nil }
        guard skip("/") else { return .init(day: day, seconds: 7200) }
        guard let seconds = time(hours: 0...167) else { return nil }
        return .init(day: day, seconds: seconds)
    }

    private mutating func day() -> FooterRule.Moment.Day? {
        if skip("J") { return number(in: 1...365).map { .withoutLeapDay($0) } }
        guard skip("M") else { return number(in: 0...365).map { .zeroBased($0) } }
        guard let month = number(in: 1...12), skip("."), let week = number(in: 1...5), skip("."),
            let weekday = number(in: 0...6)
        else { return nil }
        return .weekday(month: month, week: week, weekday: weekday)
    }

    private mutating func number(in range: ClosedRange<Int>) -> Int? {
        var value = 0
        let start = position
        while let next, Self.isDigit(next), position - start < 3 {
            value = value * 10 + Int(next - 0x30)
            position += 1
        }
        return position > start && range.contains(value) ? value : nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

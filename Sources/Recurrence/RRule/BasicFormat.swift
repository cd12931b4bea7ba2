/// A date or date-time in the basic format of ISO 8601 that RFC 5545 uses: `20261201`, `20261201T090000`, and with `Z`.
enum BasicMoment: Hashable {
    case date(CivilDate)
    case wall(CivilDateTime)
    case instant(Timestamp)

    /// Reads one in upper case, or returns nil when there is no such moment.
    ///
    /// Second 60 is read as 59 (RFC 5545 §3.3.12).
    init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 8, let date = Self.date(bytes[..<8]) else { return nil }
        if bytes.count == 8 {
            self = .date(date)
            return
        }
        guard bytes[8] == UInt8(ascii: "T"), bytes.count == 15 || bytes.count == 16 && bytes[15] == UInt8(ascii: "Z"),
            let hour = Self.number(bytes[9..<11]), let minute = Self.number(bytes[11..<13]),
            let second = Self.number(bytes[13..<15]), second <= 60,
            let time = CivilTime(hour: hour, minute: minute, second: min(second, 59))
        else { return nil }
        let wall = CivilDateTime(date: date, time: time)
        self = bytes.count == 15 ? .wall(wall) : .instant(Timestamp(milliseconds: wall.localMilliseconds))
    }

    private static func date(_ bytes: ArraySlice<UInt8>) -> CivilDate? {
        guard let year = number(bytes.prefix(4)), let month = number(bytes.dropFirst(4).prefix(2)),
            let day = number(bytes.dropFirst(6))
        else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        var number = 0
        for byte in bytes {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }
}

extension CivilDate {
    /// The date in basic format, such as `20261201`.
    var basicText: String { "\(digits(year, 4))\(digits(month, 2))\(digits(day, 2))" }
}

extension CivilDateTime {
    /// The wall time in basic format, such as `20261201T090000`; milliseconds are left out.
    var basicText: String { "\(date.basicText)T\(digits(hour, 2))\(digits(minute, 2))\(digits(second, 2))" }
}

/// The quotient rounded towards negative infinity.
@inline(__always)
func floorDivide(_ number: Int, by divisor: Int) -> Int {
    let quotient = number / divisor
    return number % divisor < 0 ? quotient - 1 : quotient
}

/// The remainder that belongs to ``floorDivide(_:by:)``, never negative.
@inline(__always)
func floorModulo(_ number: Int, by divisor: Int) -> Int {
    let rest = number % divisor
    return rest < 0 ? rest + divisor : rest
}

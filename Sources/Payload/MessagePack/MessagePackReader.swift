/// Reads MessagePack from bytes that anybody may have written.
struct MessagePackReader {
    private let bytes: [UInt8]
    private var position = 0
    /// In how many keys of maps the present value is.
    private var keyDepth = 0

    /// Memory that is set aside for elements before they are seen; every level of nesting may do so again.
    private static let reservedElements = 16

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(PayloadError) -> PayloadValue {
        let value = try value(depth: 0)
        let rest = bytes.count - position
        guard rest == 0 else {
            throw PayloadError(
                code: .trailingBytes,
                message: "The MessagePack value ends after \(position) bytes, but \(rest) more bytes follow it."
            )
        }
        return value
    }

    private mutating func value(depth: Int) throws(PayloadError) -> PayloadValue {
        let head: UInt8 = try integer()
        switch head {
        case 0x00...0x7F: return .integer(Int64(head))
        case 0x80...0x8F: return try map(count: Int(head & 0x0F), depth: depth + 1)
        case 0x90...0x9F: return try array(count: Int(head & 0x0F), depth: depth + 1)
        case 0xA0...0xBF: return .string(try string(count: Int(head & 0x1F)))
        case 0xC0: return .null
        case 0xC2: return .bool(false)
        case 0xC3: return .bool(true)
        case 0xC4...0xC6: return .binary(Array(try take(try size(widthCode: head - 0xC4))))
        case 0xCA...0xD3: return try number(head)
        case 0xC7...0xC9: return try extensionValue(count: try size(widthCode: head - 0xC7))
        case 0xD4...0xD8: return try extensionValue(count: 1 << Int(head - 0xD4))
        case 0xD9...0xDB: return .string(try string(count: try size(widthCode: head - 0xD9)))
        case 0xDC...0xDD: return try array(count: try size(widthCode: head - 0xDC + 1), depth: depth + 1)
        case 0xDE...0xDF: return try map(count: try size(widthCode: head - 0xDE + 1), depth: depth + 1)
        case 0xE0...0xFF: return .integer(Int64(Int8(bitPattern: head)))
        default:
            let message = "Found the byte C1 at offset \(position - 1), which is not MessagePack; this is other data."
            throw PayloadError(code: .invalidByte, message: message)
        }
    }

    private mutating func number(_ head: UInt8) throws(PayloadError) -> PayloadValue {
        switch head {
        case 0xCA: return .number(Double(Float(bitPattern: try integer())))
        case 0xCB: return .number(Double(bitPattern: try integer()))
        case 0xCC: return .integer(Int64(try integer() as UInt8))
        case 0xCD: return .integer(Int64(try integer() as UInt16))
        case 0xCE: return .integer(Int64(try integer() as UInt32))
        case 0xCF:
            let unsigned: UInt64 = try integer()
            return Int64(exactly: unsigned).map { .integer($0) } ?? .number(Double(unsigned))
        case 0xD0: return .integer(Int64(try integer() as Int8))
        case 0xD1: return .integer(Int64(try integer() as Int16))
        case 0xD2: return .integer(Int64(try integer() as Int32))
        default: return .integer(try integer())
        }
    }

    private mutating func array(count: Int, depth: Int) throws(PayloadError) -> PayloadValue {
        try check(count: count, bytesEach: 1, depth: depth)
        var elements: [PayloadValue] = []
        elements.reserveCapacity(min(count, Self.reservedElements))
        for _ in 0..<count { elements.append(try value(depth: depth)) }
        return .array(elements)
    }

    private mutating func map(count: Int, depth: Int) throws(PayloadError) -> PayloadValue {
        try check(count: count, bytesEach: 2, depth: depth)
        var builder = PayloadObjectBuilder()
        for _ in 0..<count {
            keyDepth += 1
            let key = try text(ofKey: try value(depth: depth))
            keyDepth -= 1
            builder.set(key, to: try value(depth: depth))
        }
        return .object(builder.object())
    }

    private func check(count: Int, bytesEach: Int, depth: Int) throws(PayloadError) {
        let limit = PayloadValue.maximumMessagePackDepth
        guard depth <= limit else {
            let message = "Arrays and maps are nested more than \(limit) deep at offset \(position); flatten the value."
            throw PayloadError(code: .tooDeep, message: message)
        }
        guard count <= (bytes.count - position) / bytesEach else { throw truncated(count * bytesEach) }
    }

    /// Keys of keys are plain: the text of a text of a text grows to twice its size with each.
    private func text(ofKey key: PayloadValue) throws(PayloadError) -> String {
        switch key {
        case .array where keyDepth > 1, .object where keyDepth > 1:
            throw PayloadError(
                code: .invalidByte,
                message:
                    "A map has a key that is a map whose key is a list or a map, at offset \(position). No sender of "
                    + "messages writes this."
            )
        case .string(let string): string
        case .binary(let bytes): String(decoding: bytes, as: UTF8.self)
        case .timestamp(let milliseconds):
            ISOTimestamp(milliseconds: milliseconds).map { String(decoding: $0.text, as: UTF8.self) } ?? "null"
        default: try key.jsonText()
        }
    }

    private mutating func extensionValue(count: Int) throws(PayloadError) -> PayloadValue {
        let type: Int8 = try integer()
        let content = Array(try take(count))
        var reader = MessagePackReader(content)
        switch (type, count) {
        case (-1, 4), (-1, 8), (-1, 12):
            return try reader.timestamp().map { .timestamp(milliseconds: $0) } ?? .binary(content)
        case (0, 1) where content == [0]: return .null
        case (0, 8): return .timestamp(milliseconds: try reader.integer())
        default: return .binary(content)
        }
    }

    /// The milliseconds of a timestamp extension whose content is all that there is to read, or nil if they do not
    /// fit.
    private mutating func timestamp() throws(PayloadError) -> Int64? {
        let seconds: Int64
        var nanoseconds: UInt32 = 0
        switch bytes.count {
        case 4: seconds = Int64(try integer() as UInt32)
        case 8:
            let both: UInt64 = try integer()
            nanoseconds = UInt32(truncatingIfNeeded: both >> 34)
            seconds = Int64(both & (1 << 34 - 1))
        default:
            nanoseconds = try integer()
            seconds = try integer()
        }
        // Before 1970 the seconds are rounded down and may lie below the range although the sum does not.
        let isEarly = seconds < 0
        let (milliseconds, overflow) = (isEarly ? seconds + 1 : seconds).multipliedReportingOverflow(by: 1000)
        let rest = Int64(nanoseconds / 1_000_000) - (isEarly ? 1000 : 0)
        let (sum, sumOverflow) = milliseconds.addingReportingOverflow(rest)
        return overflow || sumOverflow ? nil : sum
    }

    private mutating func string(count: Int) throws(PayloadError) -> String {
        String(decoding: try take(count), as: UTF8.self)
    }

    /// Reads a length of 1, 2 or 4 bytes, for the codes 0, 1 and 2.
    private mutating func size(widthCode: UInt8) throws(PayloadError) -> Int {
        switch widthCode {
        case 0: Int(try integer() as UInt8)
        case 1: Int(try integer() as UInt16)
        default: Int(try integer() as UInt32)
        }
    }

    private mutating func integer<Number: FixedWidthInteger>() throws(PayloadError) -> Number {
        var number: Number = 0
        for byte in try take(Number.bitWidth / 8) {
            number = number &<< 8 | Number(truncatingIfNeeded: byte)
        }
        return number
    }

    private mutating func take(_ count: Int) throws(PayloadError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw truncated(count) }
        defer { position += count }
        return bytes[position..<position + count]
    }

    private func truncated(_ needed: Int) -> PayloadError {
        let rest = bytes.count - position
        return PayloadError(
            code: .truncated,
            message: "The MessagePack ends early: at offset \(position) it needs \(needed) more bytes and has \(rest)."
        )
    }
}

/// Appends JSON text to one array of bytes, as `JSON.stringify` writes it.
///
/// ```swift
/// var writer = JSONWriter(capacity: 128)
/// writer.writeRaw("{\"type\":2,\"nsp\":")
/// writer.write(string: "/admin")
/// writer.writeRaw("}")
/// writer.bytes    // {"type":2,"nsp":"/admin"}
/// ```
public struct JSONWriter: Sendable {
    /// What has been written so far, in UTF-8.
    public private(set) var bytes: [UInt8]

    /// What becomes of binary data, which JSON has not.
    public enum Binary: Hashable, Sendable {
        /// It is refused.
        case refused
        /// It becomes what `JSON.stringify` makes of a Node.js `Buffer`: `{"type":"Buffer","data":[1,2,3]}`.
        case nodeBuffers
    }

    /// What becomes of binary data.
    public var binary = Binary.refused

    /// Makes an empty writer with room for `capacity` bytes.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Writes bytes that are JSON text already, or a part of it such as `,`.
    public mutating func writeRaw(_ encoded: [UInt8]) {
        encoded.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    /// Writes bytes that are JSON text already, or a part of it.
    public mutating func writeRaw(_ encoded: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: encoded)
    }

    /// Writes text that is JSON already, or a part of it such as `,"rooms":`.
    public mutating func writeRaw(_ encoded: StaticString) {
        encoded.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Empties the writer and keeps its memory, for the next message.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    /// Writes a string in quotes.
    ///
    /// Escaped are `"`, `\` and the control characters below U+0020; everything else, U+2028 and U+007F included,
    /// stands for itself.
    public mutating func write(string: String) {
        var string = string
        bytes.append(UInt8(ascii: "\""))
        string.withUTF8 { writeEscaped($0) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a value.
    ///
    /// - Throws: ``PayloadError`` with ``PayloadError/Code/binaryInJSON`` if there is binary data inside; what was
    ///   written before it stays.
    public mutating func write(_ value: PayloadValue) throws(PayloadError) {
        switch value {
        case .null: writeRaw("null")
        case .bool(let bool): writeRaw(bool ? "true" : "false")
        case .integer(let integer): write(integer: integer)
        case .number(let number): write(number: number)
        case .string(let string): write(string: string)
        case .timestamp(let milliseconds): write(timestamp: milliseconds)
        case .array(let elements): try write(array: elements)
        case .object(let object): try write(object: object)
        case .binary(let bytes): try write(binary: bytes)
        }
    }

    static let binaryError = PayloadError(
        code: .binaryInJSON,
        message: "JSON cannot carry binary data; send it as a base64 string, or over a wire that uses MessagePack."
    )

    /// Writes an integer with all its digits.
    public mutating func write(integer: Int64) {
        if integer < 0 { bytes.append(UInt8(ascii: "-")) }
        writeDigits(of: integer.magnitude)
    }

    /// Writes a double as JavaScript does; NaN and the infinities as `null`.
    public mutating func write(number: Double) {
        if let integer = number.exactInteger, integer.magnitude <= 1 << 53 {
            write(integer: integer)
        } else if number.isFinite {
            JavaScriptNumber(number).write(into: &bytes)
        } else {
            writeRaw("null")
        }
    }

    private mutating func write(binary bytes: [UInt8]) throws(PayloadError) {
        guard binary == .nodeBuffers else { throw Self.binaryError }
        writeRaw(#"{"type":"Buffer","data":"#)
        try write(array: bytes.map { .integer(Int64($0)) })
        writeRaw("}")
    }

    private mutating func write(timestamp milliseconds: Int64) {
        guard let text = ISOTimestamp(milliseconds: milliseconds)?.text else {
            writeRaw("null")
            return
        }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func write(array elements: [PayloadValue]) throws(PayloadError) {
        var separator = UInt8(ascii: "[")
        for element in elements {
            bytes.append(separator)
            try write(element)
            separator = UInt8(ascii: ",")
        }
        writeRaw(elements.isEmpty ? "[]" : "]")
    }

    private mutating func write(object: PayloadObject) throws(PayloadError) {
        var separator = UInt8(ascii: "{")
        for entry in object.entries {
            bytes.append(separator)
            write(string: entry.key)
            bytes.append(UInt8(ascii: ":"))
            try write(entry.value)
            separator = UInt8(ascii: ",")
        }
        writeRaw(object.isEmpty ? "{}" : "}")
    }

    private mutating func writeDigits(of magnitude: UInt64) {
        // As many as the largest has; they are found from the last to the first.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = magnitude
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    private mutating func writeEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        let raw = UnsafeRawBufferPointer(text)
        var start = 0
        while true {
            let end = PlainCharacters.end(in: raw, from: start)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<end]))
            if end == text.count { return }
            writeEscape(of: text[end])
            start = end + 1
        }
    }

    private mutating func writeEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): writeRaw("\\\"")
        case UInt8(ascii: "\\"): writeRaw("\\\\")
        case 0x08: writeRaw("\\b")
        case 0x09: writeRaw("\\t")
        case 0x0A: writeRaw("\\n")
        case 0x0C: writeRaw("\\f")
        case 0x0D: writeRaw("\\r")
        default:
            writeRaw(byte < 0x10 ? "\\u000" : "\\u001")
            let digit = byte & 0x0F
            bytes.append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
        }
    }
}

/// Appends MessagePack to one array of bytes, as notepack.io 3.0.1 (lib/encode.js) writes it unless told otherwise.
///
/// ```swift
/// var writer = MessagePackWriter(capacity: 64)
/// writer.beginArray(count: 2)
/// writer.write(string: "announcement")
/// writer.write(["minutes": 30])
/// writer.bytes    // 92 ac 616e6e6f756e63656d656e74 81 a7 6d696e75746573 1e
/// ```
///
/// The writer does not check that as many elements follow as a head announced. Keep one writer and empty it with
/// ``removeAll()`` to write many messages without allocating for each.
public struct MessagePackWriter: Sendable {
    /// How a moment is written.
    public enum Dates: Hashable, Sendable {
        /// As the timestamp extension, which notepack.io 3 reads and older ones garble.
        case timestamps
        /// As the text of JavaScript's `toISOString`, which every receiver shows alike.
        case texts
    }

    /// Which encoder is followed where two differ.
    public enum Encoder: Hashable, Sendable {
        /// notepack.io 3.0.1, of @socket.io/redis-adapter and its emitter.
        case notepack
        /// @msgpack/msgpack 2.8.0, of @socket.io/redis-streams-adapter and its emitter: a number without fraction beyond
        /// ±(2^53 - 1) is a 64-bit float.
        case msgpackJavaScript
    }

    /// How moments are written.
    public var dates = Dates.timestamps

    /// Which encoder is followed.
    public var encoder = Encoder.notepack

    /// What has been written so far.
    public private(set) var bytes: [UInt8]

    /// Makes an empty writer with room for `capacity` bytes.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Writes the head of an array; its `count` elements follow.
    public mutating func beginArray(count: Int) {
        if count < 16 {
            bytes.append(0x90 | UInt8(truncatingIfNeeded: count))
        } else if count < 1 << 16 {
            append(0xDC, UInt16(truncatingIfNeeded: count))
        } else {
            append(0xDD, UInt32(truncatingIfNeeded: count))
        }
    }

    /// Writes the head of a map; its `count` keys and values follow, in turns.
    public mutating func beginMap(count: Int) {
        if count < 16 {
            bytes.append(0x80 | UInt8(truncatingIfNeeded: count))
        } else if count < 1 << 16 {
            append(0xDE, UInt16(truncatingIfNeeded: count))
        } else {
            append(0xDF, UInt32(truncatingIfNeeded: count))
        }
    }

    /// Writes a string.
    public mutating func write(string: String) {
        var string = string
        string.withUTF8 { text in
            let count = text.count
            if count < 32 {
                bytes.append(0xA0 | UInt8(truncatingIfNeeded: count))
            } else if count < 1 << 8 {
                append(0xD9, UInt8(truncatingIfNeeded: count))
            } else if count < 1 << 16 {
                append(0xDA, UInt16(truncatingIfNeeded: count))
            } else {
                append(0xDB, UInt32(truncatingIfNeeded: count))
            }
            bytes.append(contentsOf: text)
        }
    }

    /// Writes binary data.
    public mutating func write(binary: [UInt8]) {
        if binary.count < 1 << 8 {
            append(0xC4, UInt8(truncatingIfNeeded: binary.count))
        } else if binary.count < 1 << 16 {
            append(0xC5, UInt16(truncatingIfNeeded: binary.count))
        } else {
            append(0xC6, UInt32(truncatingIfNeeded: binary.count))
        }
        bytes.append(contentsOf: binary)
    }

    /// Writes `nil`.
    public mutating func writeNil() {
        bytes.append(0xC0)
    }

    /// Writes a truth value.
    public mutating func write(bool: Bool) {
        bytes.append(bool ? 0xC3 : 0xC2)
    }

    /// Writes an integer in the shortest form; beyond ±2^53 the nearest double, which is all that JavaScript can hold.
    public mutating func write(integer: Int64) {
        if integer.magnitude <= largestInteger {
            write(exactInteger: integer)
        } else {
            write(number: Double(integer))
        }
    }

    /// Writes a double: as an integer if it has no fraction (modulo 2^64 if it is that large), else as a 64-bit float.
    public mutating func write(number: Double) {
        if encoder == .msgpackJavaScript, number.magnitude > Double(largestInteger) {
            append(0xCB, number.bitPattern)
        } else if let integer = number.exactInteger {
            write(exactInteger: integer)
        } else if number.isFinite, number.magnitude >= 0x1p63 {
            append(number < 0 ? 0xD3 : 0xCF, number.lowest64Bits)
        } else {
            append(0xCB, number.bitPattern)
        }
    }

    /// The largest integer whose neighbours a double can hold, by either encoder's measure.
    private var largestInteger: UInt64 { encoder == .notepack ? 1 << 53 : (1 << 53) - 1 }

    /// Writes a moment in milliseconds since 1970: as ``dates`` says, and as the timestamp extension in the shortest of its
    /// three forms; as `nil` where it has no text.
    public mutating func write(timestamp milliseconds: Int64) {
        if dates == .texts {
            guard let text = ISOTimestamp(milliseconds: milliseconds)?.text else { return writeNil() }
            return write(string: String(decoding: text, as: UTF8.self))
        }
        let part = milliseconds % 1000
        let fraction = part < 0 ? part + 1000 : part
        let seconds = (milliseconds - part) / 1000 - (part < 0 ? 1 : 0)
        let nanoseconds = UInt32(truncatingIfNeeded: fraction * 1_000_000)
        if fraction == 0, let short = UInt32(exactly: seconds) {
            append(0xD6, 0xFF as UInt8)
            append(short)
        } else if (0..<1 << 34).contains(seconds) {
            append(0xD7, 0xFF as UInt8)
            append(UInt64(nanoseconds) << 34 | UInt64(truncatingIfNeeded: seconds))
        } else {
            append(0xC7, 0x0CFF as UInt16)
            append(nanoseconds)
            append(seconds)
        }
    }

    /// Writes a value with everything inside it.
    public mutating func write(_ value: PayloadValue) {
        switch value {
        case .null: writeNil()
        case .bool(let bool): write(bool: bool)
        case .integer(let integer): write(integer: integer)
        case .number(let number): write(number: number)
        case .string(let string): write(string: string)
        case .binary(let binary): write(binary: binary)
        case .timestamp(let milliseconds): write(timestamp: milliseconds)
        case .array(let elements):
            beginArray(count: elements.count)
            for element in elements { write(element) }
        case .object(let object):
            beginMap(count: object.count)
            for entry in object.entries {
                write(string: entry.key)
                write(entry.value)
            }
        }
    }

    /// Writes bytes that are MessagePack already.
    public mutating func writeRaw(_ encoded: [UInt8]) {
        // Appending the array itself retains and releases it, which takes half of the time of a small message
        // (measured).
        encoded.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    /// Writes the bytes of a value that is encoded already.
    public mutating func writeRaw(_ encoded: ArraySlice<UInt8>) {
        encoded.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    /// Empties the writer and keeps its memory, for the next message.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func write(exactInteger integer: Int64) {
        switch integer {
        case -32...127: bytes.append(UInt8(truncatingIfNeeded: integer))
        case 0..<1 << 8: append(0xCC, UInt8(truncatingIfNeeded: integer))
        case 0..<1 << 16: append(0xCD, UInt16(truncatingIfNeeded: integer))
        case 0..<1 << 32: append(0xCE, UInt32(truncatingIfNeeded: integer))
        case 0...: append(0xCF, integer)
        case -1 << 7..<0: append(0xD0, UInt8(truncatingIfNeeded: integer))
        case -1 << 15..<0: append(0xD1, UInt16(truncatingIfNeeded: integer))
        case -1 << 31..<0: append(0xD2, UInt32(truncatingIfNeeded: integer))
        default: append(0xD3, integer)
        }
    }

    private mutating func append(_ head: UInt8, _ number: some FixedWidthInteger) {
        bytes.append(head)
        append(number)
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

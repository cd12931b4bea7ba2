/// Writes MessagePack to memory that is known to be large enough; ``MessagePackWriter`` tells how.
///
/// To look for room, and for who else holds the memory, took most of the time of a small message when it was done for each of
/// its parts. Here it is done once: each kind of value has a bound for how many bytes it takes.
package struct MessagePackCursor {
    private let start: UnsafeMutablePointer<UInt8>
    private let end: UnsafeMutablePointer<UInt8>
    private var place: UnsafeMutablePointer<UInt8>
    /// How values are written.
    package let form: MessagePackForm

    /// Begins at the start of some memory; who writes more than fits there is stopped.
    package init(_ memory: UnsafeMutableBufferPointer<UInt8>, _ form: MessagePackForm) {
        // Where there is no memory, nothing is written to it.
        start = memory.baseAddress ?? UnsafeMutablePointer(bitPattern: 1).unsafelyUnwrapped
        end = start + memory.count
        place = start
        self.form = form
    }

    /// How many bytes were written.
    package var count: Int { place - start }

    // MARK: Bounds

    /// The most bytes that the head of an array or a map takes, or a number.
    package static let mostOfHead = 9

    /// The most bytes that a string takes.
    package static func most(of string: String) -> Int { string.utf8.count + 5 }

    /// The most bytes that an array of strings takes.
    package static func most(of strings: [String]) -> Int { strings.reduce(mostOfHead) { $0 + most(of: $1) } }

    /// The most bytes that a value takes.
    package static func most(of value: PayloadValue) -> Int {
        var survey = PayloadSurvey()
        survey.look(at: value)
        return survey.mostMessagePack
    }

    // MARK: Values

    /// Writes the head of an array; its `count` elements follow.
    package mutating func beginArray(count: Int) {
        if count < 16 {
            append(byte: 0x90 | UInt8(truncatingIfNeeded: count))
        } else if count < 1 << 16 {
            append(0xDC, UInt16(truncatingIfNeeded: count))
        } else {
            append(0xDD, UInt32(truncatingIfNeeded: count))
        }
    }

    /// Writes the head of a map; its `count` keys and values follow, in turns.
    package mutating func beginMap(count: Int) {
        if count < 16 {
            append(byte: 0x80 | UInt8(truncatingIfNeeded: count))
        } else if count < 1 << 16 {
            append(0xDE, UInt16(truncatingIfNeeded: count))
        } else {
            append(0xDF, UInt32(truncatingIfNeeded: count))
        }
    }

    /// Writes a string.
    package mutating func write(string: String) {
        // All but strings of other systems are contiguous; to ask for a contiguous copy is to count references.
        if string.utf8.withContiguousStorageIfAvailable({ write(text: $0) }) == nil {
            var string = string
            string.withUTF8 { write(text: $0) }
        }
    }

    private mutating func write(text: UnsafeBufferPointer<UInt8>) {
        let count = text.count
        if count < 32 {
            append(byte: 0xA0 | UInt8(truncatingIfNeeded: count))
        } else if count < 1 << 8 {
            append(0xD9, UInt8(truncatingIfNeeded: count))
        } else if count < 1 << 16 {
            append(0xDA, UInt16(truncatingIfNeeded: count))
        } else {
            append(0xDB, UInt32(truncatingIfNeeded: count))
        }
        writeRaw(text)
    }

    /// Writes an array of strings.
    package mutating func write(strings: [String]) {
        beginArray(count: strings.count)
        for string in strings { write(string: string) }
    }

    /// Writes binary data.
    package mutating func write(binary: [UInt8]) {
        if binary.count < 1 << 8 {
            append(0xC4, UInt8(truncatingIfNeeded: binary.count))
        } else if binary.count < 1 << 16 {
            append(0xC5, UInt16(truncatingIfNeeded: binary.count))
        } else {
            append(0xC6, UInt32(truncatingIfNeeded: binary.count))
        }
        binary.withUnsafeBufferPointer { writeRaw($0) }
    }

    /// Writes `nil`.
    package mutating func writeNil() { append(byte: 0xC0) }

    /// Writes a truth value.
    package mutating func write(bool: Bool) { append(byte: bool ? 0xC3 : 0xC2) }

    /// Writes an integer in the shortest form; beyond ±2^53 the nearest double, which is all that JavaScript can hold.
    package mutating func write(integer: Int64) {
        if integer.magnitude <= form.largestInteger {
            write(exactInteger: integer)
        } else {
            write(number: Double(integer))
        }
    }

    /// Writes a double: as an integer if it has no fraction (modulo 2^64 if it is that large), else as a 64-bit float.
    package mutating func write(number: Double) {
        if form.encoder == .msgpackJavaScript, number.magnitude > Double(form.largestInteger) {
            append(0xCB, number.bitPattern)
        } else if let integer = number.exactInteger {
            write(exactInteger: integer)
        } else if number.isFinite, number.magnitude >= 0x1p63 {
            append(number < 0 ? 0xD3 : 0xCF, number.lowest64Bits)
        } else {
            append(0xCB, number.bitPattern)
        }
    }

    /// Writes a moment in milliseconds since 1970: as the form says, and as the timestamp extension in the shortest of its
    /// three forms; as `nil` where it has no text.
    package mutating func write(timestamp milliseconds: Int64) {
        if form.dates == .texts {
            guard let text = ISOTimestamp(milliseconds: milliseconds)?.text else { return writeNil() }
            return write(string: String(decoding: text, as: UTF8.self))
        }
        let part = milliseconds % 1000
        let fraction = part < 0 ? part + 1000 : part
        let seconds = (milliseconds - part) / 1000 - (part < 0 ? 1 : 0)
        let nanoseconds = UInt32(truncatingIfNeeded: fraction * 1_000_000)
        if fraction == 0, let short = UInt32(exactly: seconds) {
            append(0xD6, 0xFF as UInt8)
            append(number: short)
        } else if (0..<1 << 34).contains(seconds) {
            append(0xD7, 0xFF as UInt8)
            append(number: UInt64(nanoseconds) << 34 | UInt64(truncatingIfNeeded: seconds))
        } else {
            append(0xC7, 0x0CFF as UInt16)
            append(number: nanoseconds)
            append(number: seconds)
        }
    }

    /// Writes a value with everything inside it.
    package mutating func write(_ value: PayloadValue) {
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
    package mutating func writeRaw(_ bytes: UnsafeBufferPointer<UInt8>) {
        precondition(bytes.count <= end - place, "There is no room for the bytes.")
        guard let source = bytes.baseAddress else { return }
        place.update(from: source, count: bytes.count)
        place += bytes.count
    }

    private mutating func write(exactInteger integer: Int64) {
        switch integer {
        case -32...127: append(byte: UInt8(truncatingIfNeeded: integer))
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
        append(byte: head)
        append(number: number)
    }

    private mutating func append(number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { writeRaw($0.assumingMemoryBound(to: UInt8.self)) }
    }

    private mutating func append(byte: UInt8) {
        precondition(place < end, "There is no room for a byte.")
        place.pointee = byte
        place += 1
    }
}

/// How MessagePack is written where encoders differ.
package struct MessagePackForm: Hashable, Sendable {
    /// How moments are written.
    package var dates = MessagePackWriter.Dates.timestamps
    /// Which encoder is followed.
    package var encoder = MessagePackWriter.Encoder.notepack

    /// Makes a form.
    package init(
        dates: MessagePackWriter.Dates = .timestamps,
        encoder: MessagePackWriter.Encoder = .notepack
    ) {
        self.dates = dates
        self.encoder = encoder
    }

    /// The largest integer whose neighbours a double can hold, by either encoder's measure.
    var largestInteger: UInt64 { encoder == .notepack ? 1 << 53 : (1 << 53) - 1 }
}

extension [UInt8] {
    /// Makes an array of what the body writes, of so many bytes at most.
    package init(atMost most: Int, _ form: MessagePackForm, _ body: (inout MessagePackCursor) -> Void) {
        self.init(unsafeUninitializedCapacity: most) { memory, count in
            var cursor = MessagePackCursor(memory, form)
            body(&cursor)
            count = cursor.count
        }
    }

    /// Appends what the body writes, of so many bytes at most.
    mutating func append(atMost most: Int, _ form: MessagePackForm, _ body: (inout MessagePackCursor) -> Void) {
        append(addingCapacity: most) { (span: inout OutputSpan<UInt8>) in
            span.withUnsafeMutableBufferPointer { memory, count in
                var cursor = MessagePackCursor(UnsafeMutableBufferPointer(rebasing: memory[count...]), form)
                body(&cursor)
                count += cursor.count
            }
        }
    }
}

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
    public var dates: Dates {
        get { form.dates }
        set { form.dates = newValue }
    }

    /// Which encoder is followed.
    public var encoder: Encoder {
        get { form.encoder }
        set { form.encoder = newValue }
    }

    /// What has been written so far.
    public private(set) var bytes: [UInt8]

    private(set) var form = MessagePackForm()

    /// Makes an empty writer with room for `capacity` bytes.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Writes the head of an array; its `count` elements follow.
    public mutating func beginArray(count: Int) {
        write(atMost: MessagePackCursor.mostOfHead) { $0.beginArray(count: count) }
    }

    /// Writes the head of a map; its `count` keys and values follow, in turns.
    public mutating func beginMap(count: Int) {
        write(atMost: MessagePackCursor.mostOfHead) { $0.beginMap(count: count) }
    }

    /// Writes a string.
    public mutating func write(string: String) {
        write(atMost: MessagePackCursor.most(of: string)) { $0.write(string: string) }
    }

    /// Writes binary data.
    public mutating func write(binary: [UInt8]) { write(.binary(binary)) }

    /// Writes `nil`.
    public mutating func writeNil() { write(.null) }

    /// Writes a truth value.
    public mutating func write(bool: Bool) { write(.bool(bool)) }

    /// Writes an integer in the shortest form; beyond ±2^53 the nearest double, which is all that JavaScript can hold.
    public mutating func write(integer: Int64) { write(.integer(integer)) }

    /// Writes a double: as an integer if it has no fraction (modulo 2^64 if it is that large), else as a 64-bit float.
    public mutating func write(number: Double) { write(.number(number)) }

    /// Writes a moment in milliseconds since 1970: as ``dates`` says, and as the timestamp extension in the shortest of its
    /// three forms; as `nil` where it has no text.
    public mutating func write(timestamp milliseconds: Int64) { write(.timestamp(milliseconds: milliseconds)) }

    /// Writes a value with everything inside it.
    public mutating func write(_ value: PayloadValue) {
        write(atMost: MessagePackCursor.most(of: value)) { $0.write(value) }
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

    /// Writes what the body writes, of so many bytes at most.
    package mutating func write(atMost most: Int, _ body: (inout MessagePackCursor) -> Void) {
        bytes.append(atMost: most, form, body)
    }
}

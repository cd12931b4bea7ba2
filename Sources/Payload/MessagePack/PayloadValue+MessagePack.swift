extension PayloadValue {
    /// How deep arrays and maps may be nested in MessagePack that is read: 144.
    ///
    /// That is more than ``maximumJSONDepth``, because a Socket.IO message wraps its arguments in further arrays and
    /// maps.
    public static let maximumMessagePackDepth = 144

    /// Reads one MessagePack value, written by whichever encoder.
    ///
    /// It takes everything that notepack.io 1 to 3, @msgpack/msgpack and Python's msgpack write:
    ///
    /// - unsigned integers above `Int64.max` become a ``number(_:)``, as do 32-bit floats;
    /// - the timestamp extension (type -1) becomes a ``timestamp(milliseconds:)``, finer parts of a second cut off;
    ///   so does notepack.io 2's date (type 0, eight bytes of milliseconds), and its `undefined` (type 0, one zero
    ///   byte) becomes ``null``;
    /// - any other extension becomes a ``binary(_:)`` of its bytes, without its type: whoever only looks at messages
    ///   should not lose one for a part that it does not know;
    /// - map keys that are not strings become their JSON text (`1`, `null`, `[1,2]`), binary keys and timestamps
    ///   their text; of equal keys the last one's value counts; a list or map in a key of a key is refused;
    /// - text that is not UTF-8 is repaired with U+FFFD.
    ///
    /// The bytes may be hostile: sizes are checked against the bytes that are left before anything is allocated.
    ///
    /// - Throws: ``PayloadError`` with the code ``PayloadError/Code/truncated``, ``PayloadError/Code/trailingBytes``,
    ///   ``PayloadError/Code/tooDeep``, ``PayloadError/Code/invalidByte`` or, for a map key that contains binary data
    ///   inside an array or a map, ``PayloadError/Code/binaryInJSON``.
    public init(messagePack bytes: [UInt8]) throws(PayloadError) {
        var reader = MessagePackReader(bytes)
        self = try reader.document()
    }

    /// The MessagePack bytes of the value, exactly as notepack.io 3.0.1 (lib/encode.js) writes them.
    ///
    /// Unchanged Socket.IO servers read these bytes with that library. It knows one kind of number, JavaScript's:
    ///
    /// - a double without fraction is written as an integer: `1.0` as `01`; any other number as a 64-bit float;
    /// - an integer beyond ±2^53 is first rounded to the nearest double (JSON text keeps all its digits);
    /// - an integer from 2^64 on, or below -2^63, is written modulo 2^64 and arrives as another number, see
    ///   ``exceedsSocketIORange``.
    public func messagePack() -> [UInt8] {
        var writer = MessagePackWriter(capacity: 64)
        writer.write(self)
        return writer.bytes
    }

    /// Whether there is binary data in it.
    public var hasBinary: Bool {
        switch self {
        case .binary: true
        case .array(let elements): elements.contains(where: \.hasBinary)
        case .object(let object): object.entries.contains(where: \.value.hasBinary)
        case .null, .bool, .integer, .number, .string, .timestamp: false
        }
    }

    /// Whether there is an integer in it that JavaScript's numbers cannot hold exactly: it arrives rounded.
    public var isRoundedByJavaScript: Bool {
        switch self {
        case .integer(let number): Int64(exactly: Double(number)) != number
        case .array(let elements): elements.contains(where: \.isRoundedByJavaScript)
        case .object(let object): object.entries.contains(where: \.value.isRoundedByJavaScript)
        default: false
        }
    }

    /// Tells whether a number inside would arrive as a wholly different one through MessagePack.
    ///
    /// These are the numbers without fraction from 2^64 on and below -2^63: notepack.io keeps their lowest 64 bits
    /// only, so that `1e300` arrives as 0. Worth a warning before the message is sent.
    public var exceedsSocketIORange: Bool {
        switch self {
        case .number(let number): number.isFinite && (number >= 0x1p64 || number < -0x1p63)
        case .array(let elements): elements.contains(where: \.exceedsSocketIORange)
        case .object(let object): object.entries.contains(where: \.value.exceedsSocketIORange)
        case .null, .bool, .integer, .string, .binary, .timestamp: false
        }
    }
}

/// A value that a Socket.IO message can carry: JSON, plus binary data and timestamps.
///
/// It is written with literals, read from JSON text, and encoded either as JSON text or as MessagePack:
///
/// ```swift
/// let value: PayloadValue = ["text": "Maintenance at noon", "minutes": 30, "rooms": ["lobby", "game"]]
/// try value.jsonText()    // {"text":"Maintenance at noon","minutes":30,"rooms":["lobby","game"]}
/// value.messagePack()     // the bytes that notepack.io 3.0.1, the encoder of Socket.IO's Redis adapter, writes
/// ```
///
/// Two values are equal when they have the same cases and the same contents. Strings and object keys are compared code
/// point by code point, as in JavaScript, and the order of an object's keys counts: equal values have equal encodings.
/// The reverse does not hold: `.integer(1)` and `.number(1)` differ although both are written as `1`.
///
/// Encoding and releasing a value are recursive. Values that were decoded are at most
/// ``maximumMessagePackDepth`` deep; a program that nests by hand must keep to a similar depth.
public enum PayloadValue: Hashable, Sendable {
    /// JSON's `null`, and JavaScript's `undefined` where it was decoded.
    case null
    /// A truth value.
    case bool(Bool)
    /// A whole number, exact in JSON text; MessagePack rounds beyond ±2^53, see ``messagePack()``.
    case integer(Int64)
    /// A double-precision number; NaN and the infinities exist in MessagePack only and are `null` in JSON.
    case number(Double)
    /// Text.
    case string(String)
    /// Bytes: a `Buffer` or an `ArrayBuffer` in JavaScript; they exist in MessagePack only.
    case binary([UInt8])
    /// A moment, in milliseconds since 1970-01-01T00:00:00Z: a `Date` in JavaScript, a string in JSON.
    case timestamp(milliseconds: Int64)
    /// An ordered list.
    case array([PayloadValue])
    /// Values by key, in the order of JavaScript's `Object.keys`.
    case object(PayloadObject)

    /// Tells whether two values have the same cases and the same contents.
    ///
    /// Swift's own comparison of strings takes "é" in one and in two code points for the same; JavaScript, and every
    /// receiver of a message, does not.
    public static func == (left: PayloadValue, right: PayloadValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.isExactly(right)
        case (.binary(let left), .binary(let right)): left == right
        case (.timestamp(let left), .timestamp(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

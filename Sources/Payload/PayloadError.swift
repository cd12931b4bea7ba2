/// Why a value could not be encoded, or why bytes are not a MessagePack value.
public struct PayloadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it was; more kinds may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the kind, such as `truncated`.
        public let description: String

        /// JSON has no binary data.
        public static let binaryInJSON = Code(description: "binaryInJSON")
        /// The MessagePack bytes end in the middle of a value, or promise more than there is.
        public static let truncated = Code(description: "truncated")
        /// Bytes follow the end of the MessagePack value.
        public static let trailingBytes = Code(description: "trailingBytes")
        /// The value is nested deeper than ``PayloadValue/maximumMessagePackDepth``.
        public static let tooDeep = Code(description: "tooDeep")
        /// An argument that Socket.IO's clients take for a placeholder of binary data.
        public static let placeholder = Code(description: "placeholder")
        /// The byte 0xC1, which MessagePack never uses.
        public static let invalidByte = Code(description: "invalidByte")
        /// The stored arguments of an event are not a JSON array, or not the array of an event and its arguments.
        public static let invalidArguments = Code(description: "invalidArguments")
    }

    /// What kind of failure it was.
    public let code: Code
    /// One sentence that says what is wrong, and where it helps one that says what to do.
    public let message: String
    /// The error that led to this one.
    public let cause: JSONError?

    /// Makes an error.
    public init(code: Code, message: String, cause: JSONError? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The message.
    public var description: String { message }
}

/// Where and why a text is not JSON (RFC 8259).
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure it was; more kinds may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name of the kind, such as `syntax`.
        public let description: String

        /// Something else stands where JSON needs a certain character, or the text ends too early.
        public static let syntax = Code(description: "syntax")
        /// A number too large for a double, such as `1e999`.
        public static let numberOutOfRange = Code(description: "numberOutOfRange")
        /// Nested deeper than ``PayloadValue/maximumJSONDepth``.
        public static let tooDeep = Code(description: "tooDeep")
        /// The bytes are not UTF-8.
        public static let invalidUTF8 = Code(description: "invalidUTF8")
    }

    /// What kind of failure it was.
    public let code: Code
    /// The line of the offending character, from 1; lines end with LF, CR or CR LF.
    public let line: Int
    /// The position of the offending character in its line, from 1, in Unicode code points.
    public let column: Int
    /// One sentence: what was found and what was expected.
    public let message: String

    /// Makes an error.
    public init(code: Code, line: Int, column: Int, message: String) {
        self.code = code
        self.line = line
        self.column = column
        self.message = message
    }

    /// The place and the message, such as `line 1, column 9: Found "}", expected a value`.
    public var description: String { "line \(line), column \(column): \(message)" }
}

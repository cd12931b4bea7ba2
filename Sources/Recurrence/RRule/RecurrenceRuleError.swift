/// Why a text is not a recurrence rule that can be kept.
public struct RecurrenceRuleError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure; more may be added.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// The text or one of its parts is not in the form of RFC 5545 §3.3.10.
        public static let malformed = Code(name: "malformed")
        /// The rule has no FREQ.
        public static let missingFrequency = Code(name: "missingFrequency")
        /// There is no part of this name.
        public static let unknownPart = Code(name: "unknownPart")
        /// A part occurs twice.
        public static let repeatedPart = Code(name: "repeatedPart")
        /// A number or a date that cannot be.
        public static let outOfRange = Code(name: "outOfRange")
        /// Parts that RFC 5545 forbids together, or with this FREQ.
        public static let notAllowed = Code(name: "notAllowed")
        /// RSCALE and SKIP of RFC 7529: other calendars than the Gregorian.
        public static let unsupported = Code(name: "unsupported")
    }

    /// What kind of failure it is.
    public let code: Code

    /// The name of the part at fault, such as `BYDAY`; empty when it is the whole.
    public let part: String

    /// One sentence of what is wrong and one of what to do.
    public let message: String

    init(_ code: Code, part: String = "", _ message: String) {
        self.code = code
        self.part = part
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

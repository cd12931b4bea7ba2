/// Why a time, a duration or an interval that somebody typed cannot be used.
public struct TimeExpressionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure; more may be added.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// The text is in none of the known forms.
        public static let malformed = Code(name: "malformed")
        /// The text has more than one meaning (`9`, `01/02/2026`, `1M`).
        public static let ambiguous = Code(name: "ambiguous")
        /// There is no such date or time of day (`30 february`, `13pm`, `24:00`), or it lies beyond the year 9999.
        public static let outOfRange = Code(name: "outOfRange")
        /// A day without a time of day.
        public static let missingTime = Code(name: "missingTime")
        /// More than 3 decimals of a second.
        public static let tooPrecise = Code(name: "tooPrecise")
        /// `today` with a time that has passed.
        public static let passed = Code(name: "passed")
        /// An interval below one second.
        public static let tooShort = Code(name: "tooShort")
        /// An interval in months or years.
        public static let notElapsed = Code(name: "notElapsed")
    }

    /// What kind of failure it is.
    public let code: Code

    /// One sentence of what is wrong and one of what to do.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

/// Why a text cannot be used as a cron expression.
public struct CronError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure; more may be added.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// Fewer than 5 fields, or more than 7.
        public static let fieldCount = Code(name: "fieldCount")
        /// An `@` with a word that is no nickname, `@reboot` and `@every` included.
        public static let unknownNickname = Code(name: "unknownNickname")
        /// A list with nothing between two commas, or at one of its ends.
        public static let emptyItem = Code(name: "emptyItem")
        /// A step of 0, or one that is wider than the field.
        public static let badStep = Code(name: "badStep")
        /// A number that the field does not have.
        public static let outOfRange = Code(name: "outOfRange")
        /// A range that ends before it begins, in a field that does not wrap around.
        public static let backwards = Code(name: "backwards")
        /// A word that is not the three-letter name of a month or of a day of the week.
        public static let unknownName = Code(name: "unknownName")
        /// Anything else that cannot be read.
        public static let malformed = Code(name: "malformed")
        /// All dates that the fields name do not exist, such as 30 February.
        public static let neverComes = Code(name: "neverComes")
    }

    /// What kind of failure it is.
    public let code: Code

    /// The field that is at fault, or nil when it is the whole.
    public let field: CronField?

    /// One sentence of what is wrong, with the name of the field, and one of what to do.
    public let message: String

    init(_ code: Code, _ field: CronField? = nil, _ message: String) {
        self.code = code
        self.field = field
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

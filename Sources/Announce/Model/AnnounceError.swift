/// What went wrong, told to a person: what, and what to do about it.
public struct AnnounceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure, for programs; new ones may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as it is written in logs.
        public let description: String

        /// A value that cannot be used: a time, a rule, a zone, JSON, a reserved event name.
        public static let invalidValue = Code(description: "invalid-value")
        /// No announcement has this id or name.
        public static let notFound = Code(description: "not-found")
        /// A live announcement has this name already.
        public static let nameTaken = Code(description: "name-taken")
        /// The announcement is past the state in which this can be done to it.
        public static let conflict = Code(description: "conflict")
        /// Somebody else has changed the announcement meanwhile.
        public static let changed = Code(description: "changed")
        /// The dispatcher is held: nothing goes out.
        public static let held = Code(description: "held")
        /// Another dispatcher leads.
        public static let notLeader = Code(description: "not-leader")
        /// The store cannot be reached or used now: busy, full, damaged, an I/O error.
        public static let storeUnavailable = Code(description: "store-unavailable")
        /// The store's file cannot be created.
        public static let storeCannotBeCreated = Code(description: "store-cannot-be-created")
        /// The store's file may not be read or written by this user.
        public static let storePermission = Code(description: "store-permission")
        /// The store's file is no longer at its place.
        public static let storeGone = Code(description: "store-gone")
        /// The store was made by a newer version, or by another program.
        public static let storeSchema = Code(description: "store-schema")
    }

    /// Whether trying again is of no use until somebody has started the program anew.
    var endsDispatching: Bool { code == .storeSchema || code == .storeGone }

    /// The kind of failure.
    public let code: Code
    /// One sentence of what is wrong, one of what to do.
    public let message: String
    /// The underlying error, in words, when there is one.
    public let cause: String?

    /// Makes an error; `message` says what is wrong and what to do.
    public init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The message, followed by its cause in brackets.
    public var description: String {
        guard let cause else { return message }
        return "\(message) (\(cause))"
    }
}

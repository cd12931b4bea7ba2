/// Why a broadcast could not be made, sent or read.
public struct EmitterError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; new kinds may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// The event's name belongs to Socket.IO itself; clients that received it would disconnect.
        public static let reservedEvent = Code(description: "reservedEvent")
        /// The arguments cannot be written in the wire's encoding, such as binary in JSON.
        public static let payload = Code(description: "payload")
        /// The wire, or the generation of the servers, cannot do what was asked.
        public static let unsupported = Code(description: "unsupported")
        /// Asking would harm other servers on the same channels.
        public static let conflict = Code(description: "conflict")
        /// Redis could not be reached or refused the command; ``EmitterError/cause`` is a ``RedisError``.
        public static let redis = Code(description: "redis")
        /// Bytes on a channel are neither MessagePack nor JSON.
        public static let undecodable = Code(description: "undecodable")
        /// Bytes on a channel decode, but are no broadcast.
        public static let notABroadcast = Code(description: "notABroadcast")
    }

    /// What kind of failure it is.
    public let code: Code
    /// What is wrong, and what to do.
    public let message: String
    /// The error below, where there is one.
    public let cause: (any Error)?

    /// Makes an error.
    public init(code: Code, message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Wraps a failure of the connection, or an error reply.
    public init(_ error: RedisError) {
        self.init(code: .redis, message: error.message, cause: error)
    }

    /// The message.
    public var description: String { message }

    /// The failure of Redis below, where that was the cause.
    public var redis: RedisError? { cause as? RedisError }
}

/// Why Redis could not be reached, or did not do what it was asked.
///
/// ``message`` says in one sentence what is wrong and in one what to do. It never holds a password.
public struct RedisError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; new kinds may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// The URL cannot be understood.
        public static let invalidURL = Code(description: "invalidURL")
        /// The URL asks for something that this version does not do.
        public static let unsupported = Code(description: "unsupported")
        /// A command cannot be sent as it is: it has no name.
        public static let invalidCommand = Code(description: "invalidCommand")
        /// No connection could be made.
        public static let unreachable = Code(description: "unreachable")
        /// Redis did not answer in time.
        public static let timeout = Code(description: "timeout")
        /// The connection ended before the reply arrived.
        public static let connectionLost = Code(description: "connectionLost")
        /// The password or user name is wrong or missing.
        public static let authentication = Code(description: "authentication")
        /// The Redis user may not do this.
        public static let permission = Code(description: "permission")
        /// Redis answers but cannot serve now: it is loading, busy, a replica, or without its master.
        ///
        /// Trying again helps.
        public static let unavailable = Code(description: "unavailable")
        /// The connection cannot be encrypted as it shall: a certificate is not accepted, or a file not readable.
        public static let tls = Code(description: "tls")
        /// Another node of the cluster holds the key.
        ///
        /// In a cluster the client follows such a reply; it arrives where the URL names a single server.
        public static let moved = Code(description: "moved")
        /// Redis has no memory left under its `maxmemory` limit, or this process has none.
        public static let outOfMemory = Code(description: "outOfMemory")
        /// Redis refused the command or the connection for another reason.
        public static let refused = Code(description: "refused")
        /// What arrived is not the Redis protocol.
        public static let `protocol` = Code(description: "protocol")
        /// The waiting task was cancelled.
        public static let cancelled = Code(description: "cancelled")
        /// The client was closed.
        public static let closed = Code(description: "closed")
    }

    /// What kind of failure it is.
    public let code: Code
    /// What is wrong, and what to do.
    public let message: String
    /// Whether Redis may have executed the command although no reply arrived.
    ///
    /// `false` is certain: the command was not sent, or Redis replied that it refused it, so repeating it is safe.
    /// `true` means that it was written and its reply is unknown.
    public let mayHaveExecuted: Bool
    /// The error of the system or the network library below, where there is one.
    public let cause: (any Error)?

    /// Makes an error.
    public init(code: Code, message: String, mayHaveExecuted: Bool = false, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.mayHaveExecuted = mayHaveExecuted
        self.cause = cause
    }

    /// The message.
    public var description: String { message }

    /// The same error for a command that had been written before it happened.
    func afterWriting() -> RedisError {
        RedisError(code: code, message: message, mayHaveExecuted: true, cause: cause)
    }
}

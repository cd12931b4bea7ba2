import Payload

/// How the dispatcher gives messages to Redis, without knowing what Redis is.
public struct Publisher: Sendable {
    /// Sends messages, all in one go, and answers for each, in order.
    ///
    /// It throws when none of them is known to have been taken: there is no connection, or it was lost.
    public let publish: @Sendable ([Outgoing]) async throws(PublishError) -> [PublishResult]

    /// Makes a publisher of a function.
    public init(publish: @escaping @Sendable ([Outgoing]) async throws(PublishError) -> [PublishResult]) {
        self.publish = publish
    }
}

/// One message on its way out.
public struct Outgoing: Hashable, Sendable {
    /// Whom it is for.
    public let target: Target
    /// The event and its arguments.
    public let data: EventData
    /// How long its clients' acknowledgements are waited for, in milliseconds; nil where none are asked for.
    public let acknowledgeWithin: Int64?

    /// Makes a message.
    public init(target: Target, data: EventData, acknowledgeWithin: Int64? = nil) {
        self.target = target
        self.data = data
        self.acknowledgeWithin = acknowledgeWithin
    }
}

/// What Redis said to one message.
public enum PublishResult: Hashable, Sendable {
    /// Redis took it, for so many Socket.IO servers; `nil` when that cannot be known. The acknowledgements that were asked for
    /// are still to come.
    case taken(receivers: Int?, acknowledgements: PendingAcknowledgements? = nil)
    /// Redis did not take it now and may later; the reason in words.
    case refused(String)
    /// It can never be sent; the reason in words.
    case impossible(String)
}

/// Why nothing could be sent at all.
public struct PublishError: Error, Hashable, Sendable {
    /// What is wrong and what to do, in words.
    public let message: String
    /// Whether a person has to mend it (a wrong password), so that trying often is of no use.
    public let needsOperator: Bool

    /// Makes an error.
    public init(_ message: String, needsOperator: Bool) {
        self.message = message
        self.needsOperator = needsOperator
    }
}

import Payload

/// How the dispatcher gives messages to Redis, without knowing what Redis is.
///
/// To publish is three steps, so that a batch can be stored before it is sent: ``prepare``, storing, ``Batch/send``. What has
/// become of a batch whose answer never came is asked with ``resolve``.
public struct Publisher: Sendable {
    /// Encodes messages and divides them into batches; nothing is sent.
    ///
    /// The second argument is how long Redis has to remember the batches, in milliseconds: longer than any of the messages
    /// could be sent. It throws when nothing can be prepared now.
    public let prepare: @Sendable ([Outgoing], Int64) async throws(PublishError) -> PreparedMessages
    /// Tells what became of the batch with a token, whose messages are given; what was not carried out by now never will be.
    ///
    /// A message is nil where it is not known any more.
    public let resolve: @Sendable (String, [Outgoing?]) async throws(PublishError) -> BatchOutcome
    /// Asks Redis for a sign of life and publishes nothing.
    ///
    /// It throws why there is none.
    public let probe: @Sendable () async throws(PublishError) -> Void

    /// Makes a publisher of functions.
    public init(
        prepare: @escaping @Sendable ([Outgoing], Int64) async throws(PublishError) -> PreparedMessages,
        resolve: @escaping @Sendable (String, [Outgoing?]) async throws(PublishError) -> BatchOutcome,
        probe: @escaping @Sendable () async throws(PublishError) -> Void
    ) {
        self.prepare = prepare
        self.resolve = resolve
        self.probe = probe
    }
}

/// Messages that are ready to be sent.
public struct PreparedMessages: Sendable {
    /// What is to be sent; batches may be sent at once and fail each for itself.
    public let batches: [Batch]
    /// What is known without sending, by the place of the message: it can never be sent, or there is nobody to send it to.
    public let results: [Int: PublishResult]

    /// Makes prepared messages; each message is in one of the batches or has a result.
    public init(batches: [Batch], results: [Int: PublishResult] = [:]) {
        self.batches = batches
        self.results = results
    }

    /// Messages that go out in one go.
    public struct Batch: Sendable {
        /// The token under which Redis carries it out once; nil where it has none, and may be repeated.
        public let token: String?
        /// The places of its messages.
        public let places: [Int]
        /// How much it is on the wire, in bytes.
        public let bytes: Int
        /// Sends it, once.
        ///
        /// It throws when there is no answer; ``PublishError/mayHaveHappened`` tells whether it may have been carried out.
        public let send: @Sendable () async throws(PublishError) -> BatchOutcome

        /// Makes a batch.
        public init(
            token: String?,
            places: [Int],
            bytes: Int,
            send: @escaping @Sendable () async throws(PublishError) -> BatchOutcome
        ) {
            self.token = token
            self.places = places
            self.bytes = bytes
            self.send = send
        }
    }
}

/// What became of a batch.
public enum BatchOutcome: Hashable, Sendable {
    /// Redis has carried it out; the answer to each message, in order. `plainly` is the reason why it was sent without its
    /// token where it was.
    case carriedOut([PublishResult], plainly: String? = nil)
    /// It was not carried out, and never will be. `plainly` is the reason why that is not sure where it is not: its token could
    /// not be kept, so that what is sent again can be a repetition.
    case void(plainly: String? = nil)
    /// Redis ended in the middle of it: nobody knows which messages are out.
    case interrupted
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
    case refused(String, needsOperator: Bool = false)
    /// It can never be sent; the reason in words.
    case impossible(String)
}

/// Why nothing could be sent, or why there is no answer.
public struct PublishError: Error, Hashable, Sendable {
    /// What is wrong and what to do, in words.
    public let message: String
    /// Whether a person has to mend it (a wrong password), so that trying often is of no use.
    public let needsOperator: Bool
    /// Whether it may have been carried out all the same; `false` is certain.
    public let mayHaveHappened: Bool

    /// Makes an error.
    public init(_ message: String, needsOperator: Bool, mayHaveHappened: Bool = false) {
        self.message = message
        self.needsOperator = needsOperator
        self.mayHaveHappened = mayHaveHappened
    }

    /// The shortest time until it is tried again, in milliseconds.
    var shortestWait: Int64 { needsOperator ? DispatcherSettings.operatorBackoff : 0 }
}

extension PublishResult {
    /// What a batch's failure is for each of its messages.
    init(_ error: PublishError) {
        self = .refused(error.message, needsOperator: error.needsOperator)
    }
}

import NIOCore
import Synchronization

/// A message that was published on a subscribed channel.
public struct RedisMessage: Hashable, Sendable {
    /// The channel it was published on; bytes that are not UTF-8 are replaced by U+FFFD.
    public let channel: String
    /// The pattern that matched, or nil where the channel itself was subscribed to.
    public let pattern: String?
    /// What was published.
    public let payload: [UInt8]

    /// Makes a message.
    public init(channel: String, pattern: String? = nil, payload: [UInt8]) {
        self.channel = channel
        self.pattern = pattern
        self.payload = payload
    }
}

/// The messages of a subscription, in the order in which Redis sent them.
///
///     let subscription = try await client.subscribe(patterns: ["socket.io#/#*"])
///     for try await message in subscription {
///         let heard = try Wire.classic(ClassicWire()).decode(message)
///     }
///
/// It ends with an error when the connection is lost: messages published meanwhile would be missing, so subscribing
/// again is the reader's decision. It ends without one when the reading task is cancelled. Leaving the loop, or
/// dropping the subscription, closes the connection: it can be iterated once.
///
/// A reader that is too slow holds at most some hundred messages here; after that nothing more is read from the
/// connection, and Redis itself cuts a subscriber whose backlog passes its `client-output-buffer-limit`.
public struct RedisSubscription: AsyncSequence, Sendable {
    /// What Redis sent.
    public typealias Element = RedisMessage
    /// Why it ended.
    public typealias Failure = RedisError

    typealias Producer = NIOThrowingAsyncSequenceProducer<
        RedisMessage, any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, SubscriptionDelegate
    >

    private final class FirstLoop: Sendable {
        let isTaken = Atomic(false)
    }

    private let producer: Producer
    private let delegate: SubscriptionDelegate
    private let firstLoop = FirstLoop()

    init(_ producer: Producer, _ delegate: SubscriptionDelegate) {
        self.producer = producer
        self.delegate = delegate
    }

    /// Listens to further shard channels of the same node, from some moment after this on.
    ///
    /// Where Redis refuses one, the subscription ends with that error.
    func add(shardChannels: [String]) {
        delegate.add(shardChannels: shardChannels)
    }

    /// Begins to read; a second loop ends at once with an error.
    public func makeAsyncIterator() -> AsyncIterator {
        let isFirst = !firstLoop.isTaken.exchange(true, ordering: .relaxed)
        return AsyncIterator(base: isFirst ? producer.makeAsyncIterator() : nil)
    }

    /// Reads the messages one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let base: Producer.AsyncIterator?

        /// The next message, or nil after the reading task was cancelled.
        ///
        /// - Throws: why the subscription ended, such as `.connectionLost`; `.closed` in a second loop.
        public mutating func next() async throws(RedisError) -> RedisMessage? {
            guard let base else {
                throw RedisError(
                    code: .closed,
                    message: "The subscription was read before, and leaving that loop closed it. Subscribe again."
                )
            }
            do {
                return try await base.next()
            } catch let error as RedisError {
                throw error
            } catch is CancellationError {
                return nil
            } catch {
                throw RedisError(code: .connectionLost, message: "The subscription ended: \(error).", cause: error)
            }
        }
    }

    /// Opens a subscription on one server, or on the master that sentinels tell.
    static func open(
        _ configuration: RedisConfiguration,
        _ wanted: SubscriptionRequest,
        _ surroundings: RedisSurroundings
    ) async throws(RedisError) -> RedisSubscription {
        let eventLoop = surroundings.eventLoop
        let opened = eventLoop.makePromise(of: RedisSubscription.self)
        let timeout = eventLoop.scheduleTask(in: TimeAmount(configuration.connectTimeout)) {
            opened.fail(RedisConnector.explain(ChannelError.connectTimeout(.zero), configuration))
        }
        // Who subscribes again after a failure may find another sentinel first.
        configuration.locate(attempt: .random(in: 1...1024), surroundings).flatMap { endpoint in
            let one = configuration.at(endpoint)
            return RedisConnector.connect(configuration, to: endpoint, on: eventLoop) {
                try SubscriptionHandler(
                    SubscriptionStateMachine(configuration, wanted),
                    one,
                    surroundings,
                    opened: opened
                )
            }
            .flatMapErrorThrowing { throw RedisConnector.explain($0, one) }
        }
        .whenFailure { opened.fail(RedisConnector.explain($0, configuration)) }
        defer { timeout.cancel() }
        do {
            return try await opened.futureResult.get()
        } catch {
            throw RedisConnector.explain(error, configuration)
        }
    }
}

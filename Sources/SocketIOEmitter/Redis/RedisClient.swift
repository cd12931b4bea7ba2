import Logging
import NIOCore
import NIOPosix

/// A Redis client with one connection, which is made when it is first needed and again after it was lost.
///
///     let client = RedisClient(configuration: try RedisConfiguration(url: "redis://localhost"), logger: logger)
///     let reply = try await client.send(RedisCommand("PUBLISH", "news", "hello"))
///     await client.close()
///
/// Any number of tasks may send at once; they share the connection, and their commands are pipelined. The client
/// repeats nothing by itself: when the connection fails, everybody who waits is told, and the next command makes a new
/// one. ``RedisError/mayHaveExecuted`` says whether repeating a command can execute it twice.
///
/// **Memory.** At most 4 MiB of commands and one batch more are on their way at once; further senders wait their
/// turn, in order, without their commands being copied. When the connection fails, they are told too.
///
/// **Cancellation** ends the waiting and not the work: `send` throws `.cancelled` at once, and what was handed over
/// is sent and executed all the same.
public final class RedisClient: Sendable {
    private static let windowLimit = 4 << 20

    private let configuration: RedisConfiguration
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let window: SendWindow
    private let connection: NIOLoopBoundBox<RedisConnection>

    /// Makes a client; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - configuration: where Redis is, who connects, and how long to wait.
    ///   - eventLoopGroup: where the connection lives; it takes one of its loops.
    ///   - logger: gets connections made (`debug`) and lost while nobody waited (`notice`).
    public init(
        configuration: RedisConfiguration,
        eventLoopGroup: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup,
        logger: Logger
    ) {
        let eventLoop = eventLoopGroup.next()
        let window = SendWindow(limit: Self.windowLimit)
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.window = window
        self.connection = .makeBoxSendingValue(
            RedisConnection(configuration, eventLoop: eventLoop, window: window, logger: logger),
            eventLoop: eventLoop
        )
    }

    deinit {
        let connection = connection
        eventLoop.execute { connection.value.close(nil) }
    }

    /// Sends one command and waits for its reply.
    ///
    /// An error reply is returned, not thrown. Not for commands that change how replies come (`SUBSCRIBE`, `MONITOR`,
    /// `CLIENT REPLY`): those would put replies out of step.
    ///
    /// - Throws: what ``send(_:)-([RedisCommand])`` throws.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        try await send([command])[0]
    }

    /// Sends many commands in one write and waits for all their replies, which come in the same order.
    ///
    /// Error replies are elements, not thrown errors: one refused command says nothing about the others.
    ///
    /// - Throws: why there are no replies: `.unreachable`, `.timeout`, `.connectionLost`, `.authentication`,
    ///   `.permission`, `.refused`, `.protocol`, `.cancelled`, `.closed`; `.invalidCommand` before anything is sent.
    public func send(_ commands: [RedisCommand]) async throws(RedisError) -> [RedisReply] {
        guard !commands.isEmpty else { return [] }
        let size = CommandFormatter.payloadBytes(of: commands)
        try await window.enter(size)
        let bytes: ByteBuffer
        do {
            bytes = try CommandFormatter.buffer(of: commands, payloadBytes: size)
        } catch {
            window.leave(size)
            throw error
        }
        let batch = SentBatch(bytes: bytes, replyCount: commands.count, windowBytes: size, pending: PendingReplies())
        let connection = connection
        eventLoop.execute { connection.value.submit(batch) }
        return try await batch.pending.value().get()
    }

    /// Subscribes on a connection of its own, and returns once Redis has confirmed every subscription.
    ///
    /// What is published after it returned is received. See ``RedisSubscription`` for how it ends.
    ///
    /// - Parameters:
    ///   - channels: names of channels.
    ///   - patterns: glob patterns of channels, such as `socket.io#/#*`.
    /// - Returns: the messages, in the order in which Redis sends them.
    /// - Throws: as ``send(_:)-([RedisCommand])``; `.invalidCommand` when there is nothing to subscribe to.
    public func subscribe(
        channels: [String] = [],
        patterns: [String] = []
    ) async throws(RedisError) -> RedisSubscription {
        try await RedisSubscription.open(configuration, channels: channels, patterns: patterns, on: eventLoop)
    }

    /// Refuses new commands, waits for the replies of those that were accepted, and closes the connection.
    ///
    /// It takes no longer than `connectTimeout` and `commandTimeout` together. Subscriptions have connections of their
    /// own and go on.
    public func close() async {
        let promise = eventLoop.makePromise(of: Void.self)
        let connection = connection
        eventLoop.execute { connection.value.close(promise) }
        // The promise is only ever succeeded.
        try? await promise.futureResult.get()
    }
}

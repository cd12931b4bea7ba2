import NIOCore

/// One pipelined connection to one server, or to the master that sentinels tell, with its window of bytes on the way.
final class RedisNode: Sendable {
    private static let windowLimit = 4 << 20

    /// Whom it connects to, and how.
    let configuration: RedisConfiguration
    private let eventLoop: any EventLoop
    private let window: SendWindow
    private let connection: NIOLoopBoundBox<RedisConnection>

    init(_ configuration: RedisConfiguration, _ surroundings: RedisSurroundings) {
        let window = SendWindow(limit: Self.windowLimit)
        self.configuration = configuration
        self.eventLoop = surroundings.eventLoop
        self.window = window
        self.connection = .makeBoxSendingValue(
            RedisConnection(configuration, surroundings, window: window),
            eventLoop: surroundings.eventLoop
        )
    }

    deinit {
        let connection = connection
        eventLoop.execute { connection.value.close(nil) }
    }

    /// Sends commands in one write and waits for all their replies, which come in the same order.
    func send(_ commands: [RedisCommand]) async throws(RedisError) -> [RedisReply] {
        try await start(commands).value().get()
    }

    /// Hands commands over, for one write, and does not wait for their replies.
    ///
    /// What is handed over later by the same task is sent later.
    ///
    /// - Returns: where the replies will be, in the order of the commands.
    /// - Throws: as `send`, before anything is sent.
    func start(_ commands: [RedisCommand]) async throws(RedisError) -> PendingReplies {
        let size = CommandFormatter.size(of: commands)
        try await window.enter(size)
        let bytes: ByteBuffer
        do {
            bytes = try CommandFormatter.buffer(of: commands)
        } catch {
            window.leave(size)
            throw error
        }
        let batch = SentBatch(bytes: bytes, replyCount: commands.count, windowBytes: size, pending: PendingReplies())
        let connection = connection
        eventLoop.execute { connection.value.submit(batch) }
        return batch.pending
    }

    /// Refuses new commands, waits for the replies of those that were accepted, and closes the connection.
    func close() async {
        let promise = eventLoop.makePromise(of: Void.self)
        let connection = connection
        eventLoop.execute { connection.value.close(promise) }
        // The promise is only ever succeeded.
        try? await promise.futureResult.get()
    }
}

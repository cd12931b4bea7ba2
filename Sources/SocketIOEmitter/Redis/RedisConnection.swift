import NIOCore

/// One written batch on its way through the connection, and who waits for it.
struct SentBatch {
    let bytes: ByteBuffer
    let replyCount: Int
    let windowBytes: Int
    let pending: PendingReplies
}

/// Carries out what ``ConnectionStateMachine`` decides; lives on one event loop.
final class RedisConnection {
    private typealias Machine = ConnectionStateMachine<SentBatch>

    private let configuration: RedisConfiguration
    private let surroundings: RedisSurroundings
    private let window: SendWindow
    /// The configuration of the server that was last connected to: sentinels tell another one after a failover.
    private var current: RedisConfiguration
    private var machine: ConnectionStateMachine<SentBatch>
    private var context: ChannelHandlerContext?
    private var deadlineTimer: Scheduled<Void>?
    private var isFlushScheduled = false
    private var closeWaiters: [EventLoopPromise<Void>] = []

    init(_ configuration: RedisConfiguration, _ surroundings: RedisSurroundings, window: SendWindow) {
        self.configuration = configuration
        self.surroundings = surroundings
        self.window = window
        self.current = configuration
        self.machine = ConnectionStateMachine(configuration)
    }

    // MARK: From the client

    func submit(_ batch: SentBatch) {
        perform(machine.submit(batch, replyCount: batch.replyCount, at: time))
        armDeadlineTimer()
    }

    func close(_ promise: EventLoopPromise<Void>?) {
        if let promise { closeWaiters.append(promise) }
        perform(machine.close())
        tellCloseWaiters()
    }

    // MARK: From the channel

    func connected(_ context: ChannelHandlerContext, attempt: Int) {
        let action = machine.connected(attempt: attempt)
        if case .close = action {
            context.close(promise: nil)
            return
        }
        self.context = context
        perform(action)
    }

    func received(_ reply: RedisReply, attempt: Int) {
        perform(machine.received(reply, attempt: attempt, at: time))
    }

    func failed(_ error: RedisError, attempt: Int) {
        perform(machine.failed(error, attempt: attempt))
    }

    /// The channel reported an error, which the TLS library may know more about.
    func caught(_ error: any Error, _ context: ChannelHandlerContext, attempt: Int) {
        if let error = TLSFailure.explain(error, context, current, now: surroundings.now?()) {
            failed(error, attempt: attempt)
        } else {
            disconnected(attempt: attempt, cause: error)
        }
    }

    func disconnected(attempt: Int, cause: (any Error)?) {
        failed(RedisConnector.lost(current, beforeAnswer: !machine.isReady, cause), attempt: attempt)
    }

    // MARK: Acting

    private func perform(_ action: Machine.Action) {
        if case .nothing = action { return }
        carryOut(action)
        carryOut(machine.whatIsLeft())
        tellCloseWaiters()
    }

    private func carryOut(_ action: Machine.Action) {
        switch action {
        case .nothing:
            return
        case .connect(let attempt):
            connect(attempt)
        case .shakeHands(let handshake, let attempt):
            shakeHands(handshake, attempt: attempt)
        case .write(let batches):
            for batch in batches {
                context?.write(NIOAny(batch.bytes), promise: nil)
            }
            scheduleFlush()
            armDeadlineTimer()
        case .succeed(let batch, let replies):
            finish(batch, .success(replies))
        case .fail(let failures):
            fail(failures)
        case .refuse(let batch, let error):
            finish(batch, .failure(error))
        case .close:
            closeChannel()
        case .reconnect(let attempt):
            closeChannel()
            connect(attempt)
        }
    }

    private func connect(_ attempt: Int) {
        let box = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: TimeAmount(configuration.connectTimeout)) {
            box.value.perform(box.value.machine.connectTimeoutPassed(attempt: attempt))
        }
        configuration.locate(attempt: attempt, surroundings).flatMap { endpoint in
            box.value.open(endpoint, attempt: attempt)
        }
        .whenFailure { error in
            let connection = box.value
            connection.failed(RedisConnector.explain(error, connection.current), attempt: attempt)
        }
    }

    private func open(_ endpoint: RedisConfiguration.Endpoint, attempt: Int) -> EventLoopFuture<any Channel> {
        surroundings.logger.debug("connecting to Redis", metadata: ["redis.address": "\(endpoint)"])
        current = configuration.at(endpoint)
        let box = NIOLoopBound(self, eventLoop: eventLoop)
        return RedisConnector.connect(configuration, to: endpoint, on: eventLoop) {
            try RedisChannelHandler(box.value, attempt: attempt)
        }
    }

    private func shakeHands(_ handshake: Handshake, attempt: Int) {
        do throws(RedisError) {
            let bytes = try CommandFormatter.buffer(of: handshake.commands)
            context?.writeAndFlush(NIOAny(bytes), promise: nil)
        } catch {
            perform(machine.failed(error, attempt: attempt))
        }
    }

    private func fail(_ failures: [(SentBatch, RedisError)]) {
        if failures.isEmpty {
            surroundings.logger.notice("Redis connection lost", metadata: ["redis.address": "\(current.place)"])
        }
        closeChannel()
        // First those who wait to send: otherwise the room that the others leave would let them in.
        if let (_, error) = failures.first {
            window.failWaiters(RedisError(code: error.code, message: error.message, cause: error.cause))
        }
        for (batch, error) in failures {
            finish(batch, .failure(error))
        }
    }

    private func finish(_ batch: SentBatch, _ value: PendingReplies.Value) {
        window.leave(batch.windowBytes)
        batch.pending.fill(value)
    }

    private func closeChannel() {
        let channel = context
        context = nil
        channel?.close(promise: nil)
    }

    private func tellCloseWaiters() {
        guard !closeWaiters.isEmpty, machine.isFinished else { return }
        let waiters = closeWaiters
        closeWaiters = []
        for waiter in waiters {
            waiter.succeed(())
        }
    }

    /// Flushes after the other submissions of this turn of the event loop, so that they share one write.
    private func scheduleFlush() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        let box = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute {
            box.value.isFlushScheduled = false
            box.value.context?.flush()
        }
    }

    // MARK: Time

    /// One timer serves all batches: it is set to the oldest one's deadline and looks again when it fires.
    private func armDeadlineTimer() {
        guard deadlineTimer == nil, let deadline = machine.nextDeadline else { return }
        let box = NIOLoopBound(self, eventLoop: eventLoop)
        deadlineTimer = eventLoop.scheduleTask(deadline: .uptimeNanoseconds(deadline)) {
            let connection = box.value
            connection.deadlineTimer = nil
            connection.perform(connection.machine.deadlinePassed(at: connection.time))
            connection.armDeadlineTimer()
        }
    }

    private var eventLoop: any EventLoop { surroundings.eventLoop }

    /// The event loop's monotonic clock, in nanoseconds.
    private var time: UInt64 { eventLoop.now.uptimeNanoseconds }
}

import NIOCore

/// Tells the handler of a subscription that its reader has room again, or is gone.
struct SubscriptionDelegate: NIOAsyncSequenceProducerDelegate, Sendable {
    fileprivate let handler: NIOLoopBound<SubscriptionHandler>

    func produceMore() {
        handler.eventLoop.execute { handler.value.resume() }
    }

    func add(shardChannels: [String]) {
        handler.eventLoop.execute { handler.value.add(shardChannels: shardChannels) }
    }

    func didTerminate() {
        handler.eventLoop.execute { handler.value.close() }
    }
}

/// Carries out what ``SubscriptionStateMachine`` decides; stops reading the socket while its reader is behind.
final class SubscriptionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let configuration: RedisConfiguration
    private let surroundings: RedisSurroundings
    private let opened: EventLoopPromise<RedisSubscription>
    private let reader: ReplyReader
    private var machine: SubscriptionStateMachine
    private var source: RedisSubscription.Producer.Source?
    private var context: ChannelHandlerContext?
    private var isPaused = false
    private var isReadWanted = false

    init(
        _ machine: SubscriptionStateMachine,
        _ configuration: RedisConfiguration,
        _ surroundings: RedisSurroundings,
        opened: EventLoopPromise<RedisSubscription>
    ) throws(RedisError) {
        self.reader = try ReplyReader()
        self.machine = machine
        self.configuration = configuration
        self.surroundings = surroundings
        self.opened = opened
    }

    // MARK: From the channel

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        // Whoever asked has given up, perhaps before the connection was made.
        opened.futureResult.whenFailure { _ in handler.value.close() }
        perform(machine.connected())
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(RedisError) {
            try reader.feed(unwrapInboundIn(data))
            while let reply = try reader.next() {
                perform(machine.received(reply))
            }
        } catch {
            perform(machine.failed(error))
        }
    }

    func read(context: ChannelHandlerContext) {
        if isPaused {
            isReadWanted = true
        } else {
            context.read()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = TLSFailure.explain(error, context, configuration, now: surroundings.now?()) {
            perform(machine.failed(error))
        } else {
            lost(error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        lost(nil)
    }

    // MARK: From the reader

    fileprivate func resume() {
        isPaused = false
        if isReadWanted {
            isReadWanted = false
            context?.read()
        }
    }

    fileprivate func add(shardChannels: [String]) {
        perform(machine.add(shardChannels: shardChannels))
    }

    fileprivate func close() {
        context?.close(promise: nil)
    }

    // MARK: Acting

    private func lost(_ cause: (any Error)?) {
        let error = RedisError(
            code: .connectionLost,
            message: "The subscription's connection to Redis at \(configuration.place) was lost. Subscribe again; "
                + "what was published meanwhile is missing.",
            cause: cause
        )
        perform(machine.failed(error))
    }

    private func perform(_ action: SubscriptionStateMachine.Action) {
        switch action {
        case .nothing:
            return
        case .send(let commands):
            send(commands)
        case .open:
            open()
        case .deliver(let message):
            if source?.yield(message) == .stopProducing { isPaused = true }
        case .end(let error):
            opened.fail(error)
            source?.finish(error)
            source = nil
            close()
        }
    }

    private func send(_ commands: [RedisCommand]) {
        do throws(RedisError) {
            let bytes = try CommandFormatter.buffer(of: commands)
            context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        } catch {
            perform(machine.failed(error))
        }
    }

    private func open() {
        guard let context else { return }
        let delegate = SubscriptionDelegate(handler: NIOLoopBound(self, eventLoop: context.eventLoop))
        let parts = RedisSubscription.Producer.makeSequence(
            backPressureStrategy: .init(lowWatermark: 64, highWatermark: 256),
            finishOnDeinit: true,
            delegate: delegate
        )
        source = parts.source
        opened.succeed(RedisSubscription(parts.sequence, delegate))
    }
}

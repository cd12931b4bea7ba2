import AnnounceTestKit
import NIOCore
import NIOPosix
import SocketIOEmitter
import Testing

/// ``Emitter/emit(_:)-([Broadcast])`` with more than it hands over at a time.
@Suite("Many broadcasts at once", .timeLimit(.minutes(5)))
struct EmitManyTests {
    @Test("They are published in order, and each has its own result")
    func keepsOrder() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let subscription = try await client.subscribe(channels: ["socket.io#/#"])
            let refused = [0, 255, 256, 700]
            let broadcasts = (0..<1000).map { refused.contains($0) ? broadcast("connect") : broadcast("e\($0)") }
            let results = try await Emitter(redis: client).emit(broadcasts)
            #expect(results.count == 1000)
            var messages = subscription.makeAsyncIterator()
            for (place, result) in results.enumerated() {
                if refused.contains(place) {
                    #expect(throws: EmitterError.self) { try result.get() }
                    continue
                }
                #expect(try result.get().receivers == 1)
                let message = try #require(try await messages.next())
                let heard = try ClassicWire().decode(channel: message.channel, payload: message.payload)
                #expect(heard.broadcast?.event == "e\(place)")
            }
            await client.close()
        }
    }

    @Test("None is nothing, and when all are refused Redis is not asked")
    func needsNone() async throws {
        let client = RedisClient(
            configuration: try RedisConfiguration(url: "redis://no-such-host.invalid"),
            logger: quiet
        )
        let io = Emitter(redis: client)
        #expect(try await io.emit([Broadcast]()).isEmpty)
        let results = try await io.emit((0..<300).map { _ in broadcast("connect") })
        #expect(results.count == 300)
        for result in results { #expect(throws: EmitterError.self) { try result.get() } }
        await client.close()
    }

    @Test("After a failure nothing more is sent: the rest is not tried on another connection")
    func stopsAtFailure() async throws {
        try await withRedisServer { server in
            let client = try server.client(try server.configuration(commandTimeout: .seconds(1)))
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            let connectionsBefore = try connections(of: server)
            server.pause()
            // 256 of them are more than the 4 MiB that are on their way at once, so the next wait until the first have failed.
            let text = String(repeating: "x", count: 20_000)
            let error = try await #require(throws: EmitterError.self) {
                try await Emitter(redis: client).emit(
                    (0..<2000).map { $0 / 256 == 3 ? broadcast("connect") : broadcast("e", text) }
                )
            }
            #expect(error.redis?.code == .timeout)
            server.resume()
            // Connections are accepted in the order in which they were made, so all of the emitter's were before this question's.
            #expect(try connections(of: server) == connectionsBefore + 1)
            await client.close()
        }
    }

    @Test("When the connection fails in between, the answered are successes and the others failures, in their places")
    func tellsWhatWasAnswered() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Forgetful(answers: 256, closesAfter: 600))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        var configuration = try RedisConfiguration(url: "redis://127.0.0.1:\(port)")
        configuration.commandTimeout = .seconds(20)
        let client = RedisClient(configuration: configuration, logger: quiet)
        let results = try await Emitter(redis: client).emit((0..<600).map { _ in broadcast("e") })
        #expect(results.count == 600)
        for (place, result) in results.enumerated() {
            switch result {
            case .success(let receipt): #expect(place < 256 && receipt.receivers == 1)
            case .failure(let error):
                #expect(place >= 256 && error.redis?.mayHaveExecuted == true, "\(place): \(error)")
            }
        }
        await client.close()
        try await server.close()
    }

    /// How many connections a server has ever accepted, this question's among them.
    private func connections(of server: RedisServer) throws -> Int {
        let lines = try #require(try server.ask("INFO stats\r\n")).split(whereSeparator: \.isNewline)
        let line = try #require(lines.first { $0.hasPrefix("total_connections_received:") })
        return try #require(line.split(separator: ":").last.flatMap { Int($0) })
    }

    private func broadcast(_ event: String, _ text: String = "text") -> Broadcast {
        Broadcast(data: EventData(event: event, arguments: [.string(text)]))
    }
}

/// Speaks as Redis does until it has answered so many publications, takes more of them, and closes.
private final class Forgetful: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answers: Int
    private let closesAfter: Int
    private var isGreeted = false
    private var published = 0
    /// The end of what was read, as a word can be in two pieces.
    private var rest: [UInt8] = []

    init(answers: Int, closesAfter: Int) {
        self.answers = answers
        self.closesAfter = closesAfter
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = String(decoding: rest + Array(buffer: unwrapInboundIn(data)), as: UTF8.self)
        let pieces = text.split(separator: "PUBLISH", omittingEmptySubsequences: false)
        rest = Array((pieces.last ?? "").utf8.suffix("PUBLISH".count - 1))
        var answer = isGreeted ? "" : "+PONG\r\n"
        isGreeted = true
        for _ in pieces.dropFirst() {
            published += 1
            if published <= answers { answer += ":1\r\n" }
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        if published == closesAfter { context.close(promise: nil) }
    }
}

import AnnounceTestKit
import Payload
import SocketIOEmitter
import Testing

@Suite("Subscriptions and the emitter on a real Redis", .timeLimit(.minutes(5)))
struct SubscriptionTests {
    @Test("What is emitted is heard, over TCP and over a Unix socket", arguments: [false, true])
    func hears(unixSocket: Bool) async throws {
        try await withRedisServer(.init(unixSocket: unixSocket)) { server in
            let client = try server.client()
            let subscription = try await client.subscribe(patterns: ["socket.io#/admin#*"])
            let io = Emitter(redis: client).of("admin")
            let receipt = try await io.to("a", "b").in(["c"]).except("x").volatile.compress(false)
                .emit("event", "text", 1, ["k": 1.5, "list": [nil, true]])
            #expect(receipt == Receipt(receivers: 1))
            #expect(try await io.to("only").emit("second").receivers == 1)
            #expect(try await Emitter(redis: client).emit("elsewhere").receivers == 0)
            var messages = subscription.makeAsyncIterator()
            let first = try #require(try await messages.next())
            #expect(first.channel == "socket.io#/admin#")
            #expect(first.pattern == "socket.io#/admin#*")
            let heard = try ClassicWire().decode(channel: first.channel, payload: first.payload)
            let expected = HeardMessage(
                channel: "socket.io#/admin#",
                namespace: "/admin",
                uid: "emitter",
                content: .broadcast(
                    HeardBroadcast(
                        event: "event",
                        arguments: ["text", 1, ["k": 1.5, "list": [nil, true]]],
                        rooms: ["a", "b", "c"],
                        except: ["x"],
                        flags: ["volatile": true, "compress": false]
                    )
                )
            )
            #expect(heard == expected)
            #expect(try await messages.next()?.channel == "socket.io#/admin#only#")
            await client.close()
        }
    }

    @Test("A second loop ends at once and says why")
    func secondLoop() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let subscription = try await client.subscribe(channels: ["a"])
            _ = try await client.send(RedisCommand("PUBLISH", "a", "1"))
            for try await _ in subscription { break }
            let error = try await redisError {
                var second = subscription.makeAsyncIterator()
                return try await second.next()
            }
            #expect(error.code == .closed)
            await client.close()
        }
    }

    @Test("Channels and patterns are confirmed before subscribe returns")
    func confirms() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let subscription = try await client.subscribe(channels: ["a", "b"], patterns: ["p*"])
            let replies = try await client.send([
                RedisCommand("PUBLISH", "a", "1"), RedisCommand("PUBLISH", "b", "2"),
                RedisCommand("PUBLISH", "pp", "3"),
                RedisCommand("PUBLISH", "c", "4"),
            ])
            #expect(replies == [.integer(1), .integer(1), .integer(1), .integer(0)])
            var messages = subscription.makeAsyncIterator()
            #expect(try await messages.next() == RedisMessage(channel: "a", payload: Array("1".utf8)))
            #expect(try await messages.next() == RedisMessage(channel: "b", payload: Array("2".utf8)))
            #expect(try await messages.next() == RedisMessage(channel: "pp", pattern: "p*", payload: Array("3".utf8)))
            await client.close()
        }
    }

    @Test("A subscription to nothing is refused")
    func refusesNothing() async throws {
        let client = RedisClient(configuration: try RedisConfiguration(url: "redis://localhost"), logger: quiet)
        let error = try await redisError { _ = try await client.subscribe() }
        #expect(error.code == .invalidCommand)
    }

    @Test("More messages than the reader's buffer holds all arrive, in order")
    func buffersBoundedly() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let subscription = try await client.subscribe(channels: ["c"])
            let value = String(repeating: "x", count: 200)
            for batch in 0..<20 {
                _ = try await client.send(
                    (0..<500).map { RedisCommand("PUBLISH", "c", "\(batch * 500 + $0) \(value)") }
                )
            }
            var next = 0
            for try await message in subscription {
                #expect(message.payload == Array("\(next) \(value)".utf8))
                next += 1
                if next == 10_000 { break }
            }
            try await eventually("leaving the loop closes the connection") {
                try await client.send(RedisCommand("PUBSUB", "NUMSUB", "c"))
                    == .array([.string(Array("c".utf8)), .integer(0)])
            }
            await client.close()
        }
    }

    @Test("A reader that does not read leaves the messages in Redis, and gets them all later")
    func stopsReadingTheSocket() async throws {
        let unlimited = ["client-output-buffer-limit", "pubsub", "0", "0", "0"]
        try await withRedisServer(.init(settings: [unlimited])) { server in
            let client = try server.client()
            let subscription = try await client.subscribe(channels: ["c"])
            let value = [UInt8](repeating: 0, count: 1 << 16)
            let publish = RedisCommand(arguments: [Array("PUBLISH".utf8), Array("c".utf8), value])
            // 128 MiB: the reader's buffer holds 16 MiB, and the kernel's may grow to some 40 MiB.
            for _ in 0..<64 {
                _ = try await client.send(Array(repeating: publish, count: 32))
            }
            var backlog = 0
            var timesTheSame = 0
            try await eventually("the backlog in Redis stands still") {
                let now = try #require(try server.ask("CLIENT LIST\r\n")).subscriberBacklog
                timesTheSame = now == backlog ? timesTheSame + 1 : 0
                backlog = now ?? 0
                return timesTheSame == 20
            }
            #expect(backlog > 16 << 20)
            var messages = subscription.makeAsyncIterator()
            for _ in 0..<2048 {
                #expect(try await messages.next()?.payload.count == value.count)
            }
            await client.close()
        }
    }

    @Test("Cancelling the reader ends it without an error, and closes the connection")
    func cancelsReader() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let subscription = try await client.subscribe(channels: ["c"])
            let reading = Task {
                var count = 0
                for try await _ in subscription { count += 1 }
                return count
            }
            reading.cancel()
            #expect(try await reading.value == 0)
            try await eventually("the connection is closed") {
                try await client.send(RedisCommand("PUBSUB", "NUMSUB", "c"))
                    == .array([.string(Array("c".utf8)), .integer(0)])
            }
            await client.close()
        }
    }

    @Test("A batch tells what became of each; a broadcast that cannot be written does not stop the others")
    func emitsBatches() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let subscription = try await client.subscribe(patterns: ["socket.io#*"])
            let events = ["a", "connect", "b"]
            let results = try await Emitter(redis: client).emit(
                events.map { Broadcast(data: EventData(event: $0, arguments: [])) }
            )
            #expect(try results[0].get().receivers == 1)
            #expect(throws: EmitterError.self) { try results[1].get() }
            #expect(try results[2].get().receivers == 1)
            var messages = subscription.makeAsyncIterator()
            for event in ["a", "b"] {
                let message = try #require(try await messages.next())
                #expect(
                    try ClassicWire().decode(channel: message.channel, payload: message.payload).broadcast?.event
                        == event
                )
            }
            server.kill()
            let error = try await #require(throws: EmitterError.self) {
                try await Emitter(redis: client).emit([Broadcast(data: EventData(event: "a", arguments: []))])
            }
            #expect(error.code == .redis)
            await client.close()
        }
    }

    @Test("Line breaks and commands in names arrive as data and do nothing else")
    func resistsInjection() async throws {
        let evil = "x\r\n*1\r\n$8\r\nFLUSHALL\r\nFLUSHALL\r\n"
        try await withRedisServer { server in
            let client = try server.client()
            _ = try await client.send(RedisCommand("SET", "kept", "1"))
            let subscription = try await client.subscribe(patterns: ["*"])
            let io = Emitter(redis: client, wire: .classic(ClassicWire(prefix: evil)))
            #expect(try await io.of(evil).to(evil).except(evil).emit(evil, .string(evil)).receivers == 1)
            var messages = subscription.makeAsyncIterator()
            let message = try #require(try await messages.next())
            let heard = try ClassicWire().decode(channel: message.channel, payload: message.payload)
            #expect(heard.channel == "\(evil)#/\(evil)#\(evil)#")
            #expect(heard.namespace == "/" + evil)
            #expect(heard.broadcast?.rooms == [.string(evil)])
            #expect(heard.broadcast?.except == [.string(evil)])
            #expect(heard.broadcast?.event == evil)
            #expect(heard.broadcast?.arguments == [.string(evil)])
            #expect(try await client.send(RedisCommand("DBSIZE")) == .integer(1))
            await client.close()
        }
    }
}

extension String {
    /// The bytes that Redis holds for its one subscriber, in the text of `CLIENT LIST`.
    fileprivate var subscriberBacklog: Int? {
        let line = split(separator: "\n").first { $0.contains(" sub=1 ") }
        let field = line?.split(separator: " ").first { $0.hasPrefix("omem=") }
        return field.flatMap { Int($0.dropFirst(5)) }
    }
}

import AnnounceTestKit
import Payload
import Synchronization
import Testing

@testable import SocketIOEmitter

/// A listener on a real Redis, with everything that it told.
@Suite("Listening to a cluster on a real Redis", .timeLimit(.minutes(5)))
struct ListenerTests {
    private final class Log: Sendable {
        let events = Mutex<[Listener.Event]>([])

        func add(_ event: Listener.Event) { events.withLock { $0.append(event) } }

        var heard: [HeardMessage] {
            events.withLock { $0.compactMap { if case .heard(let message) = $0 { message } else { nil } } }
        }

        var names: [String] { heard.compactMap(\.broadcast?.event) }

        var rounds: Int {
            events.withLock { $0.count { if case .listening = $0 { true } else { false } } }
        }

        var isInterrupted: Bool {
            events.withLock { $0.contains { if case .interrupted = $0 { true } else { false } } }
        }

        var unreadable: [EmitterError] {
            events.withLock { $0.compactMap { if case .unreadable(let error) = $0 { error } else { nil } } }
        }
    }

    private static let wires: [Wire] = [
        .classic(ClassicWire()), .sharded(ShardedWire()), .streams(StreamsWire()), .python(PythonWire()),
    ]

    /// Runs a body beside a listener that listens.
    private func listening(
        _ redis: String,
        _ wire: Wire,
        namespaces: [String] = [],
        _ body: (Log) async throws -> Void
    ) async throws {
        let configuration = try RedisConfiguration(url: redis)
        let client = RedisClient(configuration: configuration, logger: quiet)
        let log = Log()
        // Unstructured, because the body goes on beside it.
        let task = Task {
            try await Listener(redis: client, wire: wire, namespaces: namespaces).listen { log.add($0) }
        }
        defer { task.cancel() }
        try await eventually("it listens") { log.rounds == 1 }
        try await body(log)
        await client.close()
    }

    @Test("Broadcasts are heard on every wire", arguments: wires)
    func hears(wire: Wire) async throws {
        try await withRedisServer { server in
            try await listening(server.url, wire) { log in
                let client = try server.client()
                let io = Emitter(redis: client, wire: wire)
                for index in 0..<300 { try await io.to("a", "b").emit("ev\(index)", .integer(Int64(index)), "é") }
                try await eventually("all are heard") { log.heard.count == 300 }
                #expect(log.names == (0..<300).map { "ev\($0)" })
                let last = try #require(log.heard.last)
                #expect(last.broadcast?.arguments == [299, "é"] && last.broadcast?.rooms == ["a", "b"])
                #expect(last.namespace == "/" && last.uid == "emitter")
                #expect(log.unreadable.isEmpty)
                await client.close()
            }
        }
    }

    @Test("A connection that is cut is made again, and streams have lost nothing", arguments: wires)
    func reconnects(wire: Wire) async throws {
        try await withRedisServer { server in
            try await listening(server.url, wire) { log in
                let client = try server.client()
                let io = Emitter(redis: client, wire: wire)
                try await io.emit("before")
                try await eventually("the first is heard") { log.names == ["before"] }
                _ = try await client.send(RedisCommand("CLIENT", "KILL", "SKIPME", "yes"))
                try await io.emit("between")
                try await eventually("it listens again") { log.rounds == 2 }
                #expect(log.isInterrupted)
                try await io.emit("after")
                try await eventually("the last is heard") { log.names.last == "after" }
                if case .streams = wire { #expect(log.names == ["before", "between", "after"]) }
                await client.close()
            }
        }
    }

    @Test("A Redis that is stopped and started again is listened to again", arguments: wires)
    func restarts(wire: Wire) async throws {
        try await withRedisServer { server in
            try await listening(server.url, wire) { log in
                server.kill()
                try await eventually("it notices") { log.isInterrupted }
                try await server.restart()
                try await eventually(timeout: .seconds(20), "it listens again") { log.rounds == 2 }
                let client = try server.client()
                try await Emitter(redis: client, wire: wire).emit("after")
                try await eventually("what comes is heard") { log.names == ["after"] }
                await client.close()
            }
        }
    }

    @Test("A stream that was emptied is read from its new beginning")
    func emptiedStream() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            func add(_ id: String, _ event: String) async throws {
                let data = #"{"packet":{"type":2,"data":["\#(event)"]},"opts":{}}"#
                _ = try await client.send(
                    RedisCommand("XADD", "socket.io", id, "nsp", "/", "type", "3", "data", data)
                )
            }
            try await add("9000-0", "early")
            try await listening(server.url, .streams(StreamsWire())) { log in
                try await add("9000-1", "first")
                try await eventually("it is heard") { log.names == ["first"] }
                _ = try await client.send(RedisCommand("FLUSHALL"))
                try await add("5-0", "new")
                _ = try await client.send(RedisCommand("CLIENT", "KILL", "SKIPME", "yes"))
                try await eventually("it listens again") { log.rounds == 2 }
                try await add("6-0", "newer")
                try await eventually("it is heard") { log.names.last == "newer" }
            }
            await client.close()
        }
    }

    @Test("Channels of rooms and of other namespaces are found on the sharded wire")
    func findsShardChannels() async throws {
        try await withRedisServer { server in
            try await listening(server.url, .sharded(ShardedWire())) { log in
                let client = try server.client()
                // A server listens to the room and to a namespace that nobody told the listener of.
                let servers = try await client.subscribe(shardChannels: ["socket.io#/#lobby#", "socket.io#/admin#"])
                let io = Emitter(redis: client, wire: .sharded(ShardedWire()))
                try await eventually("the namespace is found") {
                    try await io.of("/admin").emit("admin")
                    return log.names.contains("admin")
                }
                let message =
                    #"{"type":3,"data":{"packet":{"type":2,"data":["room"]},"opts":{"rooms":["lobby"]}},"uid":"u","nsp":"/"}"#
                try await eventually("the room is found") {
                    _ = try await client.send(RedisCommand("SPUBLISH", "socket.io#/#lobby#", message))
                    return log.names.contains("room")
                }
                #expect(log.rounds == 1)
                withExtendedLifetime(servers) {}
                await client.close()
            }
        }
    }

    @Test("Only the namespaces that were asked for are told", arguments: wires)
    func namespaces(wire: Wire) async throws {
        try await withRedisServer { server in
            try await listening(server.url, wire, namespaces: ["admin"]) { log in
                let client = try server.client()
                try await Emitter(redis: client, wire: wire).emit("no")
                try await Emitter(redis: client, wire: wire).of("/admin").emit("yes")
                try await eventually("the one is heard") { log.names == ["yes"] }
                await client.close()
            }
        }
    }

    @Test("Servers' count of each other does not change, except on the sharded wire", arguments: wires)
    func harmless(wire: Wire) async throws {
        try await withRedisServer { server in
            try await listening(server.url, wire) { _ in
                let client = try server.client()
                let isSharded = if case .sharded = wire { true } else { false }
                #expect(try await Emitter(redis: client, wire: wire).serverCount() == (isSharded ? 1 : 0))
                await client.close()
            }
        }
    }

    @Test("Requests and answers are heard beside broadcasts")
    func questions() async throws {
        try await withRedisServer { server in
            try await listening(server.url, .classic(ClassicWire())) { log in
                let client = try server.client()
                let io = Emitter(redis: client)
                try await io.to("a").except("b").socketsJoin("new")
                _ = try await client.send(
                    RedisCommand("PUBLISH", "socket.io-response#/#uid#", #"{"type":8,"requestId":"q","clientCount":3}"#)
                )
                try await eventually("both are heard") { log.heard.count == 2 }
                let join = HeardRequest(name: "socketsJoin", rooms: ["a"], except: ["b"], details: ["rooms": ["new"]])
                let answer = HeardResponse(name: "clientCount", requestID: "q", value: 3)
                #expect(log.heard.map(\.content) == [.request(join), .response(answer)])
                await client.close()
            }
        }
    }

    @Test("What nobody can read is told, and listening goes on")
    func unreadable() async throws {
        try await withRedisServer { server in
            try await listening(server.url, .classic(ClassicWire())) { log in
                let client = try server.client()
                _ = try await client.send(RedisCommand("PUBLISH", "socket.io#/#", "not a message"))
                try await Emitter(redis: client).emit("ev")
                try await eventually("the other is heard") { log.names == ["ev"] }
                #expect(log.unreadable.map(\.code) == [.undecodable])
                await client.close()
            }
        }
    }

    @Test("In a cluster of three masters all that is sent anywhere is heard", arguments: wires)
    func cluster(wire: Wire) async throws {
        let cluster = try await RedisClusterServers()
        let names = (0..<12).map { "/n\($0)" }
        try await listening(try cluster.url, wire, namespaces: names) { log in
            let client = try cluster.client()
            let io = Emitter(redis: client, wire: wire)
            for name in names { try await io.of(name).emit("ev") }
            try await eventually("all are heard") { log.heard.count == names.count }
            #expect(Set(log.heard.map(\.namespace)) == Set(names))
            await client.close()
        }
    }

    @Test("A Redis that is not there, or that refuses, ends it with the reason")
    func refusals() async throws {
        try await withRedisServer(.init(password: "secret")) { server in
            let wrong = RedisClient(
                configuration: try RedisConfiguration(url: "redis://:wrong@127.0.0.1:\(try server.port)"),
                logger: quiet
            )
            let error = try await redisError {
                try await Listener(redis: wrong, wire: .classic(ClassicWire())).listen { _ in }
            }
            #expect(error.code == .authentication)
            await wrong.close()
            server.kill()
            let gone = try server.client()
            let absent = try await redisError {
                try await Listener(redis: gone, wire: .streams(StreamsWire())).listen { _ in }
            }
            #expect(absent.code == .unreachable)
            await gone.close()
        }
    }
}

import AnnounceTestKit
import Payload
import Testing

@testable import SocketIOEmitter

/// An adapter, and the wire that reaches it.
struct ClusterKind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let wire: Wire
    let adapter: SocketIOPeer.Adapter

    static let classic = ClusterKind(testDescription: "classic", wire: .classic(ClassicWire()), adapter: .classic())
    static let all = [
        classic,
        ClusterKind(
            testDescription: "classic, specific",
            wire: .classic(ClassicWire()),
            adapter: .classic(onSpecificChannel: true)
        ),
        ClusterKind(testDescription: "sharded", wire: .sharded(ShardedWire()), adapter: .sharded(.dynamic)),
        ClusterKind(
            testDescription: "sharded, private",
            wire: .sharded(ShardedWire()),
            adapter: .sharded(.dynamicPrivate)
        ),
        ClusterKind(testDescription: "sharded, static", wire: .sharded(ShardedWire()), adapter: .sharded(.static)),
        ClusterKind(testDescription: "streams", wire: .streams(StreamsWire()), adapter: .streams),
    ]

    /// The sockets of two servers, and their rooms.
    static let sockets: [[String: Set<String>]] = [
        ["a1": ["lobby"], "a2": ["lobby", "vip"], "a3": []], ["b1": ["lobby"], "b2": ["game"]],
    ]

    /// Runs a body beside two servers on a Redis of their own.
    func withServers(
        acknowledging: [String: SocketIOPeer.Acknowledging] = [:],
        mute: Int? = nil,
        _ body: (Emitter, [SocketIOServer]) async throws -> Void
    ) async throws {
        try await withRedisServer { redis in
            var servers: [SocketIOServer] = []
            for (number, sockets) in Self.sockets.enumerated() {
                servers.append(
                    try await SocketIOServer(
                        redis.url,
                        adapter,
                        uid: "peer\(number)",
                        sockets: sockets,
                        acknowledging: acknowledging,
                        isMute: number == mute
                    )
                )
            }
            let client = try redis.client()
            try await body(Emitter(redis: client, wire: wire), servers)
            for server in servers { #expect(server.peer.crash == nil) }
            await client.close()
        }
    }
}

/// Questions over a real Redis to peers that answer as Socket.IO servers do.
@Suite("Asking a cluster on a real Redis", .timeLimit(.minutes(5)))
struct AskingTests {
    @Test("The sockets of all servers that a target reaches", arguments: ClusterKind.all)
    func audience(kind: ClusterKind) async throws {
        try await kind.withServers { io, _ in
            #expect(try await io.serverCount() == 2)
            let all = try await io.audience()
            #expect(all == Audience(servers: 2, answered: 2, sockets: ["a1", "a2", "a3", "b1", "b2"]))
            #expect(all.isComplete)
            #expect(try await io.to("lobby").audience().sockets == ["a1", "a2", "b1"])
            #expect(try await io.to("lobby", "game").except("vip").audience().sockets == ["a1", "b1", "b2"])
            #expect(try await io.to("a3").audience().sockets == ["a3"])
            #expect(try await io.of("/nobody").audience() == Audience(servers: 0, answered: 0, sockets: []))
        }
    }

    @Test("Who acknowledges a broadcast, and what is answered", arguments: ClusterKind.all)
    func acknowledgements(kind: ClusterKind) async throws {
        try await kind.withServers { io, servers in
            let all = try await io.to("lobby").emitWithAck("ready?", "now", within: .seconds(20))
            #expect(all.isComplete && all.servers == 2 && all.answered == 2)
            #expect(all.addressed == 3 && all.acknowledged == 3)
            #expect(Set(all.answers) == ["got it, a1", "got it, a2", "got it, b1"])
            let binary = try await io.to("game").emitWithAck("ready?", .binary([1, 2]), within: .seconds(20))
            #expect(binary.answers == ["got it, b2"])
            #expect(servers[1].peer.received["b2"] == [SocketIOPeer.Event("ready?", .binary([1, 2]))])
            let nobody = try await io.to("nobody").emitWithAck("ready?", within: .seconds(20))
            #expect(nobody.isComplete && nobody.addressed == 0 && nobody.acknowledged == 0)
        }
    }

    @Test("Silent clients and mute servers end in a partial answer that says so", arguments: ClusterKind.all)
    func partial(kind: ClusterKind) async throws {
        try await kind.withServers(acknowledging: ["a2": .never], mute: 1) { io, _ in
            let some = try await io.to("lobby").emitWithAck("ready?", within: .seconds(8))
            #expect(!some.isComplete)
            #expect(some.servers == 2 && some.answered == 1 && some.addressed == 2 && some.acknowledged == 1)
            let audience = try await io.audience(within: .seconds(8))
            #expect(audience == Audience(servers: 2, answered: 1, sockets: ["a1", "a2", "a3"]))
            #expect(!audience.isComplete)
        }
    }

    @Test("A late client is waited for", arguments: ClusterKind.all)
    func late(kind: ClusterKind) async throws {
        try await kind.withServers(acknowledging: ["a2": .late]) { io, servers in
            async let answer = io.to("vip", "game").emitWithAck("ready?", within: .seconds(60))
            try await eventually("it has got it") { servers[0].peer.received["a2"] != nil }
            try await eventually("its answer is kept back") { servers[0].lateCount == 1 }
            try await servers[0].acknowledgeLate()
            let all = try await answer
            #expect(all.isComplete && all.addressed == 2 && Set(all.answers) == ["got it, a2", "got it, b2"])
        }
    }

    @Test("A question to servers of the streams adapter is not put where it would end those of the classic one")
    func harm() async throws {
        let kind = ClusterKind(testDescription: "", wire: .streams(StreamsWire()), adapter: .classic())
        try await kind.withServers { io, _ in
            let error = try await #require(throws: EmitterError.self) { try await io.audience() }
            #expect(error.code == .conflict && error.message.contains("end their processes"))
        }
    }

    @Test("Where only servers of an older streams adapter may be, the broadcast goes out without asking")
    func olderStreams() async throws {
        try await withRedisServer { redis in
            let client = try redis.client()
            let io = Emitter(redis: client, wire: .streams(StreamsWire()))
            let answer = try await io.emitWithAck("ready?", within: .seconds(60))
            #expect(answer == Acknowledgements(Inquiry(servers: 0)))
            let broadcast = Broadcast(data: EventData(event: "ev", arguments: []))
            let emission = Emission(broadcast, acknowledgeWithin: .seconds(60))
            let emitted = try await AckCollector(io).emit([emission])[0].get()
            #expect(emitted.acknowledgements == nil && emitted.receipt.receivers == nil)
            #expect(emitted.receipt.entryID?.isEmpty == false)
            #expect(try await client.send(RedisCommand("XLEN", "socket.io")) == .integer(2))
            await client.close()
        }
    }

    @Test("Two namespaces that are one text to Unicode are asked each for itself")
    func twins() async throws {
        try await withRedisServer { redis in
            let names = ["/\u{E9}", "/e\u{301}"]
            var servers: [SocketIOServer] = []
            for name in names {
                servers.append(try await SocketIOServer(redis.url, namespace: name, sockets: ["a": []]))
            }
            let client = try redis.client()
            let emissions = names.map { name in
                let broadcast = Broadcast(namespace: name, data: EventData(event: "ready?", arguments: []))
                return Emission(broadcast, acknowledgeWithin: .seconds(30))
            }
            for result in try await AckCollector(Emitter(redis: client)).emit(emissions) {
                let answer = try #require(await result.get().acknowledgements?.value())
                #expect(answer.isComplete && answer.acknowledged == 1)
            }
            #expect(servers.allSatisfy { $0.peer.received["a"]?.count == 1 })
            await client.close()
        }
    }

    @Test("Where Redis is gone, none of many waits for it by itself")
    func gone() async throws {
        try await withRedisServer { redis in
            let collector = AckCollector(Emitter(redis: try redis.client()))
            redis.kill()
            let broadcast = Broadcast(data: EventData(event: "ev", arguments: []))
            let emissions = (0..<500).map { _ in Emission(broadcast, acknowledgeWithin: .seconds(60)) }
            let error = try await #require(throws: EmitterError.self) { try await collector.emit(emissions) }
            #expect(error.redis?.code == .unreachable || error.redis?.code == .connectionLost)
        }
    }

    @Test("Two questions at once do not take each other's answers")
    func concurrent() async throws {
        try await ClusterKind.classic.withServers { io, _ in
            async let lobby = io.to("lobby").audience()
            async let vip = io.to("vip").audience()
            let (inLobby, important) = try await (lobby, vip)
            #expect(inLobby.sockets == ["a1", "a2", "b1"])
            #expect(important.sockets == ["a2"])
        }
    }

    @Test("Many are acknowledged at once on one connection, which goes when nobody waits", arguments: ClusterKind.all)
    func collected(kind: ClusterKind) async throws {
        try await kind.withServers { io, servers in
            let collector = AckCollector(io)
            let emissions = (0..<50).map { number in
                let room = ["lobby", "game", "nobody"][number % 3]
                let data = EventData(event: "ev", arguments: [.integer(Int64(number))])
                return Emission(
                    Broadcast(rooms: [room], data: data),
                    acknowledgeWithin: number < 48 ? .seconds(30) : nil
                )
            }
            let emitted = try await collector.emit(emissions).map { try $0.get() }
            #expect(emitted.map { $0.acknowledgements == nil } == (0..<50).map { $0 >= 48 })
            for (number, emitted) in emitted.enumerated() {
                guard let answer = await emitted.acknowledgements?.value() else { continue }
                #expect(answer.isComplete && answer.servers == 2)
                #expect(answer.addressed == [3, 1, 0][number % 3] && answer.acknowledged == answer.addressed)
            }
            try await eventually("all have arrived") { servers[0].peer.received["a1"]?.count == 17 }
        }
    }
}

import AnnounceTestKit
import Payload
import Synchronization
import Testing

@testable import SocketIOEmitter

/// Questions over a real Redis to peers that answer as Socket.IO servers do.
@Suite("Asking a cluster on a real Redis", .timeLimit(.minutes(2)))
struct AskingTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let wire: Wire
        let peer: ServerPeer.Kind

        static let all = [
            Kind(testDescription: "classic", wire: .classic(ClassicWire()), peer: .classic(onSpecificChannel: false)),
            Kind(
                testDescription: "classic, specific",
                wire: .classic(ClassicWire()),
                peer: .classic(onSpecificChannel: true)
            ),
            Kind(testDescription: "sharded", wire: .sharded(ShardedWire()), peer: .sharded),
            Kind(testDescription: "streams", wire: .streams(StreamsWire()), peer: .streams),
        ]
    }

    /// Runs a body beside peers that listen.
    private func with(
        _ peers: [ServerPeer],
        _ body: (Emitter, RedisServer) async throws -> Void,
        over wire: Wire
    ) async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let tasks = try await peers.asyncMap { peer in
                let (ready, signal) = AsyncStream.makeStream(of: Void.self)
                // Unstructured, because the body goes on beside it.
                let task = Task { try await peer.serve(try server.client()) { signal.finish() } }
                for await _ in ready {}
                return task
            }
            defer { for task in tasks { task.cancel() } }
            try await body(Emitter(redis: client, wire: wire), server)
            await client.close()
        }
    }

    private static let first: [String: Set<String>] = ["a1": ["lobby"], "a2": ["lobby", "vip"], "a3": []]
    private static let second: [String: Set<String>] = ["b1": ["lobby"], "b2": ["game"]]

    @Test("The sockets of all servers that a target reaches", arguments: Kind.all)
    func audience(kind: Kind) async throws {
        let peers = [Self.first, Self.second].map { ServerPeer(kind: kind.peer, sockets: $0) }
        try await with(
            peers,
            { io, _ in
                #expect(try await io.serverCount() == 2)
                let all = try await io.audience()
                #expect(all == Audience(servers: 2, answered: 2, sockets: ["a1", "a2", "a3", "b1", "b2"]))
                #expect(all.isComplete)
                #expect(try await io.to("lobby").audience().sockets == ["a1", "a2", "b1"])
                #expect(try await io.to("lobby", "game").except("vip").audience().sockets == ["a1", "b1", "b2"])
                #expect(try await io.to("a3").audience().sockets == ["a3"])
                #expect(try await io.of("/nobody").audience() == Audience(servers: 0, answered: 0, sockets: []))
            },
            over: kind.wire
        )
    }

    @Test("Who acknowledges a broadcast, and what is answered", arguments: Kind.all)
    func acknowledgements(kind: Kind) async throws {
        let peers = [Self.first, Self.second].map { ServerPeer(kind: kind.peer, sockets: $0) }
        try await with(
            peers,
            { io, _ in
                let all = try await io.to("lobby").emitWithAck("ready?", "now", within: .seconds(20))
                #expect(all.isComplete && all.servers == 2 && all.answered == 2)
                #expect(all.addressed == 3 && all.acknowledged == 3)
                #expect(Set(all.answers) == ["got it, a1", "got it, a2", "got it, b1"])
                let binary = try await io.to("game").emitWithAck("ready?", .binary([1, 2]), within: .seconds(20))
                #expect(binary.answers == ["got it, b2"])
                let nobody = try await io.to("nobody").emitWithAck("ready?", within: .seconds(20))
                #expect(nobody.isComplete && nobody.addressed == 0 && nobody.acknowledged == 0)
            },
            over: kind.wire
        )
    }

    @Test("Silent clients and mute servers end in a partial answer that says so", arguments: Kind.all)
    func partial(kind: Kind) async throws {
        let peers = [
            ServerPeer(kind: kind.peer, sockets: Self.first, silent: ["a2"]),
            ServerPeer(kind: kind.peer, sockets: Self.second, isMute: true),
        ]
        try await with(
            peers,
            { io, _ in
                let some = try await io.to("lobby").emitWithAck("ready?", within: .seconds(3))
                #expect(!some.isComplete)
                #expect(some.servers == 2 && some.answered == 1 && some.addressed == 2 && some.acknowledged == 1)
                let audience = try await io.audience(within: .seconds(3))
                #expect(audience == Audience(servers: 2, answered: 1, sockets: ["a1", "a2", "a3"]))
                #expect(!audience.isComplete)
            },
            over: kind.wire
        )
    }

    @Test("A question to servers of the streams adapter is not put where it would end those of the classic one")
    func harm() async throws {
        let classic = ServerPeer(kind: .classic(onSpecificChannel: false), sockets: [:])
        try await with(
            [classic],
            { io, _ in
                let error = try await #require(throws: EmitterError.self) { try await io.audience() }
                #expect(error.code == .conflict && error.message.contains("end their processes"))
            },
            over: .streams(StreamsWire())
        )
    }

    @Test("Two questions at once do not take each other's answers")
    func concurrent() async throws {
        let peer = ServerPeer(kind: .classic(onSpecificChannel: false), sockets: Self.first)
        try await with(
            [peer],
            { io, _ in
                async let lobby = io.to("lobby").audience()
                async let vip = io.to("vip").audience()
                let (inLobby, important) = try await (lobby, vip)
                #expect(inLobby.sockets == ["a1", "a2"])
                #expect(important.sockets == ["a2"])
            },
            over: .classic(ClassicWire())
        )
    }
}

extension Array {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}

import AnnounceTestKit
import Testing

@testable import SocketIOEmitter

/// The emitter in a real Redis Cluster.
@Suite("The emitter in a Redis Cluster of three masters", .timeLimit(.minutes(5)))
struct ClusterEmitterTests {
    private let cluster: RedisClusterServers

    init() async throws {
        cluster = try await RedisClusterServers()
    }

    /// A subscription of a server's request channel at each master; PUBLISH counts those at one of them only.
    private func listeners() async throws -> [RedisSubscription] {
        var listeners: [RedisSubscription] = []
        for server in cluster.servers {
            let node = try cluster.client("redis://127.0.0.1:\(server.port)")
            listeners.append(try await node.subscribe(channels: ["socket.io-request#/#"]))
        }
        return listeners
    }

    @Test("Receivers are those at all nodes together, of broadcasts and of requests")
    func receivers() async throws {
        let client = try cluster.client()
        let io = Emitter(redis: client)
        #expect(try await io.emit("ev").receivers == 0)
        let listeners = try await listeners()
        #expect(try await io.emit("ev").receivers == 3)
        #expect(try await io.socketsJoin("lobby").receivers == 3)
        #expect(try await io.serverCount() == 3)
        _ = listeners.count
        await client.close()
    }

    @Test(
        "Where the servers may not be counted, what was published is published all the same, to nobody knows how many"
    )
    func uncountable() async throws {
        for server in cluster.servers {
            let answer = try server.ask("ACL SETUSER app on >secret allkeys allchannels +@all -pubsub\r\n")
            #expect(answer == "+OK\r\n")
        }
        let client = try cluster.client(try cluster.url.replacing("://", with: "://app:secret@", maxReplacements: 1))
        let listener = try await cluster.client().subscribe(channels: ["socket.io#/#"])
        let receipt = try await Emitter(redis: client).emit("ev")
        #expect(receipt == Receipt(receivers: nil))
        var messages = listener.makeAsyncIterator()
        #expect(try await messages.next()?.channel == "socket.io#/#")
        await client.close()
    }

    @Test("Servers anywhere in the cluster hear broadcasts and answer questions", arguments: ClusterKind.all)
    func audience(kind: ClusterKind) async throws {
        var servers: [SocketIOServer] = []
        for (number, id) in ["a", "b", "c"].enumerated() {
            let port = try cluster.servers[number].port
            let url = "redis+cluster://127.0.0.1:\(port)"
            servers.append(try await SocketIOServer(url, kind.adapter, uid: "peer-\(id)", sockets: [id: []]))
        }
        let client = try cluster.client()
        let io = Emitter(redis: client, wire: kind.wire)
        #expect(try await io.audience() == Audience(servers: 3, answered: 3, sockets: ["a", "b", "c"]))
        let acknowledgements = try await io.emitWithAck("ready?", within: .seconds(20))
        #expect(acknowledgements.addressed == 3 && acknowledgements.acknowledged == 3)
        try await io.to("b").emit("hello", 1)
        try await eventually("the one hears it") {
            servers[1].peer.received["b"] == [SocketIOPeer.Event("ready?"), SocketIOPeer.Event("hello", 1)]
        }
        #expect(servers[0].peer.received["a"] == [SocketIOPeer.Event("ready?")])
        await client.close()
    }
}

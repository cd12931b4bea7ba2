import AnnounceTestKit
import Foundation
import Payload
import Testing

@testable import SocketIOEmitter

/// The peer of the test kit takes what real emitters and servers sent as a real server does.
@Suite("The Socket.IO server of the test kit and the recorded messages")
struct PeerTests {
    private typealias Event = SocketIOPeer.Event

    /// One socket that is meant, one that is in no room, and one that is left out.
    private static func peer(_ adapter: SocketIOPeer.Adapter, for broadcast: Broadcast, prefix: String) -> SocketIOPeer
    {
        SocketIOPeer(
            adapter,
            prefix: prefix,
            namespace: broadcast.namespace,
            sockets: [
                "meant": Set(broadcast.rooms), "outside": [], "left out": Set(broadcast.rooms + broadcast.except),
            ]
        )
    }

    private static func expect(_ peer: SocketIOPeer, _ broadcast: Broadcast, arguments: [PayloadValue]?) {
        #expect(peer.crash == nil && peer.disconnected.isEmpty)
        let isLeftOut = !broadcast.except.isEmpty
        let meant = ["meant"] + (broadcast.rooms.isEmpty ? ["outside"] : []) + (isLeftOut ? [] : ["left out"])
        #expect(Set(peer.received.keys) == Set(meant))
        for event in peer.received.values.joined() {
            #expect(event.name == broadcast.data.event)
            // Text comparison as well, because NaN differs from itself.
            if let arguments { #expect(event.arguments == arguments || "\(event.arguments)" == "\(arguments)") }
        }
    }

    @Test("Broadcasts of redis-emitter", arguments: WireVector.emitter510.filter { !$0.isJSON })
    func classic(vector: WireVector) {
        var peer = Self.peer(.classic(), for: vector.broadcast, prefix: vector.prefix)
        #expect(peer.receiveClassic(channel: vector.channel, payload: vector.payload) == [])
        Self.expect(peer, vector.broadcast, arguments: vector.heardArguments)
    }

    @Test("Broadcasts of servers with the sharded adapter", arguments: OtherWireVector.sharded)
    func sharded(vector: OtherWireVector) throws {
        guard vector.operation == nil, let payload = vector.payload else { return }
        var peer = Self.peer(.sharded(), for: vector.broadcast, prefix: vector.prefix)
        #expect(peer.receiveCluster(payload: payload) == [])
        Self.expect(peer, vector.broadcast, arguments: nil)
        #expect(peer.received["meant"]?.first?.arguments.count == (try vector.broadcast.data.arguments()).count)
    }

    @Test("Entries of the streams emitter and of servers", arguments: OtherWireVector.streams)
    func streams(vector: OtherWireVector) throws {
        guard vector.operation == nil, vector.command[0] == "XADD" else { return }
        var peer = Self.peer(.streams, for: vector.broadcast, prefix: "socket.io")
        var entry: [String: [UInt8]] = [:]
        for index in stride(from: 6, to: vector.command.count, by: 2) {
            entry[vector.command[index]] = Array(vector.command[index + 1].utf8)
        }
        #expect(peer.receive(entry: entry) == [])
        if vector.name == "streams-emitter:nsp-admin-without-slash" {
            #expect(peer.received.isEmpty)
        } else {
            Self.expect(peer, vector.broadcast, arguments: nil)
        }
    }

    @Test("Requests of redis-emitter", arguments: OtherWireVector.requests)
    func requests(vector: OtherWireVector) throws {
        guard let request = vector.request, let payload = vector.payload else { return }
        let sockets: [String: Set<String>] = [
            "meant": Set(request.rooms), "left out": Set(request.rooms + request.except), "outside": [],
        ]
        var peer = SocketIOPeer(.classic(), prefix: vector.prefix, namespace: request.namespace, sockets: sockets)
        let before = peer.rooms["left out"]
        _ = peer.receiveClassic(channel: vector.command[1], payload: payload)
        switch request.action {
        case .join(let rooms): #expect(peer.rooms["meant"]?.isSuperset(of: rooms) == true)
        case .leave(let rooms): #expect(peer.rooms["meant"]?.isDisjoint(with: rooms) == true)
        case .disconnect: #expect(peer.disconnected["meant"] == "server namespace disconnect")
        case .serverSideEmit(let data): #expect(peer.serverEvents == [Event(data.event, try heard(data))])
        }
        if !request.except.isEmpty { #expect(peer.rooms["left out"] == before) }
        #expect(peer.crash == nil)
    }

    /// The arguments as they arrive through JSON.
    private func heard(_ data: EventData) throws -> [PayloadValue] {
        var writer = JSONWriter(capacity: 64)
        writer.binary = .nodeBuffers
        try data.write(to: &writer)
        guard case .array(let list) = try PayloadValue(json: writer.bytes) else { return [] }
        return Array(list.dropFirst())
    }

    @Test("What ends a real server ends the peer, and what disconnects clients disconnects its clients")
    func harm() throws {
        func peer(_ adapter: SocketIOPeer.Adapter) -> SocketIOPeer { SocketIOPeer(adapter, sockets: ["a": ["r"]]) }
        for bytes in [Array("not a message".utf8), [], [0xC1], [0x01], [0x90]] as [[UInt8]] {
            var classic = peer(.classic())
            _ = classic.receiveClassic(channel: "socket.io#/#", payload: bytes)
            #expect(classic.crash != nil)
            var elsewhere = peer(.classic())
            _ = elsewhere.receiveClassic(channel: "socket.io#/#nobody#", payload: bytes)
            #expect(elsewhere.crash == nil)
            var sharded = peer(.sharded())
            _ = sharded.receiveCluster(payload: bytes)
            #expect(sharded.crash == nil)
        }
        var sharded = peer(.sharded())
        _ = sharded.receiveCluster(payload: Array(#"{"type":3,"uid":"x","nsp":"/"}"#.utf8))
        #expect(sharded.crash != nil)
        var streams = peer(.streams)
        _ = streams.receive(entry: ["nsp": Array("/".utf8), "type": Array("3".utf8)])
        #expect(streams.crash != nil)
        let packets: [PayloadValue] = [
            ["type": 2, "data": ["connect"]], ["type": 2, "data": []], ["type": 2, "data": [nil]],
            ["type": 2, "data": 1],
            ["type": 5, "data": ["ev"]], ["type": 1, "data": ["ev"]],
        ]
        for packet in packets {
            var classic = peer(.classic())
            let message: PayloadValue = ["x", packet, [:]]
            _ = classic.receiveClassic(channel: "socket.io#/#", payload: message.messagePack())
            #expect(classic.disconnected["a"] != nil && classic.received.isEmpty, "\(packet)")
        }
    }
}

/// What the emitter sends over a real Redis, and who gets it.
@Suite("Reaching two servers of each adapter on a real Redis", .timeLimit(.minutes(5)))
struct ReachTests {
    private typealias Event = SocketIOPeer.Event

    /// The names of the events that each socket got, in the order in which they were sent.
    private func heard(_ servers: [SocketIOServer]) -> [String: [String]] {
        servers.reduce(into: [:]) { heard, server in
            for (socket, events) in server.peer.received { heard[socket] = events.map(\.name) }
        }
    }

    @Test("All, a room, rooms, one socket and exceptions reach exactly whom they should", arguments: ClusterKind.all)
    func targets(kind: ClusterKind) async throws {
        try await kind.withServers { io, servers in
            try await io.emit("all", 1, ["k": nil])
            try await io.to("lobby").emit("lobby")
            try await io.to("lobby", "game").emit("rooms")
            try await io.to("a2").emit("socket")
            try await io.to("lobby").except("vip").emit("except")
            try await io.except("a3", "game").emit("excepts")
            try await io.of("/admin").emit("other namespace")
            try await io.to("nobody").emit("nobody")
            try await io.volatile.compress(false).emit("last")
            try await eventually("all have heard the last") { heard(servers).values.count { $0.last == "last" } == 5 }
            #expect(
                heard(servers) == [
                    "a1": ["all", "lobby", "rooms", "except", "excepts", "last"],
                    "a2": ["all", "lobby", "rooms", "socket", "excepts", "last"], "a3": ["all", "last"],
                    "b1": ["all", "lobby", "rooms", "except", "excepts", "last"], "b2": ["all", "rooms", "last"],
                ]
            )
            #expect(servers[0].peer.received["a1"]?.first == Event("all", 1, ["k": nil]))
        }
    }

    @Test("Sockets are moved and disconnected, servers are told", arguments: ClusterKind.all)
    func requests(kind: ClusterKind) async throws {
        try await kind.withServers { io, servers in
            try await io.to("lobby").except("vip").socketsJoin("late", "later")
            try await io.socketsLeave("game")
            try await io.to("a3").disconnectSockets(close: true)
            try await io.serverSideEmit("reload", 7, "now")
            try await eventually("the servers are told") {
                servers.allSatisfy { $0.peer.serverEvents == [Event("reload", 7, "now")] }
            }
            let (a, b) = (servers[0].peer, servers[1].peer)
            #expect(a.rooms == ["a1": ["a1", "lobby", "late", "later"], "a2": ["a2", "lobby", "vip"]])
            #expect(b.rooms == ["b1": ["b1", "lobby", "late", "later"], "b2": ["b2"]])
            #expect(a.disconnected.keys.sorted() == ["a3"] && b.disconnected.isEmpty)
        }
    }

    @Test("Servers before socket.io-redis 6.1 are told to leave out sockets only")
    func olderGeneration() async throws {
        try await withRedisServer { redis in
            let server = try await SocketIOServer(
                redis.url,
                .classic(generation: 3),
                sockets: ["a1": ["lobby"], "a2": ["lobby", "vip"]]
            )
            let client = try redis.client()
            let io = Emitter(redis: client, wire: .classic(ClassicWire(generation: .three)))
            await #expect(throws: EmitterError.self) { try await io.except("vip").emit("no") }
            try await io.exceptSockets(["a2"]).emit("yes")
            try await eventually("it is there") { server.peer.received == ["a1": [Event("yes")]] }
            await client.close()
        }
    }

    @Test("Binary data and the largest messages arrive", arguments: ClusterKind.all)
    func payloads(kind: ClusterKind) async throws {
        try await kind.withServers { io, servers in
            let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
            let text = String(repeating: "é🐎", count: 150_000)
            try await io.to("game").emit("binary", ["bytes": .binary(bytes)], .string(text))
            try await eventually("it is there") {
                servers[1].peer.received["b2"] == [Event("binary", ["bytes": .binary(bytes)], .string(text))]
            }
        }
    }
}

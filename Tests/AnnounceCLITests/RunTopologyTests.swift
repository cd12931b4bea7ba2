import AnnounceTestKit
import Foundation
import Payload
import Testing

/// `announce run` while the Redis servers behind it change places.
@Suite("A dispatcher whose Redis moves", .timeLimit(.minutes(5)))
struct RunTopologyTests {
    private typealias Event = SocketIOPeer.Event

    private static func heard(_ server: SocketIOServer) -> [Event] { server.peer.received["a"] ?? [] }

    private func published(_ announce: Program, _ count: Int) async throws {
        try await eventually(timeout: .seconds(30), "\(count) are recorded") {
            try await announce.deliveries().count == count
        }
        #expect(try await announce.deliveries().allSatisfy { $0["outcome"] == "published" })
    }

    @Test("Sentinels replace a master that was killed: what falls due meanwhile goes out through the new one")
    func failover() async throws {
        let site = try await RedisSentinel(sentinels: 2)
        let announce = try Program(redis: site.url)
        _ = try await announce.dispatcher()
        let first = try await SocketIOServer("redis://127.0.0.1:\(try site.servers[0].port)", sockets: ["a": []])
        _ = try await announce.run("add", "--all", "--in", "0s", "before")
        try await published(announce, 1)
        #expect(Self.heard(first) == [Event("announcement", "before")])
        site.servers[0].kill()
        _ = try await announce.run("add", "--all", "--in", "0s", "meanwhile")
        // With the promotion sentinels end all connections to the new master, and this server does not come back as real ones do.
        try await eventually(timeout: .seconds(60), "the replica is the master") { try site.hasFailedOver }
        let second = try await SocketIOServer("redis://127.0.0.1:\(try site.servers[1].port)", sockets: ["a": []])
        try await published(announce, 2)
        _ = try await announce.run("add", "--all", "--in", "0s", "after")
        try await published(announce, 3)
        let expected = ["meanwhile", "after"].map { Event("announcement", .string($0)) }
        try await eventually("both are there") { Self.heard(second) == expected }
    }

    @Test("The slot of a namespace's channel moves to another master: the next goes there")
    func movedSlot() async throws {
        let cluster = try await RedisClusterServers()
        let answer = try cluster.servers[0].ask("CLUSTER KEYSLOT socket.io#/#\r\n") ?? ""
        let slot = try #require(Int(answer.dropFirst().trimmingCharacters(in: .whitespacesAndNewlines)), "\(answer)")
        let owner = try #require(RedisClusterServers.slots.firstIndex { $0.contains(slot) })
        let (old, new) = (cluster.servers[owner], cluster.servers[(owner + 1) % 3])
        let announce = try Program(redis: try cluster.url)
        _ = try await announce.dispatcher("--wire", "sharded")
        let first = try await SocketIOServer(try cluster.url, .sharded(), sockets: ["a": []])
        _ = try await announce.run("add", "--all", "--in", "0s", "before")
        try await published(announce, 1)
        #expect(Self.heard(first) == [Event("announcement", "before")])
        try cluster.beginMove(slot, from: old, to: new)
        try cluster.endMove(slot, to: new)
        _ = try await announce.run("add", "--all", "--in", "0s", "after")
        let second = try await SocketIOServer(try cluster.url, .sharded(), sockets: ["a": []])
        try await published(announce, 2)
        try await eventually("it is there") { Self.heard(second) == [Event("announcement", "after")] }
    }

    @Test(
        "A Redis that is restarted between two announcements is connected to again",
        arguments: ["classic", "streams"]
    )
    func restart(wire: String) async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            _ = try await announce.dispatcher("--wire", wire)
            let adapter: SocketIOPeer.Adapter = wire == "streams" ? .streams : .classic()
            let first = try await SocketIOServer(redis.url, adapter, sockets: ["a": []])
            _ = try await announce.run("add", "--all", "--in", "0s", "before")
            try await published(announce, 1)
            try await eventually("it is there") { Self.heard(first) == [Event("announcement", "before")] }
            first.stop()
            redis.kill()
            _ = try await announce.run("add", "--all", "--in", "0s", "meanwhile")
            try await redis.restart()
            let second = try await SocketIOServer(redis.url, adapter, sockets: ["a": []])
            try await published(announce, 2)
            // A stream has what was written before a server was there, and servers read from its end.
            if wire == "classic" {
                try await eventually("it is there") { Self.heard(second) == [Event("announcement", "meanwhile")] }
            }
        }
    }
}

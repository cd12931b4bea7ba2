import AnnounceTestKit
import SocketIOEmitter
import Testing

@Suite("Clusters with replicas, TLS and users", .timeLimit(.minutes(5)))
struct ClusterFailoverTests {
    @Test("A replica that takes over from a killed master gets its slots' commands")
    func followsFailover() async throws {
        let cluster = try await RedisClusterServers(spares: 1)
        try await cluster.replicate(cluster.servers[0], by: cluster.spares[0])
        let client = try cluster.client()
        let name = try cluster.name(at: 0)
        #expect(try await client.send(RedisCommand("SPUBLISH", name, "x")) == .integer(0))
        let listener = try cluster.spares[0].client()
        let atReplica = try await listener.subscribe(channels: ["c"])
        let counts = try await client.sendToNodes(RedisCommand("PUBSUB", "NUMSUB", "c"))
        #expect(counts.count == 4)
        #expect(counts.last == .array([.string([99]), .integer(1)]), "a listener at a replica counts")
        #expect(try await client.sendToMasters(RedisCommand("PUBSUB", "NUMSUB", "c")).count == 3)
        _ = atReplica
        cluster.servers[0].kill()
        try await eventually(timeout: .seconds(30), "it is taken") {
            try await client.send(RedisCommand("SPUBLISH", name, "x")) == .integer(0)
        }
        #expect(try cluster.spares[0].ask("ROLE\r\n")?.contains("master") == true)
        #expect(try await client.sendToMasters(RedisCommand("PING")).count == 3)
        await client.close()
    }

    @Test("A cluster that speaks TLS, to a user who may just do what publishing needs")
    func isEncrypted() async throws {
        let certificates = try await TestCertificates()
        let users = [
            "default on nopass ~* &* +@all",
            "app on >p resetchannels &c* ~c* -@all +ping +cluster|slots +asking +publish +spublish +pubsub +ssubscribe",
        ]
        let cluster = try await RedisClusterServers(.init(users: users, tls: .init(certificates)))
        let url = try cluster.url.replacing("://", with: "://app:p@")
        var configuration = try RedisConfiguration(url: url)
        configuration.tls = RedisTLS(caFile: certificates.certificate("ca"))
        let client = RedisClient(configuration: configuration, logger: quiet)
        for master in 0..<3 {
            let name = try cluster.name(at: master, prefix: "c")
            let subscription = try await client.subscribe(shardChannels: [name])
            #expect(try await client.send(RedisCommand("SPUBLISH", name, "x")) == .integer(1))
            _ = subscription
        }
        #expect(try await client.send(RedisCommand("PUBLISH", "c", "x")) == .integer(0))
        #expect(try await client.sendToMasters(RedisCommand("PUBSUB", "NUMSUB", "c")).count == 3)
        guard case .error(let text) = try await client.send(RedisCommand("SET", "c", "x")) else {
            Issue.record("SET was permitted")
            return
        }
        #expect(RedisError(errorReply: text).code == .permission)
        await client.close()
        let wrong = try cluster.client(try cluster.url.replacing("rediss", with: "redis"))
        let error = try await redisError { try await wrong.send(RedisCommand("PING")) }
        #expect(error.message.contains("rediss://"), "\(error.message)")
    }
}

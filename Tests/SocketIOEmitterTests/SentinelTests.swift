import AnnounceTestKit
import SocketIOEmitter
import Testing

@Suite("Real sentinels", .timeLimit(.minutes(5)))
struct SentinelTests {
    private func client(_ url: String) throws -> RedisClient {
        var configuration = try RedisConfiguration(url: url)
        configuration.connectTimeout = .seconds(20)
        configuration.commandTimeout = .seconds(20)
        return RedisClient(configuration: configuration, logger: quiet)
    }

    /// Sends until it is taken, as a dispatcher does, and returns the port of the server that took it.
    private func port(_ client: RedisClient) async throws -> UInt16? {
        var port: UInt16?
        try await eventually(timeout: .seconds(30), "a command is taken") {
            guard case .status("OK") = try await client.send(RedisCommand("SET", "k", "v")),
                case .array(let parts) = try await client.send(RedisCommand("CONFIG", "GET", "port")),
                parts.count == 2, case .string(let text) = parts[1]
            else { return false }
            port = UInt16(String(decoding: text, as: UTF8.self))
            return true
        }
        return port
    }

    @Test("The master that the sentinels name is connected to; a failover that an operator orders is followed")
    func followsFailover() async throws {
        let site = try await RedisSentinel()
        let client = try client(site.url)
        let (old, new) = (try site.servers[0].port, try site.servers[1].port)
        #expect(try await port(client) == old)
        let subscription = try await client.subscribe(channels: ["c"])
        try site.failover()
        let ended = try await redisError { for try await _ in subscription {} }
        #expect(ended.code == .connectionLost)
        try await eventually(timeout: .seconds(30), "the sentinel names the new master") { try site.masterPort == new }
        #expect(try await port(client) == new)
        try await eventually(timeout: .seconds(30), "a subscription is at the new master") {
            let second = try await client.subscribe(channels: ["c"])
            guard try await client.send(RedisCommand("PUBLISH", "c", "x")) == .integer(1) else { return false }
            var messages = second.makeAsyncIterator()
            return try await messages.next()?.channel == "c"
        }
        await client.close()
    }

    @Test("A master that is killed is replaced, and the next command goes to the new one")
    func followsCrash() async throws {
        let site = try await RedisSentinel(sentinels: 2)
        let client = try client(site.url)
        #expect(try await port(client) == (try site.servers[0].port))
        site.servers[0].kill()
        #expect(try await port(client) == (try site.servers[1].port))
        await client.close()
    }

    @Test("A master that is made a replica behind the client's back is left at the first READONLY")
    func leavesReplica() async throws {
        let site = try await RedisSentinel()
        let client = try client(site.url)
        #expect(try await port(client) == (try site.servers[0].port))
        try site.monitor("site", port: try site.servers[1].port)
        // Neither closes connections, other than a sentinel would.
        _ = try site.servers[1].ask("REPLICAOF NO ONE\r\n")
        _ = try site.servers[0].ask("REPLICAOF 127.0.0.1 \(try site.servers[1].port)\r\n")
        let reply = try await client.send(RedisCommand("SET", "k", "v"))
        guard case .error(let text) = reply, text.hasPrefix("READONLY") else {
            Issue.record("a replica took it: \(reply)")
            return
        }
        #expect(try await port(client) == (try site.servers[1].port))
        await client.close()
    }

    @Test("Sentinels that are down are passed over; a name that none of them knows is an error that names it")
    func explains() async throws {
        let site = try await RedisSentinel()
        let first = try client("redis+sentinel://127.0.0.1:\(try freePort()),\(site.hosts)/site")
        #expect(try await first.send(RedisCommand("PING")) == .status("PONG"))
        await first.close()
        let unknown = try client("redis+sentinel://\(site.hosts)/nosuch")
        let error = try await redisError { try await unknown.send(RedisCommand("PING")) }
        #expect(error.code == .refused)
        #expect(error.message.contains("\"nosuch\""))
        #expect(!error.mayHaveExecuted)
        let subscribing = try await redisError { _ = try await unknown.subscribe(channels: ["c"]) }
        #expect(subscribing.message.contains("\"nosuch\""))
        let down = try client("redis+sentinel://127.0.0.1:\(try freePort())/site")
        let unreachable = try await redisError { try await down.send(RedisCommand("PING")) }
        #expect(unreachable.code == .unreachable)
        #expect(unreachable.message.contains("refuses connections"))
    }

    @Test("The sentinels and the master each get their own password")
    func authenticates() async throws {
        let users = ["default on nopass ~* &* +@all", "app on >inner &* -@all +ping +role"]
        let site = try await RedisSentinel(.init(users: users), password: "outer")
        let right = try client("redis+sentinel://app:inner@\(site.hosts)/site?sentinel-password=outer")
        #expect(try await right.send(RedisCommand("PING")) == .status("PONG"))
        await right.close()
        let wrong = try client("redis+sentinel://app:inner@\(site.hosts)/site?sentinel-password=wr0ng")
        let error = try await redisError { try await wrong.send(RedisCommand("PING")) }
        #expect(error.code == .authentication)
        #expect(!error.message.contains("wr0ng"))
        let none = try client("redis+sentinel://app:inner@\(site.hosts)/site")
        #expect(try await redisError { try await none.send(RedisCommand("PING")) }.code == .authentication)
    }

    @Test("Sentinels and master are spoken to through TLS, and a subscription is too")
    func isEncrypted() async throws {
        let certificates = try await TestCertificates()
        let site = try await RedisSentinel(.init(tls: .init(certificates)))
        var configuration = try RedisConfiguration(url: site.url)
        configuration.tls = RedisTLS(caFile: certificates.certificate("ca"))
        // Certificates are slow to check in a debug build on a loaded machine.
        configuration.connectTimeout = .seconds(20)
        configuration.commandTimeout = .seconds(20)
        let client = RedisClient(configuration: configuration, logger: quiet)
        let subscription = try await client.subscribe(channels: ["c"])
        #expect(try await client.send(RedisCommand("PUBLISH", "c", "x")) == .integer(1))
        _ = subscription
        await client.close()
        let untrusting = try self.client(site.url)
        let error = try await redisError { try await untrusting.send(RedisCommand("PING")) }
        #expect(error.code == .tls)
        #expect(error.message.contains("No sentinel told where the master"))
    }

    @Test("A sentinel that names a replica is not believed")
    func checksRole() async throws {
        let site = try await RedisSentinel()
        // The sentinel watches a replica as if it were a master.
        let liar = try RedisServer(.init(settings: [["replicaof", "127.0.0.1", "\(try site.servers[0].port)"]]))
        try await liar.start()
        let port = try liar.port
        try site.monitor("liar", port: port)
        let client = try client("redis+sentinel://\(site.hosts)/liar")
        let error = try await redisError { try await client.send(RedisCommand("PUBLISH", "c", "x")) }
        #expect(error.code == .unavailable, "\(error)")
        #expect(error.message.contains("not the master"))
        #expect(!error.mayHaveExecuted)
    }
}

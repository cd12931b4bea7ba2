import AnnounceTestKit
import Testing

@testable import SocketIOEmitter

@Suite("A real Redis Cluster of three masters", .timeLimit(.minutes(5)))
struct ClusterTests {
    private let cluster: RedisClusterServers

    init() async throws {
        cluster = try await RedisClusterServers()
    }

    @Test("Commands go to the owners of their slots, and the replies come in the order of the commands")
    func routes() async throws {
        let seed = "redis+cluster://localhost:\(try cluster.servers[1].port)"
        for url in [try cluster.url, seed] {
            let client = try cluster.client(url)
            var commands: [RedisCommand] = []
            var expected: [RedisReply] = []
            for number in 0..<300 {
                commands += [RedisCommand("SET", "key\(number)", "\(number)"), RedisCommand("GET", "key\(number)")]
                expected += [.status("OK"), .string(Array("\(number)".utf8))]
                if number % 50 == 0 {
                    commands.append(RedisCommand("ECHO", "\(number)"))
                    expected.append(.string(Array("\(number)".utf8)))
                }
            }
            #expect(try await client.send(commands) == expected)
            await client.close()
        }
        for server in cluster.servers {
            #expect(try server.ask("DBSIZE\r\n") != ":0\r\n", "each has its part")
        }
    }

    @Test("SPUBLISH and XADD reach each owner, PUBLISH everybody; there is one connection to each master")
    func publishes() async throws {
        let client = try cluster.client()
        for master in 0..<3 {
            let name = try cluster.name(at: master)
            let subscription = try await client.subscribe(shardChannels: [name])
            #expect(try await client.send(RedisCommand("SPUBLISH", name, "x")) == .integer(1))
            var messages = subscription.makeAsyncIterator()
            #expect(try await messages.next() == RedisMessage(channel: name, payload: Array("x".utf8)))
            guard case .string = try await client.send(RedisCommand("XADD", name, "*", "a", "b")) else {
                Issue.record("XADD to \(name) was refused")
                continue
            }
            #expect(try cluster.servers[master].ask("XLEN \(name)\r\n") == ":1\r\n")
        }
        let subscription = try await client.subscribe(channels: ["all"], patterns: ["p*"])
        _ = try await client.send([RedisCommand("PUBLISH", "all", "1"), RedisCommand("PUBLISH", "pp", "2")])
        var messages = subscription.makeAsyncIterator()
        #expect(try await messages.next()?.channel == "all")
        #expect(try await messages.next()?.channel == "pp")
        for server in cluster.servers {
            let clients = try #require(try server.ask("CLIENT LIST\r\n")).split(separator: "\n")
            #expect(clients.filter { $0.contains("addr=") && $0.contains(" sub=0 psub=0 ssub=0 ") }.count == 2)
        }
        await client.close()
    }

    @Test("Counts are summed over the masters")
    func sums() async throws {
        let client = try cluster.client()
        let listeners = try cluster.servers.map { try $0.client() }
        var subscriptions: [RedisSubscription] = []
        for listener in listeners { subscriptions.append(try await listener.subscribe(channels: ["c"])) }
        let replies = try await client.sendToMasters(RedisCommand("PUBSUB", "NUMSUB", "c"))
        #expect(replies == Array(repeating: .array([.string([99]), .integer(1)]), count: 3))
        try await client.ping()
        cluster.servers[2].kill()
        let error = try await redisError { try await client.sendToMasters(RedisCommand("PUBSUB", "NUMSUB", "c")) }
        #expect([.unreachable, .connectionLost].contains(try await redisError { try await client.ping() }.code))
        #expect([.unreachable, .connectionLost].contains(error.code), "a sum without one of them would be wrong")
        _ = subscriptions
        await client.close()
        try await withRedisServer { server in
            let one = try server.client()
            #expect(try await one.sendToMasters(RedisCommand("PING")) == [.status("PONG")])
            await one.close()
        }
    }

    @Test("A script goes to the owner of its first key")
    func runsScripts() async throws {
        let client = try cluster.client()
        for master in 0..<3 {
            let key = try cluster.name(at: master)
            let script = RedisCommand("EVAL", "return redis.call('SET', KEYS[1], ARGV[1])", "1", key, "v")
            #expect(try await client.send(script) == .status("OK"))
            #expect(try cluster.servers[master].ask("GET \(key)\r\n")?.contains("v") == true)
        }
        let crossing = RedisCommand("EVAL", "return 1", "2", try cluster.name(at: 0), try cluster.name(at: 1))
        guard case .error(let text) = try await client.send(crossing) else {
            Issue.record("keys of two slots were taken")
            return
        }
        #expect(text.hasPrefix("CROSSSLOT"))
        await client.close()
    }

    @Test("While a slot moves ASK is followed, and when it has moved MOVED is")
    func followsMoves() async throws {
        let client = try cluster.client()
        let (old, new) = (cluster.servers[0], cluster.servers[1])
        let key = try cluster.name(at: 0)
        let slot = HashSlot.slot(of: Array(key.utf8))
        _ = try await client.send(RedisCommand("PING"))
        try cluster.beginMove(slot, from: old, to: new)
        // It is not at the old owner yet, which says ASK; a neighbour stays where it was.
        guard case .string = try await client.send(RedisCommand("XADD", key, "*", "a", "1")) else {
            Issue.record("XADD during the move was refused")
            return
        }
        #expect(try new.ask("ASKING\r\n") != nil)
        #expect(try old.ask("EXISTS \(key)\r\n")?.hasPrefix("-ASK") == true)
        try cluster.endMove(slot, to: new)
        let subscription = try await client.subscribe(shardChannels: [key])
        let replies = try await client.send([
            RedisCommand("XLEN", key), RedisCommand("SPUBLISH", key, "x"), RedisCommand("XADD", key, "*", "a", "2"),
            RedisCommand("XLEN", key),
        ])
        #expect(replies[0] == .integer(1))
        #expect(replies[1] == .integer(1))
        #expect(replies[3] == .integer(2))
        #expect(try new.ask("XLEN \(key)\r\n") == ":2\r\n")
        var messages = subscription.makeAsyncIterator()
        #expect(try await messages.next()?.payload == Array("x".utf8))
        // The subscription's channel goes away with its slot.
        _ = try await client.send(RedisCommand("DEL", key))
        try cluster.endMove(slot, to: cluster.servers[2])
        let ended = try await redisError { while try await messages.next() != nil {} }
        #expect(ended.code == .connectionLost)
        #expect(ended.message.contains("moved"))
        await client.close()
    }

    @Test("A master that was killed fails its own commands only; back again, it is found")
    func survivesRestart() async throws {
        let client = try cluster.client()
        let names = try (0..<3).map { try cluster.name(at: $0) }
        let commands = names.map { RedisCommand("SPUBLISH", $0, "x") }
        #expect(try await client.send(commands) == [.integer(0), .integer(0), .integer(0)])
        cluster.servers[1].kill()
        // The connection's end may meet the first command, and the others may already call the cluster down.
        let results = await client.sendEach(commands)
        let error = try #require(throws: RedisError.self) { try results[1].get() }
        #expect([.unreachable, .connectionLost].contains(error.code), "\(error)")
        for index in [0, 2] {
            guard case .success = results[index] else {
                Issue.record("\(index) got no reply: \(results[index])")
                return
            }
        }
        let thrown = try await redisError { try await client.send(commands) }
        #expect(thrown.mayHaveExecuted, "the others were executed")
        try await cluster.servers[1].start()
        try await eventually(timeout: .seconds(30), "all are taken again") {
            try await client.send(commands) == [.integer(0), .integer(0), .integer(0)]
        }
        await client.close()
    }

    @Test("What has no key goes to another master when the first is gone, and reaches everybody")
    func publishesElsewhere() async throws {
        let client = try cluster.client()
        #expect(client.isCluster)
        _ = try await client.send(RedisCommand("PING"))
        cluster.servers[0].kill()
        let subscription = try await client.subscribe(channels: ["c"])
        try await eventually("it is taken") {
            // The command that meets the end of the connection is not repeated.
            if case .integer = try await client.send(RedisCommand("PUBLISH", "c", "x")) { true } else { false }
        }
        var messages = subscription.makeAsyncIterator()
        #expect(try await messages.next()?.channel == "c")
        await client.close()
    }

    @Test("Shard channels of several slots are refused; so is a server that is no cluster, and the reverse")
    func explains() async throws {
        let client = try cluster.client()
        let names = [try cluster.name(at: 0), try cluster.name(at: 1)]
        let several = try await redisError { _ = try await client.subscribe(shardChannels: names) }
        #expect(several.code == .invalidCommand)
        let nameless = try await redisError {
            try await client.send([RedisCommand("PING"), RedisCommand(arguments: [])])
        }
        #expect(nameless.code == .invalidCommand)
        await client.close()
        let closed = try await redisError { try await client.send(RedisCommand("PING")) }
        #expect(closed.code == .closed)
        let single = try cluster.servers[0].client()
        let reply = try await single.send(RedisCommand("GET", names[1]))
        guard case .error(let text) = reply else {
            Issue.record("the wrong node answered \(reply)")
            return
        }
        #expect(RedisError(errorReply: text).code == .moved)
        #expect(RedisError(errorReply: text).message.contains("redis+cluster://"))
        await single.close()
        try await withRedisServer { server in
            let wrong = try cluster.client("redis+cluster://127.0.0.1:\(try server.port)")
            let error = try await redisError { try await wrong.send(RedisCommand("PING")) }
            #expect(error.code == .refused)
            #expect(error.message.contains("redis:// in the Redis URL"))
            server.kill()
            #expect(try await redisError { try await wrong.send(RedisCommand("PING")) }.code == .unreachable)
        }
    }
}

import AnnounceTestKit
import Testing

@testable import SocketIOEmitter

/// Batches that Redis carries out once, on a real Redis.
@Suite("A batch is carried out once, however often it is sent", .timeLimit(.minutes(5)))
struct OnceBatchTests {
    private static func batch(_ commands: [RedisCommand], token: String = "announce:once:1") -> OnceBatch {
        OnceBatch(token: token, commands: CommandGroups(commands), lifetime: .seconds(60))
    }

    private static let pair = batch([RedisCommand("PUBLISH", "a", "1"), RedisCommand("XADD", "s", "7-0", "k", "v")])
    private static let results = OnceBatch.Outcome.carriedOut([.integer(1), .string(Array("7-0".utf8))])

    private func outcome(_ client: RedisClient, _ command: RedisCommand) async throws -> OnceBatch.Outcome {
        try OnceBatch.Outcome(try await client.send(command))
    }

    @Test("Sent twice it is heard once, and both are told the same results")
    func once() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let listener = try await client.subscribe(channels: ["a"])
            for _ in 0..<2 { #expect(try await outcome(client, Self.pair.call) == Self.results) }
            guard case .integer(let time) = try await client.send(RedisCommand("PTTL", Self.pair.token)) else {
                Issue.record("the token has no end")
                return
            }
            #expect(time > 50_000)
            _ = try await client.send(RedisCommand("PUBLISH", "a", "last"))
            var messages = listener.makeAsyncIterator()
            var heard: [String] = []
            while heard.last != "last", let message = try await messages.next() {
                heard.append(String(decoding: message.payload, as: UTF8.self))
            }
            #expect(heard == ["1", "last"])
            #expect(try await client.send(RedisCommand("XLEN", "s")) == .integer(1))
            await client.close()
        }
    }

    @Test("Void before it was sent, it is never carried out; sent before, its results are told")
    func voided() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let asking = OnceBatch.voiding(Self.pair.token, lifetime: .seconds(60))
            #expect(try OnceBatch.Outcome(try await client.send(asking)[1]) == .void)
            #expect(try await outcome(client, Self.pair.call) == .void)
            #expect(try await client.send(RedisCommand("EXISTS", "s")) == .integer(0))
            let other = OnceBatch(token: "announce:once:2", commands: Self.pair.commands, lifetime: .seconds(60))
            let carriedOut = OnceBatch.Outcome.carriedOut([.integer(0), .string(Array("7-0".utf8))])
            #expect(try await outcome(client, other.call) == carriedOut)
            let late = OnceBatch.voiding(other.token, lifetime: .seconds(60))
            #expect(try OnceBatch.Outcome(try await client.send(late)[1]) == carriedOut)
            await client.close()
        }
    }

    @Test("A refused command is its own result and loses none of the others")
    func members() async throws {
        let user = "app on >p resetchannels &a ~announce:once:* ~s +publish +xadd +eval +evalsha +set +get"
        try await withRedisServer(.init(users: [user])) { server in
            let client = try server.client()
            _ = try await client.send(RedisCommand("SET", "s", "a text"))
            let url = server.url.replacing("://", with: "://app:p@", maxReplacements: 1)
            let app = RedisClient(configuration: try RedisConfiguration(url: url), logger: quiet)
            let commands = [
                RedisCommand("PUBLISH", "a", "1"), RedisCommand("PUBLISH", "forbidden", "1"),
                RedisCommand("XADD", "s", "*", "k", "v"),
                RedisCommand("NOCOMMAND"), RedisCommand("PUBLISH", "a", "\r\n$0\n\u{0}"),
                RedisCommand("SET", "announce:once:x", "1"),
            ]
            guard case .carriedOut(let replies) = try await outcome(app, Self.batch(commands).call) else {
                Issue.record("it was not carried out")
                return
            }
            #expect(replies.count == commands.count)
            #expect(replies[0] == .integer(0) && replies[4] == .integer(0) && replies[5] == .status("OK"))
            for index in [1, 2, 3] {
                guard case .error(let text) = replies[index] else {
                    Issue.record("\(index) was not refused")
                    continue
                }
                #expect(!text.isEmpty && !text.contains("\n"))
            }
            await app.close()
            await client.close()
        }
    }

    @Test("Answers that are alike are kept once, and told for each; those of earlier versions are told, too")
    func runs() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let listener = try await client.subscribe(channels: ["heard"])
            func publish(_ channel: String, _ count: Int) -> [RedisCommand] {
                Array(repeating: RedisCommand("PUBLISH", channel, "x"), count: count)
            }
            let commands = publish("nobody", 3) + publish("heard", 2) + publish("nobody", 1) + [RedisCommand("NO")]
            let batch = Self.batch(commands + [RedisCommand("NO")] + publish("heard", 1))
            let first = try await outcome(client, batch.call)
            guard case .carriedOut(let replies) = first, replies.count == 9, case .error(let refusal) = replies[6]
            else {
                Issue.record("\(first)")
                return
            }
            let numbers = [0, 0, 0, 1, 1, 0].map { RedisReply.integer($0) }
            #expect(replies == numbers + [.error(refusal), .error(refusal), .integer(1)])
            guard case .string(let kept) = try await client.send(RedisCommand("GET", batch.token)) else {
                Issue.record("nothing is kept")
                return
            }
            #expect(String(decoding: kept, as: UTF8.self) == "done\n0\n=2\n1\n=1\n0\n-\(refusal)\n=1\n1")
            let earlier: [RedisReply] = [.integer(0), .integer(0), .integer(2)]
            #expect(try OnceBatch.Outcome(.string(Array("done\n0\n0\n2".utf8))) == .carriedOut(earlier))
            withExtendedLifetime(listener) {}
            await client.close()
        }
    }

    @Test("A whole batch of binary messages arrives as it was given")
    func large() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let listener = try await client.subscribe(channels: ["a"])
            let payloads = (0..<512).map { number in
                (0..<(number % 300)).map { UInt8(truncatingIfNeeded: $0 &* number) }
            }
            let commands = payloads.map { RedisCommand(arguments: [Array("PUBLISH".utf8), Array("a".utf8), $0]) }
            let expected = OnceBatch.Outcome.carriedOut(Array(repeating: .integer(1), count: 512))
            #expect(try await outcome(client, Self.batch(commands).call) == expected)
            var messages = listener.makeAsyncIterator()
            for payload in payloads { #expect(try await messages.next()?.payload == payload) }
            #expect(try await outcome(client, Self.batch([]).call) == expected, "the token decides, not the members")
            await client.close()
        }
    }

    @Test(
        "Where the script was forgotten, memory is out or scripts are forbidden, nothing is carried out and the reason told"
    )
    func refusals() async throws {
        let users = ["default on nopass ~* &* +@all", "plain on >p ~* &* +@all -eval -evalsha"]
        try await withRedisServer(.init(users: users)) { server in
            let client = try server.client()
            _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
            let reply = try await client.send(Self.pair.call(scriptHash: String(repeating: "0", count: 40)))
            guard case .error(let text) = reply, text.hasPrefix("NOSCRIPT") else {
                Issue.record("\(reply)")
                return
            }
            let url = server.url.replacing("://", with: "://plain:p@", maxReplacements: 1)
            let plain = RedisClient(configuration: try RedisConfiguration(url: url), logger: quiet)
            let forbidden = try await redisError { try await outcome(plain, Self.pair.call) }
            #expect(forbidden.code == .permission)
            _ = try await client.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
            let full = try await redisError { try await outcome(client, Self.pair.call) }
            #expect(full.code == .outOfMemory, "\(full.message)")
            _ = try await client.send(RedisCommand("CONFIG", "SET", "maxmemory", "0"))
            #expect(try await client.send(RedisCommand("DBSIZE")) == .integer(0))
            await plain.close()
            await client.close()
        }
    }

    @Test("What a crash in the middle left, and what is not announce's, are told apart")
    func strangers() async throws {
        #expect(try OnceBatch.Outcome(.string(Array("begun".utf8))) == .interrupted)
        let strange: [RedisReply] = [
            .string(Array("something".utf8)), .string([]), .string(Array("done\n?".utf8)),
            .string(Array("done\n:x".utf8)), .string(Array("done\n=3".utf8)), .string(Array("done\n1\n=".utf8)),
            .string(Array("done\n1\n=99999999999".utf8)), .string(Array("done\n+OK\n=0".utf8)),
            .string(Array("void\n".utf8)), .null, .integer(1),
        ]
        for reply in strange {
            let error = try #require(throws: RedisError.self) { try OnceBatch.Outcome(reply) }
            #expect(error.code == .protocol)
        }
    }

    @Test("In a cluster the token is in the slot of its commands")
    func cluster() async throws {
        let cluster = try await RedisClusterServers()
        let client = try cluster.client()
        var random = SystemRandomNumberGenerator()
        for master in 0..<3 {
            let channel = try cluster.name(at: master)
            let slot = HashSlot.slot(of: Array(channel.utf8))
            let token = OnceBatch.token(slot: slot, using: &random)
            #expect(HashSlot.slot(of: Array(token.utf8)) == slot)
            let batch = Self.batch(
                [RedisCommand("SPUBLISH", channel, "x"), RedisCommand("PUBLISH", "c", "x")],
                token: token
            )
            for _ in 0..<2 {
                #expect(try await outcome(client, batch.call) == .carriedOut([.integer(0), .integer(0)]))
            }
        }
        #expect(
            Set((0..<HashSlot.count).map { HashSlot.slot(of: Array("{\(SlotTags.tag(of: $0))}".utf8)) }).count
                == HashSlot.count
        )
        #expect(OnceBatch.token(using: &random) != OnceBatch.token(using: &random))
        await client.close()
    }

    @Test("Commands come out of their groups as they went in, whatever they share", arguments: 1...50)
    func groups(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let words = ["PUBLISH", "a", "", "\r\n$3\r\n", "x\u{0}y"].map { Array($0.utf8) }
        let commands = (0..<Int.random(in: 1...20, using: &random)).map { _ in
            let count = Int.random(in: 1...4, using: &random)
            return RedisCommand(arguments: (0..<count).map { _ in words.randomElement(using: &random) ?? [] })
        }
        let groups = CommandGroups(commands)
        #expect(groups.commands == commands && groups.count == commands.count)
        #expect(groups.bytes == CommandFormatter.size(of: commands))
        // What the script reads: how many there are, how many words they share, those words, each one's last.
        var call = RedisCommand()
        groups.write(to: &call)
        var rest = call.arguments[...]
        var read: [RedisCommand] = []
        while !rest.isEmpty {
            let numbers = rest.prefix(2).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
            let shared = rest.dropFirst(2).prefix(numbers[1])
            let lasts = rest.dropFirst(2 + numbers[1]).prefix(numbers[0])
            read += lasts.map { RedisCommand(arguments: shared + [$0]) }
            rest = rest.dropFirst(2 + numbers[1] + numbers[0])
        }
        #expect(read == commands)
    }
}

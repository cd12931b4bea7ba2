import Testing

@testable import SocketIOEmitter

private typealias Endpoint = RedisConfiguration.Endpoint

private func node(_ port: Int) -> Endpoint { .tcp(host: "h", port: port) }

private func text(_ value: String) -> RedisReply { .string(Array(value.utf8)) }

@Suite("Slots and keys")
struct SlotTests {
    @Test(
        "A key has the slot that Redis says (CLUSTER KEYSLOT of 7.0); what is in the first braces decides",
        arguments: [
            ("123456789", 12739), ("foo", 12182), ("bar", 5061), ("", 0), ("{user1000}.following", 3443),
            ("{user1000}.followers", 3443), ("user1000", 3443), ("foo{}{bar}", 8363), ("foo{{bar}}zap", 4015),
            ("foo{bar}{zap}", 5061), ("{", 4092), ("}{", 12793), ("socket.io#/#", 13868), ("\u{e9}", 10180),
        ]
    )
    func slots(key: String, slot: Int) {
        #expect(HashSlot.slot(of: Array(key.utf8)) == slot)
    }

    @Test(
        "A command has the slot of its first key",
        arguments: [
            (["SPUBLISH", "foo", "x"], 12182), (["xadd", "foo", "*", "a", "b"], 12182), (["GET", "foo"], 12182),
            (["EVAL", "return 1", "1", "foo", "bar"], 12182), (["EVALSHA", "abc", "2", "foo", "bar"], 12182),
            (["EVAL", "return 1", "0", "foo"], nil), (["EVAL", "return 1"], nil), (["EVAL", "return 1", "x"], nil),
            (["PUBLISH", "foo", "x"], nil), (["PING"], nil), (["PUBSUB", "NUMSUB", "foo"], nil),
            (["XREAD", "COUNT", "1", "streams", "foo", "0"], 12182), (["XINFO", "STREAM", "foo"], 12182),
            (["GET"], nil), ([""], nil), ([], nil),
        ] as [([String], Int?)]
    )
    func keys(words: [String], slot: Int?) {
        #expect(RedisCommand(arguments: words.map { Array($0.utf8) }).slot == slot)
    }
}

@Suite("What a cluster says of itself")
struct ClusterMapTests {
    static func entry(_ first: Int64, _ last: Int64, _ host: RedisReply, _ port: Int64) -> RedisReply {
        .array([
            .integer(first), .integer(last), .array([host, .integer(port), text("id")]),
            .array([text("h"), .integer(6), text("id")]),
        ])
    }

    @Test("CLUSTER SLOTS tells the owners; a host that is left out is the one that was asked")
    func reads() throws {
        let reply: RedisReply = .array([
            Self.entry(0, 5, text("10.0.0.1"), 7000), Self.entry(6, 6, .null, 7001), Self.entry(7, 9, text(""), 7001),
            Self.entry(10, 16383, text("?"), 7002), Self.entry(16383, 16383, text("10.0.0.1"), 7000),
        ])
        var map = try ClusterMap(slots: reply, asked: .tcp(host: "seed", port: 1))
        let first = Endpoint.tcp(host: "10.0.0.1", port: 7000)
        #expect(map.masters == [first, .tcp(host: "seed", port: 7001), .tcp(host: "seed", port: 7002)])
        #expect(map.owner(of: 0) == first)
        #expect(map.owner(of: 9) == .tcp(host: "seed", port: 7001))
        #expect(map.owner(of: 16382) == .tcp(host: "seed", port: 7002))
        #expect(map.owner(of: 16383) == first)
        #expect(map.replicas == [node(6)])
        map.move(16382, to: node(9))
        #expect(map.owner(of: 16382) == node(9))
        #expect(map.masters.last == node(9))
        map.move(99999, to: node(9))
    }

    @Test(
        "What is no map is refused with its reason",
        arguments: [
            (.array([]), .unavailable), (.error("ERR This instance has cluster support disabled"), .refused),
            (.error("NOPERM no"), .permission), (.status("OK"), .protocol), (.array([.integer(1)]), .protocol),
            (.array([.array([.integer(5), .integer(4), .array([text("h"), .integer(1)])])]), .protocol),
            (.array([.array([.integer(0), .integer(16384), .array([text("h"), .integer(1)])])]), .protocol),
            (.array([.array([.integer(0), .integer(1), .array([text("h"), .integer(0)])])]), .protocol),
        ] as [(RedisReply, RedisError.Code)]
    )
    func refuses(reply: RedisReply, code: RedisError.Code) throws {
        let error = try #require(throws: RedisError.self) { try ClusterMap(slots: reply, asked: node(1)) }
        #expect(error.code == code)
    }

    @Test("MOVED and ASK are read, with addresses of every kind; anything else is not")
    func redirections() throws {
        let moved = try #require(Redirection("MOVED 3999 127.0.0.1:6381", from: node(1)))
        #expect(moved.slot == 3999)
        #expect(moved.endpoint == .tcp(host: "127.0.0.1", port: 6381))
        #expect(!moved.isOnce)
        let ask = try #require(Redirection("ASK 0 ::1:6381", from: node(1)))
        #expect(ask.endpoint == .tcp(host: "::1", port: 6381))
        #expect(ask.isOnce)
        #expect(Redirection("MOVED 1 :6381", from: node(1))?.endpoint == node(6381))
        #expect(Redirection("MOVED 1 ?:6381", from: node(1))?.endpoint == node(6381))
        for wrong in ["MOVED 1", "MOVED 16384 h:1", "MOVED x h:1", "MOVED 1 h", "MOVED 1 h:0", "TRYAGAIN 1 h:1", ""] {
            #expect(Redirection(wrong, from: node(1)) == nil, "\(wrong)")
        }
    }

    @Test("A map is trusted until something moved or failed; who failed is asked last")
    func topology() throws {
        let map = try ClusterMap(slots: .array([Self.entry(0, 16383, text("h"), 1)]), asked: node(9))
        var topology = ClusterTopology(seeds: [node(9), node(1)])
        #expect(topology.trusted == nil)
        #expect(topology.candidates == [node(9), node(1)])
        topology.learned(map)
        #expect(topology.trusted == map)
        topology.failed(node(1), RedisError(code: .permission, message: ""))
        #expect(topology.trusted == map, "it answered")
        topology.failed(node(1), RedisError(code: .unreachable, message: ""))
        #expect(topology.trusted == nil)
        #expect(topology.candidates == [node(9), node(1)])
        topology.learned(map)
        #expect(topology.candidates == [node(1), node(9)])
        topology.moved([])
        #expect(topology.trusted == map)
        topology.moved([try #require(Redirection("MOVED 5 h:2", from: node(1)))])
        #expect(topology.trusted == nil)
        #expect(topology.map?.owner(of: 5) == node(2))
    }
}

@Suite("The way of a batch through a cluster")
struct ClusterBatchTests {
    /// Slots 0 to 8191 at node 1, among them `bar`; the others at node 2, among them `foo`.
    private let map: ClusterMap

    init() throws {
        map = try ClusterMap(
            slots: .array([
                ClusterMapTests.entry(0, 8191, text("h"), 1), ClusterMapTests.entry(8192, 16383, text("h"), 2),
            ]),
            asked: node(1)
        )
    }

    private let unreachable = RedisError(code: .unreachable, message: "gone")

    @Test("Every node gets its own commands in order, and the replies come back in the order of the batch")
    func splits() throws {
        var batch = ClusterBatch([
            RedisCommand("GET", "foo"), RedisCommand("PING"), RedisCommand("GET", "bar"), RedisCommand("DEL", "foo"),
        ])
        let errands = batch.errands(map)
        #expect(errands.map(\.endpoint) == [node(2), node(1)])
        #expect(errands[0].commands == [RedisCommand("GET", "foo"), RedisCommand("DEL", "foo")])
        #expect(errands[1].commands == [RedisCommand("PING"), RedisCommand("GET", "bar")])
        #expect(batch.received([.status("PONG"), .integer(3)], for: errands[1]) == [])
        #expect(batch.isPending)
        #expect(batch.received([.integer(1), .error("TRYAGAIN x")], for: errands[0]) == [])
        #expect(!batch.isPending)
        let replies = try ClusterBatch.replies(batch.results)
        #expect(replies == [.integer(1), .status("PONG"), .integer(3), .error("TRYAGAIN x")])
    }

    @Test("MOVED is followed and told; ASK is followed with ASKING and not told")
    func follows() throws {
        var batch = ClusterBatch([RedisCommand("GET", "foo"), RedisCommand("GET", "bar")])
        var errands = batch.errands(map)
        let moves = batch.received([.error("MOVED 12182 h:3")], for: errands[0])
        #expect(moves.map(\.endpoint) == [node(3)])
        #expect(batch.received([.error("ASK 5061 h:3")], for: errands[1]) == [])
        errands = batch.errands(map)
        #expect(errands.map(\.endpoint) == [node(3)])
        #expect(
            errands[0].commands == [RedisCommand("GET", "foo"), RedisCommand("ASKING"), RedisCommand("GET", "bar")]
        )
        _ = batch.received([.integer(1), .status("OK"), .integer(2)], for: errands[0])
        #expect(try ClusterBatch.replies(batch.results) == [.integer(1), .integer(2)])
    }

    @Test("A user who may not ask is told that, and is not sent round")
    func mayNotAsk() throws {
        var batch = ClusterBatch([RedisCommand("GET", "bar")])
        _ = batch.received([.error("ASK 5061 h:3")], for: batch.errands(map)[0])
        let refusal = RedisReply.error("NOPERM User app has no permissions to run the 'asking' command")
        _ = batch.received([refusal, .error("MOVED 5061 h:1")], for: batch.errands(map)[0])
        #expect(try ClusterBatch.replies(batch.results) == [refusal])
    }

    @Test("A cluster that sends a command round and round is given up")
    func isBounded() throws {
        var batch = ClusterBatch([RedisCommand("GET", "foo")])
        var rounds = 0
        while batch.isPending, rounds < 100 {
            rounds += 1
            for errand in batch.errands(map) {
                _ = batch.received([.error("MOVED 12182 h:\(rounds % 2 + 1)")], for: errand)
            }
        }
        #expect(rounds == ClusterBatch.attemptLimit)
        let error = try #require(throws: RedisError.self) { try ClusterBatch.replies(batch.results) }
        #expect(error.code == .unavailable)
        #expect(!error.mayHaveExecuted)
    }

    @Test("What was not sent goes to the slot's new owner, or to another master when it has no key")
    func goesElsewhere() throws {
        var batch = ClusterBatch([RedisCommand("PING"), RedisCommand("GET", "bar")])
        let first = batch.errands(map)
        batch.failed(unreachable, for: first[0])
        var after = map
        after.move(HashSlot.slot(of: Array("bar".utf8)), to: node(3))
        let second = batch.errands(after)
        #expect(second.map(\.endpoint) == [node(2), node(3)])
        _ = batch.received([.status("PONG")], for: second[0])
        _ = batch.received([.null], for: second[1])
        #expect(try ClusterBatch.replies(batch.results) == [.status("PONG"), .null])
    }

    @Test("Where the owner stays gone its commands fail and the others have their replies")
    func failsPartly() throws {
        var batch = ClusterBatch([RedisCommand("GET", "foo"), RedisCommand("GET", "bar")])
        let errands = batch.errands(map)
        _ = batch.received([.integer(1)], for: errands[0])
        batch.failed(unreachable, for: errands[1])
        #expect(batch.errands(map).isEmpty)
        #expect(!batch.isPending)
        #expect(try batch.results[0].get() == .integer(1))
        #expect(throws: RedisError.self) { try batch.results[1].get() }
        let error = try #require(throws: RedisError.self) { try ClusterBatch.replies(batch.results) }
        #expect(error.code == .unreachable)
        #expect(error.mayHaveExecuted, "one of them was")
    }

    @Test("What may have been executed is never sent again")
    func neverRepeats() throws {
        var batch = ClusterBatch([RedisCommand("GET", "foo")])
        let lost = RedisError(code: .connectionLost, message: "", mayHaveExecuted: true)
        batch.failed(lost, for: batch.errands(map)[0])
        #expect(!batch.isPending)
        #expect(throws: RedisError.self) { try batch.results[0].get() }
    }

    @Test("When no master is left, the reason is that of the last")
    func noMasterLeft() throws {
        var batch = ClusterBatch([RedisCommand("PING")])
        for errand in batch.errands(map) { batch.failed(unreachable, for: errand) }
        for errand in batch.errands(map) { batch.failed(unreachable, for: errand) }
        #expect(batch.errands(map).isEmpty)
        let error = try #require(throws: RedisError.self) { try ClusterBatch.replies(batch.results) }
        #expect(error.code == .unreachable)
    }
}

import AnnounceTestKit
import Payload
import Testing

@testable import SocketIOEmitter

/// Broadcasts that go out once, on real Redis servers and to servers of every adapter.
@Suite("Broadcasts go out once", .timeLimit(.minutes(5)))
struct OnceEmitterTests {
    private static func emissions(_ texts: String..., to rooms: [String] = [], ack: Duration? = nil) -> [Emission] {
        texts.map { text in
            Emission(
                Broadcast(rooms: rooms, data: EventData(event: "news", arguments: [.string(text)])),
                acknowledgeWithin: ack
            )
        }
    }

    private func receivers(_ outcome: OnceEmitter.Outcome) throws -> [Int?] {
        guard case .carriedOut(let results, _) = outcome else {
            Issue.record("\(outcome)")
            return []
        }
        return try results.map { try $0.get().receipt.receivers }
    }

    @Test(
        "Over every wire, with and without acknowledgements; asked later, another process is told the same",
        arguments: ClusterKind.all
    )
    func wires(kind: ClusterKind) async throws {
        try await kind.withServers { io, servers in
            let once = OnceEmitter(AckCollector(io))
            let plain = Self.emissions("one", "two", to: ["lobby"])
            let prepared = try await once.prepare(
                plain + Self.emissions("three", to: ["lobby"], ack: .seconds(20)),
                lifetime: .seconds(60)
            )
            #expect(prepared.batches.count == 1 && prepared.results.isEmpty)
            let batch = prepared.batches[0]
            let token = try #require(batch.token)
            #expect(batch.places == [0, 1, 2] && batch.bytes > 100)
            let outcome = try await once.send(batch)
            guard case .carriedOut(let results, nil) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            let acknowledgements = await (try results[2].get().acknowledgements)?.value()
            #expect(acknowledgements?.acknowledged == 3)
            let known: Int? = if case .streams = kind.wire { nil } else { 2 }
            #expect(try receivers(outcome) == [known, known, 2])
            // The same call again, as a suspended dispatcher sends it late, and the question of another.
            #expect(try receivers(try await once.send(batch)).prefix(2) == [known, known])
            let other = OnceEmitter(AckCollector(Emitter(redis: io.redis, wire: kind.wire)))
            let asked = try await other.outcome(of: token, namespaces: ["/", "/", "/"])
            #expect(try receivers(asked).prefix(2) == [known, known])
            try await io.emit("last")
            try await eventually("all have the last") {
                servers.allSatisfy { server in server.peer.received.values.allSatisfy { $0.last?.name == "last" } }
            }
            let heard = servers[0].peer.received["a1"]?.map { $0.arguments.first ?? .null }
            // Over streams a question goes by another way than the others.
            #expect(Set(heard?.dropLast() ?? []) == ["one", "two", "three"] && heard?.count == 4)
        }
    }

    @Test("What is asked about before it is sent is void, and never goes out")
    func void() async throws {
        try await ClusterKind.classic.withServers { io, servers in
            let once = OnceEmitter(AckCollector(io))
            let batch = try await once.prepare(Self.emissions("late"), lifetime: .seconds(60)).batches[0]
            guard case .void(nil) = try await once.outcome(of: try #require(batch.token), namespaces: ["/"]) else {
                Issue.record("it is not void")
                return
            }
            guard case .void(nil) = try await once.send(batch) else {
                Issue.record("it was sent")
                return
            }
            try await io.emit("last")
            try await eventually("the last is there") { servers[0].peer.received["a1"]?.map(\.name) == ["last"] }
        }
    }

    @Test("What cannot be sent has its result before, and the others go out")
    func impossible() async throws {
        try await ClusterKind.classic.withServers { io, _ in
            let once = OnceEmitter(AckCollector(io))
            let bad = Emission(Broadcast(data: EventData(event: "connect", arguments: [])))
            let nobody = Emission(
                Broadcast(namespace: "/empty", data: EventData(event: "ask", arguments: [])),
                acknowledgeWithin: .seconds(1)
            )
            let prepared = try await once.prepare([bad] + Self.emissions("good") + [nobody], lifetime: .seconds(9))
            #expect(prepared.batches.map(\.places) == [[1]])
            #expect(throws: EmitterError.self) { _ = try prepared.results[0]?.get() }
            #expect(try prepared.results[2]?.get().receipt.receivers == 0)
            #expect(try receivers(try await once.send(prepared.batches[0])) == [2])
        }
    }

    @Test("The script is found by its hash, and loaded again after it was forgotten")
    func scriptHash() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            #expect(
                try await client.send(RedisCommand("SCRIPT", "LOAD", OnceBatch.script))
                    == .string(Array(OnceBatch.scriptHash.utf8))
            )
            let once = OnceEmitter(AckCollector(Emitter(redis: client)), policy: .require)
            for _ in 0..<2 {
                _ = try await client.send(RedisCommand("SCRIPT", "FLUSH"))
                let batch = try await once.prepare(Self.emissions("x"), lifetime: .seconds(9)).batches[0]
                #expect(try receivers(try await once.send(batch)) == [0])
            }
            await client.close()
        }
    }

    /// A Redis that cannot keep tokens, by what was done to it.
    enum Refusal: CaseIterable {
        case noScripts, noSet, noMemory, renamed

        /// The rights of the dispatcher's user beside those to publish.
        var rights: String {
            switch self {
            case .noScripts: "+set +get"
            case .noSet: "+eval +evalsha"
            case .noMemory, .renamed: "+eval +evalsha +set +get"
            }
        }
    }

    @Test(
        "Where tokens cannot be kept, auto publishes and says why, require does not, and off needs none",
        arguments: Refusal.allCases
    )
    func policies(refusal: Refusal) async throws {
        let user = "app on >p allkeys allchannels +publish +pubsub +ping +hello \(refusal.rights)"
        let renamed = refusal == .renamed ? [["rename-command", "EVAL", ""], ["rename-command", "EVALSHA", ""]] : []
        let users = ["default on nopass ~* &* +@all", refusal == .renamed ? "app on >p ~* &* +@all" : user]
        try await withRedisServer(.init(users: users, settings: renamed)) { server in
            let admin = try server.client()
            let listener = try await admin.subscribe(channels: ["socket.io#/#"])
            let client = try server.client(server.configuration(userInfo: "app:p@"))
            if refusal == .noMemory { _ = try await admin.send(RedisCommand("CONFIG", "SET", "maxmemory", "1")) }
            func emitter(_ policy: OnceEmitter.Policy) -> OnceEmitter {
                OnceEmitter(AckCollector(Emitter(redis: client)), policy: policy)
            }
            let require = emitter(.require)
            let batch = try await require.prepare(Self.emissions("x"), lifetime: .seconds(9)).batches[0]
            let error = await #expect(throws: EmitterError.self) { _ = try await require.send(batch) }
            #expect(error?.redis?.mayHaveExecuted == false)
            let auto = emitter(.auto)
            for _ in 0..<2 {
                let batch = try await auto.prepare(Self.emissions("x"), lifetime: .seconds(9)).batches[0]
                guard case .carriedOut(let results, let plainly?) = try await auto.send(batch) else {
                    Issue.record("it was not published plainly")
                    return
                }
                #expect(try results.map { try $0.get().receipt.receivers } == [1])
                #expect(plainly.message == error?.message)
            }
            if refusal == .noSet || refusal == .noMemory {
                guard case .void(_?) = try await auto.outcome(of: "announce:once:x", namespaces: ["/"]) else {
                    Issue.record("it is not void")
                    return
                }
                await #expect(throws: EmitterError.self) {
                    _ = try await require.outcome(of: "announce:once:x", namespaces: ["/"])
                }
            }
            let off = emitter(.off)
            let tokenless = try await off.prepare(Self.emissions("last"), lifetime: .seconds(9)).batches[0]
            #expect(tokenless.token == nil)
            #expect(try receivers(try await off.send(tokenless)) == [1])
            var messages = listener.makeAsyncIterator()
            for _ in 0..<3 { #expect(try await messages.next() != nil) }
            await client.close()
            await admin.close()
        }
    }

    @Test("A member's missing permission is told as one, and not lost on the others")
    func forbiddenChannel() async throws {
        let user = "app on >p allkeys resetchannels &socket.io#/* +publish +eval +evalsha +set +get +ping +hello"
        try await withRedisServer(.init(users: ["default on nopass ~* &* +@all", user])) { server in
            let client = try server.client(server.configuration(userInfo: "app:p@"))
            let wire = Wire.classic(ClassicWire(prefix: "other"))
            let once = OnceEmitter(AckCollector(Emitter(redis: client, wire: wire)))
            let batch = try await once.prepare(Self.emissions("x"), lifetime: .seconds(9)).batches[0]
            guard case .carriedOut(let results, nil) = try await once.send(batch) else {
                Issue.record("it was not carried out")
                return
            }
            let error = #expect(throws: EmitterError.self) { _ = try results[0].get() }
            #expect(error?.redis?.code == .permission, "\(error?.message ?? "")")
            await client.close()
        }
    }

    @Test("In a cluster a batch holds what belongs to one slot, and its token is there")
    func cluster() async throws {
        let cluster = try await RedisClusterServers()
        let client = try cluster.client()
        let namespaces = (0..<6).map { "/n\($0)" }
        let emissions = namespaces.map { name in
            Emission(Broadcast(namespace: name, data: EventData(event: "news", arguments: [])))
        }
        for (wire, count) in [
            (Wire.sharded(ShardedWire()), 6), (.classic(ClassicWire()), 1), (.streams(StreamsWire()), 1),
        ] {
            let once = OnceEmitter(AckCollector(Emitter(redis: client, wire: wire)), policy: .require)
            let prepared = try await once.prepare(emissions, lifetime: .seconds(60))
            #expect(prepared.batches.count == count)
            for batch in prepared.batches {
                let first = try receivers(try await once.send(batch))
                let names = batch.places.map { Optional(namespaces[$0]) }
                let asked = try await once.outcome(of: try #require(batch.token), namespaces: names)
                #expect(try receivers(asked) == first)
                #expect(first == batch.places.map { _ in if case .streams = wire { nil } else { 0 } })
            }
        }
        await client.close()
    }
}

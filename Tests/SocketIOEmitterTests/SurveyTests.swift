import AnnounceTestKit
import Testing

@testable import SocketIOEmitter

/// Who listens on a Redis, as it is read from what Redis tells.
@Suite struct SurveyTests {
    typealias Group = ServerSurvey.Group

    private let classic = Wire.classic(ClassicWire())

    @Test("Channels tell the adapter, the prefix and the namespace")
    func channels() {
        let sightings = Sightings(
            channels: [
                "socket.io-request#/#": 2, "socket.io-response#/#": 2, "socket.io-response#/#x7Ga0w#": 1,
                "chat-request#/admin#": 1, "chat#/admin#": 1,
                "streams#/#": 3, "streams#/#00112233aabbccdd#": 1,
                "socketio": 1, "news": 4, "gone-request#/#": 0,
            ],
            shardChannels: [:]
        )
        let expected = [
            Group(.classic, prefix: "chat", namespace: "/admin", servers: 1),
            Group(.classic, prefix: "socket.io", namespace: "/", servers: 2),
            Group(.python, prefix: "socketio", namespace: nil, servers: 1),
            Group(.streams, prefix: "streams", namespace: "/", servers: 3),
        ]
        #expect(sightings.groups(classic) == expected)
        let all = sightings.groups(.python(PythonWire())).filter { $0.adapter == .python }.map(\.prefix)
        #expect(all == ["news", "socketio"])
    }

    @Test("A sharded listener is told from servers by its name, else by the channels on which servers are answered")
    func shardedListener() {
        let channels = ["socket.io#/#": 3, "socket.io#/#00112233aabbccdd#": 2, "socket.io#/#lobby#": 1]
        let name = Wire.sharded(ShardedWire()).clientName(listeningTo: [])
        let lines = ["id=1 name= db=0 cmd=ssubscribe", "id=2 name=\(name) db=0 cmd=ssubscribe"]
        let named = Sightings(channels: [:], shardChannels: channels, clients: lines.map { Sightings.Client($0[...]) })
        #expect(named.groups(classic) == [Group(.sharded, prefix: "socket.io", namespace: "/", servers: 2)])
        let nameless = Sightings(channels: [:], shardChannels: channels)
        #expect(nameless.groups(classic) == [Group(.sharded, prefix: "socket.io", namespace: "/", servers: 1)])
        #expect(Sightings(shardChannels: ["socket.io#/#": 1]).groups(classic).isEmpty)
    }

    @Test("The name of a listener says where it listens, and what Redis takes in no name is left out")
    func listenerNames() {
        let wire = Wire.sharded(ShardedWire(prefix: "chat"))
        let name = wire.clientName(listeningTo: ["admin", "/x"])
        #expect(name == "announce-listen|sharded|chat|/admin,/x")
        #expect(wire.isListener(name, in: "/x") && !wire.isListener(name, in: "/"))
        #expect(wire.isListener(wire.clientName(listeningTo: []), in: "/any"))
        #expect(!Wire.sharded(ShardedWire()).isListener(name, in: "/x"))
        #expect(Wire.sharded(ShardedWire(prefix: "a b")).clientName(listeningTo: []) == "announce-listen")
    }

    @Test("Clients whose last command read a stream are its readers, by database")
    func readers() {
        let lines = [
            "id=5 addr=127.0.0.1:1 name= age=1 db=3 sub=0 cmd=xread user=default", "id=6 name=worker db=3 cmd=xread",
            "id=7 name=announce-listen|streams|socket.io| db=3 cmd=xread", "id=8 name= db=0 cmd=client|list",
        ]
        let sightings = Sightings(clients: lines.map { Sightings.Client($0[...]) })
        #expect(sightings.readers == [3: 2])
        #expect(Sightings().readers == nil)
    }

    /// A case of the wire of streams: what was seen, and how many servers read the emitter's stream.
    struct StreamsCase: Sendable {
        var asked: Int?
        var readers: [Int: Int]?
        var streams: [(name: String, database: Int)] = []
        var hasChannels = true
        let servers: Int?
    }

    @Test(
        "Servers of the streams adapter are counted by their channels where they read this database's stream",
        arguments: [
            StreamsCase(asked: 2, readers: [0: 2], servers: 2),
            StreamsCase(asked: 2, readers: [0: 2], streams: [("socket.io", 0)], servers: 2),
            StreamsCase(asked: 2, readers: [3: 2], servers: 0),
            StreamsCase(asked: 2, readers: [0: 2], streams: [("chat", 0)], servers: 0),
            StreamsCase(asked: 0, readers: [0: 2], streams: [("socket.io", 0)], servers: 0),
            StreamsCase(asked: 0, readers: [0: 2], streams: [("socket.io", 0)], hasChannels: false, servers: 2),
            StreamsCase(asked: 2, readers: nil, servers: 2),
            StreamsCase(asked: 2, readers: nil, streams: [("socket.io", 3)], servers: 0),
            StreamsCase(asked: 0, readers: nil, streams: [("socket.io", 0)], servers: nil),
            StreamsCase(asked: nil, readers: nil, servers: nil),
        ]
    )
    func streams(_ seen: StreamsCase) {
        let survey = ServerSurvey(
            groups: seen.hasChannels ? [Group(.streams, prefix: "socket.io", namespace: "/", servers: 2)] : [],
            streams: seen.streams.map { .init($0.name, database: $0.database, namespaces: ["/"]) },
            readers: seen.readers
        )
        #expect(survey.servers(reading: "socket.io", asked: seen.asked) == seen.servers)
    }

    @Test("INFO and HELLO tell what kind of server it is")
    func reports() {
        let info =
            "# Server\r\nredis_version:7.0.15\r\n# Replication\r\nrole:slave\r\nmaxmemory:1024\r\n"
            + "maxmemory_policy:allkeys-lru\r\ncluster_enabled:1\r\ndb0:keys=1,expires=0\r\ndb3:keys=2,expires=0\r\n"
        let report = RedisServerReport(info: info)
        let expected = RedisServerReport(
            version: "7.0.15",
            isReplica: true,
            isClusterNode: true,
            evictionPolicy: "allkeys-lru",
            maximumMemory: 1024,
            databases: [0, 3]
        )
        #expect(report == expected && report.majorVersion == 7)
        let words = ["server", "redis", "version", "6.2.1", "mode", "standalone", "role", "master"]
        let hello = RedisServerReport(hello: .array(words.map { .string(Array($0.utf8)) }))
        #expect(hello == RedisServerReport(version: "6.2.1", isReplica: false, isClusterNode: false))
        #expect(RedisServerReport(hello: .error("ERR unknown command")) == RedisServerReport())
    }

    // MARK: With a real Redis

    static let wires: [(Wire, SocketIOPeer.Adapter)] = [
        (.classic(ClassicWire()), .classic()), (.sharded(ShardedWire()), .sharded()),
        (.streams(StreamsWire()), .streams),
    ]

    @Test("What is tried is heard by nobody and leaves nothing behind", arguments: wires)
    func trials(_ wire: Wire, _ adapter: SocketIOPeer.Adapter) async throws {
        // The second user may not ask what would be permitted, so that it has to be tried.
        let rules = "on >secret resetchannels &* ~* +publish +spublish +xadd +eval +evalsha +set +get +ping"
        try await withRedisServer(.init(users: ["default on nopass ~* &* +@all", "least \(rules)"])) { redis in
            let server = try await SocketIOServer(redis.url, adapter, sockets: ["a": ["lobby"]])
            for userInfo in ["", "least:secret@"] {
                let client = try redis.client(redis.configuration(userInfo: userInfo))
                let emitter = Emitter(redis: client, wire: wire)
                let trials = try await emitter.permissions(tokens: true)
                #expect(trials.map(\.purpose) == [.publishing, .tokens, .tokens, .tokens, .tokens])
                #expect(trials.allSatisfy { $0.refusal == nil })
                #expect(trials[0].receivers == (userInfo.isEmpty || wire.adapter != .classic ? nil : 1))
                await client.close()
            }
            #expect(try redis.ask("DBSIZE\r\n") == ":0\r\n")
            // What is sent after it tells that nothing of it was heard.
            let client = try redis.client()
            try await Emitter(redis: client, wire: wire).emit("hello")
            try await eventually("it is heard") { server.peer.received["a"] == [SocketIOPeer.Event("hello")] }
            #expect(server.peer.crash == nil)
            await client.close()
        }
    }

    @Test("A user without rules is told of each command that it lacks", arguments: wires)
    func refusals(_ wire: Wire, _ adapter: SocketIOPeer.Adapter) async throws {
        let asker = "asker on >secret resetchannels +ping +acl"
        try await withRedisServer(.init(users: ["nobody on >secret resetchannels +ping", asker])) { redis in
            for user in ["nobody", "asker"] {
                let client = try redis.client(redis.configuration(userInfo: "\(user):secret@"))
                let trials = try await Emitter(redis: client, wire: wire).permissions(tokens: true)
                #expect(trials.count == 5 && trials.allSatisfy { $0.refusal?.code == .permission })
                await client.close()
            }
        }
    }

    @Test("The survey counts the servers of each wire, and finds those of the others", arguments: wires)
    func survey(_ wire: Wire, _ adapter: SocketIOPeer.Adapter) async throws {
        try await withRedisServer { redis in
            let client = try redis.client()
            #expect(try await Emitter(redis: client, wire: wire).survey() == ServerSurvey())
            let servers = [
                try await SocketIOServer(redis.url, adapter, uid: "0123456789abcdef", sockets: ["a": ["lobby"]]),
                try await SocketIOServer(redis.url, adapter, uid: "fedcba9876543210", sockets: ["b": []]),
            ]
            defer { for server in servers { server.stop() } }
            try await eventually("both are seen") {
                try await Emitter(redis: client, wire: wire).survey().servers == 2
            }
            for (other, _) in Self.wires where other.adapter != wire.adapter {
                let survey = try await Emitter(redis: client, wire: other).survey()
                #expect(survey.servers == 0)
                #expect(survey.groups == [Group(wire.adapter, prefix: "socket.io", namespace: "/", servers: 2)])
            }
            let elsewhere = try await Emitter(redis: client, wire: wire).of("/admin").survey()
            #expect(elsewhere.servers == 0 && elsewhere.groups.map(\.namespace) == ["/"])
            await client.close()
        }
    }

    @Test("In a cluster the servers at all nodes are counted")
    func cluster() async throws {
        let cluster = try await RedisClusterServers()
        let client = try cluster.client()
        let servers = [
            try await SocketIOServer(try cluster.url, .sharded(), uid: "0123456789abcdef", sockets: ["a": []]),
            try await SocketIOServer(try cluster.url, .classic(), sockets: ["b": []]),
            try await SocketIOServer(
                "redis://127.0.0.1:\(try cluster.servers[2].port)",
                .classic(),
                uid: "2",
                sockets: [:]
            ),
        ]
        defer { for server in servers { server.stop() } }
        let survey = try await Emitter(redis: client).survey()
        #expect(survey.servers == 2)
        #expect(survey.groups.map(\.servers) == [2, 1])
        #expect(try await Emitter(redis: client, wire: .sharded(ShardedWire())).survey().servers == 1)
        #expect(try await client.reports().map(\.isClusterNode) == [true, true, true])
        await client.close()
    }
}

import AnnounceTestKit
import Foundation
import Logging
import Payload
import SocketIOEmitter
import Testing

/// `announce doctor` on a real Redis: where an announcement would be heard, and each cause why nobody hears.
@Suite("announce doctor", .timeLimit(.minutes(5)))
struct DoctorTests {
    /// A Redis with a dispatcher, for which the doctor is called.
    static func withSite(
        _ options: RedisServer.Options = .init(),
        _ run: [String] = [],
        _ body: (RedisServer, Program) async throws -> Void
    ) async throws {
        try await withRedisServer(options) { redis in
            let announce = try Program(redis: redis.url)
            var words = ["run"]
            words += run
            let dispatcher = try announce.start(words)
            try await eventually("run prints ready; it said: \(dispatcher.stderr)") { dispatcher.lines == ["ready"] }
            try await body(redis, announce)
        }
    }

    private func expect(
        _ finished: Program.Finished,
        exits status: Int32,
        says: String...,
        location: SourceLocation = #_sourceLocation
    ) {
        let told = "\(finished.stdout)\(finished.stderr)"
        #expect(finished.status == status, "\(told)", sourceLocation: location)
        #expect(finished.stderr == "", sourceLocation: location)
        for words in says { #expect(finished.stdout.contains(words), "\(words):\n\(told)", sourceLocation: location) }
        let isHeard = finished.lines.last?.contains("would be heard by") == true
        #expect(isHeard == (status == 0), "\(told)", sourceLocation: location)
        #expect(finished.stdout.contains("\nproblem  ") == (status != 0), "\(told)", sourceLocation: location)
    }

    static let wires: [(String, SocketIOPeer.Adapter)] = [
        ("classic", .classic()), ("sharded", .sharded()), ("streams", .streams),
    ]

    // MARK: Heard

    @Test("Where servers listen, it says how many would hear, and exits with 0", arguments: wires)
    func heard(_ wire: String, _ adapter: SocketIOPeer.Adapter) async throws {
        try await Self.withSite(.init(), ["--wire", wire]) { redis, announce in
            let server = try await SocketIOServer(redis.url, adapter, sockets: ["a": ["lobby"]])
            defer { server.stop() }
            try await eventually("the server is seen") { try await announce.run("doctor", "--wire", wire).status == 0 }
            let finished = try await announce.run("doctor", "--wire", wire)
            expect(
                finished,
                exits: 0,
                says: "ok       1 server listens on the \(wire) wire",
                "dispatches.",
                "ok       \(redis.url)/0 is Redis "
            )
            #expect(finished.lines.last == "An announcement to namespace / would be heard by 1 server.")
            // It has spoken to nobody.
            _ = try await announce.run("send", "--all", "--wire", wire, "Hello")
            try await eventually("it is heard") {
                server.peer.received["a"] == [SocketIOPeer.Event("announcement", "Hello")]
            }
            let json = try await announce.run("doctor", "--wire", wire, "-o", "json").json
            #expect(json.keys == ["heard", "servers", "findings"] && json["heard"] == true && json["servers"] == 1)
            let findings = try #require(json["findings"]).elements
            #expect(findings.allSatisfy { $0.keys == ["check", "status", "message", "remedy"] })
            #expect(!findings.contains { $0["status"] == "problem" })
            #expect(findings.map { $0["check"] }.contains("permissions"))
        }
    }

    @Test("A subscriber of python-socketio's channel is a server of it; on another channel it is named")
    func python() async throws {
        try await Self.withSite(.init(), ["--wire", "python"]) { redis, announce in
            let client = RedisClient(configuration: try RedisConfiguration(url: redis.url), logger: Logger(label: "t"))
            let server = try await client.subscribe(channels: ["socketio"])
            expect(try await announce.run("doctor", "--wire", "python"), exits: 0, says: "channel socketio")
            let other = try await announce.run("doctor", "--wire", "python", "--prefix", "chat")
            expect(other, exits: 69, says: "No server listens with the channel chat", "--prefix socketio")
            expect(try await announce.run("doctor"), exits: 69, says: "--wire python")
            _ = server
            await client.close()
        }
    }

    // MARK: The causes

    @Test("Wrong prefix: it names the servers' own", arguments: wires.dropLast())
    func wrongPrefix(_ wire: String, _ adapter: SocketIOPeer.Adapter) async throws {
        try await Self.withSite { redis, announce in
            let server = try await SocketIOServer(redis.url, adapter, prefix: "chat", sockets: ["a": []])
            defer { server.stop() }
            let finished = try await announce.run("doctor", "--wire", wire)
            expect(
                finished,
                exits: 69,
                says: "Give the servers' own: --prefix chat.",
                "have the prefix chat and not socket.io"
            )
            try await eventually("with it somebody hears") {
                try await announce.run("doctor", "--wire", wire, "--prefix", "chat").status == 0
            }
        }
    }

    @Test("On streams a wrong prefix is a warning: announcements go to the stream, questions to the prefix")
    func wrongPrefixOfStreams() async throws {
        try await Self.withSite(.init(), ["--wire", "streams"]) { redis, announce in
            let server = try await SocketIOServer(redis.url, .streams, prefix: "chat", sockets: ["a": []])
            defer { server.stop() }
            try await eventually("it is seen") { try await announce.run("doctor", "--wire", "streams").status == 0 }
            let finished = try await announce.run("doctor", "--wire", "streams")
            expect(finished, exits: 0, says: "warning  1 server listens", "Give the servers' own: --prefix chat.")
            let stream = try await announce.run("doctor", "--wire", "streams", "--stream", "other")
            _ = try await announce.run("send", "--wire", "streams", "--all", "Hello")
            expect(stream, exits: 0, says: "Whether they read a stream of this name shows when it is first written to.")
            let other = try await announce.run("doctor", "--wire", "streams", "--stream", "other")
            expect(other, exits: 69, says: "The stream other is not there", "--stream socket.io")
        }
    }

    @Test("Wrong namespace: it names those that the servers have", arguments: wires)
    func wrongNamespace(_ wire: String, _ adapter: SocketIOPeer.Adapter) async throws {
        try await Self.withSite { redis, announce in
            let server = try await SocketIOServer(redis.url, adapter, namespace: "/admin", sockets: ["a": []])
            defer { server.stop() }
            try await eventually("with it somebody hears") {
                try await announce.run("doctor", "--wire", wire, "--namespace", "admin").status == 0
            }
            let finished = try await announce.run("doctor", "--wire", wire, "-o", "json")
            #expect(finished.status == 69 && finished.stderr == "")
            let json = try finished.json
            #expect(json["heard"] == false && json["servers"] == 0)
            let servers = json["findings"]?.elements.first { $0["check"] == "servers" }
            #expect(servers?["remedy"]?.text?.contains("--namespace /admin") == true, "\(finished.stdout)")
        }
    }

    @Test("Servers on another wire: it names their wire", arguments: wires, wires)
    func otherWire(_ asked: (String, SocketIOPeer.Adapter), _ servers: (String, SocketIOPeer.Adapter)) async throws {
        if asked.0 == servers.0 { return }
        try await Self.withSite { redis, announce in
            let server = try await SocketIOServer(redis.url, servers.1, sockets: ["a": []])
            defer { server.stop() }
            let finished = try await announce.run("doctor", "--wire", asked.0)
            expect(
                finished,
                exits: 69,
                says: "--wire \(servers.0).",
                "on the \(servers.0) wire and not on the \(asked.0) wire"
            )
            #expect(server.peer.crash == nil)
        }
    }

    @Test("Another Redis: nobody listens on this one", arguments: ["classic", "sharded", "streams", "python"])
    func otherRedis(_ wire: String) async throws {
        try await Self.withSite { _, announce in
            try await withRedisServer { other in
                let server = try await SocketIOServer(other.url, sockets: ["a": []])
                defer { server.stop() }
                let finished = try await announce.run("doctor", "--wire", wire)
                expect(finished, exits: 69, says: "Nobody listens on this Redis", "the servers use another Redis")
            }
        }
    }

    @Test("Another database of the same Redis, for streams: it names the one that is read")
    func otherDatabase() async throws {
        try await Self.withSite { redis, announce in
            let server = try await SocketIOServer("\(redis.url)/3", .streams, sockets: ["a": []])
            defer { server.stop() }
            try await eventually("with its number somebody hears") {
                try await announce.run("doctor", "--wire", "streams", "--redis", "\(redis.url)/3").status == 0
            }
            let finished = try await announce.run("doctor", "--wire", "streams")
            expect(
                finished,
                exits: 69,
                says: "redis://HOST:PORT/3",
                "the servers read database 3, and announcements go to 0"
            )
        }
    }

    @Test("No permission: 77, and the rule that is missing")
    func noPermission() async throws {
        let users = ["default on nopass ~* &* +@all", "reader on >secret resetchannels &* +ping +pubsub"]
        try await Self.withSite(.init(users: users)) { redis, announce in
            let server = try await SocketIOServer(redis.url, sockets: ["a": []])
            defer { server.stop() }
            let reader = redis.url.replacing("://", with: "://reader:secret@", maxReplacements: 1)
            let finished = try await announce.run("doctor", "--redis", reader)
            expect(finished, exits: 77, says: "ACL SETUSER reader '&socket.io#*' +publish", "may not publish")
            #expect(!finished.stdout.contains("secret"))
            let wrong = redis.url.replacing("://", with: "://reader:guess@", maxReplacements: 1)
            let refused = try await announce.run("doctor", "--redis", wrong)
            expect(refused, exits: 77, says: "Correct the user name or password in the Redis URL.")
        }
    }

    @Test("The least that Redis' user needs is enough to be told who hears", arguments: ["classic", "python"])
    func leastUser(_ wire: String) async throws {
        let row = try #require(PermissionTests.Row.all.first { $0.wire == wire })
        let users = [
            "default on nopass ~* &* +@all", "plain on >secret resetchannels +ping \(row.publish)",
        ]
        try await Self.withSite(.init(users: users)) { redis, announce in
            let client = RedisClient(configuration: try RedisConfiguration(url: redis.url), logger: Logger(label: "t"))
            let server = try await client.subscribe(channels: ["socketio"], patterns: ["socket.io#/#*"])
            let plain = redis.url.replacing("://", with: "://plain:secret@", maxReplacements: 1)
            let finished = try await announce.run("doctor", "--wire", wire, "--redis", plain)
            expect(
                finished,
                exits: 0,
                says: "warning  The user plain may not keep the tokens",
                "would be heard by 1 server."
            )
            let strict = try await announce.run("doctor", "--wire", wire, "--redis", plain, "--publish-once", "require")
            expect(
                strict,
                exits: 77,
                says: "without them nothing is published",
                "~announce:once:* +eval +evalsha +set +get"
            )
            _ = server
            await client.close()
        }
    }

    @Test(
        "A user who may publish once and ask is told who hears, and of the rest that it is not known",
        arguments: wires
    )
    func asker(_ wire: String, _ adapter: SocketIOPeer.Adapter) async throws {
        let row = try #require(PermissionTests.Row.all.first { $0.wire == wire })
        let rules = "on >secret resetchannels +ping \(row.publish) \(row.ask) \(PermissionTests.tokens)"
        try await Self.withSite(.init(users: ["default on nopass ~* &* +@all", "asker \(rules)"])) { redis, announce in
            let server = try await SocketIOServer(redis.url, adapter, uid: "0123456789abcdef", sockets: ["a": []])
            defer { server.stop() }
            let asker = redis.url.replacing("://", with: "://asker:secret@", maxReplacements: 1)
            try await eventually("the server is seen") {
                try await announce.run("doctor", "--wire", wire, "--redis", asker).status == 0
            }
            let finished = try await announce.run("doctor", "--wire", wire, "--redis", asker)
            expect(
                finished,
                exits: 0,
                says: "The user asker may do what `announce run` does",
                "asker:***@",
                "is Redis \(try version(redis))",
                "ok       Whether Redis evicts keys is not known",
                "that of Redis is not known"
            )
            #expect(server.peer.crash == nil)
        }
    }

    private func version(_ redis: RedisServer) throws -> String {
        let info = try redis.ask("INFO server\r\n") ?? ""
        return try #require(info.split(separator: "\r\n").first { $0.hasPrefix("redis_version:") }?.dropFirst(14))
            .description
    }

    @Test("Clock skew against Redis: a warning, then a problem", arguments: [(3, 0), (-3, 0), (120, 69), (-120, 69)])
    func clockSkew(_ seconds: Int, _ status: Int32) async throws {
        try await Self.withSite { redis, announce in
            let server = try await SocketIOServer(redis.url, sockets: ["a": []])
            defer { server.stop() }
            let clock = try FakeClock(announce, offset: "\(seconds > 0 ? "+" : "")\(seconds)")
            let finished = try await announce.run(["doctor"], with: clock.environment)
            let direction = seconds > 0 ? "ahead of" : "behind"
            expect(finished, exits: status, says: " \(direction) that of Redis", "Synchronise both with NTP.")
            #expect(
                finished.stdout.contains(status == 0 ? "warning  This machine's clock" : "not be heard at its time")
            )
        }
    }

    @Test("Stale zone data: a warning with the version")
    func staleZoneData() async throws {
        try await Self.withSite { redis, announce in
            let server = try await SocketIOServer(redis.url, sockets: ["a": []])
            defer { server.stop() }
            try announce.write(
                "# version 2019c\n# This zic input file is in the public domain.\n",
                to: "zones/tzdata.zi"
            )
            let folder: [String: String?] = ["TZDIR": announce.folder.file("zones")]
            let finished = try await announce.run(["doctor"], with: folder)
            expect(finished, exits: 0, says: "warning  The zone data are of version 2019c", "Update the package tzdata")
        }
    }

    @Test("Other zone data than the dispatcher has: a warning with the zones")
    func otherZoneData() async throws {
        try await Self.withSite { redis, announce in
            let server = try await SocketIOServer(redis.url, sockets: ["a": []])
            defer { server.stop() }
            let usual = ProcessInfo.processInfo.environment["TZDIR"] ?? "/usr/share/zoneinfo"
            let tokyo = try Data(contentsOf: URL(fileURLWithPath: "\(usual)/Asia/Tokyo"))
            let berlin = try announce.write("", to: "zones/Europe/Berlin")
            try tokyo.write(to: URL(fileURLWithPath: berlin))
            let add = ["add", "--every", "day", "--at", "09:00", "--tz", "Europe/Berlin", "--all", "Hello"]
            #expect(try await announce.run(add).status == 0)
            let folder: [String: String?] = ["TZDIR": announce.folder.file("zones")]
            try await eventually(timeout: .seconds(30), "the dispatcher has planned") {
                try await announce.run(["doctor"], with: folder).stdout.contains("planned Europe/Berlin by other rules")
            }
            #expect(try await announce.run("doctor").stdout.contains("by other rules") == false)
            let wrong = try await announce.run("doctor", "--tz", "Mars/Base")
            expect(wrong, exits: 65, says: "There is no time zone \"Mars/Base\".")
        }
    }

    @Test("No leader: 69, and how to start one")
    func noLeader() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let server = try await SocketIOServer(redis.url, sockets: ["a": []])
            defer { server.stop() }
            #expect(try await announce.run("migrate").status == 0)
            let finished = try await announce.run("doctor")
            expect(
                finished,
                exits: 69,
                says: "problem  Nobody dispatches",
                "Start `announce run`",
                "because nobody dispatches."
            )
        }
    }
}

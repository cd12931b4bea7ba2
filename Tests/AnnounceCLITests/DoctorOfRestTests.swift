import AnnounceTestKit
import Foundation
import GRDB
import Payload
import Testing

/// `announce doctor` where the database or Redis itself is not as it should be, and beside `announce listen`.
@Suite("announce doctor, and what else can be wrong", .timeLimit(.minutes(5)))
struct DoctorOfRestTests {
    @Test("`announce listen` is no server, and is told of", arguments: ["classic", "sharded", "streams", "python"])
    func listener(_ wire: String) async throws {
        try await DoctorTests.withSite { _, announce in
            let listener = try announce.start("listen", "--wire", wire)
            try await eventually("it listens; it said: \(listener.stderr)") { listener.stderr.contains("Listening to") }
            let finished = try await announce.run("doctor", "--wire", wire)
            #expect(finished.status == 69, "\(finished.stdout)")
            #expect(
                finished.stdout.contains("Nobody but `announce listen` listens on this Redis"),
                "\(finished.stdout)"
            )
            #expect(finished.stdout.contains("warning  `announce listen` has "))
        }
    }

    @Test("A database that is not there is a problem, and none is made")
    func noDatabase() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let finished = try await announce.run("doctor")
            #expect(
                finished.status == 69 && finished.stdout.contains("problem  There is no database \(announce.database).")
            )
            #expect(finished.stdout.contains("Start `announce run`"))
            #expect(!announce.has("a.sqlite"))
        }
    }

    /// Gives a database the schema of a version that is to come.
    private func age(_ path: String) throws {
        let database = try DatabaseQueue(path: path)
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
        try database.close()
    }

    @Test("A newer schema: 78, and Redis is looked at all the same")
    func newerSchema() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            #expect(try await announce.run("migrate").status == 0)
            try age(announce.database)
            let finished = try await announce.run("doctor")
            #expect(finished.status == 78, "\(finished.stdout)")
            #expect(
                finished.stdout.contains("Upgrade announce")
                    && finished.stdout.contains("ok       \(redis.url)/0 is Redis ")
            )
        }
    }

    @Test("A file that is no database: 69")
    func damaged() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            try announce.write(String(repeating: "This is a letter. ", count: 300), to: "a.sqlite")
            let finished = try await announce.run("doctor")
            #expect(finished.status == 69 && finished.stdout.contains("is damaged"), "\(finished.stdout)")
        }
    }

    @Test("No Redis: 69, with what is known of this machine")
    func noRedis() async throws {
        let announce = try Program()
        let finished = try await announce.run("doctor")
        #expect(finished.status == 69, "\(finished.stdout)\(finished.stderr)")
        #expect(finished.stdout.contains("refuses connections.") && finished.stdout.contains("The zone data"))
        #expect(finished.lines.last?.contains("because Redis cannot be used") == true)
        let json = try await announce.run("doctor", "-o", "json")
        #expect(json.status == 69 && json.stderr == "")
        #expect(try json.json["heard"] == false && json.json["servers"] == .null)
    }

    @Test("A Redis that accepts and does not answer: 69")
    func silentRedis() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            redis.pause()
            defer { redis.resume() }
            let finished = try await announce.run("doctor")
            #expect(finished.status == 69 && finished.lines.last?.contains("because Redis cannot be used") == true)
        }
    }

    @Test("Behind sentinels their master is looked at")
    func sentinels() async throws {
        let site = try await RedisSentinel(sentinels: 1)
        let announce = try Program(redis: site.url)
        let dispatcher = try await announce.dispatcher()
        let master = "redis://127.0.0.1:\(try site.servers[0].port)"
        let server = try await SocketIOServer(master, sockets: ["a": []])
        defer { server.stop() }
        let finished = try await announce.run("doctor")
        #expect(finished.status == 0, "\(finished.stdout)")
        #expect(finished.stdout.contains("ok       redis+sentinel://127.0.0.1:"))
        _ = dispatcher
    }

    @Test("A replica, and a node of a cluster behind a plain URL")
    func replicaAndNode() async throws {
        try await withRedisServer { master in
            let port = try #require(master.url.split(separator: ":").last.map(String.init))
            try await withRedisServer(.init(settings: [["replicaof", "127.0.0.1", port]])) { replica in
                let finished = try await Program(redis: replica.url).run("doctor")
                #expect(finished.status == 69 && finished.stdout.contains("problem  This Redis is a replica"))
            }
        }
        let cluster = try await RedisClusterServers()
        let finished = try await Program(redis: cluster.servers[0].url).run("doctor")
        #expect(finished.status == 69 && finished.stdout.contains("redis+cluster://"), "\(finished.stdout)")
    }

    @Test("In a cluster servers are counted at all nodes")
    func cluster() async throws {
        let cluster = try await RedisClusterServers()
        let announce = try Program(redis: try cluster.url)
        let dispatcher = try await announce.dispatcher()
        let servers = [
            try await SocketIOServer(cluster.servers[0].url, sockets: ["a": []]),
            try await SocketIOServer(cluster.servers[1].url, uid: "other", sockets: ["b": []]),
        ]
        defer { for server in servers { server.stop() } }
        let finished = try await announce.run("doctor")
        #expect(finished.status == 0, "\(finished.stdout)")
        #expect(finished.lines.last == "An announcement to namespace / would be heard by 2 servers.")
        _ = dispatcher
    }

    @Test("An eviction policy is warned of")
    func eviction() async throws {
        let settings = [["maxmemory", "100mb"], ["maxmemory-policy", "allkeys-lru"]]
        try await DoctorTests.withSite(.init(settings: settings)) { redis, announce in
            let server = try await SocketIOServer(redis.url, sockets: ["a": []])
            defer { server.stop() }
            let finished = try await announce.run("doctor")
            #expect(finished.status == 0, "\(finished.stdout)")
            #expect(finished.stdout.contains("warning  Redis evicts keys when memory is out, by allkeys-lru:"))
        }
    }

    @Test("On a terminal lines end before its edge, in colours unless NO_COLOR is set")
    func terminal() async throws {
        let announce = try Program()
        // util-linux' script gives a program a terminal.
        let plain = try await announce.shell(
            "NO_COLOR=1 TERM=xterm script -qec 'stty cols 60; '\"$0\"' doctor' /dev/null"
        )
        let lines = plain.stdout.split(separator: "\r\n")
        #expect(
            lines.count > 6 && lines.allSatisfy { $0.count <= 60 || !$0.dropFirst(9).contains(" ") },
            "\(plain.stdout)"
        )
        #expect(!plain.stdout.contains("\u{1B}["))
        let coloured = try await announce.shell("TERM=xterm script -qec 'stty cols 60; '\"$0\"' doctor' /dev/null")
        #expect(coloured.stdout.contains("\u{1B}[31mproblem"), "\(coloured.stdout)")
    }
}

import Announce
import AnnounceSQLite
import AnnounceTestKit
import Foundation
import GRDB
import Payload
import Recurrence
import Testing

/// What `announce run` does when something breaks: processes die, Redis is away, two run at once, the disk is full.
@Suite(.serialized) struct RunFaultTests {
    /// Stores so many one-shots, with the texts `m0`, `m1` and so on, that fall due at this distance in milliseconds.
    private func store(_ count: Int, every distance: Int64, in announce: Program) async throws {
        let store = try SQLiteStore(path: announce.database, durability: .process)
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        for number in 0..<count {
            let at = now + Int64(number) * distance
            let draft = AnnouncementDraft(
                data: EventData(event: "announcement", arguments: [.string("m\(number)")]),
                target: Target(audience: .everyone),
                plan: Plan(rules: [.instant(at)], timezone: "UTC")
            )
            _ = try await store.add(draft, first: at, by: "tester", at: now)
        }
    }

    private func expectOnePublished(_ count: Int, in announce: Program) async throws {
        try await eventually(timeout: .seconds(30), "\(count) deliveries are recorded") {
            try await announce.deliveries().count == count
        }
        let deliveries = try await announce.deliveries()
        #expect(Set(deliveries.map { $0["announcement"]?.number }).count == count)
        #expect(deliveries.allSatisfy { $0["outcome"] == "published" })
    }

    @Test(
        "Killed while 1,000 are falling due and started again: nothing is lost and nothing repeated"
    )
    func killed() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            try await store(1000, every: 1, in: announce)
            for heard in [100, 400, 700] {
                let dispatcher = try await announce.dispatcher()
                _ = try await witness.heard(heard, within: .seconds(20))
                dispatcher.kill()
                _ = try await announce.end(of: dispatcher)
            }
            _ = try await announce.dispatcher()
            try await expectOnePublished(1000, in: announce)
            #expect(witness.texts.sorted() == (0..<1000).map { "m\($0)" }.sorted())
        }
    }

    @Test("Two dispatchers on one database say each of 500 once")
    func two() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            _ = try await announce.dispatcher()
            _ = try await announce.dispatcher()
            try await store(500, every: 2, in: announce)
            try await expectOnePublished(500, in: announce)
            #expect(witness.texts == (0..<500).map { "m\($0)" })
        }
    }

    @Test("A standby takes over at once after a clean stop, and after kill -9", arguments: [SIGTERM, SIGKILL])
    func standby(_ signal: Int32) async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            let leader = try await announce.dispatcher()
            let standby = try await announce.dispatcher()
            leader.signal(signal)
            #expect(try await announce.end(of: leader).status == (signal == SIGTERM ? 0 : -SIGKILL))
            #expect(try await announce.run("add", "--all", "--in", "0s", "hello").status == 0)
            _ = try await witness.heard(1)
            try await eventually("the standby leads") {
                try await announce.run("status", "-o", "json").json["leader"]?.text?
                    .contains("process \(standby.pid) ") == true
            }
        }
    }

    @Test("Redis away at the start: run is ready, keeps trying, and speaks when Redis is there")
    func redisAway() async throws {
        let redis = try RedisServer()
        let announce = try Program(redis: redis.url)
        let dispatcher = try await announce.dispatcher()
        #expect(try await announce.run("add", "--all", "--in", "0s", "hello").status == 0)
        try await eventually("the dispatcher complains; it said: \(dispatcher.stderr)") {
            dispatcher.stderr.contains("nothing can be published")
        }
        #expect(dispatcher.status == nil)
        expect(
            try await announce.run("send", "--all", "x"),
            refusedWith: 69,
            says: [redis.url.split(separator: "/")[1].description]
        )
        try await redis.start()
        // Whoever listens first: until then nobody hears it, and it is tried again.
        let witness = try await Witness(redis.url)
        _ = try await witness.heard(1, within: .seconds(40))
        try await expectOnePublished(1, in: announce)
        #expect(witness.texts == ["hello"])

        // And once more, with a connection that breaks.
        try await redis.restart()
        let again = try await Witness(redis.url)
        #expect(try await announce.run("add", "--all", "--in", "0s", "again").status == 0)
        _ = try await again.heard(1, within: .seconds(40))
        try await expectOnePublished(2, in: announce)
    }

    @Test("A wrong password: send exits with 77, run says so and goes on")
    func wrongPassword() async throws {
        try await withRedisServer(RedisServer.Options(password: "right")) { redis in
            let announce = try Program(redis: redis.url.replacingOccurrences(of: "://", with: "://:wrong@"))
            expect(try await announce.run("send", "--all", "x"), refusedWith: 77, says: ["password"])
            let dispatcher = try await announce.dispatcher()
            // At once, and not only when something is due.
            try await eventually("the dispatcher complains; it said: \(dispatcher.stderr)") {
                dispatcher.stderr.contains("password")
            }
            #expect(!dispatcher.stderr.contains("wrong@"), "the password is told")
            #expect(dispatcher.status == nil)
            dispatcher.signal(SIGTERM)
            #expect(try await announce.end(of: dispatcher).status == 0)
        }
    }

    @Test("Nobody listens: it is tried again, and heard by the server that comes")
    func unheard() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            _ = try await announce.dispatcher()
            #expect(try await announce.run("add", "--all", "--in", "0s", "hello", "--name", "a").status == 0)
            #expect(try await announce.run("add", "--all", "--in", "0s", "void", "--allow-unheard").status == 0)
            try await eventually("the second counts as published") { try await announce.deliveries().count == 1 }
            #expect(try await announce.deliveries().first?["receivers"] == 0)
            let witness = try await Witness(redis.url)
            _ = try await witness.heard(1, within: .seconds(40))
            try await eventually("it is recorded") { try await announce.deliveries(of: "a").count == 1 }
            let delivery = try #require(try await announce.deliveries(of: "a").first)
            #expect(delivery["outcome"] == "published")
            #expect(try #require(delivery["attempts"]?.number) > 1)
        }
    }

    @Test("A database that may not grow: add says so and stores nothing whole or half; what was stored still goes out")
    func fullDisk() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            #expect(try await announce.run("add", "--all", "--in", "0s", "before").status == 0)
            // A limit on the size of files, in blocks of 512 bytes, is the disk that is full.
            let script = #"ulimit -f 200; head -c 200000 /dev/zero | tr '\0' x | "$0" add --all --in 1h -"#
            let finished = try await announce.shell(script)
            #expect(finished.status == 69, "\(finished.stderr)")
            #expect(finished.stderr.contains("disk"), "\(finished.stderr)")
            #expect(try await announce.run("list", "--state", "all", "-o", "json").json.elements.count == 1)
            _ = try await announce.dispatcher()
            _ = try await witness.heard(1)
            #expect(witness.texts == ["before"])
        }
    }

    @Test("A database that another holds for longer than it waits, and a full disk: said, and all goes out afterwards")
    func heldDatabase() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            let dispatcher = try await announce.dispatcher()
            _ = try await announce.run("add", "--all", "--in", "1s", "held")
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let other = try DatabaseQueue(path: announce.database, configuration: configuration)
            try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
            // Two attempts, each as long as the program waits for others.
            try await eventually(timeout: .seconds(40), "it complains twice") {
                dispatcher.stderr.components(separatedBy: "is busy").count > 2
            }
            #expect(witness.texts.isEmpty, "what could not be stored as a batch was sent")
            try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
            _ = try await witness.heard(1, within: .seconds(20))
            try await expectOnePublished(1, in: announce)

            func limit(_ size: String) async throws {
                let limited = try await announce.shell("prlimit --pid \(dispatcher.pid) --fsize=\(size):")
                #expect(limited.status == 0, "\(limited.stderr)")
            }
            // What it says fits in; what it stores does not.
            try await limit("8192")
            _ = try await announce.run("add", "--all", "--in", "0s", "full")
            try await eventually("it complains") { dispatcher.stderr.contains("Check the disk.") }
            #expect(witness.texts == ["held"], "what could not be stored as a batch was sent")
            try await limit("unlimited")
            _ = try await witness.heard(2, within: .seconds(20))
            try await expectOnePublished(2, in: announce)
            #expect(witness.texts == ["held", "full"])
        }
    }

    @Test("A database that is taken away or replaced ends the dispatcher, which says so", arguments: [true, false])
    func goneFile(isReplaced: Bool) async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let dispatcher = try await announce.dispatcher()
            let place = URL(fileURLWithPath: announce.database)
            if isReplaced {
                let other = announce.folder.file("b.sqlite")
                #expect(try await announce.run("migrate", "--database", other).status == 0)
                #expect(rename(other, announce.database) == 0)
            } else {
                try FileManager.default.removeItem(at: place)
            }
            let finished = try await announce.end(of: dispatcher)
            #expect(finished.status == 78, "\(finished.stderr)")
            #expect(finished.stderr.contains("deleted, moved or replaced"), "\(finished.stderr)")
        }
    }

    @Test("Twenty first starts at one moment make one database")
    func concurrentFirstStarts() async throws {
        let announce = try Program()
        let started = try (0..<20).map { number in
            try announce.start(number.isMultiple(of: 2) ? ["migrate"] : ["add", "--all", "--in", "1h", "n\(number)"])
        }
        for program in started {
            let finished = try await announce.end(of: program)
            #expect(finished.status == 0, "\(finished.stderr)")
        }
        #expect(try await announce.run("list", "-o", "json").json.elements.count == 10)
    }
}

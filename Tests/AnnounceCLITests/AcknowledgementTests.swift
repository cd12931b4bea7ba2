import AnnounceTestKit
import Foundation
import Payload
import Testing

/// `add --ack` with the built program, a real Redis and servers of the classic adapter.
@Suite("Announcements that clients acknowledge", .timeLimit(.minutes(5)))
struct AcknowledgementTests {
    private func counts(_ delivery: PayloadValue) -> [PayloadValue?] {
        [delivery["addressed"], delivery["acknowledged"], delivery["receivers"]]
    }

    @Test("The delivery says how many were addressed and how many acknowledged it")
    func acknowledged() async throws {
        try await AudienceTests.with(silent: false) { announce in
            _ = try await announce.dispatcher()
            let added = try await announce.run(
                "add",
                "--room",
                "lobby",
                "--in",
                "0s",
                "--ack",
                "20s",
                "Ready?",
                "-o",
                "json"
            )
            #expect(try added.json["ackSeconds"] == 20)
            try await eventually("both have acknowledged it") {
                try await announce.deliveries().first.map(counts) == [2, 2, 2]
            }
            let history = try await announce.run("history")
            #expect(history.stdout.contains("acknowledged by 2 of 2"))
        }
    }

    @Test("A silent client holds up nothing else, and a stop records what is known")
    func silent() async throws {
        try await AudienceTests.with(silent: true) { announce in
            let dispatcher = try await announce.dispatcher()
            _ = try await announce.run("add", "--room", "lobby", "--in", "0s", "--ack", "1h", "Ready?")
            try await eventually("it is published") { try await announce.deliveries().count == 1 }
            #expect(try await announce.deliveries().first.map(counts) == [.null, .null, 2])
            _ = try await announce.run("add", "--all", "--in", "0s", "--allow-unheard", "Not held up")
            try await eventually("the other is published") { try await announce.deliveries().count == 2 }
            dispatcher.signal(SIGTERM)
            #expect(try await announce.end(of: dispatcher).status == 0)
            #expect(try await announce.deliveries().first.map(counts) == [2, 1, 2])
        }
    }

    @Test("A silent client is waited for as long as was said")
    func timeout() async throws {
        try await AudienceTests.with(silent: true) { announce in
            _ = try await announce.run("add", "--room", "lobby", "--in", "0s", "--ack", "8s", "Ready?")
            #expect(try await announce.run("run", "--once").stdout == "published 1.\n")
            #expect(try await announce.deliveries().first.map(counts) == [2, 1, 2])
        }
    }

    @Test("Where no server is listening it is tried again, as without acknowledgements")
    func unheard() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            _ = try await announce.run("add", "--all", "--in", "0s", "--ack", "2s", "--name", "a", "Ready?")
            _ = try await announce.run("add", "--all", "--in", "0s", "--ack", "2s", "--allow-unheard", "Whoever")
            #expect(try await announce.run("run", "--once").stdout == "published 1, to be tried again 1.\n")
            let delivery = try #require(try await announce.deliveries().first)
            #expect(counts(delivery) == [.null, .null, 0])
        }
    }

    @Test("What servers cannot be asked is refused at the dry run, and fails in run with the reason")
    func refused() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let dry = try await announce.run(
                "add",
                "--all",
                "--in",
                "1h",
                "--ack",
                "2s",
                "Ready?",
                "--dry-run",
                "--wire",
                "python"
            )
            #expect(dry.status == 65 && dry.stderr.contains("answer no questions"))
            _ = try await announce.run("add", "--all", "--in", "0s", "--ack", "8s", "Ready?")
            _ = try await announce.run("run", "--once", "--wire", "python")
            let delivery = try #require(try await announce.deliveries().first)
            #expect(delivery["outcome"] == "failed")
            #expect(delivery["error"]?.text?.contains("answer no questions") == true)
        }
    }

    @Test("It can be asked for, changed and taken away later")
    func edited() async throws {
        let announce = try Program()
        _ = try await announce.run("add", "--all", "--in", "1h", "--name", "a", "--except-socket", "s1", "Ready?")
        let asked = try await announce.run("edit", "a", "--ack", "5s", "--except-socket", "s2", "-o", "json").json
        #expect(asked["ackSeconds"] == 5 && asked["target"]?["exceptSockets"] == ["s2"])
        let shown = try await announce.run("show", "a")
        #expect(shown.stdout.contains("by clients within 5 s") && shown.stdout.contains("except socket s2"))
        #expect(try await announce.run("edit", "a", "--no-ack", "-o", "json").json["ackSeconds"] == .null)
        let both = try await announce.run("edit", "a", "--no-ack", "--ack", "5s")
        #expect(both.status == 64 && both.stderr.contains("exclude each other"))
        #expect(try await announce.run("edit", "a", "--ack", "2d").status == 65)
    }

    @Test(
        "A socket is left out by name where rooms cannot be",
        arguments: [["--wire", "python"], ["--socketio", "3"]]
    )
    func exceptSocket(wire: [String]) async throws {
        let announce = try Program()
        func send(_ options: String...) async throws -> Program.Finished {
            try await announce.run(["send", "--all", "Hi", "--dry-run", "-o", "json"] + wire + options)
        }
        let room = try await send("--except", "vip")
        #expect(room.status == 65 && room.stderr.contains("\"vip\""))
        let socket = try await send("--except-socket", "vip")
        #expect(socket.status == 0, "\(socket.stderr)")
        #expect(try socket.json["command"]?.elements.last?.text?.contains("vip") == true)
        #expect(try await send("--except", "VSoQSqsvi6fKHCpFAAAA").status == 0)
    }
}

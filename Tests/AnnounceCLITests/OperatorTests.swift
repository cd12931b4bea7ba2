import AnnounceTestKit
import Foundation
import Payload
import Testing

/// What operators do with the built program: hold, resume later, send now, look for, tidy up.
@Suite struct OperatorTests {
    @Test("What is held waits, in any dispatcher, until it is released")
    func hold() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            let held = try await announce.run("hold", "--reason", "wrong texts")
            #expect(held.stdout.hasPrefix("The dispatcher is held since "))
            #expect(held.stdout.hasSuffix(": wrong texts.\n"))
            let first = try await announce.dispatcher()
            try await eventually("it says so") { first.stderr.contains("held: nothing goes out") }
            _ = try await announce.run("add", "--all", "--in", "0s", "patience")
            let status = try await announce.run("status", "-o", "json")
            #expect(status.status == 0)
            #expect(try status.json["hold"]?["reason"] == "wrong texts")
            #expect(try status.json["pending"] == 1)
            #expect(try await announce.run("status").stdout.contains("Held          since "))
            first.signal(SIGTERM)
            _ = try await announce.end(of: first)
            let once = try await announce.run("run", "--once")
            #expect(once.status == 75)
            #expect(once.stderr.contains("`announce release` lets it go on."))
            _ = try await announce.dispatcher()
            #expect(try await announce.deliveries().isEmpty)
            let released = try await announce.run("release")
            #expect(released.stdout.hasPrefix("Released; it was held since "))
            #expect(try await witness.heard(1).count == 1)
            #expect(try await announce.run("release").stdout == "It was not held.\n")
            #expect(try await announce.run("release", "-o", "json").stdout == "null\n")
        }
    }

    @Test("A paused announcement is resumed at its time by the dispatcher")
    func resumeLater() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            _ = try await announce.dispatcher()
            _ = try await announce.run("add", "--all", "--every", "1s", "--name", "tick", "tick")
            _ = try await announce.run("pause", "tick")
            let past = try await announce.run("resume", "tick", "--at", "2020-01-01")
            #expect(past.status == 65)
            let resumed = try await announce.run("resume", "tick", "--at", "in 3s")
            #expect(resumed.stdout.hasPrefix("Announcement 1 is paused until "), "\(resumed)")
            let shown = try await announce.run("show", "tick", "-o", "json").json
            let until = try milliseconds(try #require(shown["resumesAt"]?.text))
            _ = try await witness.heard(1)
            let published = try await announce.deliveries().filter { $0["outcome"] == "published" }
            let first = try milliseconds(try #require(published.last?["nominalAt"]?.text))
            let skipped = try await announce.deliveries().filter { $0["outcome"] == "skipped" }
            #expect(try skipped.allSatisfy { try milliseconds(try #require($0["nominalAt"]?.text)) <= until })
            #expect(first > until || first < until - 2_000, "\(first) \(until)")
        }
    }

    @Test("One that is sent by hand is heard, has its record, and leaves its schedule as it is")
    func fire() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let server = try await SocketIOServer(redis.url, sockets: ["a": ["lobby"], "b": []])
            func heard(_ socket: String) -> [SocketIOPeer.Event] { server.peer.received[socket] ?? [] }
            _ = try await announce.run(
                "maintenance",
                "Upgrade",
                "--room",
                "lobby",
                "--at",
                "2099-01-01 02:00",
                "--for",
                "1h",
                "--name",
                "up"
            )
            let next = try await announce.run("next", "up").stdout
            let fired = try await announce.run("fire", "up")
            #expect(fired.stdout == "Published announcement 1 to 1 server: room lobby.\n", "\(fired)")
            try await eventually("it is there") { !heard("a").isEmpty }
            let message = try #require(heard("a").first)
            #expect(message.name == "maintenance")
            #expect(message.arguments.first?["phase"] == "manual")
            #expect(message.arguments.first?["text"] == "Upgrade")
            #expect(message.arguments.first?["startsAt"] == "2099-01-01T02:00:00.000Z")
            #expect(heard("b").isEmpty)
            #expect(try await announce.run("next", "up").stdout == next)
            let rehearsal = try await announce.run("fire", "up", "--socket", "b", "-o", "json")
            #expect(try rehearsal.json["outcome"] == "published")
            try await eventually("the rehearsal is there") { heard("b").count == 1 }
            #expect(heard("a").count == 1)
            let records = try await announce.deliveries()
            #expect(records.map { $0["phase"] } == ["manual"])
            #expect(records.first?["firedBy"]?.text?.isEmpty == false)
            #expect(records.first?["anchorAt"] == "2099-01-01T02:00:00.000Z")
            // People have heard of it, so that they are told when it does not take place.
            _ = try await announce.run("cancel", "up")
            #expect(try await announce.run("fire", "up").status == 65)
            #expect(try await announce.run("run", "--once").stdout == "published 1.\n")
            try await eventually("they are told") { heard("a").count == 2 }
        }
    }

    @Test("Nobody hears what is sent by hand: it says so (69), and its record does")
    func unheard() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            _ = try await announce.run("add", "--all", "--in", "1h", "--name", "later", "hi")
            let fired = try await announce.run("fire", "later")
            #expect(fired.status == 69)
            #expect(fired.stderr.contains("nobody heard it"))
            let history = try await announce.run("history", "--outcome", "unheard", "-o", "json").json
            #expect(history.elements.count == 1)
            #expect(try await announce.run("fire", "nothing").status == 66)
        }
    }

    @Test("What is over is removed at once with prune, and what is to come stays")
    func prune() async throws {
        let announce = try Program()
        _ = try await announce.run("add", "--all", "--in", "1h", "--name", "later", "later")
        _ = try await announce.run("add", "--all", "--in", "1h", "--name", "gone", "gone")
        _ = try await announce.run("cancel", "gone")
        #expect(try await announce.run("prune").stdout == "Removed 0 records and 0 announcements.\n")
        let pruned = try await announce.run("prune", "--older", "1ms", "-o", "json")
        #expect(try pruned.json["deliveries"] == 0, "the window of it is not over")
        for refused in [["--keep", "0"], ["--older", "1mo"], ["--older", "soon"]] {
            #expect([64, 65].contains(try await announce.run(["prune"] + refused).status))
        }
        #expect(try await announce.run("list").stdout.contains("later"))
    }

    @Test("Announcements are found by words, and records by outcome and time")
    func find() async throws {
        let announce = try Program()
        _ = try await announce.run("add", "--all", "--in", "1h", "--name", "greeting", "Good morning, Vietnam")
        _ = try await announce.run("add", "--all", "--in", "2h", "Good night")
        _ = try await announce.run("cancel", "2")
        func ids(_ words: String...) async throws -> [PayloadValue?] {
            let found = try await announce.run(["list", "--state", "all", "-o", "json"] + words).json
            return found.elements.map { $0["id"] }
        }
        #expect(try await ids("--search", "good") == [1, 2])
        #expect(try await ids("--search", "NIGHT go") == [2])
        #expect(try await ids("--search", "greet") == [1])
        #expect(try await ids("--search", "bad").isEmpty)
        #expect(try await announce.run("list", "--search", "- !").status == 65)
        func records(_ words: String...) async throws -> Int {
            try await announce.run(["history", "-o", "json"] + words).json.elements.count
        }
        #expect(try await records("--outcome", "cancelled") == 1)
        #expect(try await records("--outcome", "missed", "--outcome", "published") == 0)
        #expect(try await records("--since", "1h") == 4)
        #expect(try await announce.run("history", "--since", "tomorrow").status == 65)
        #expect(try await announce.run("history", "--outcome", "lost").status == 64)
    }
}

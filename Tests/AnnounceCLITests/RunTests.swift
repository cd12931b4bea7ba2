import AnnounceTestKit
import Foundation
import Payload
import Testing

/// `announce run` as an operator has it: the built program, a real Redis, a subscriber that stands for the servers.
@Suite(.serialized) struct RunTests {
    /// MessagePack of `["emitter", {type: 2, data: ["chat message", "Hi guys from Emitter"], nsp: "/"}, …` up to `rooms`.
    static let seed =
        "93a7656d697474657283a47479706502a46461746192ac63686174206d657373616765b44869206775797320"
        + "66726f6d20456d6974746572a36e7370a12f83a5726f6f6d73"
    /// `flags: {}, except: []`.
    static let end = "a5666c61677380a665786365707490"

    @Test("The seed case: everyone, a socket and a room get the emitter's bytes on the emitter's channels")
    func seedCase() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            _ = try await announce.dispatcher()
            let message = ["--event", "chat message", "Hi guys from Emitter", "--in", "1s"]
            for target in [["--all"], ["--socket", "S1H5pJcm8Kun5lOoAAAA"], ["--room", "lobby"]] {
                let added = try await announce.run(["add"] + target + message)
                #expect(added.status == 0, "\(added.stderr)")
            }
            let heard = try await witness.heard(3).map { ($0.channel, Data($0.payload).hex) }
            let expected = [
                ("socket.io#/#", Self.seed + "90" + Self.end),
                (
                    "socket.io#/#S1H5pJcm8Kun5lOoAAAA#",
                    Self.seed + "91b4" + Data("S1H5pJcm8Kun5lOoAAAA".utf8).hex + Self.end
                ),
                ("socket.io#/#lobby#", Self.seed + "91a5" + Data("lobby".utf8).hex + Self.end),
            ]
            for (heard, expected) in zip(heard, expected) { #expect(heard == expected) }
            try await eventually("three deliveries are recorded") { try await announce.deliveries().count == 3 }
            for delivery in try await announce.deliveries() {
                #expect(delivery["outcome"] == "published")
                #expect(delivery["receivers"] == 1)
                #expect(delivery["attempts"] == 1)
                #expect(try #require(delivery["latenessMilliseconds"]?.number) >= 0)
            }
        }
    }

    @Test("What is added for now is heard without waiting for the end of a nap")
    func wakes() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            _ = try await announce.dispatcher()
            // A nap lasts five seconds: twenty of them would take longer than the test waits.
            for number in 1...20 {
                #expect(try await announce.run("add", "--all", "--in", "0s", "n\(number)").status == 0)
                _ = try await witness.heard(number, within: .seconds(3))
            }
            #expect(witness.texts == (1...20).map { "n\($0)" })
        }
    }

    @Test("An interval goes out at its nominal times, which do not drift")
    func interval() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            _ = try await announce.dispatcher()
            #expect(try await announce.run("add", "--all", "--every", "1s", "--name", "tick", "tick").status == 0)
            _ = try await witness.heard(3)
            #expect(try await announce.run("cancel", "tick", "--reason", "enough").status == 0)
            let deliveries = try await announce.deliveries()
            let times = try deliveries.map { try #require($0["nominalAt"]?.text) }.map(milliseconds)
            for (time, next) in zip(times, times.dropFirst()) { #expect(next - time == 1000) }
            #expect(deliveries.last?["outcome"] == "cancelled")
            #expect(deliveries.dropLast().allSatisfy { $0["outcome"] == "published" })
            #expect(try await announce.run("show", "tick", "-o", "json").json["reason"] == "enough")
        }
    }

    @Test("What is cancelled before its time is not heard")
    func cancelled() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            _ = try await announce.dispatcher()
            #expect(try await announce.run("add", "--all", "--in", "4s", "--name", "no", "no").status == 0)
            #expect(try await announce.run("cancel", "no").status == 0)
            #expect(try await announce.run("add", "--all", "--in", "4500ms", "yes").status == 0)
            _ = try await witness.heard(1)
            #expect(witness.texts == ["yes"])
        }
    }

    @Test("SIGTERM: what is due is finished and recorded, the lease is given back, the exit code is 0")
    func gracefulStop() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let dispatcher = try await announce.dispatcher()
            for signal in [SIGTERM, SIGINT] {
                let running = signal == SIGTERM ? dispatcher : try await announce.dispatcher()
                #expect(try await announce.run("status").status == 0)
                running.signal(signal)
                #expect(try await announce.end(of: running).status == 0)
                let status = try await announce.run("status", "-o", "json")
                #expect(status.status == 69)
                #expect(try status.json["leader"] == .null)
            }
        }
    }

    @Test("run --once sends what is due, says what became of it, and leaves the rest")
    func once() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            #expect(try await announce.run("run", "--once").stdout == "Nothing was due.\n")
            #expect(try await announce.run("add", "--all", "--in", "0s", "now").status == 0)
            #expect(try await announce.run("add", "--all", "--in", "1h", "later").status == 0)
            let finished = try await announce.run("run", "--once")
            #expect(finished.status == 0)
            #expect(finished.stdout == "published 1.\n")
            _ = try await witness.heard(1)
            #expect(witness.texts == ["now"])
            _ = try await announce.dispatcher()
            expect(try await announce.run("run", "--once"), refusedWith: 75, says: ["Another dispatcher leads"])
        }
    }
}

/// RFC 3339 as milliseconds since 1970.
func milliseconds(_ text: String) throws -> Int64 {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    return Int64((try style.parse(text).timeIntervalSince1970 * 1000).rounded())
}

extension Data {
    var hex: String { map { String(format: "%02x", $0) }.joined() }
}

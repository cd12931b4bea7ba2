import AnnounceTestKit
import Foundation
import Payload
import Testing

/// The built program under a clock that is another, and is stepped (libfaketime).
@Suite(.serialized) struct OtherClockTests {
    /// The seconds from now to an instant, as an offset.
    private func offset(to instant: String, before seconds: Double) throws -> String {
        let style = Date.ISO8601FormatStyle()
        let distance = try style.parse(instant).timeIntervalSinceNow - seconds
        return String(format: "%+.3f", distance)
    }

    @Test("In the night when 02:30 does not exist, it is said at 03:00, once")
    func springForward() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            let clock = try FakeClock(announce, offset: offset(to: "2027-03-28T01:00:00Z", before: 8))
            let environment = clock.environment.merging(["ANNOUNCE_TIMEZONE": "Europe/Berlin"]) { $1 }
            let added = try await announce.run(
                ["add", "half past two", "--all", "--cron", "30 2 * * *", "-o", "json"],
                with: environment
            )
            #expect(try added.json["nextAt"] == "2027-03-28T01:00:00.000Z")
            _ = try await announce.dispatcher(with: environment)
            _ = try await witness.heard(1, within: .seconds(30))
            try await eventually("it is recorded") { try await announce.deliveries().count == 1 }
            #expect(try await announce.deliveries().first?["nominalAt"] == "2027-03-28T01:00:00.000Z")
            let shown = try await announce.run(["show", "1", "-o", "json"], with: environment)
            #expect(try shown.json["nextAt"] == "2027-03-29T00:30:00.000Z")
            #expect(witness.texts == ["half past two"])
        }
    }

    @Test("In the night when 02:30 comes twice, it is said the first time only")
    func fallBack() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            let clock = try FakeClock(announce, offset: offset(to: "2027-10-31T00:30:00Z", before: 8))
            let environment = clock.environment.merging(["ANNOUNCE_TIMEZONE": "Europe/Berlin"]) { $1 }
            let add = ["add", "half past two", "--all", "--cron", "30 2 * * *"]
            #expect(try await announce.run(add, with: environment).status == 0)
            _ = try await announce.dispatcher(with: environment)
            _ = try await witness.heard(1, within: .seconds(30))
            // An hour later the clocks show 02:30 again. What is due after it tells that nothing more was said.
            try clock.set(Int(try offset(to: "2027-10-31T01:30:01Z", before: 0).prefix { $0 != "." }) ?? 0)
            let marker = ["add", "marker", "--all", "--in", "1s"]
            #expect(try await announce.run(marker, with: environment).status == 0)
            _ = try await witness.heard(2, within: .seconds(30))
            #expect(witness.texts == ["half past two", "marker"])
        }
    }

    @Test(
        "A clock stepped forward is downtime: the newest is said, the others have their records; stepped back, nothing is twice"
    )
    func steps() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            let clock = try FakeClock(announce, offset: "+0")
            let add = ["add", "tick", "--all", "--every", "10m", "--name", "t", "-o", "json"]
            let first = try #require(try await announce.run(add, with: clock.environment).json["nextAt"]?.text)
            let dispatcher = try await announce.dispatcher(with: clock.environment)
            try clock.set(3 * 3600 + 30)
            _ = try await witness.heard(1, within: .seconds(30))
            try await eventually("all are recorded") { try await announce.deliveries().count == 18 }
            let deliveries = try await announce.deliveries()
            let outcomes = deliveries.map { $0["outcome"]?.text }
            #expect(outcomes.filter { $0 == "published" }.count == 1)
            #expect(deliveries.first?["nominalAt"]?.text == first)
            // Back by three hours: what was handled is not said again; a new one is said at once.
            try clock.set(30)
            #expect(
                try await announce.run(["add", "marker", "--all", "--in", "0s"], with: clock.environment).status == 0
            )
            _ = try await witness.heard(2, within: .seconds(30))
            #expect(witness.texts == ["tick", "marker"])
            #expect(try await announce.deliveries(of: "t").count == 18)
            try await eventually("both steps are told") {
                dispatcher.stderr.components(separatedBy: "the clock was stepped").count == 3
            }
        }
    }
}

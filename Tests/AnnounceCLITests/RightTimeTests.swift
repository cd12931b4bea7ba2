import AnnounceTestKit
import Foundation
import Payload
import Testing

/// Schedules that mean what people think, with the built program: daylight saving, windows, new zone data, other clocks.
@Suite(.serialized) struct RightTimeTests {
    private static func ats(_ announce: Program, _ words: String...) async throws -> [String?] {
        try await ats(announce, words)
    }

    private static func ats(_ announce: Program, _ words: [String]) async throws -> [String?] {
        let finished = try await announce.run(["next", "-o", "json"] + words)
        try #require(finished.status == 0, "\(finished.stderr)")
        return try finished.json.elements.map { $0["at"]?.text }
    }

    @Test("next marks what daylight saving shifts")
    func shifted() async throws {
        let finished = try await Program().run(
            "next",
            "--cron",
            "30 2 * * *",
            "--tz",
            "America/New_York",
            "--from",
            "2025-03-08T12:00:00Z",
            "--limit",
            "3",
            "-o",
            "json"
        )
        let json = try finished.json.elements
        #expect(
            json.map { $0["at"] } == [
                "2025-03-09T03:00:00.000-04:00", "2025-03-10T02:30:00.000-04:00", "2025-03-11T02:30:00.000-04:00",
            ]
        )
        #expect(json.map { $0["note"] } == ["shifted by daylight saving", .null, .null])
    }

    @Test("The last weekday of each month")
    func lastWeekday() async throws {
        let ats = try await Self.ats(
            Program(),
            "--rrule",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "--start",
            "2026-01-01 09:00",
            "--tz",
            "America/New_York",
            "--from",
            "2025-12-31T00:00:00Z",
            "--limit",
            "2"
        )
        #expect(ats == ["2026-01-30T09:00:00.000-05:00", "2026-02-27T09:00:00.000-05:00"])
    }

    @Test("A day to begin with is meant with its first instant")
    func fromDay() async throws {
        let ats = try await Self.ats(
            Program(),
            "--every",
            "day",
            "--at",
            "midnight",
            "--tz",
            "Asia/Tokyo",
            "--from",
            "2026-12-25",
            "--limit",
            "2"
        )
        #expect(ats == ["2026-12-25T00:00:00.000+09:00", "2026-12-26T00:00:00.000+09:00"])
    }

    @Test("A day alone may be a word: its beginning for --start, its end for --until, the whole of it for --exclude")
    func dayWords() async throws {
        // A Tuesday.
        let from = ["--every", "12h", "--at", "2026-11-01 09:00", "--from", "2026-11-24T12:00:00Z", "--limit", "9"]
        let ats = try await Self.ats(
            Program(),
            ["--start", "tomorrow", "--until", "fri", "--exclude", "26 november"] + from
        )
        #expect(
            ats == [
                "2026-11-25T09:00:00.000Z", "2026-11-25T21:00:00.000Z", "2026-11-27T09:00:00.000Z",
                "2026-11-27T21:00:00.000Z",
            ]
        )
        let tomorrow = try await Self.ats(
            Program(),
            ["--every", "day", "--at", "00:00", "--from", "tomorrow", "--limit", "2"]
        )
        let today = try await Self.ats(
            Program(),
            ["--every", "day", "--at", "00:00", "--from", "today", "--limit", "2"]
        )
        #expect(today.last == tomorrow.first)
    }

    @Test("A schedule of which every occurrence is excluded is refused with the reason")
    func allExcluded() async throws {
        let announce = try Program()
        let days = try announce.write(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR\n",
            to: "days.ics"
        )
        let words = ["--every", "day", "--at", "09:00", "--exclude-calendar", days]
        let next = try await announce.run(["next"] + words)
        #expect(
            next.status == 0 && next.stdout.isEmpty && next.stderr.contains("is excluded, and there the search ends")
        )
        let added = try await announce.run(["add", "--all", "Never"] + words)
        #expect(added.status == 65 && added.stderr.contains("Exclude less."))
    }

    @Test("Unions, exclusions and bounds")
    func limits() async throws {
        let announce = try Program()
        let from = ["--tz", "Europe/Berlin", "--from", "2026-12-01T00:00:00Z"]
        let holidays = try announce.write(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20261224\r\n"
                + "DTEND;VALUE=DATE:20261227\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
            to: "holidays.ics"
        )
        let finished = try await announce.run(
            [
                "next", "-o", "json", "--every", "day", "--at", "9am", "--rdate", "2026-12-24 12:00", "--start",
                "2026-12-22",
                "--until", "2026-12-28", "--exclude", "2026-12-23", "--exclude-calendar", holidays, "--limit", "9",
            ] + from
        )
        #expect(
            try finished.json.elements.map { $0["at"] } == [
                "2026-12-22T09:00:00.000+01:00", "2026-12-27T09:00:00.000+01:00", "2026-12-28T09:00:00.000+01:00",
            ]
        )
        let counted = try await announce.run(
            ["next", "-o", "json", "--every", "weekday", "--at", "09:00", "--count", "2", "--exclude", "2026-12-02"]
                + from
        )
        #expect(
            try counted.json.elements.map { $0["at"] } == [
                "2026-12-01T09:00:00.000+01:00", "2026-12-03T09:00:00.000+01:00",
            ]
        )
    }

    @Test("A maintenance window lists its five notices with their texts")
    func maintenance() async throws {
        let finished = try await Program().run(
            "maintenance",
            "Database upgrade",
            "--at",
            "2099-11-29 02:00",
            "--for",
            "2h",
            "--lead",
            "1d,1h,15m",
            "--all",
            "--dry-run",
            "-o",
            "json"
        )
        let arguments = try finished.json["occurrences"]?.elements.map { $0["arguments"]?.elements.first }
        #expect(
            arguments?.map { $0?["text"] } == [
                "Database upgrade: in 1 day", "Database upgrade: in 1 hour", "Database upgrade: in 15 minutes",
                "Database upgrade now", "Database upgrade is over",
            ]
        )
        #expect(arguments?.map { $0?["startsInSeconds"] } == [86_400, 3_600, 900, 0, 0])
        #expect(
            arguments?.first??.keys == ["phase", "text", "startsAt", "endsAt", "startsInSeconds", "id", "revision"]
        )
    }

    @Test("A window is told before, at its start and at its end; extended, finished, called off")
    func window() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            _ = try await announce.dispatcher()
            let add = [
                "add", "Upgrade", "--all", "--at", "in 3 seconds", "--lead", "1d,2s", "--for", "1h", "--name", "u",
            ]
            #expect(try await announce.run(add).status == 0)
            _ = try await witness.heard(2)
            #expect(witness.texts == ["Upgrade: in 2 seconds", "Upgrade now"])
            #expect(try await announce.run("extend", "u", "--for", "30m").status == 0)
            _ = try await witness.heard(3)
            #expect(witness.texts.last?.hasPrefix("Upgrade extended until ") == true)
            #expect(try await announce.run("finish", "u").status == 0)
            _ = try await witness.heard(4)
            #expect(witness.texts.last == "Upgrade is over")
            try await eventually("the window is over") {
                try await announce.run("show", "u", "-o", "json").json["state"] == "finished"
            }
            let missed = try await announce.deliveries(of: "u").filter { $0["outcome"] == "missed" }
            #expect(missed.map { $0["phase"] } == ["lead 1d"])

            let other = ["add", "Move", "--all", "--at", "in 90 minutes", "--lead", "2h", "--name", "m"]
            #expect(try await announce.run(other).status == 0)
            _ = try await witness.heard(5)
            #expect(witness.texts.last == "Move: in 1 hour 30 minutes")
            #expect(try await announce.run("edit", "m", "--at", "in 3 hours", "--revision", "1").status == 0)
            _ = try await witness.heard(6)
            #expect(witness.texts.last?.hasPrefix("Move moved to ") == true)
            expect(
                try await announce.run("edit", "m", "--priority", "4", "--revision", "1"),
                refusedWith: 75,
                says: ["revision"]
            )
            #expect(try await announce.run("cancel", "m").status == 0)
            _ = try await witness.heard(7)
            #expect(witness.texts.last == "Move cancelled")
        }
    }

    @Test("Paused announcements skip, with a record, and speak again from then on")
    func paused() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            _ = try await announce.dispatcher()
            #expect(try await announce.run("add", "tick", "--all", "--every", "1s", "--name", "t").status == 0)
            _ = try await witness.heard(1)
            #expect(try await announce.run("pause", "t", "--reason", "lunch").status == 0)
            try await eventually("one is skipped") {
                try await announce.deliveries(of: "t").contains { $0["outcome"] == "skipped" }
            }
            let heard = witness.messages.count
            #expect(try await announce.run("resume", "t").status == 0)
            _ = try await witness.heard(heard + 1)
        }
    }

    @Test(
        "With TZDIR naming other zone data, next follows them, and a running dispatcher plans anew and says what moved"
    )
    func zoneData() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let zones = announce.folder.file("zones")
            let environment: [String: String?] = ["TZDIR": zones, "ANNOUNCE_TIMEZONE": "Test/Zone"]
            func install(_ name: String) throws {
                let data = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/\(name)"))
                try FileManager.default.createDirectory(atPath: zones + "/Test", withIntermediateDirectories: true)
                try data.write(to: URL(fileURLWithPath: zones + "/Test/Zone"), options: .atomic)
            }
            try install("Europe/Berlin")
            let add = ["add", "hi", "--all", "--at", "2099-12-01 09:00", "-o", "json"]
            #expect(try await announce.run(add, with: environment).json["nextAt"] == "2099-12-01T08:00:00.000Z")
            let daily = ["add", "hi", "--all", "--cron", "0 9 1 12 *", "--start", "2099-01-01", "-o", "json"]
            #expect(try await announce.run(daily, with: environment).json["nextAt"] == "2099-12-01T08:00:00.000Z")
            let dispatcher = try await announce.dispatcher(with: environment)
            // One that the dispatcher has not looked at in this zone when its file changes.
            let later = ["add", "hi", "--all", "--at", "2099-12-01 10:00", "--tz", "Test/Other", "-o", "json"]
            let other = zones + "/Test/Other"
            try FileManager.default.copyItem(atPath: zones + "/Test/Zone", toPath: other)
            #expect(try await announce.run(later, with: environment).json["nextAt"] == "2099-12-01T09:00:00.000Z")
            try install("Asia/Tokyo")
            try FileManager.default.removeItem(atPath: other)
            try FileManager.default.copyItem(atPath: zones + "/Test/Zone", toPath: other)
            try await eventually(timeout: .seconds(30), "it says what moved; it said: \(dispatcher.stderr)") {
                dispatcher.stderr.components(separatedBy: "moved with its zone").count == 4
            }
            for reference in ["1", "2"] {
                let shown = try await announce.run(["show", reference, "-o", "json"], with: environment).json
                #expect(shown["nextAt"] == "2099-12-01T00:00:00.000Z")
                let next = try await announce.run(["next", reference, "--limit", "1", "-o", "json"], with: environment)
                #expect(try next.json.elements.first?["at"] == "2099-12-01T09:00:00.000+09:00")
            }
        }
    }
}

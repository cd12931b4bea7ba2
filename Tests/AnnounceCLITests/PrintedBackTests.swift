import AnnounceTestKit
import Foundation
import Payload
import Testing

/// Nothing is guessed: what was understood is printed back, and `show` and `next` tell the whole of it.
@Suite(.serialized) struct PrintedBackTests {
    private let announce: Program

    init() throws {
        announce = try Program()
    }

    private func printed(_ words: String...) async throws -> String {
        let finished = try await announce.run(words)
        try #require(finished.status == 0, "\(finished.stderr)")
        return finished.stdout + finished.stderr
    }

    @Test("Calendar words are echoed as the cron expression that they are short for")
    func calendarWords() async throws {
        let words = "at 09:00, Monday to Friday (0 9 * * MON-FRI)"
        let added = try await printed("add", "--all", "--every", "weekday", "--at", "9am", "x")
        #expect(added.hasSuffix(", \(words).\n"), "\(added)")
        #expect(try await printed("next", "--every", "weekday", "--at", "9am").contains("\(words)\n"))
        #expect(try await printed("next", "1").contains("\(words)\n"))
    }

    @Test("The echo tells the limits: --start, --until, --count, --exclude, --expires")
    func limits() async throws {
        let counted = try await printed("add", "--all", "--every", "15m", "--count", "2", "x")
        #expect(counted.hasSuffix(", in 15 min, then every 15 min, at most 2 times.\n"), "\(counted)")
        let limited = try await printed(
            "add",
            "--all",
            "--every",
            "12h",
            "--at",
            "2099-11-24 09:00",
            "--start",
            "2099-11-24",
            "--until",
            "2099-11-27",
            "--exclude",
            "2099-11-25",
            "--exdate",
            "2099-11-26 09:00",
            "--expires",
            "2099-12-01",
            "x"
        )
        #expect(
            limited.contains(
                ", then every 12 h, not before Tue 24 Nov 2099 00:00 UTC (+00:00), "
                    + "not after Fri 27 Nov 2099 23:59:59.999 UTC (+00:00), but not 2099-11-26 09:00:00, Wed 2099-11-25; "
                    + "expires Tue 1 Dec 2099 23:59:59.999 UTC (+00:00)."
            ),
            "\(limited)"
        )
        let next = try await announce.run("next", "--every", "15m", "--count", "2", "--exclude", "2099-11-25")
        #expect(next.stderr == "then every 15 min, at most 2 times, but not Wed 2099-11-25\n")
        #expect(next.lines.count == 2)
    }

    @Test("An edit replaces exclusions of the kind that is given, and tells what is excluded now")
    func exclusions() async throws {
        let holidays = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20991224\nEND:VEVENT\nEND:VCALENDAR\n"
        let (first, second) = (try announce.write(holidays, to: "a.ics"), try announce.write(holidays, to: "b.ics"))
        _ = try await printed(
            "add",
            "--all",
            "--every",
            "day",
            "--at",
            "09:00",
            "--start",
            "2099-11-20",
            "--exclude",
            "2099-11-25",
            "--exclude-calendar",
            first,
            "x"
        )
        let days = try await printed("edit", "1", "--exdate", "2099-11-26 09:00", "--exclude", "2099-11-27")
        #expect(
            days.hasSuffix(", but not 2099-11-26 09:00:00, Fri 2099-11-27, the events of a.ics.\n"),
            "\(days)"
        )
        let calendars = try await printed("edit", "1", "--exclude-calendar", second)
        #expect(
            calendars.hasSuffix(", but not 2099-11-26 09:00:00, Fri 2099-11-27, the events of b.ics.\n"),
            "\(calendars)"
        )
        #expect(try await printed("edit", "1", "y").contains("the events of b.ics"))
    }

    @Test("What expires before it could first go out is refused (65)")
    func expired() async throws {
        let says = ["It would never go out: it expires before"]
        let refused = [
            ["add", "--all", "--in", "2s", "--expires", "2020-11-24", "a"],
            ["add", "--all", "--at", "2099-12-01 09:00", "--expires", "2099-11-30", "--dry-run", "a"],
            ["maintenance", "a", "--all", "--at", "2099-12-01 09:00", "--for", "1h", "--expires", "2099-11-30"],
            // The lead is over, so the start is the first that could go out.
            ["add", "--all", "--in", "3h", "--lead", "1d", "--expires", "@1790000000", "a"],
        ]
        for words in refused { expect(try await announce.run(words), refusedWith: 65, says: says) }
        #expect(!announce.has("a.sqlite"))
        let window = ["--at", "2099-12-01 09:00", "--lead", "2d", "--expires", "2099-11-30"]
        #expect(try await announce.run(["add", "--all", "a"] + window).status == 0)
        expect(try await announce.run("edit", "1", "--expires", "2099-11-28"), refusedWith: 65, says: says)
        expect(try await announce.run("edit", "1", "--at", "2099-12-03 09:00"), refusedWith: 65, says: says)
        #expect(try await announce.run("edit", "1", "--expires", "30m").status == 0)
    }

    @Test("Nothing is listed that would go out after it expires")
    func listedUntilExpiry() async throws {
        let words = ["--every", "day", "--at", "09:00", "--start", "2099-11-24", "--expires", "2099-11-25"]
        let added = try await announce.run(["add", "--all", "a", "--dry-run", "-o", "json"] + words)
        #expect(try added.json["occurrences"]?.elements.count == 2)
        #expect(try await announce.run(["add", "--all", "a"] + words).status == 0)
        #expect(try await announce.run("next", "1").lines.count == 2)
    }

    @Test("Of a paused announcement next says so, and what would follow")
    func paused() async throws {
        _ = try await printed("add", "--all", "--every", "day", "--at", "09:00", "--name", "t", "x")
        _ = try await printed("pause", "t", "--reason", "lunch")
        let table = try await announce.run("next", "t", "--limit", "2")
        #expect(table.status == 0)
        #expect(table.stderr.contains("Announcement 1 is paused (lunch): nothing goes out until `announce resume 1`."))
        #expect(table.lines.count == 2 && table.lines.allSatisfy { $0.hasSuffix(" (once resumed)") })
        let json = try await announce.run("next", "t", "-o", "json")
        #expect(json.status == 0 && json.stdout == "[]\n" && json.stderr.contains("is paused"))
        _ = try await printed("cancel", "t")
        let cancelled = try await announce.run("next", "t")
        #expect(cancelled.status == 0 && cancelled.stdout.isEmpty && cancelled.stderr.contains("is cancelled: nothing"))
    }

    @Test("show tells everything that is set")
    func everything() async throws {
        _ = try await printed(
            "add",
            "W",
            "--all",
            "--at",
            "2099-12-01 09:00",
            "--for",
            "2h",
            "--grace",
            "10m",
            "--misfire",
            "all",
            "--max",
            "3",
            "--expires",
            "1h",
            "--volatile",
            "--no-compress",
            "--priority",
            "5",
            "--text",
            "end=Bye",
            "--no-template"
        )
        _ = try await printed("extend", "1", "--for", "30m")
        let shown = try await printed("show", "1")
        for line in [
            "Text          end=Bye", "Template      no", "Priority      5", "Volatile      clients", "Compressed    no",
            "Grace         10 min", "Misfire       all, at most 3", "Expires       1 h after its time",
            "End changed   the window of Tue 1 Dec 2099 09:00 UTC (+00:00) ends Tue 1 Dec 2099 11:30 UTC (+00:00)",
        ] {
            #expect(shown.contains("\n\(line)"), "no \"\(line)\" in \(shown)")
        }
        let json = try await announce.run("show", "1", "-o", "json").json
        #expect(json["changedEnds"] == ["1": "2099-12-01T11:30:00.000Z"])
        _ = try await printed("add", "x", "--all", "--at", "2099-12-01 09:00")
        let plain = try await printed("show", "2")
        for title in ["Grace", "Misfire", "Expires", "Volatile", "Compressed", "End changed", "Text", "Template"] {
            #expect(!plain.contains("\n\(title)"), "\(plain)")
        }
    }

    @Test("Zone data that cannot be read are told with the zone and the file")
    func zoneData() async throws {
        let zones = announce.folder.file("zones")
        try announce.write("TZif", to: "zones/Test/Zone")
        let environment: [String: String?] = ["TZDIR": zones]
        let finished = try await announce.run(["next", "--at", "09:00", "--tz", "Test/Zone"], with: environment)
        expect(finished, refusedWith: 65, says: ["time zone Test/Zone in \(zones)/Test/Zone cannot be used: it ends"])
    }
}

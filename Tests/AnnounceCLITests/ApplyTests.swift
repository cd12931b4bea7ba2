import AnnounceTestKit
import Foundation
import Payload
import Testing

/// A schedule in files, with the built program.
@Suite struct ApplyTests {
    private let announce: Program

    init() throws {
        announce = try Program()
    }

    private static let site = """
        timezone: Europe/Berlin
        announcements:
          coffee:
            text: Coffee is ready
            room: kitchen
            every: 15m
          stand-up:
            text: Stand-up
            rooms: [team, ops]
            every: weekday
            at: 9:30
            lead: 5m
            labels: {team: ops}
          db:
            maintenance: true
            text: Database upgrade
            all: true
            at: 2099-11-29 02:00
            for: 2h
            lead: [1d, 1h]
          warning:
            event: warning
            json:
              - {level: 2, why: "09:00", at: 09:00}
              - null
            socket: S1H5pJcm8Kun5lOoAAAA
            in: 10m
          over:
            text: past
            all: true
            at: 2020-01-01 09:00

        """

    private func apply(_ text: String, _ words: String..., name: String = "site.yaml") async throws -> Program.Finished
    {
        let file = try announce.write(text, to: name)
        return try await announce.run(["apply", file] + words)
    }

    private func listed() async throws -> [PayloadValue] {
        try await announce.run("list", "--state", "all", "-o", "json").json.elements
    }

    @Test("A file is applied as a whole; a second time there is nothing to do, whatever counts from now")
    func twice() async throws {
        let dry = try await apply(Self.site, "--dry-run")
        #expect(dry.status == 0)
        #expect(dry.stdout.contains("+ coffee: room kitchen"))
        #expect(dry.stdout.hasSuffix("4 to create, 1 unchanged.\n"))
        #expect(!announce.has("a.sqlite"))
        let first = try await apply(Self.site)
        #expect(first.status == 0, "\(first.stderr)")
        #expect(first.stdout.hasSuffix("4 created, 1 unchanged.\n"))
        let before = try await listed()
        #expect(before.count == 4)
        let again = try await apply(Self.site)
        #expect(again.stdout == "Nothing to do: 5 announcements as they are.\n")
        #expect(try await listed() == before)
        let warning = before.first { $0["name"] == "warning" }
        #expect(warning?["arguments"]?.elements.first?["at"] == "09:00")
        #expect(warning?["arguments"]?.elements.last == .null)
        #expect(before.allSatisfy { $0["timezone"] == "Europe/Berlin" })
    }

    @Test("What changes is told field by field, and the times stay where they are not changed")
    func changes() async throws {
        _ = try await apply(Self.site)
        let before = try await announce.run("show", "coffee", "-o", "json").json
        let changed = Self.site.replacing("Coffee is ready", with: "Tea is ready").replacing(
            "at: 9:30",
            with: "at: 9:45"
        )
        let applied = try await apply(changed)
        #expect(applied.stdout.contains("~ coffee\n    text: Coffee is ready → Tea is ready\n"), "\(applied)")
        #expect(applied.stdout.contains("~ stand-up\n    at: 9:30 → 9:45\n"))
        #expect(applied.stdout.hasSuffix("2 changed, 3 unchanged.\n"))
        let after = try await announce.run("show", "coffee", "-o", "json").json
        #expect(after["arguments"]?.elements == ["Tea is ready"])
        #expect(after["schedules"] == before["schedules"])
        #expect(after["revision"] == 2)
        let history = try await announce.run("history", "coffee", "-o", "json").json.elements
        #expect(history.first?["fields"]?["text"]?.elements == ["Coffee is ready", "Tea is ready"])
        #expect(
            try await announce.run("history", "coffee").stdout.contains(
                "edited by tester: text: Coffee is ready → Tea is ready"
            )
        )
        _ = try await announce.run("edit", "stand-up", "--priority", "5", "--name", "daily")
        let daily = try await announce.run("history", "daily", "--limit", "1").stdout
        #expect(daily.contains("edited by tester: name: stand-up → daily; priority: (none) → 5"), "\(daily)")
        _ = try await announce.run("edit", "daily", "--name", "stand-up", "--priority", "3")
        let json = try await apply(Self.site, "--dry-run", "-o", "json").json
        #expect(json["changed"]?.elements.map { $0["name"] } == ["coffee", "stand-up"])
        #expect(json["changed"]?.elements.first?["fields"]?.elements.first?["from"] == "Tea is ready")
        #expect(json["unchanged"] == 3)
    }

    @Test("What a command has changed is put right again")
    func drift() async throws {
        _ = try await apply(Self.site)
        _ = try await announce.run("edit", "stand-up", "Sit down")
        let said = try await apply(Self.site).stdout
        #expect(said.hasPrefix("~ stand-up\n    text: Sit down → Stand-up\n1 changed"), "\(said)")
        _ = try await announce.run("edit", "coffee", "Milk", "--priority", "5")
        let applied = try await apply(Self.site)
        #expect(applied.stdout.contains("~ coffee\n"), "\(applied)")
        #expect(applied.stdout.contains("    priority: 5 → (none)\n"))
        #expect(applied.stdout.contains("    text: Milk → Coffee is ready\n"))
        #expect(!applied.stdout.contains("    at: "), "what is the same in other words is no difference")
        _ = try await announce.run("cancel", "coffee")
        #expect(try await apply(Self.site).stdout.contains("+ coffee: "))
        _ = try await announce.run("pause", "coffee")
        #expect(try await apply(Self.site).stdout == "Nothing to do: 5 announcements as they are.\n")
    }

    @Test("What no file names stays, unless it is pruned")
    func prune() async throws {
        _ = try await apply(Self.site)
        _ = try await announce.run("add", "--all", "--in", "1h", "--name", "by-hand", "x")
        _ = try await announce.run("add", "--all", "--in", "1h", "nameless")
        let small = "coffee: {text: Coffee is ready, room: kitchen, every: 15m, timezone: Europe/Berlin}\n"
        #expect(try await apply(small).stdout == "Nothing to do: 1 announcement as they are.\n")
        let pruned = try await apply(small, "--prune", "--yes")
        #expect(pruned.stdout.hasSuffix("4 cancelled, 1 unchanged.\n"), "\(pruned)")
        let states = try await listed().map { "\($0["name"]?.text ?? "-") \($0["state"]?.text ?? "")" }
        #expect(Set(states.filter { $0.hasSuffix(" scheduled") }) == ["coffee scheduled", "- scheduled"])
        #expect(try await apply(small, "--prune").stdout == "Nothing to do: 1 announcement as they are.\n")
    }

    @Test("Where one entry cannot be used nothing is applied, and every problem is told with its place")
    func places() async throws {
        let bad = """
            announcements:
              good:
                text: fine
                all: true
                in: 1h
              nobody:
                text: x
                in: 1h
              never:
                text: x
                all: true
              typo:
                text: x
                roon: lobby
                in: 1h
              soon:
                text: x
                all: true
                cron: "99 * * * *"
              both:
                text: x
                all: true
                every: [15m]
                in: 1h

            """
        let applied = try await apply(bad)
        #expect(applied.status == 65)
        for (place, words) in [
            (":6:3:", "Nobody is named."), (":9:3:", "There is no time."), (":14:5:", "Did you mean room?"),
            (":16:3:", "soon: "), (":20:3:", "in stands alone."),
        ] {
            let line = applied.stderr.split(separator: "\n").first { $0.contains(place) }
            #expect(line?.contains(words) == true, "\(place) \(applied.stderr)")
        }
        #expect(try await listed().isEmpty)
        let json = #"{"announcements": {"a": {"text": "x", "all": true,\#n   "priority": "high", "in": "1h"}}}"#
        let wrong = try await apply(json, name: "site.json")
        #expect(wrong.stderr.contains("site.json:2:4: priority is a whole number."), "\(wrong.stderr)")
        for (text, name, words) in [
            ("a: {text: x", "a.yaml", ":1:"), ("{\"a\": }", "a.json", ":1:7:"), ("- a", "a.yaml", "have names"),
            ("announcements: {}\nannouncement: {}", "a.yaml", ":2:1:"), ("a: 5", "a.yaml", "has keys"),
            ("a: {text: x, all: true, in: 1h}\na: {text: y, all: true, in: 1h}", "a.yaml", "twice"),
        ] {
            let refused = try await apply(text, name: name)
            #expect(refused.status == 65 && refused.stderr.contains(words), "\(text) \(refused.stderr)")
        }
        #expect(try await announce.run("apply", "missing.yaml").status == 65)
        #expect(try await apply("", name: "empty.yaml").stdout == "Nothing to do: 0 announcements as they are.\n")
    }

    @Test("Of many entries the order stays: of what is created, and of the first twenty problems")
    func many() async throws {
        let numbers = 1...2_400
        func entries(_ line: (Int) -> String) -> String { numbers.map { "n\($0): {\(line($0))}\n" }.joined() }
        let applied = try await apply(entries { "text: a\($0), all: true, in: \($0)h" })
        #expect(applied.stdout.hasSuffix("2400 created.\n"), "\(applied)")
        let names = try await announce.run("list", "--limit", "2400", "-o", "json").json.elements
            .map { ($0["id"]?.number ?? 0, $0["name"]?.text) }.sorted { $0.0 < $1.0 }.map(\.1)
        #expect(names == numbers.map { "n\($0)" })
        // Every 100th, so that the problems lie in several parts.
        let wrong = try await apply(entries { $0 % 100 == 0 ? "text: a, in: 1h" : "text: a, all: true, in: 1h" })
        let lines = wrong.stderr.split(separator: "\n")
        #expect(lines.count == 20 && wrong.status == 65, "\(wrong.stderr)")
        for (line, number) in zip(lines, stride(from: 100, to: 2_400, by: 100)) {
            #expect(line.contains("site.yaml:\(number):") && line.contains("Nobody is named."), "\(line)")
        }
        let first = try announce.write("x: {text: a, all: true, in: 1h}", to: "first.yaml")
        let second = try announce.write("y: {text: a}\nx: {text: a}", to: "second.yaml")
        let both = try await announce.run("apply", first, second).stderr
        #expect(both.contains("second.yaml:2:1: There are two announcements named x."), "\(both)")
    }

    @Test("What is due first is queued first, wherever it stands in the file")
    func order() async throws {
        let applied = try await apply(
            """
            late: {text: a, all: true, in: 3h}
            urgent: {text: b, all: true, at: 2099-01-01 09:00, priority: 5}
            soon: {text: c, all: true, in: 1h}
            usual: {text: d, all: true, at: 2099-01-01 09:00}
            """
        )
        #expect(applied.stdout.hasPrefix("+ late:") && applied.stdout.hasSuffix("4 created.\n"), "\(applied)")
        let listed = try await listed().sorted { ($0["id"]?.number ?? 0) < ($1["id"]?.number ?? 0) }
        #expect(listed.map { $0["name"]?.text } == ["soon", "late", "urgent", "usual"])
    }

    @Test("What is exported is applied with nothing to do, and gives the same schedule elsewhere")
    func export() async throws {
        _ = try await apply(Self.site)
        _ = try await announce.run(
            "add",
            "--room",
            "a b",
            "--except",
            "x",
            "--cron",
            "0 18 L * *",
            "--rrule",
            "FREQ=WEEKLY;BYDAY=TU",
            "--start",
            "2026-01-06 09:00",
            "--exclude",
            "2099-12-25",
            "--misfire",
            "all",
            "--max",
            "3",
            "--grace",
            "90s",
            "--name",
            "mixed",
            "--text",
            "end=Over: yes",
            "--for",
            "30m",
            "--ack",
            "5s",
            "yes"
        )
        _ = try await announce.run("add", "--all", "--in", "1h", "nameless")
        for format in ["yaml", "json"] {
            let exported = try await announce.run("export", "--format", format)
            #expect(
                exported.stderr
                    == "1 announcement without a name left out; give names with `announce edit ID --name`.\n"
            )
            let again = try await announce.run(["apply", "-", "--format", format], input: exported.stdout)
            #expect(again.stdout == "Nothing to do: 5 announcements as they are.\n", "\(again)")
            let other = try Program()
            let applied = try await other.run(["apply", "-", "--format", format], input: exported.stdout)
            #expect(applied.stdout.hasSuffix("5 created.\n"), "\(applied)")
            for name in ["coffee", "stand-up", "db", "warning", "mixed"] {
                let here = try await announce.run("show", name, "-o", "json").json
                let there = try await other.run("show", name, "-o", "json").json
                for key in [
                    "event", "arguments", "target", "schedules", "timezone", "start", "until", "excludes", "leads",
                    "texts",
                    "durationSeconds", "misfire", "misfireMax", "graceSeconds", "ackSeconds", "labels", "nextAt",
                ] {
                    #expect(here[key] == there[key], "\(name) \(key)")
                }
            }
        }
        let calendar = try await announce.run("export", "--format", "ics")
        let lines = calendar.stdout.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.first == "BEGIN:VCALENDAR" && lines.suffix(2) == ["END:VCALENDAR", ""])
        for line in ["DTSTART:20991129T010000Z", "SUMMARY:Database upgrade", "DURATION:PT7200S"] {
            #expect(lines.contains { $0 == line }, "\(line)")
        }
        #expect(lines.allSatisfy { $0.utf8.count <= 75 })
    }

    @Test("A calendar's events are announced when they begin, to whom the command says")
    func calendar() async throws {
        let text = """
            BEGIN:VCALENDAR
            VERSION:2.0
            BEGIN:VEVENT
            UID:party
            SUMMARY:Summer party
            DTSTART;TZID=Europe/Berlin:20990701T180000
            DTEND;TZID=Europe/Berlin:20990701T220000
            END:VEVENT
            BEGIN:VEVENT
            UID:weekly
            SUMMARY:Demo
            DTSTART;TZID=Europe/Berlin:20990105T100000
            RRULE:FREQ=WEEKLY;COUNT=3
            EXDATE;TZID=Europe/Berlin:20990112T100000
            END:VEVENT
            END:VCALENDAR

            """
        #expect(try await apply(text, name: "a.ics").stderr.contains("Nobody is named."))
        let applied = try await apply(text, "--room", "office", name: "a.ics")
        #expect(applied.stdout.hasSuffix("2 created.\n"), "\(applied)")
        let party = try await announce.run("show", "party", "-o", "json").json
        #expect(party["nextAt"] == "2099-07-01T16:00:00.000Z")
        #expect(party["durationSeconds"] == 14_400)
        #expect(party["target"]?["rooms"]?.elements == ["office"])
        let weekly = try await announce.run("next", "weekly", "-o", "json").json.elements
        #expect(weekly.map { $0["utc"] } == ["2099-01-05T09:00:00.000Z", "2099-01-19T09:00:00.000Z"])
        #expect(try await apply(text, "--room", "office", name: "a.ics").stdout.hasPrefix("Nothing to do"))
    }

    @Test("A crontab is applied: what its commands send, or the rest of its lines")
    func crontab() async throws {
        let text = """
            # m h dom mon dow command
            CRON_TZ=America/New_York
            MAILTO=root
            0 9 * * 1-5 /usr/bin/announce send --room team --event greeting 'Good morning, "all"' --json '{"a":1}'
            # name: nightly
            @daily Backup begins

            """
        let applied = try await apply(text, "--room", "ops", name: "crontab")
        #expect(applied.stdout.hasSuffix("2 created.\n"), "\(applied)")
        let morning = try await announce.run("show", "good-morning-all", "-o", "json").json
        #expect(morning["arguments"]?.elements.first == "Good morning, \"all\"")
        #expect(morning["target"]?["rooms"]?.elements == ["team"])
        #expect(morning["event"] == "greeting")
        #expect(morning["timezone"] == "America/New_York")
        let nightly = try await announce.run("show", "nightly", "-o", "json").json
        #expect(nightly["target"]?["rooms"]?.elements == ["ops"])
        #expect(nightly["arguments"]?.elements == ["Backup begins"])
        #expect(try await apply("0 9 * *\n", "--all", name: "crontab").stderr.contains("crontab:1:1:"))
        #expect(try await apply("61 9 * * * x\n", "--all", name: "crontab").stderr.contains("crontab:1:1:"))
    }

    @Test("Many are applied beside a dispatcher that goes on, and what is due at once goes out")
    func beside() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            _ = try await announce.dispatcher()
            // However slow the machine is: each of them goes out.
            let late = ["--misfire", "all", "--grace", "1h"]
            _ = try await announce.run(["add", "--all", "--every", "1s", "--name", "tick", "tick"] + late)
            var text = ""
            for number in 1...3_000 {
                text += "n\(number): {text: t\(number), all: true, in: \(number == 1 ? "1s" : "1h")}\n"
            }
            let applied = try await announce.run(["apply", "-"], input: text)
            #expect(applied.stdout.hasSuffix("3000 created.\n"), "\(applied)")
            try await eventually("the first is heard") { witness.texts.contains("t1") }
            try await eventually("all others are queued") {
                try await announce.run("status", "-o", "json").json["pending"] == 3_000
            }
            let published = try await announce.deliveries(of: "tick")
            #expect(published.allSatisfy { $0["outcome"] == "published" })
        }
    }

    @Test("One that is killed leaves nothing behind, or everything")
    func killed() async throws {
        var text = ""
        for number in 1...2_000 { text += "n\(number): {text: t\(number), all: true, in: 1h}\n" }
        let file = try announce.write(text, to: "many.yaml")
        _ = try await announce.run("add", "--all", "--in", "2h", "before")
        var outcomes: Set<Int> = []
        for _ in 1...5 {
            let program = try announce.start("apply", file, "--quiet")
            // The file goes with the last process that has the database open.
            try await eventually(timeout: .seconds(60), "it has begun, or ended") {
                let attributes = try? FileManager.default.attributesOfItem(atPath: announce.database + "-wal")
                return attributes?[.size] as? Int ?? 0 > 400_000 || program.status != nil
            }
            program.kill()
            let count = try await announce.run("list", "--limit", "9999", "-o", "json").json.elements.count
            outcomes.insert(count)
            #expect(count == 1 || count == 2_001, "\(count)")
        }
        let last = try await announce.run("apply", file)
        #expect(last.status == 0, "\(last.stderr)")
        #expect(try await announce.run("list", "--limit", "9999", "-o", "json").json.elements.count == 2_001)
        #expect(try await announce.run("status", "-o", "json").json["pending"] == 2_001)
        #expect(try await announce.run("history", "--limit", "9999", "-o", "json").json.elements.count == 2_001)
    }
}

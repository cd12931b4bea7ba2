import Foundation
import Testing

/// A command line that cannot work, and what is said about it.
struct Refusal: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let status: Int32
    let says: [String]

    init(_ status: Int32, _ arguments: [String], says: String...) {
        self.arguments = arguments
        self.status = status
        self.says = says
    }

    /// An `add` that would work but for these words.
    static func add(_ status: Int32, _ words: String..., says: String) -> Refusal {
        Refusal(status, ["add", "hi"] + words, says: says)
    }

    var testDescription: String { arguments.joined(separator: " ") }
}

/// Expects a refusal for a person and for a script: the code, a sentence of what, one of what to do, no data.
func expect(
    _ finished: Program.Finished,
    refusedWith status: Int32,
    says: [String] = [],
    _ location: SourceLocation = #_sourceLocation
) {
    let text = finished.stderr
    #expect(finished.status == status, "\(text)", sourceLocation: location)
    #expect(finished.stdout == "", sourceLocation: location)
    let error = text.split(separator: "\n").first { $0.hasPrefix("Error: ") } ?? ""
    let sentences = error.matches(of: /[.?)"'] +["'`(A-Z\-]/).count + 1
    #expect(sentences >= 2 || text.contains("See 'announce"), "no remedy: \(text)", sourceLocation: location)
    for internals in [
        "Optional(", "Error Domain", "fatalError", "Fatal error", "Swift.", "nil", "RedisError(", "code:",
    ] {
        #expect(!text.contains(internals), "\(internals) in: \(text)", sourceLocation: location)
    }
    for words in says {
        #expect(text.contains(words), "no \"\(words)\" in: \(text)", sourceLocation: location)
    }
}

@Suite(.serialized) struct BadInputTests {
    private let announce: Program

    init() throws {
        announce = try Program()
    }

    static let misuses = [
        Refusal.add(64, "--in", "1m", says: "--all, --room NAME or --socket ID"),
        .add(64, "--all", "--room", "x", "--in", "1m", says: "exclude each other"),
        .add(64, "--all", "--socket", "x", "--in", "1m", says: "exclude each other"),
        .add(64, "--all", says: "There is no time"),
        .add(64, "--all", "--in", "1m", "--event=", "--json", "1", says: "--event= has no value"),
        .add(64, "--all", "--in", "1m", "--at", "09:00", says: "--in stands alone"),
        .add(64, "--all", "--in", "1m", "--every", "1m", says: "--in stands alone"),
        .add(64, "--all", "--in", "1m", "--bogus", says: "--bogus"),
        .add(64, "--all", "--in", says: "Missing value"),
        .add(64, "--all", "--in", "1m", "-o", "yaml", says: "table"),
        .add(64, "--all", "--in", "1m", "another", says: "another"),
        .add(64, "--all", "--in", "1m", "--wire", "carrier-pigeon", says: "classic"),
        .add(64, "--all", "--in", "1m", "--prefix", "x", says: "--dry-run"),
        .add(64, "--all", "--in", "1m", "-v", "--quiet", says: "exclude each other"),
        .add(64, "--all", "--in", "1m", "--cron", "@daily", says: "--in stands alone"),
        .add(64, "--all", "--in", "1m", "--on", "1", says: "--every"),
        .add(64, "--all", "--cron", "@daily", "--count", "0", says: "--count"),
        .add(64, "--all", "--in", "1m", "--max", "3", says: "--misfire all"),
        .add(64, "--all", "--in", "1m", "--misfire", "sometimes", says: "latest"),
        Refusal(64, ["maintenance", "x", "--all", "--at", "sun 02:00"], says: "--for"),
        Refusal(64, ["maintenance", "--json", "1", "--all", "--in", "1h", "--for", "1h"], says: "Give a text"),
        Refusal(64, ["extend", "1"], says: "--until"),
        Refusal(64, ["add", "--all", "--in", "1m"], says: "nothing to say"),
        Refusal(64, ["bogus"], says: "bogus"),
        Refusal(64, ["send", "hi"], says: "Nobody is named"),
        Refusal(64, ["send", "--all"], says: "nothing to say"),
        Refusal(64, ["next"], says: "Name one schedule"),
        Refusal(
            64,
            ["next", "--every", "15m", "--on", "mon", "--at", "9:00"],
            says: "not with 15m",
            "Usage: announce next"
        ),
        Refusal(64, ["next", "42", "--at", "09:00"], says: "Name one schedule"),
        Refusal(64, ["next", "--at", "09:00", "--limit", "0"], says: "--limit"),
        Refusal(64, ["list", "--limit", "-1"], says: "--limit"),
        Refusal(64, ["list", "--state", "bogus"], says: "cancelled"),
        Refusal(64, ["history", "--limit", "0"], says: "--limit"),
        Refusal(64, ["show"], says: "Missing"),
        Refusal(64, ["cancel"], says: "Missing"),
    ]

    @Test("A command line that is not one is a usage error (64)", arguments: misuses)
    func usage(_ refusal: Refusal) async throws {
        try await expectRefused(refusal)
    }

    static let values = [
        Refusal.add(65, "--all", "--at", "2020-01-01T00:00:00Z", says: "is over"),
        .add(65, "--all", "--at", "2020-01-01 09:00", says: "is over"),
        .add(65, "--all", "--at", "today 00:00", says: "tomorrow 00:00"),
        .add(65, "--all", "--at", "soonish", says: "soonish"),
        .add(65, "--all", "--at", "", says: "time"),
        .add(65, "--all", "--at", "2026-13-01 09:00", says: "2026-13-01"),
        .add(65, "--all", "--at", "01/02/2099 09:00", says: "01/02/2099"),
        .add(65, "--all", "--in", "soon", says: "soon"),
        .add(65, "--all", "--in", "-1m", says: "duration"),
        .add(65, "--all", "--in", "99999y", says: "99999y"),
        .add(65, "--all", "--every", "0s", says: "1s"),
        .add(65, "--all", "--every", "1mo", says: "1mo"),
        .add(65, "--all", "--at", "09:00", "--tz", "Europ/Berlin", says: "Europe/Berlin"),
        .add(65, "--all", "--at", "09:00", "--tz", "America/New_Yrok", says: "America/New_York"),
        .add(65, "--all", "--at", "09:00", "--tz", "../../etc/passwd", says: "zone"),
        .add(65, "--all", "--in", "1m", "--json", #"{"a":1,}"#, says: "line 1, column 8"),
        .add(65, "--all", "--in", "1m", "--json", "{\"a\":1,\n b}", says: "line 2, column 2"),
        .add(65, "--all", "--in", "1m", "--json", "1", "--json", "oops", says: "--json number 2"),
        .add(65, "--all", "--in", "1m", "--json", "", says: "--json is not JSON"),
        .add(65, "--all", "--in", "1m", "--event", "disconnect", says: "reserves"),
        .add(65, "--all", "--in", "1m", "--event", "connect_error", says: "reserves"),
        .add(65, "--all", "--in", "1m", "--label", "team", says: "key=value"),
        .add(65, "--all", "--in", "1m", "--label", "=x", says: "key=value"),
        .add(65, "--all", "--in", "1m", "--name", "42", says: "42"),
        .add(65, "--all", "--in", "1m", "--name", "", says: "name"),
        .add(65, "--all", "--in", "1m", "--priority", "6", says: "1 and 5"),
        .add(65, "--all", "--in", "1m", "--priority", "0", says: "1 and 5"),
        .add(65, "--room", "", "--in", "1m", says: "empty"),
        .add(65, "--all", "--except", "", "--in", "1m", says: "empty"),
        .add(65, "--all", "--cron", "61 * * * *", says: "minute"),
        .add(65, "--all", "--cron", "0 0 30 2 *", says: "never"),
        .add(65, "--all", "--cron", "@reboot", says: "@reboot"),
        .add(65, "--all", "--cron", "* * *", says: "five"),
        .add(65, "--all", "--rrule", "FREQ=SOMETIMES", says: "FREQ"),
        .add(65, "--all", "--rrule", "FREQ=DAILY;COUNT=1;UNTIL=20300101", says: "UNTIL"),
        .add(65, "--all", "--every", "month", "--on", "31", "--at", "09:00", says: "last"),
        .add(65, "--all", "--every", "weekday", says: "time of day"),
        .add(65, "--all", "--every", "weekday", "--at", "tomorrow 09:00", says: "time of day"),
        .add(65, "--all", "--every", "day", "--at", "09:00", "--exclude", "2030-02-30", says: "2030-02-30"),
        .add(
            65,
            "--all",
            "--every",
            "day",
            "--at",
            "09:00",
            "--exclude-calendar",
            "/nowhere.ics",
            says: "/nowhere.ics"
        ),
        .add(65, "--all", "--every", "day", "--at", "09:00", "--exclude-calendar", "/dev/null", says: "VCALENDAR"),
        .add(65, "--all", "--every", "day", "--at", "09:00", "--until", "2020-01-01", says: "never"),
        .add(65, "--all", "--in", "1h", "--lead", "0s", says: "--lead"),
        .add(65, "--all", "--in", "1h", "--lead", "5m,", says: "duration"),
        .add(65, "--all", "--in", "1h", "--for", "soon", says: "soon"),
        .add(65, "--all", "--every", "1s", "--lead", "1d", says: "overlap"),
        .add(65, "--all", "--in", "1h", "--grace", "soon", says: "soon"),
        .add(65, "--all", "--in", "1h", "--expires", "soonish", says: "soonish"),
        .add(65, "--all", "--in", "1h", "--text", "middle=x", says: "names no phase"),
        .add(65, "--all", "--in", "1h", "--json", #""{{startIn}}""#, says: "startsIn"),
        .add(65, "--all", "--in", "1h", "--json", #""{{#text}}""#, says: "text"),
        Refusal(65, ["next", "--cron", "0 0 31 4 *"], says: "never"),
        Refusal(65, ["send", "hi", "--all", "--event", "newListener"], says: "reserves"),
        Refusal(65, ["send", "hi", "--all", "--json", "{"], says: "line 1"),
        Refusal(65, ["next", "--at", "soonish"], says: "soonish"),
        Refusal(65, ["next", "--at", "09:00", "--from", "26"], says: "-26."),
        Refusal(65, ["next", "--every", "day", "--at", "09:00", "--exclude", "26th"], says: "of which month", "-26."),
        Refusal(65, ["next", "--every", "day", "--at", "09:00", "--exclude", "christmas"], says: "neither a day nor"),
        Refusal(65, ["next", "--every", "day", "--at", "09:00", "--start", "yesterday"], says: "Write its date, 20"),
        Refusal(65, ["list", "--label", "team"], says: "key=value"),
    ]

    @Test("A value that cannot be used says why and what to write (65)", arguments: values)
    func value(_ refusal: Refusal) async throws {
        try await expectRefused(refusal)
    }

    @Test("A message over 1 MiB is refused (65)")
    func tooLong() async throws {
        let text = String(repeating: "x", count: 1 << 20)
        let finished = try await announce.run(["add", "--all", "--in", "1m", "-"], input: text)
        expect(finished, refusedWith: 65, says: ["1048576"])
        #expect(!announce.has("a.sqlite"))
    }

    @Test(
        "What does not exist is not found (66), and no database is made to look for it",
        arguments: [
            ["show", "42"], ["show", "coffee"], ["cancel", "42"], ["cancel", "a", "b"], ["next", "42"],
            ["history", "42"], ["edit", "42", "x"], ["pause", "42"], ["resume", "42"], ["extend", "42", "--for", "1h"],
            ["finish", "42"],
        ]
    )
    func unknown(_ arguments: [String]) async throws {
        let finished = try await announce.run(arguments)
        expect(finished, refusedWith: 66, says: ["There is no announcement \(arguments[1])", "announce list"])
        #expect(!announce.has("a.sqlite"))
    }

    private func expectRefused(_ refusal: Refusal) async throws {
        expect(try await announce.run(refusal.arguments), refusedWith: refusal.status, says: refusal.says)
        #expect(!announce.has("a.sqlite"))
        #expect(!announce.has("data"))
    }
}

import Announce
import AnnounceSQLite
import AnnounceTestKit
import Foundation
import Payload
import Recurrence
import Testing

/// A command as the documentation shows it.
struct ShownCommand: Sendable, CustomTestStringConvertible {
    let place: String
    let line: String

    var testDescription: String { "\(place): \(line)" }

    /// The words after `announce`, as a shell would split them, up to a pipe or an ampersand.
    var words: [String] {
        get throws {
            var words: [String] = []
            var word: String?
            var quote: Character?
            for character in line {
                switch (character, quote) {
                case ("'", nil), ("\"", nil):
                    quote = character
                    word = word ?? ""
                case (character, .some(character)): quote = nil
                case (" ", nil):
                    if let done = word { words.append(done) }
                    word = nil
                default: word = (word ?? "") + String(character)
                }
            }
            try #require(quote == nil, "a quote is open in \(line)")
            if let word { words.append(word) }
            return Array(words.dropFirst().prefix { $0 != "|" && $0 != "&" && $0 != ">" })
        }
    }
}

/// What README, `docs` and `--help` show is what the program does.
@Suite(.serialized) struct DocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")

    static func text(_ name: String) -> String {
        (try? String(contentsOf: root.appending(path: name), encoding: .utf8)) ?? ""
    }

    private static func commands(in text: String, of place: String) -> [ShownCommand] {
        text.split(separator: "\n").compactMap { line in
            guard
                let match = line.wholeMatch(of: /(?:\$ | +)(announce [a-z].*)/),
                // The lines of a picture are no commands.
                !line.contains("──")
            else { return nil }
            return ShownCommand(place: place, line: String(match.1))
        }
    }

    static let documents: [String] = {
        let docs = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path)) ?? []
        return ["README.md"] + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }()

    @Test("README shows commands, and the search finds them")
    func commandsAreFound() {
        #expect(Self.commands(in: Self.text("README.md"), of: "README.md").count >= 15)
    }

    @Test("Every command that a document shows works, in its order", arguments: documents)
    func document(_ name: String) async throws {
        try await succeeds(Self.commands(in: Self.text(name), of: name))
    }

    @Test(
        "Every example of --help works",
        arguments: [
            "", "add", "maintenance", "send", "list", "show", "edit", "cancel", "pause", "resume", "extend", "finish",
            "next", "history", "run", "status", "listen", "audience", "doctor", "migrate", "completions",
        ]
    )
    func help(_ command: String) async throws {
        let help = try await Program().run([command, "--help"].filter { !$0.isEmpty })
        #expect(help.status == 0)
        let commands = Self.commands(in: help.stdout, of: "announce \(command) --help")
        #expect(!commands.isEmpty, "\(help.stdout)")
        try await succeeds(commands)
    }

    /// Runs commands as they are shown, with a Redis on which somebody listens, a dispatcher, and announcements 1 to 50.
    private func succeeds(_ commands: [ShownCommand]) async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let witness = try await Witness(redis.url)
            try await fill(announce.database)
            let servers = [
                try await SocketIOServer(redis.url, sockets: ["a1": ["lobby"], "a2": ["vip"]]),
                try await SocketIOServer(redis.url, namespace: "/admin", sockets: ["a3": []]),
            ]
            defer { for server in servers { server.stop() } }
            let dispatcher = try await announce.dispatcher()
            for command in commands {
                var words = try command.words
                replace("--redis", by: redis.url, in: &words)
                replace("--database", by: announce.database, in: &words)
                switch words.first {
                case "run" where words.contains("--once"):
                    dispatcher.signal(SIGTERM)
                    _ = try await announce.end(of: dispatcher)
                    expectSuccess(of: command, try await announce.run(words))
                    _ = try await announce.dispatcher()
                case "run", "listen":
                    let program = try announce.start(words)
                    try await eventually("\(command.line) begins; it said \(program.stderr)") {
                        program.stdout.contains("ready") || program.stderr.contains("Listening")
                    }
                    program.kill()
                case _ where words.contains("--watch"):
                    let program = try announce.start(words)
                    try await eventually("\(command.line) shows something; it said \(program.stderr)") {
                        program.stdout.split(separator: "\n").count > 1
                    }
                    program.kill()
                default:
                    // "coffee" is made by the document that uses it, or else was there before.
                    if words.contains("--name") { _ = try await announce.run("cancel", "coffee") }
                    expectSuccess(of: command, try await announce.run(words))
                }
            }
            _ = witness.messages
        }
    }

    private func expectSuccess(of command: ShownCommand, _ finished: Program.Finished) {
        #expect(finished.status == 0, "\(command.testDescription)\n\(finished.stderr)")
    }

    private func replace(_ option: String, by value: String, in words: inout [String]) {
        if let index = words.firstIndex(of: option), index + 1 < words.count { words[index + 1] = value }
    }

    private func fill(_ database: String) async throws {
        let store = try SQLiteStore(path: database)
        let (now, at) = (Timestamp(milliseconds: 0), Timestamp(seconds: 4_000_000_000))
        for number in 1...50 {
            let draft = AnnouncementDraft(
                name: number == 50 ? "coffee" : nil,
                data: EventData(event: "announcement", arguments: []),
                target: Target(audience: .everyone),
                plan: Plan(rules: [.instant(at)], timezone: "UTC")
            )
            _ = try await store.add(draft, first: at, by: "tester", at: now)
        }
        // A window that has begun, and of which that was told.
        let began = Timestamp(seconds: Int64(Date().timeIntervalSince1970) - 600)
        let plan = Plan(rules: [.instant(began)], timezone: "UTC", length: try TimeSpan("1h"))
        let notices = NoticePlan(plan, in: .utc, zones: ZoneLoader(folders: []))
        let window = AnnouncementDraft(
            name: "upgrade",
            data: EventData(event: "maintenance", arguments: ["Upgrade"]),
            style: MessageStyle(isWindow: true),
            target: Target(audience: .everyone),
            plan: plan
        )
        let first = try #require(notices.first(after: began))
        _ = try await store.add(window, first: first, by: "tester", at: began)
    }

    @Test("The Swift example of README is the snippet that the compiler builds")
    func snippet() throws {
        let blocks = Self.text("README.md").components(separatedBy: "```swift\n").dropFirst()
        let code = try #require(blocks.first?.components(separatedBy: "```").first)
        #expect(code == Self.text("Snippets/Emit.swift"))
    }
}

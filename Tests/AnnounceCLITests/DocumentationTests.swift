import Announce
import AnnounceSQLite
import AnnounceTestKit
import Foundation
import Payload
import Recurrence
import Testing

@testable import AnnounceCLI

/// What README, `docs` and `--help` show is what the program does.
@Suite(.serialized) struct DocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")

    static func text(_ name: String) -> String {
        (try? String(contentsOf: root.appending(path: name), encoding: .utf8)) ?? ""
    }

    static let documents: [String] = {
        let docs = FileManager.default.enumerator(atPath: root.appending(path: "docs").path)
        let found = (docs?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".md") }
        return ["README.md"] + found.sorted().map { "docs/\($0)" }
    }()

    private static func document(_ name: String) -> ShownDocument { ShownDocument(text(name), of: name) }

    // MARK: Commands

    @Test("README shows commands, the recipes do, and the search finds them")
    func commandsAreFound() {
        #expect(Self.document("README.md").commands.count >= 30)
        #expect(Self.documents.filter { $0.hasPrefix("docs/recipes/") }.count >= 6)
        for name in Self.documents where name.hasPrefix("docs/recipes/") {
            #expect(Self.document(name).commands.count >= 3, "\(name)")
        }
    }

    @Test("Every command that a document shows works, in its order, with the files that it shows", arguments: documents)
    func document(_ name: String) async throws {
        let document = Self.document(name)
        try await succeed(document.commands, with: document.files)
    }

    @Test(
        "Every example of --help works, and 80 columns are enough for it",
        arguments: [
            "", "add", "maintenance", "send", "list", "show", "edit", "cancel", "pause", "resume", "extend", "finish",
            "next", "history", "run", "status", "listen", "audience", "doctor", "migrate", "apply", "export", "fire",
            "hold", "release", "prune", "config", "completions",
        ]
    )
    func help(_ command: String) async throws {
        let help = try await Program().run([command, "--help"].filter { !$0.isEmpty })
        #expect(help.status == 0)
        #expect(help.lines.filter { $0.count > 80 }.isEmpty)
        let commands = ShownDocument(help.stdout, of: "announce \(command) --help").commands
        #expect(!commands.isEmpty, "\(help.stdout)")
        let files = Self.document("docs/apply.md").files + Self.document("docs/recipes/holidays.md").files
        try await succeed(commands, with: files)
    }

    @Test("What a sentence mentions is there: commands and their options", arguments: documents)
    func mentions(_ name: String) async throws {
        let announce = try Program()
        var help: [String: String] = [:]
        for mention in Self.document(name).mentions {
            let words = ShownCommand(place: name, line: mention).words
            // A placeholder stands for any command.
            guard words.count > 1, words[1].allSatisfy(\.isLetter) else { continue }
            if help[words[1]] == nil {
                let finished = try await announce.run(words[1], "--help")
                help[words[1]] = finished.status == 0 ? finished.stdout : ""
            }
            let known = try #require(help[words[1]])
            #expect(!known.isEmpty, "\(name): \(mention)")
            for option in words.dropFirst(2) where option.hasPrefix("--") && option.count > 2 {
                #expect(known.contains(option), "\(name): \(mention)")
            }
        }
    }

    // MARK: Files and snippets

    @Test("Every block is of a language that is checked, and its text is right", arguments: documents)
    func blocks(_ name: String) async throws {
        let document = Self.document(name)
        let announce = try Program()
        for (number, block) in document.blocks.enumerated() {
            let place = "\(name):\(block.line)"
            switch block.language {
            case "json": #expect(throws: Never.self, "\(place)") { _ = try PayloadValue(json: block.text) }
            case "yaml": #expect(throws: Never.self, "\(place)") { _ = try Document(yaml: block.text) }
            case "ics": #expect(throws: Never.self, "\(place)") { _ = try Document(calendar: block.text) }
            case "crontab": #expect(throws: Never.self, "\(place)") { _ = try Document(crontab: block.text) }
            case "python":
                let file = try announce.write(block.text, to: "snippet\(number).py")
                let compiled = try await announce.shell(#"python3 -m py_compile "$1""#, file)
                #expect(compiled.status == 0, "\(place): \(compiled.stderr)")
            case "js":
                let file = try announce.write(block.text, to: "snippet\(number).mjs")
                let parsed = try await announce.shell(#"! command -v node || node --check "$1""#, file)
                #expect(parsed.status == 0, "\(place): \(parsed.stderr)")
                #expect(Self.isBalanced(block.text), "\(place) has a bracket that is not closed")
            case "console", "swift": break
            case "": #expect(block.text.contains("──"), "\(place) has no language, so nothing checks it")
            default: Issue.record("\(place) is in \(block.language), which nothing checks")
            }
        }
        for file in document.files {
            let name = try #require(file.name)
            let isTold = document.text.contains("`\(name)`") || name.hasPrefix(".github/")
            #expect(isTold, "\(document.place) shows \(name), and does not tell a reader that it is called so")
        }
    }

    @Test("Every link to a file or a heading leads somewhere", arguments: documents + ["CONTRIBUTING.md"])
    func links(_ name: String) throws {
        let folder = Self.root.appending(path: name).deletingLastPathComponent()
        for match in Self.text(name).matches(of: /\]\(([^)\s]+)\)/) {
            let parts = match.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            if match.1.contains("://") { continue }
            let target = parts[0].isEmpty ? Self.root.appending(path: name) : folder.appending(path: parts[0])
            #expect(FileManager.default.fileExists(atPath: target.path), "\(name) links to \(match.1)")
            guard parts.count == 2, let text = try? String(contentsOf: target, encoding: .utf8) else { continue }
            let anchors = text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { heading in
                heading.drop { $0 == "#" || $0 == " " }.lowercased()
                    .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
                    .replacing(" ", with: "-")
            }
            #expect(anchors.contains(String(parts[1])), "\(name) links to \(match.1)")
        }
    }

    @Test("The Swift example of README is the snippet that the compiler builds")
    func snippet() throws {
        let code = try #require(Self.document("README.md").blocks.first { $0.language == "swift" }?.text)
        #expect(code == Self.text("Snippets/Emit.swift"))
    }

    private static func isBalanced(_ code: String) -> Bool {
        let closing: [Character: Character] = ["(": ")", "[": "]", "{": "}"]
        var expected: [Character] = []
        for character in code.replacing(/"[^"\n]*"|`[^`]*`|\/\/.*/, with: "") {
            if let end = closing[character] { expected.append(end) }
            if ")]}".contains(character), expected.popLast() != character { return false }
        }
        return expected.isEmpty
    }
}

extension DocumentationTests {
    // MARK: Running what is shown

    /// Runs commands as they are shown, with a Redis on which somebody listens, a dispatcher, announcements 1 to 50, and
    /// the files that are shown in the folder in which they run.
    private func succeed(_ commands: [ShownCommand], with files: [ShownDocument.Block]) async throws {
        if commands.isEmpty { return }
        try await withRedisServer { redis in
            let session = try ShownSession(try Program(redis: redis.url), redis: redis.url)
            for file in files { try session.save(file) }
            try await fill(session.announce.database)
            let servers = [
                try await SocketIOServer(redis.url, sockets: ["a1": ["lobby"], "a2": ["vip"]]),
                try await SocketIOServer(redis.url, namespace: "/admin", sockets: ["a3": []]),
            ]
            defer { for server in servers { server.stop() } }
            try await session.startDispatcher()
            for command in commands { try await session.run(command) }
        }
    }

    /// Announcements 1 to 50, of which the last is called coffee, and a window that has begun.
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
}

import AnnounceTestKit
import Foundation
import Payload
import Testing

/// An option goes before the environment, the environment before the file, the file before the default.
@Suite(.serialized) struct SettingsTests {
    private let announce: Program

    init() throws {
        announce = try Program()
    }

    /// What `send --dry-run` would publish on: it shows the prefix without opening anything.
    private func channel(_ options: [String] = [], with changes: [String: String?] = [:]) async throws -> String? {
        let words = ["send", "--all", "x", "--dry-run", "-o", "json"] + options
        return try await announce.run(words, with: changes).channel
    }

    @Test("Option, environment, named file, usual file, default: the first that is given counts")
    func precedence() async throws {
        #expect(try await channel() == "socket.io#/#")
        try announce.write("prefix: usual\n", to: "config/announce/announce.yaml")
        #expect(try await channel() == "usual#/#")
        let named = try announce.write("prefix: named\n", to: "named.yaml")
        #expect(try await channel(with: ["ANNOUNCE_CONFIG": named]) == "named#/#")
        #expect(try await channel(["--config", named]) == "named#/#")
        let environment = ["ANNOUNCE_PREFIX": "environment"]
        #expect(try await channel(["--config", named], with: environment) == "environment#/#")
        #expect(try await channel(["--config", named, "--prefix", "option"], with: environment) == "option#/#")
    }

    @Test("Each setting is taken from the file")
    func file() async throws {
        try await withRedisServer { redis in
            let announce = try Program()
            let database = announce.folder.file("other.sqlite")
            let text = """
                database: \(database)
                redis:
                  url: \(redis.url)
                timezone: Asia/Tokyo
                prefix: site
                """
            let file = try announce.write(text, to: "all.yaml")
            let witness = try await Witness(redis.url, prefix: "site")
            let none: [String: String?] = [
                "ANNOUNCE_DATABASE": nil, "ANNOUNCE_REDIS_URL": nil, "ANNOUNCE_TIMEZONE": nil,
            ]
            let added = try await announce.run(["add", "--all", "--at", "9am", "x", "--config", file], with: none)
            #expect(added.stdout.contains("09:00 JST (+09:00)"), "\(added.stderr)")
            #expect(announce.has("other.sqlite"))
            #expect(!announce.has("a.sqlite"))
            let sent = try await announce.run(["send", "--all", "now", "--config", file], with: none)
            #expect(sent.status == 0, "\(sent.stderr)")
            #expect(try await witness.heard(1).map(\.channel) == ["site#/#"])
        }
    }

    @Test("Without any setting the database is in the user's data folder")
    func defaultDatabase() async throws {
        let words = ["add", "--all", "--in", "1h", "x"]
        #expect(try await announce.run(words, with: ["ANNOUNCE_DATABASE": nil]).status == 0)
        #expect(announce.has("data/announce/announce.sqlite"))
        let changes: [String: String?] = ["ANNOUNCE_DATABASE": nil, "XDG_DATA_HOME": nil]
        #expect(try await announce.run(words, with: changes).status == 0)
        #expect(announce.has("home/.local/share/announce/announce.sqlite"))
    }

    static let mistakes: [(file: String, says: String)] = [
        ("prefix: [a, b]\n", "prefix"),
        ("databse: /tmp/x\n", "line 1: databse"),
        ("timezone: UTC\nredis:\n  ulr: x\n", "line 3: redis.ulr"),
        ("prefix: \"\"\n", "prefix"),
        ("prefix: 'open\n", "not YAML"),
        ("- a\n- b\n", "line 1"),
        ("redis:\n  url: http://localhost\n", "redis://"),
        ("timezone: Europ/Berlin\n", "Europe/Berlin"),
        ("redis:\n  tls:\n    insecure: maybe\n", "redis.tls.insecure"),
        ("max-bytes-per-second: fast\n", "max-bytes-per-second"),
        ("max-bytes-per-second: 0\n", "max-bytes-per-second"),
        ("retention:\n  age: 2 months\n", "retention.age"),
        ("retention:\n  age: 0d\n", "retention.age"),
        ("retention:\n  count: 0\n", "retention.count"),
        ("redis:\n  tls:\n    caa: /x\n", "line 3: redis.tls.caa"),
    ]

    @Test("A malformed setting stops the program with its key or line (78)", arguments: mistakes)
    func malformed(_ file: String, _ says: String) async throws {
        let path = try announce.write(file, to: "bad.yaml")
        let none: [String: String?] = ["ANNOUNCE_REDIS_URL": nil, "ANNOUNCE_TIMEZONE": nil]
        let finished = try await announce.run(["send", "--all", "x", "--dry-run", "--config", path], with: none)
        let other = try await announce.run(["send", "--all", "x", "--config", path], with: none)
        // A dry run opens no Redis, so only the real one looks at its URL.
        expect(says == "redis://" ? other : finished, refusedWith: 78, says: [says])
    }

    @Test("A settings file that is named and not there is an error (78)")
    func missing() async throws {
        expect(try await announce.run("list", "--config", "/nowhere.yaml"), refusedWith: 78, says: ["/nowhere.yaml"])
    }

    @Test("The example lists every key with its default, and is itself a settings file")
    func example() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let text = try String(contentsOf: root.appending(path: "config/announce.example.yaml"), encoding: .utf8)
        // As it is, everything is left out.
        let asIs = root.appending(path: "config/announce.example.yaml").path
        #expect(try await channel(["--config", asIs]) == "socket.io#/#")
        for line in text.split(separator: "\n") where line.wholeMatch(of: /#\w+:.*/) != nil {
            let one = try announce.write(text.replacing(line, with: line.dropFirst()), to: "one.yaml")
            #expect(try await channel(["--config", one]) == "socket.io#/#", "\(line)")
        }
        let path = try announce.write(text.replacing(/(?m)^( *)#([\w-]+:)/) { "\($0.1)\($0.2)" }, to: "example.yaml")
        let shown = try await announce.run("send", "--all", "x", "--dry-run", "-o", "json", "--config", path)
        #expect(shown.status == 0, "\(shown.stderr)")
        #expect(try shown.channel == "socket.io#/#")
        let none: [String: String?] = ["ANNOUNCE_REDIS_URL": nil, "ANNOUNCE_TIMEZONE": nil, "ANNOUNCE_DATABASE": nil]
        func config(_ words: String...) async throws -> [PayloadValue] {
            try await announce.run(["config", "-o", "json"] + words, with: none).json.elements
        }
        let (usual, fromExample) = (try await config(), try await config("--config", path))
        #expect(usual.count == fromExample.count && usual.count > 15)
        for (default_, example) in zip(usual, fromExample) {
            let key = try #require(default_["key"]?.text)
            #expect(default_["source"] == "default" && example["source"] == "file", "\(key)")
            #expect(example["place"]?.text == path)
            if key != "database" { #expect(default_["value"] == example["value"], "\(key)") }
        }
    }
}

extension Program.Finished {
    /// The channel of a dry run.
    fileprivate var channel: String? {
        get throws { try json["command"]?.elements.dropFirst().first?.text }
    }
}

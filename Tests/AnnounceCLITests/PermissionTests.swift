import AnnounceTestKit
import Payload
import Testing

/// The table of docs/wire.md, "The least that Redis' user needs", on a real Redis.
@Suite("What Redis' user has to be allowed", .timeLimit(.minutes(5)))
struct PermissionTests {
    /// A row of the table: the wire, and the rules to publish, to ask and to listen.
    struct Row: Sendable, CustomTestStringConvertible {
        let wire: String
        let publish: String
        let ask: String
        let listen: String

        var testDescription: String { wire }

        var adapter: SocketIOPeer.Adapter? {
            switch wire {
            case "classic": .classic()
            case "sharded": .sharded()
            case "streams": .streams
            default: nil
            }
        }

        static let all: [Row] =
            DocumentationTests.text("docs/wire.md")
            .components(separatedBy: "| to publish |").last.map { $0.split(separator: "\n") }?
            .compactMap { line in
                let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: [" ", "`"]) }
                return cells.count == 4 && cells[1].contains("+") ? Row(cells) : nil
            } ?? []

        private init(_ cells: [String]) {
            (wire, publish, ask, listen) = (cells[0], cells[1], cells[2], cells[3])
        }
    }

    @Test("All four wires are in the table")
    func complete() {
        #expect(Row.all.map(\.wire) == ["classic", "sharded", "streams", "python"])
    }

    /// What a dispatcher needs beside its row, as the text below the table has it.
    static let tokens =
        DocumentationTests.text("docs/wire.md").components(separatedBy: "`").first { $0.hasPrefix("~announce:once") }
        ?? ""

    @Test(
        "With the rules for tokens a dispatcher publishes once on each wire; without them it says what is missing",
        arguments: Row.all
    )
    func dispatcher(row: Row) async throws {
        let (with, without) = (
            "once on >secret resetchannels +ping \(row.publish) \(Self.tokens)",
            "plain on >secret resetchannels +ping \(row.publish)"
        )
        try await withRedisServer(.init(users: [with, without])) { redis in
            for (user, policy) in [("once", "require"), ("plain", "auto")] {
                let url = redis.url.replacing("://", with: "://\(user):secret@", maxReplacements: 1)
                let announce = try Program(redis: url)
                _ = try await announce.dispatcher("--wire", row.wire, "--publish-once", policy)
                _ = try await announce.run("add", "--all", "--in", "0s", "--allow-unheard", "Hello")
                try await eventually("it is published") {
                    try await announce.deliveries().map { $0["outcome"] } == ["published"]
                }
                try await eventually("the status tells what is missing, if anything is") {
                    let status = try PayloadValue(json: try await announce.run("status", "-o", "json").stdout)
                    let isTold = status["troubles"].map { "\($0)" }?.contains("ACL SETUSER") == true
                    return isTold == (user == "plain")
                }
            }
        }
    }

    @Test("What the table says is enough for each use, and less is refused with the remedy", arguments: Row.all)
    func least(row: Row) async throws {
        let users = ["publisher": row.publish, "asker": row.ask, "listener": row.listen, "nobody": "+ping"].map {
            name,
            rules in
            "\(name) on >secret resetchannels \(rules)"
        }
        try await withRedisServer(.init(users: users)) { redis in
            let server = try await row.adapter.asyncMap {
                try await SocketIOServer(redis.url, $0, sockets: ["a": ["lobby"]])
            }
            let announce = try Program(redis: redis.url)
            func run(_ user: String, _ words: String...) async throws -> Program.Finished {
                let url = redis.url.replacing("://", with: "://\(user):secret@", maxReplacements: 1)
                return try await announce.run(words + ["--wire", row.wire, "--redis", url])
            }
            let sent = try await run("publisher", "send", "--room", "lobby", "Hello", "--allow-unheard")
            #expect(sent.status == 0, "\(sent.stderr)")
            let refused = try await run("nobody", "send", "--all", "Hello")
            #expect(refused.status == 77 && refused.stderr.contains("ACL"), "\(refused.stderr)")
            let asked = try await run("asker", "audience", "--room", "lobby")
            #expect(asked.status == (server == nil ? 69 : 0), "\(asked.stderr)")
            if server != nil {
                let acknowledged = try await run("asker", "send", "--ack", "20s", "--room", "lobby", "Hello")
                #expect(acknowledged.stdout == "addressed 1, acknowledged 1: room lobby.\n", "\(acknowledged.stderr)")
            }
            let url = redis.url.replacing("://", with: "://listener:secret@", maxReplacements: 1)
            let listener = try announce.start("listen", "--wire", row.wire, "--redis", url)
            try await eventually("it listens; it said: \(listener.stderr)") { listener.stderr.contains("Listening to") }
            _ = try await run("publisher", "send", "--room", "lobby", "Hello", "--allow-unheard")
            try await eventually("it is heard") { listener.lines.count == 1 }
            #expect(listener.status == nil)
            server?.stop()
        }
    }
}

extension Optional {
    fileprivate func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        if let self { try await transform(self) } else { nil }
    }
}

import AnnounceTestKit
import Foundation
import Payload
import Testing

/// A message as a recorded emitter published it, and the options that say the same.
struct CommandVector: Sendable, CustomTestStringConvertible {
    let name: String
    let words: [String]
    let channel: String
    let payload: String

    var testDescription: String { name }

    /// An unreadable fixture gives no vectors; a test counts them.
    static let all: [CommandVector] = {
        guard
            let url = Bundle.module.url(
                forResource: "command-vectors",
                withExtension: "json",
                subdirectory: "Fixtures"
            ),
            let data = try? Data(contentsOf: url),
            let vectors = try? PayloadValue(json: Array(data))["vectors"]
        else { return [] }
        return vectors.elements.compactMap { vector in
            guard
                let name = vector["name"]?.text, let words = vector["words"]?.elements.compactMap(\.text),
                let channel = vector["channel"]?.text, let payload = vector["payload"]?.text
            else { return nil }
            return CommandVector(name: name, words: words, channel: channel, payload: payload)
        }
    }()
}

/// `--dry-run`: what would go out, with nothing opened.
@Suite(.serialized) struct DryRunTests {
    private let announce: Program

    init() throws {
        // Its Redis is a closed port: whoever opened a connection would fail.
        announce = try Program()
    }

    @Test("All recorded commands are there")
    func vectorsAreComplete() {
        #expect(CommandVector.all.count == 60)
    }

    @Test("The command is byte for byte that of redis-emitter 5.1.0", arguments: CommandVector.all)
    func bytes(_ vector: CommandVector) async throws {
        let finished = try await announce.run(["add", "--in", "1h", "--dry-run", "-o", "json"] + vector.words)
        try #require(finished.status == 0, "\(finished.stderr)")
        let json = try finished.json
        let words = ["PUBLISH", vector.channel]
        #expect(json["command"]?.elements.prefix(2).map(\.text) == words)
        let base64 = words.map { Data($0.utf8).base64EncodedString() } + [vector.payload]
        #expect(json["commandBase64"]?.elements.map(\.text) == base64)
        #expect(!announce.has("a.sqlite"))
    }

    @Test("send shows the same command as add")
    func send() async throws {
        for vector in CommandVector.all.prefix(3) {
            let json = try await announce.run(["send", "--dry-run", "-o", "json"] + vector.words).json
            #expect(json["commandBase64"]?.elements.last?.text == vector.payload)
            #expect(json["occurrences"]?.elements.count == 1)
        }
        #expect(!announce.has("a.sqlite"))
    }

    @Test("The first occurrences are shown with their arguments")
    func occurrences() async throws {
        let finished = try await announce.run(
            "add",
            "hi",
            "--all",
            "--every",
            "36h",
            "--at",
            "2099-03-07 12:00",
            "--tz",
            "America/New_York",
            "--dry-run",
            "-o",
            "json"
        )
        let occurrences = try #require(try finished.json["occurrences"]?.elements)
        #expect(occurrences.count == 5)
        #expect(Set(occurrences[0].keys).isSuperset(of: ["at", "utc", "phase", "anchor", "note", "arguments"]))
        // Elapsed time: across the change to summer time the clocks show an hour more.
        #expect(
            occurrences.prefix(2).map { $0["at"] } == [
                "2099-03-07T12:00:00.000-05:00", "2099-03-09T01:00:00.000-04:00",
            ]
        )
        #expect(occurrences[0]["utc"] == "2099-03-07T17:00:00.000Z")
        #expect(occurrences[0]["phase"] == "start")
        #expect(occurrences[0]["arguments"] == ["hi"])
    }

    @Test("An edit shows what would change and when it would go out, and changes nothing")
    func edit() async throws {
        _ = try await announce.run("add", "Coffee", "--all", "--at", "2099-12-01T09:00Z", "--name", "coffee")
        let new = ["edit", "coffee", "Tea", "--at", "2099-12-02T10:00Z", "--dry-run"]
        let shown = try await announce.run(new)
        #expect(shown.lines.first?.hasPrefix("at: ") == true)
        #expect(shown.lines.contains("text: Coffee → Tea"))
        #expect(shown.stdout.contains("Wed 2 Dec 2099 10:00 UTC (+00:00), in "))
        #expect(shown.lines.last?.hasPrefix("Redis: PUBLISH socket.io#/# (") == true)
        let json = try await announce.run(new + ["-o", "json", "--wire", "sharded"]).json
        #expect(json["command"]?.elements.first == "SPUBLISH")
        #expect(json["occurrences"]?.elements.first?["utc"] == "2099-12-02T10:00:00.000Z")
        #expect(try await announce.run("edit", "coffee", "Coffee", "--dry-run").stdout == "Nothing would change.\n")
        #expect(try await announce.run(new + ["--revision", "2"]).status == 75)
        #expect(try await announce.run("edit", "coffee", "Tea", "--wire", "sharded").status == 64)
        let stored = try await announce.run("show", "coffee", "-o", "json").json
        #expect(stored["arguments"] == ["Coffee"])
        #expect(stored["revision"] == 1)
    }

    @Test("For a person: when, what, and the Redis command; and that nothing happened")
    func table() async throws {
        let finished = try await announce.run("add", "hi", "--room", "lobby", "--at", "2099-12-01T09:00Z", "--dry-run")
        #expect(finished.lines.count == 2)
        #expect(finished.lines.first?.hasPrefix("Tue 1 Dec 2099 09:00 UTC (+00:00), in ") == true)
        #expect(finished.lines.first?.hasSuffix(#": ["hi"]"#) == true)
        #expect(finished.lines.last?.hasPrefix("Redis: PUBLISH socket.io#/#lobby# (") == true)
        #expect(finished.stderr == "Nothing was stored or sent.\n")
        #expect(!announce.has("a.sqlite") && !announce.has("data"))
    }

    @Test("What add would refuse, the dry run refuses too")
    func refusals() async throws {
        for words in [["--priority", "6"], ["--name", "42"], ["--event", "connect"], ["--room", ""]] {
            let whom = words[0] == "--room" ? [] : ["--all"]
            let finished = try await announce.run(["add", "hi", "--in", "1h", "--dry-run"] + whom + words)
            expect(finished, refusedWith: 65)
        }
    }
}

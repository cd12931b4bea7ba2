import AnnounceTestKit
import Foundation
import Payload
import Testing

/// How words become values: every option takes exactly the next word, and text comes from where it was said.
@Suite(.serialized) struct OptionTests {
    private let announce: Program

    init() throws {
        announce = try Program()
    }

    private func added(_ arguments: [String], input: String = "") async throws -> PayloadValue {
        let finished = try await announce.run(["add", "--in", "1h", "-o", "json"] + arguments, input: input)
        try #require(finished.status == 0, "\(finished.stderr)")
        return try finished.json
    }

    @Test("An option takes the next word, whatever it begins with")
    func nextWord() async throws {
        let json = try await added([
            "--room", "-x", "--room", "--all", "--except", "-o", "--socket", "-s", "--namespace", "-n", "--event",
            "--event",
            "--json", "-2", "--json", "-0.5", "--name", "--name", "--label", "-a=-b=-c", "--priority", "5", "--tz",
            "UTC",
        ])
        #expect(json["target"]?["rooms"] == ["-x", "--all"])
        #expect(json["target"]?["sockets"] == ["-s"])
        #expect(json["target"]?["except"] == ["-o"])
        #expect(json["target"]?["namespace"] == "/-n")
        #expect(json["target"]?["all"] == false)
        #expect(json["event"] == "--event")
        #expect(json["arguments"] == [-2, -0.5])
        #expect(json["name"] == "--name")
        #expect(json["labels"] == ["-a": "-b=-c"])
    }

    @Test(
        "Every option that wants a value takes a word that looks like an option",
        arguments: [
            "--at", "--in", "--every", "--json", "--priority", "--tz", "--database", "--redis", "--config", "-o",
        ]
    )
    func swallows(_ option: String) async throws {
        let finished = try await announce.run(["add", "hi", "--all", "--in", "1h", option, "--volatile", "--bogus"])
        #expect(finished.status == 64)
        // The value was taken, so the complaint is about the value or about the next word, never a missing value.
        #expect(!finished.stderr.contains("Missing value"), "\(finished.stderr)")
    }

    @Test("An id or a reason that begins with a dash can be given")
    func dashes() async throws {
        _ = try await added(["--all", "--name", "-coffee", "hi"])
        let cancelled = try await announce.run("cancel", "--reason", "--no more", "-o", "json", "--", "-coffee")
        #expect(try cancelled.json.elements.first?["reason"] == "--no more")
    }

    @Test("After -- everything is text", arguments: ["--all", "-", "-o", "--help"])
    func afterTerminator(_ text: String) async throws {
        // A lone - means stdin wherever it stands.
        let arguments = try await added(["--all", "--", text], input: "from stdin")["arguments"]
        #expect(arguments == [.string(text == "-" ? "from stdin" : text)])
    }

    @Test("Stdin that is empty says nothing, and that is refused", arguments: ["", "\n", "\r\n"])
    func emptyInput(_ input: String) async throws {
        let added = try await announce.run(["add", "--all", "--in", "1h", "--dry-run", "-"], input: input)
        expect(added, refusedWith: 65, says: ["There is nothing to say"])
        let sent = try await announce.run(["send", "--all", "-"], input: input)
        expect(sent, refusedWith: 65, says: ["There is nothing to say"])
    }

    @Test("--lead takes lists and may be repeated: all of them count, each once")
    func leads() async throws {
        let json = try await added(["--all", "--lead", "15m", "--lead", "5m,30m", "--lead", "15m", "hi"])
        #expect(json["leads"] == ["30m", "15m", "5m"])
    }

    @Test("The same name twice is one room")
    func duplicates() async throws {
        let target = try await added(["--room", "a", "--room", "a", "--except", "b", "--except", "b", "hi"])["target"]
        #expect(target?["rooms"] == ["a"])
        #expect(target?["except"] == ["b"])
    }

    @Test(
        "The text - is what stdin holds, without the last line's end",
        arguments: [
            ("Hello", "Hello"), ("Hello\n", "Hello"), ("one\ntwo\n", "one\ntwo"), ("one\n\ntwo", "one\n\ntwo"),
            ("Grüße, 🐎 שלום\n", "Grüße, 🐎 שלום"), (" indented \n", " indented "),
            ("two ends\n\n", "two ends\n"), ("a\tb\u{0}c", "a\tb\u{0}c"), ("Windows\r\nlines\r\n", "Windows\r\nlines"),
        ]
    )
    func standardInput(_ input: String, _ text: String) async throws {
        #expect(try await added(["--all", "-"], input: input)["arguments"] == [.string(text)])
    }

    @Test("Stdin that is not UTF-8 is refused, not guessed")
    func notUTF8() async throws {
        let finished = try await announce.shell(#"printf 'gr\374n' | "$0" add --all --in 1h -"#)
        expect(finished, refusedWith: 65, says: ["UTF-8"])
    }

    @Test("Stdin that cannot be read is told as such")
    func unreadable() async throws {
        for redirection in ["<&-", "</tmp"] {
            let finished = try await announce.shell(#""$0" add --all --in 1h - \#(redirection)"#)
            expect(finished, refusedWith: 65, says: ["stdin cannot be read"])
        }
    }

    @Test("A word that is not UTF-8 is refused, not changed")
    func garbledWord() async throws {
        let finished = try await announce.shell(#""$0" add --all --in 1h "$(printf 'gr\374n')""#)
        expect(finished, refusedWith: 65, says: ["UTF-8", "Word 5"])
    }

    @Test("Output that is lost is an error; a reader that went away is none")
    func lostOutput() async throws {
        #expect(try await announce.run("add", "hi", "--all", "--in", "1h").status == 0)
        let full = try await announce.shell(#""$0" list >/dev/full"#)
        #expect(full.status == 70)
        #expect(full.stderr.contains("cannot be written"))
        let closed = try await announce.shell(#""$0" list >&-"#)
        #expect(closed.status == 70)
        #expect(try await announce.shell(#"("$0" list; echo $? >&2) | true"#).stderr == "0\n")
    }

    @Test("An integer that JavaScript rounds is stored with a warning")
    func roundedNumber() async throws {
        let finished = try await announce.run("add", "--all", "--in", "1h", "--json", "9007199254740993")
        #expect(finished.status == 0)
        #expect(finished.stderr.contains("arrives rounded"))
        #expect(try await announce.run("add", "--all", "--in", "1h", "--json", "9007199254740992").stderr == "")
    }

    @Test("A long text comes through stdin whole")
    func longText() async throws {
        let text = String(repeating: "0123456789", count: 50_000)
        #expect(try await added(["--all", "-"], input: text + "\n")["arguments"] == [.string(text)])
    }

    @Test("TEXT comes before the --json arguments, and JSON keeps the order of its keys")
    func argumentOrder() async throws {
        let json = try await added(["--json", #"{"z":1,"a":[true,null]}"#, "--all", "hi", "--json", "9007199254740993"])
        #expect(json["arguments"] == ["hi", ["z": 1, "a": [true, nil]], 9_007_199_254_740_993])
        #expect(json["arguments"]?.elements.dropFirst().first?.keys == ["z", "a"])
    }

    @Test("An event alone has no arguments; a text alone is an announcement")
    func defaults() async throws {
        let ping = try await added(["--all", "--event", "ping"])
        #expect(ping["event"] == "ping")
        #expect(ping["arguments"] == [])
        #expect(try await added(["--all", "hi"])["event"] == "announcement")
    }

    @Test("A number that Socket.IO's own emitter garbles is stored with a warning")
    func hugeNumber() async throws {
        let finished = try await announce.run("add", "--all", "--in", "1h", "--json", "18446744073709551616")
        #expect(finished.status == 0)
        #expect(finished.stderr.contains("Send it as a string"))
    }
}

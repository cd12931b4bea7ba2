import AnnounceTestKit
import Payload
import Testing

/// The four wires, with the built program.
@Suite struct WireTests {
    private static func command(_ words: String..., settings: [String: String] = [:]) async throws -> [String] {
        let words = ["send", "--dry-run", "-o", "json"] + words
        let finished = try await Program().run(words, with: settings)
        try #require(finished.status == 0, "\(finished.stderr)")
        return try finished.json["command"]?.elements.compactMap(\.text) ?? []
    }

    @Test("Each wire has its own command for the same message")
    func commands() async throws {
        let sharded = try await Self.command("--wire", "sharded", "--room", "lobby", "Hi")
        #expect(
            sharded == [
                "SPUBLISH", "socket.io#/#",
                #"{"type":3,"data":{"packet":{"type":2,"data":["announcement","Hi"]},"opts":{"rooms":["lobby"],"except":[],"#
                    + #""flags":{}}},"uid":"emitter","nsp":"/"}"#,
            ]
        )
        let streams = try await Self.command(
            "--wire",
            "streams",
            "--stream",
            "site",
            "--stream-max-length",
            "500",
            "--all",
            "Hi"
        )
        #expect(
            streams == [
                "XADD", "site", "MAXLEN", "~", "500", "*", "uid", "emitter", "nsp", "/", "type", "3", "data",
                #"{"packet":{"type":2,"data":["announcement","Hi"],"nsp":"/"},"opts":{"rooms":[],"flags":{},"except":[]}}"#,
            ]
        )
        let python = try await Self.command("--wire", "python", "--room", "lobby", "Hi")
        #expect(python.prefix(2) == ["PUBLISH", "socketio"])
        let message = try PayloadValue(json: python.last ?? "")
        #expect(message["data"] == ["Hi"] && message["room"] == "lobby" && message["namespace"] == "/")
    }

    @Test("The settings of a wire come from the environment and the file too")
    func settings() async throws {
        let python = try await Self.command(
            "--all",
            "Hi",
            settings: ["ANNOUNCE_WIRE": "python", "ANNOUNCE_PREFIX": "chat", "ANNOUNCE_PYTHON_SOCKETIO": "5.11"]
        )
        #expect(python.prefix(2) == ["PUBLISH", "chat"])
        #expect(try PayloadValue(json: python.last ?? "")["data"] == "Hi")
        let announce = try Program()
        let file = try announce.write(
            "wire: streams\nstream:\n  max-length: 50\n  count: 2\nsocketio: 4\n",
            to: "announce.yaml"
        )
        let finished = try await announce.run(["send", "--dry-run", "-o", "json", "--all", "Hi", "--config", file])
        #expect(try finished.json["command"]?.elements.prefix(5) == ["XADD", "socket.io-1", "MAXLEN", "~", "50"])
    }

    @Test(
        "What the servers would not heed is refused with the reason",
        arguments: [
            (["--socketio", "3", "--all", "--except", "vip", "Hi"], "\"vip\""),
            (["--wire", "python", "--all", "--except", "vip", "Hi"], "\"vip\""),
            (["--wire", "python", "--python-socketio", "5.14", "--all", "Hi", "--json", "1"], "one argument"),
            (
                ["--wire", "streams", "--stream-count", "4", "--namespace", "/announcements", "--all", "Hi"],
                "none of them"
            ),
            (["--namespace", "/a[b]", "--all", "Hi"], "Rename"),
        ]
    )
    func refusals(words: [String], reason: String) async throws {
        let finished = try await Program().run(["send", "--dry-run"] + words)
        #expect(finished.status == 65)
        #expect(finished.stderr.contains(reason))
    }
}

import AnnounceTestKit
import Logging
import Payload
import SocketIOEmitter
import Testing

/// `announce listen` on a real Redis, beside what is sent by the program itself.
@Suite("announce listen", .timeLimit(.minutes(5)))
struct ListenTests {
    private func listening(
        _ options: String...,
        body: (Program, RunningProgram, RedisServer) async throws -> Void
    ) async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let listener = try announce.start(["listen"] + options)
            try await eventually("it listens; it said: \(listener.stderr)") { listener.stderr.contains("Listening to") }
            try await body(announce, listener, redis)
        }
    }

    private static let keys = [
        "receivedAt", "wire", "channel", "namespace", "event", "arguments", "rooms", "except", "flags", "uid", "kind",
        "name",
        "requestId", "details", "entryId",
    ]

    @Test("One object a line on every wire", arguments: ["classic", "sharded", "streams", "python"])
    func json(wire: String) async throws {
        try await listening("--wire", wire, "-o", "json") { announce, listener, _ in
            for number in 1...3 {
                let sent = try await announce.run(
                    "send",
                    "--wire",
                    wire,
                    "--room",
                    "a",
                    "--room",
                    "b",
                    "--event",
                    "ev",
                    "--json",
                    "\(number)",
                    "--json",
                    #"{"k":[null,"é"]}"#,
                    "--allow-unheard"
                )
                #expect(sent.status == 0, "\(sent.stderr)")
            }
            try await eventually("three are heard") { listener.lines.count == 3 }
            for (number, line) in listener.lines.enumerated() {
                let heard = try PayloadValue(json: line)
                #expect(heard.keys == Self.keys)
                #expect(heard["wire"] == .string(wire) && heard["kind"] == "broadcast" && heard["name"] == .null)
                #expect(heard["arguments"] == [.integer(Int64(number + 1)), ["k": [nil, "é"]]])
                #expect(heard["rooms"] == ["a", "b"] && heard["namespace"] == "/" && heard["event"] == "ev")
                #expect((heard["entryId"] == .null) == (wire != "streams"))
            }
        }
    }

    @Test("Questions and what servers are asked are told as such, in lines for people too")
    func requests() async throws {
        try await listening { announce, listener, redis in
            let server = try await SocketIOServer(redis.url, sockets: ["a": ["lobby"]])
            defer { server.stop() }
            #expect(try await announce.run("audience", "--room", "lobby").status == 0)
            try await eventually("both are told") { listener.lines.count == 2 }
            let lines = listener.lines
            #expect(lines[0].contains("socket.io-request#/#  (fetchSockets)  rooms [\"lobby\"]  (question "))
            #expect(lines[1].contains("(answer: sockets)  [\"a\"]  (to "))
        }
    }

    @Test("A lost connection is told, and what comes after it is heard")
    func reconnects() async throws {
        try await listening { announce, listener, redis in
            redis.kill()
            try await eventually("it is told") { listener.stderr.contains("Listening again as soon as Redis is back") }
            try await redis.restart()
            try await eventually(timeout: .seconds(20), "it listens again") {
                listener.stderr.components(separatedBy: "Listening to").count == 3
            }
            #expect(try await announce.run("send", "--all", "--except", "vip", "Hello").status == 0)
            try await eventually("it is heard") { listener.lines.count == 1 }
            #expect(listener.lines.first?.hasSuffix(#"socket.io#/#  announcement  ["Hello"]  except ["vip"]"#) == true)
        }
    }

    @Test("What servers cannot read is told, with what it does to them; heartbeats only with --verbose")
    func unreadable() async throws {
        try await listening("--wire", "streams", "--namespace", "/") { announce, listener, redis in
            let client = RedisClient(configuration: try RedisConfiguration(url: redis.url), logger: Logger(label: "t"))
            let heartbeat = ["XADD", "socket.io", "*", "uid", "s", "nsp", "/", "type", "2"]
            let poison = ["XADD", "socket.io", "*", "uid", "s", "nsp", "/", "type", "3"]
            for words in [heartbeat, poison] {
                _ = try await client.send(RedisCommand(arguments: words.map { Array($0.utf8) }))
            }
            #expect(try await announce.run("send", "--wire", "streams", "--all", "Hello").status == 0)
            try await eventually("it is heard") { listener.lines.count == 1 }
            #expect(listener.stderr.contains("has no data, which ends servers or stops them from reading on"))
            await client.close()
        }
    }

    @Test("Nothing to listen to: the reason and 69")
    func unreachable() async throws {
        let finished = try await Program().run("listen")
        #expect(finished.status == 69 && finished.stderr.contains("Redis"))
    }
}

import AnnounceTestKit
import Payload
import SocketIOEmitter
import Testing

/// Questions to the cluster with the built program: `audience` and `send --ack`.
@Suite struct AudienceTests {
    /// Runs a body with a program whose Redis has two servers, with two sockets each of which one is in the lobby.
    static func with(
        silent: Bool,
        _ body: (Program) async throws -> Void
    ) async throws {
        try await withRedisServer { redis in
            let servers = [
                try await SocketIOServer(redis.url, sockets: ["a1": ["lobby"], "a2": []]),
                try await SocketIOServer(
                    redis.url,
                    uid: "other",
                    sockets: ["b1": ["lobby"], "b2": []],
                    acknowledging: silent ? ["b1": .never] : [:]
                ),
            ]
            defer { for server in servers { server.stop() } }
            try await body(try Program(redis: redis.url))
        }
    }

    @Test("audience counts the servers and sockets that a target reaches")
    func audience() async throws {
        try await Self.with(silent: false) { announce in
            let all = try await announce.run("audience", "-o", "json").json
            #expect(all["servers"] == 2 && all["sockets"] == 4 && all["complete"] == true)
            #expect(all["socketIds"] == ["a1", "a2", "b1", "b2"])
            let lobby = try await announce.run("audience", "--room", "lobby")
            #expect(lobby.stdout == "2 servers, 2 sockets: room lobby.\n")
            let nobody = try await announce.run("audience", "--namespace", "/nobody")
            #expect(nobody.status == 69 && nobody.stderr.contains("No Socket.IO server"))
        }
    }

    @Test("send --ack says how many were addressed and how many acknowledged it")
    func acknowledged() async throws {
        try await Self.with(silent: false) { announce in
            let sent = try await announce.run("send", "--ack", "20s", "--room", "lobby", "Ready?")
            #expect(sent.status == 0 && sent.stdout == "addressed 2, acknowledged 2: room lobby.\n")
            let json = try await announce.run("send", "--ack", "20s", "--room", "lobby", "Ready?", "-o", "json").json
            #expect(json["addressed"] == 2 && json["acknowledged"] == 2 && json["complete"] == true)
            let refused = try await announce.run("send", "--ack", "1d", "--all", "Ready?")
            #expect(refused.status == 65 && refused.stderr.contains("such as 5s"))
            let dry = try await announce.run("send", "--ack", "5s", "--all", "Ready?", "--dry-run", "-o", "json").json
            #expect(dry["command"]?.elements[1] == "socket.io-request#/#")
        }
    }

    @Test("A silent client is waited for as long as was said, and missing in the answer")
    func silent() async throws {
        try await Self.with(silent: true) { announce in
            let sent = try await announce.run("send", "--ack", "6s", "--room", "lobby", "Ready?")
            #expect(sent.status == 0 && sent.stdout == "addressed 2, acknowledged 1: room lobby.\n")
        }
    }
}

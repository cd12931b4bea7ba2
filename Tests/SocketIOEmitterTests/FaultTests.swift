import AnnounceTestKit
import SocketIOEmitter
import Testing

@Suite("A Redis that fails", .timeLimit(.minutes(5)))
struct FaultTests {
    private let patience = Duration.seconds(15)

    @Test("Where nothing listens the answer is quick and says so", arguments: [true, false])
    func isUnreachable(unixSocket: Bool) async throws {
        let server = try RedisServer(.init(unixSocket: unixSocket))
        let client = try server.client()
        let clock = ContinuousClock()
        let start = clock.now
        let error = try await redisError { try await client.send(RedisCommand("PING")) }
        #expect(error.code == .unreachable)
        #expect(error.message.contains(unixSocket ? "no socket there" : "refuses connections"))
        #expect(!error.mayHaveExecuted)
        #expect(error.cause != nil)
        #expect(start.duration(to: clock.now) < patience)
        try await server.start()
        #expect(try await client.send(RedisCommand("PING")) == .status("PONG"), "the next command connects")
        await client.close()
    }

    @Test("A name that no host has is unreachable")
    func hasNoHost() async throws {
        let client = RedisClient(
            configuration: try RedisConfiguration(url: "redis://no-such-host.invalid"),
            logger: quiet
        )
        let error = try await redisError { try await client.send(RedisCommand("PING")) }
        #expect(error.code == .unreachable || error.code == .timeout)
        #expect(error.message.contains("no-such-host.invalid"))
    }

    @Test("A server that accepts but says nothing is a connect timeout, for commands and subscriptions")
    func timesOutConnecting() async throws {
        try await withRedisServer { server in
            server.pause()
            defer { server.resume() }
            let client = try server.client(try server.configuration(connectTimeout: .milliseconds(200)))
            let clock = ContinuousClock()
            let start = clock.now
            async let subscribing = redisError { _ = try await client.subscribe(channels: ["c"]) }
            let error = try await redisError { try await client.send(RedisCommand("PING")) }
            #expect(error.code == .timeout)
            #expect(!error.mayHaveExecuted)
            #expect(try await subscribing.code == .timeout)
            #expect((.milliseconds(200)..<patience).contains(start.duration(to: clock.now)))
        }
    }

    @Test("A server that stops answering is a timeout; when it goes on, so does the client")
    func timesOut() async throws {
        try await withRedisServer { server in
            let client = try server.client(try server.configuration(commandTimeout: .seconds(1)))
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            server.pause()
            let clock = ContinuousClock()
            let start = clock.now
            let error = try await redisError { try await client.send(RedisCommand("INCR", "n")) }
            let waited = start.duration(to: clock.now)
            #expect(error.code == .timeout)
            #expect(error.mayHaveExecuted)
            #expect((.seconds(1)..<patience).contains(waited), "\(waited)")
            server.resume()
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            try await eventually("the timed-out command was executed after all") {
                try server.ask("GET n\r\n")?.contains("1") == true
            }
            await client.close()
        }
    }

    @Test("Senders that wait for the window are told when the connection fails, and that nothing was sent")
    func failsWaitingSenders() async throws {
        try await withRedisServer { server in
            let client = try server.client(try server.configuration(commandTimeout: .seconds(1)))
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            server.pause()
            let clock = ContinuousClock()
            let start = clock.now
            let value = [UInt8](repeating: 0, count: 1 << 20)
            let errors = try await withThrowingTaskGroup(of: RedisError.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await redisError {
                            try await client.send(RedisCommand(arguments: [Array("ECHO".utf8), value]))
                        }
                    }
                }
                return try await group.reduce(into: [RedisError]()) { $0.append($1) }
            }
            // The window of 4 MiB holds four; the last of them enters when three and some bytes are inside.
            #expect(errors.filter(\.mayHaveExecuted).count == 4)
            #expect(errors.allSatisfy { [.timeout, .connectionLost].contains($0.code) })
            #expect(start.duration(to: clock.now) < patience, "nobody waits for another connection")
            server.resume()
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            await client.close()
        }
    }

    @Test("A server that is killed in the middle fails those who wait; the next command finds it again")
    func survivesKill() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let subscription = try await client.subscribe(channels: ["c"])
            let waiting = (0..<5).map { index in
                Task { try await client.send(RedisCommand("BLPOP", "none\(index)", "0")) }
            }
            try await eventually("a command is blocking") {
                try server.ask("CLIENT LIST\r\n")?.contains("cmd=blpop") == true
            }
            server.kill()
            var errors: [RedisError] = []
            for task in waiting {
                errors.append(try await redisError { try await task.value })
            }
            // One that came after the kill found nobody.
            #expect(errors.allSatisfy { [.connectionLost, .unreachable].contains($0.code) })
            #expect(errors.contains { $0.code == .connectionLost && $0.mayHaveExecuted })
            let ended = try await redisError { for try await _ in subscription {} }
            #expect(ended.code == .connectionLost)
            let down = try await redisError { try await client.send(RedisCommand("PING")) }
            #expect(down.code == .unreachable)
            try await server.start()
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            await client.close()
        }
    }

    @Test("A connection that was lost while nobody waited is made again without an error")
    func reconnectsSilently() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            _ = try await client.send(RedisCommand("CLIENT", "SETNAME", "first"))
            _ = try server.ask("CLIENT KILL TYPE normal SKIPME yes\r\n")
            try await eventually("the connection is gone") {
                try server.ask("CLIENT LIST\r\n")?.contains("name=first") == false
            }
            // The end of the connection and the next command race; a command that lost is told so.
            try await eventually("a command is answered again") {
                try await client.send(RedisCommand("PING")) == .status("PONG")
            }
            await client.close()
        }
    }

    @Test("A server that is full says so")
    func isFull() async throws {
        try await withRedisServer(.init(settings: [["maxclients", "1"]])) { server in
            let first = try server.client()
            try await eventually("the first client is in") {
                try await first.send(RedisCommand("PING")) == .status("PONG")
            }
            let second = try server.client()
            let error = try await redisError { try await second.send(RedisCommand("PING")) }
            #expect(error.code == .refused)
            #expect(error.message.contains("maxclients"))
            await first.close()
        }
    }
}

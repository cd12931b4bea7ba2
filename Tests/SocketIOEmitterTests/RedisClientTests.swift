import AnnounceTestKit
import SocketIOEmitter
import Testing

@Suite("A client of a real Redis")
struct RedisClientTests {
    @Test("Commands are answered over TCP and over a Unix socket", arguments: [false, true])
    func answers(unixSocket: Bool) async throws {
        try await withRedisServer(.init(unixSocket: unixSocket)) { server in
            let client = try server.client()
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            #expect(try await client.send(RedisCommand("INCR", "n")) == .integer(1))
            #expect(try await client.send(RedisCommand("GET", "n")) == .string(Array("1".utf8)))
            #expect(try await client.send(RedisCommand("GET", "none")) == .null)
            #expect(try await client.send([]) == [])
            await client.close()
        }
    }

    @Test("Error replies are elements and do not disturb their neighbours")
    func returnsErrorReplies() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let replies = try await client.send([
                RedisCommand("SET", "text", "x"), RedisCommand("INCR", "text"), RedisCommand("NOSUCH"),
                RedisCommand("GET", "text"),
            ])
            #expect(replies[0] == .status("OK"))
            #expect(replies[1] == .error("ERR value is not an integer or out of range"))
            guard case .error(let text) = replies[2] else {
                Issue.record("NOSUCH was executed")
                return
            }
            #expect(text.hasPrefix("ERR unknown command"))
            #expect(replies[3] == .string(Array("x".utf8)))
            await client.close()
        }
    }

    @Test("A sign of life comes from a server that answers, and not from one that is gone")
    func ping() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            try await client.ping()
            server.kill()
            let error = try await redisError { try await client.ping() }
            #expect([.unreachable, .connectionLost].contains(error.code))
            try await server.restart()
            try await client.ping()
            await client.close()
        }
    }

    @Test("10,000 commands from 50 tasks are answered in order, over one connection")
    func pipelines() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<50 {
                    group.addTask {
                        // Batches of 1 to 39 commands; each reply names its task and number.
                        var next = 0
                        while next < 200 {
                            let range = next..<min(200, next + 1 + (next * 7 + task) % 39)
                            let replies = try await client.send(range.map { RedisCommand("ECHO", "\(task).\($0)") })
                            #expect(replies == range.map { .string(Array("\(task).\($0)".utf8)) })
                            next = range.upperBound
                        }
                    }
                }
                try await group.waitForAll()
            }
            let clients = try #require(try server.ask("CLIENT LIST\r\n"))
            // One connection of the client, and the one that asks.
            #expect(clients.split(separator: "\n").filter { $0.contains("addr=") }.count == 2)
            await client.close()
        }
    }

    @Test("More than fits into the send window goes through, with large values")
    func sendsLargeValues() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<24 {
                    group.addTask {
                        let value = [UInt8](repeating: UInt8(task), count: 1 << 20)
                        let replies = try await client.send([
                            RedisCommand(arguments: [Array("SET".utf8), Array("k\(task)".utf8), value]),
                            RedisCommand("GET", "k\(task)"),
                        ])
                        #expect(replies == [.status("OK"), .string(value)])
                    }
                }
                try await group.waitForAll()
            }
            await client.close()
        }
    }

    @Test("Argument bytes are data, whatever they are")
    func isBinarySafe() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let bytes = Array(UInt8.min...UInt8.max) + Array("\r\nFLUSHALL\r\n*1\r\n$8\r\nFLUSHALL\r\n".utf8)
            _ = try await client.send(RedisCommand("SET", "kept", "1"))
            let echo = RedisCommand(arguments: [Array("ECHO".utf8), bytes])
            #expect(try await client.send(echo) == .string(bytes))
            #expect(try await client.send(RedisCommand("DBSIZE")) == .integer(1))
            await client.close()
        }
    }

    @Test("A command without a name is refused, and the client goes on")
    func refusesNameless() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let error = try await redisError { try await client.send(RedisCommand(arguments: [])) }
            #expect(error.code == .invalidCommand)
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            await client.close()
        }
    }

    @Test("The database number and the client's name arrive")
    func selectsDatabase() async throws {
        try await withRedisServer { server in
            var configuration = try server.configuration(database: 3)
            configuration.clientName = "announce"
            let client = try server.client(configuration)
            _ = try await client.send(RedisCommand("SET", "a", "1"))
            let keyspace = try #require(try server.ask("INFO keyspace\r\n"))
            #expect(keyspace.contains("db3:keys=1"))
            #expect(try await client.send(RedisCommand("CLIENT", "GETNAME")) == .string(Array("announce".utf8)))
            await client.close()
            let wrong = try server.client(try server.configuration(database: 99))
            let error = try await redisError { try await wrong.send(RedisCommand("PING")) }
            #expect(error.code == .refused)
            #expect(error.message.contains("database number"))
        }
    }

    @Test("Closing waits for what was accepted, and refuses the rest")
    func closes() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            async let slow = client.send(RedisCommand("BLPOP", "none", "0.2"))
            try await eventually("the command is blocking") {
                try server.ask("CLIENT LIST\r\n")?.contains("cmd=blpop") == true
            }
            await client.close()
            #expect(try await slow == .null)
            let error = try await redisError { try await client.send(RedisCommand("PING")) }
            #expect(error.code == .closed)
            #expect(!error.mayHaveExecuted)
            await client.close()
        }
    }

    @Test("A client that nobody holds closes its connection")
    func closesWhenDropped() async throws {
        try await withRedisServer { server in
            do {
                let client = try server.client()
                _ = try await client.send(RedisCommand("CLIENT", "SETNAME", "dropped"))
                #expect(try server.ask("CLIENT LIST\r\n")?.contains("name=dropped") == true)
            }
            try await eventually("the connection is closed") {
                try server.ask("CLIENT LIST\r\n")?.contains("name=dropped") == false
            }
        }
    }

    @Test("A cancelled task stops waiting; its command is executed all the same")
    func cancels() async throws {
        try await withRedisServer { server in
            let client = try server.client()
            let waiting = Task {
                try await client.send([RedisCommand("BLPOP", "gate", "0"), RedisCommand("SET", "done", "1")])
            }
            try await eventually("the command is blocking") {
                try server.ask("CLIENT LIST\r\n")?.contains("cmd=blpop") == true
            }
            waiting.cancel()
            let error = try await redisError { try await waiting.value }
            #expect(error.code == .cancelled)
            #expect(error.mayHaveExecuted)
            _ = try server.ask("RPUSH gate x\r\n")
            try await eventually("the cancelled task's command was executed") {
                try server.ask("GET done\r\n")?.contains("1") == true
            }
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            await client.close()
        }
    }
}

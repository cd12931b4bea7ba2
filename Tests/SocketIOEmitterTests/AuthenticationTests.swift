import AnnounceTestKit
import SocketIOEmitter
import Testing

@Suite("Passwords and users of a real Redis")
struct AuthenticationTests {
    @Test("The right password lets in; wrong, missing and unneeded ones say what to do")
    func usesPassword() async throws {
        try await withRedisServer(.init(password: "p@ss:w/rd")) { server in
            let right = try server.client(try server.configuration(userInfo: ":p%40ss%3Aw%2Frd@"))
            #expect(try await right.send(RedisCommand("PING")) == .status("PONG"))
            await right.close()
            for (userInfo, remedy) in [(":wr0ng@", "Correct the user name or password"), ("", "Give a password")] {
                let client = try server.client(try server.configuration(userInfo: userInfo))
                let error = try await redisError { try await client.send(RedisCommand("PING")) }
                #expect(error.code == .authentication)
                #expect(error.message.contains(remedy))
                #expect(!error.message.contains("wr0ng"))
                #expect(!error.mayHaveExecuted)
                let subscribing = try await redisError { _ = try await client.subscribe(channels: ["c"]) }
                #expect(subscribing.code == .authentication)
            }
        }
        try await withRedisServer { server in
            let client = try server.client(try server.configuration(userInfo: ":unneeded@"))
            let error = try await redisError { try await client.send(RedisCommand("PING")) }
            #expect(error.code == .authentication)
            #expect(error.message.contains("has no password"))
        }
    }

    @Test("An ACL user publishes where it may, and is told where it may not")
    func usesACL() async throws {
        let options = RedisServer.Options(users: [
            "default on nopass ~* &* +@all", "app on >app-pass resetchannels &socket.io#* -@all +publish +ping",
        ])
        try await withRedisServer(options) { server in
            let client = try server.client(try server.configuration(userInfo: "app:app-pass@"))
            let io = Emitter(redis: client)
            #expect(try await io.emit("ev", 1).receivers == 0)
            let refused = Emitter(redis: client, wire: .classic(ClassicWire(prefix: "other")))
            let error = try await #require(throws: EmitterError.self) { try await refused.emit("ev", 1) }
            #expect(error.code == .redis)
            #expect(error.redis?.code == .permission)
            #expect(error.redis?.mayHaveExecuted == false)
            #expect(error.message.contains("ACL SETUSER"))
            let subscribing = try await redisError { _ = try await client.subscribe(channels: ["socket.io#/#"]) }
            #expect(subscribing.code == .permission)
            await client.close()
        }
    }
}

import AnnounceTestKit
import SocketIOEmitter
import Testing

@Suite("TLS with a real Redis", .timeLimit(.minutes(5)))
struct TLSTests {
    private let certificates: TestCertificates

    init() async throws {
        certificates = try await TestCertificates()
    }

    /// A client of a server by another host or with other settings.
    private func client(
        _ server: RedisServer,
        host: String = "localhost",
        now: Int64? = nil,
        _ change: (inout RedisTLS) -> Void = { _ in }
    ) throws -> RedisClient {
        var configuration = try RedisConfiguration(url: server.url.replacing("127.0.0.1", with: host))
        configuration.connectTimeout = .seconds(20)
        var tls = RedisTLS(caFile: certificates.certificate("ca"))
        change(&tls)
        configuration.tls = tls
        guard let now else { return RedisClient(configuration: configuration, logger: quiet) }
        return RedisClient(configuration: configuration, now: { now }, logger: quiet)
    }

    /// The error of a command and of a subscription, which must be the same.
    private func refusal(_ client: RedisClient) async throws -> RedisError {
        let error = try await redisError { try await client.send(RedisCommand("PING")) }
        let subscribing = try await redisError { _ = try await client.subscribe(channels: ["c"]) }
        #expect(subscribing.code == error.code, "\(subscribing)")
        #expect(subscribing.message == error.message)
        #expect(!error.mayHaveExecuted)
        return error
    }

    @Test(
        "Commands and subscriptions are encrypted, by a name and by an address",
        arguments: ["localhost", "127.0.0.1"]
    )
    func speaks(host: String) async throws {
        try await withRedisServer(.init(tls: .init(certificates))) { server in
            let client = try client(server, host: host)
            let subscription = try await client.subscribe(channels: ["c"])
            let value = [UInt8](repeating: 7, count: 3 << 20)
            let publish = RedisCommand(arguments: [Array("PUBLISH".utf8), Array("c".utf8), value])
            #expect(try await client.send(publish) == .integer(1))
            var messages = subscription.makeAsyncIterator()
            #expect(try await messages.next()?.payload == value)
            await client.close()
        }
    }

    @Test("A password goes through TLS as well")
    func authenticates() async throws {
        try await withRedisServer(.init(password: "secret", tls: .init(certificates))) { server in
            var configuration = try server.configuration(userInfo: ":secret@")
            configuration.tls = RedisTLS(caFile: certificates.certificate("ca"))
            let client = try server.client(configuration)
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            await client.close()
        }
    }

    @Test("A certificate of an unknown authority is refused, with what to do; unless nothing is to be verified")
    func verifiesAuthority() async throws {
        try await withRedisServer(.init(tls: .init(certificates))) { server in
            let other = certificates.certificate("other")
            let wrong = try await refusal(try client(server) { $0.caFile = other })
            #expect(wrong.code == .tls)
            #expect(wrong.message.contains("\(other) does not hold the CA"))
            #expect(wrong.message.contains("localhost:"))
            let system = try await refusal(try client(server) { $0.caFile = nil })
            #expect(system.code == .tls)
            #expect(system.message.contains("The system does not know the CA"))
            let blind = try client(server) {
                $0.caFile = nil
                $0.verification = .none
            }
            #expect(try await blind.send(RedisCommand("PING")) == .status("PONG"))
            await blind.close()
        }
    }

    @Test("An expired certificate is refused; the error says so where there is a clock, and else gives its dates")
    func verifiesTime() async throws {
        try await withRedisServer(.init(tls: .init(certificates, name: "expired"))) { server in
            let error = try await refusal(try client(server))
            #expect(error.code == .tls)
            #expect(error.message.contains("valid from 2020-01-01 to 2020-02-01"), "\(error.message)")
            #expect(error.message.contains("renew it"))
            let expired = try await refusal(try client(server, now: 1_800_000_000_000))
            #expect(expired.message.contains("expired on 2020-02-01"), "\(expired.message)")
            let early = try await refusal(try client(server, now: 1_500_000_000_000))
            #expect(early.message.contains("only valid from 2020-01-01 on"), "\(early.message)")
            let other = certificates.certificate("other")
            let unknown = try await refusal(try client(server, now: 1_578_000_000_000) { $0.caFile = other })
            #expect(unknown.message.contains("does not hold the CA"), "\(unknown.message)")
        }
    }

    @Test(
        "A certificate for another host is refused; it is right under its own name",
        arguments: ["localhost", "127.0.0.1"]
    )
    func verifiesName(host: String) async throws {
        try await withRedisServer(.init(tls: .init(certificates, name: "elsewhere"))) { server in
            let error = try await refusal(try client(server, host: host))
            #expect(error.code == .tls)
            #expect(error.message.contains("other names (redis.example)"), "\(error.message)")
            let named = try client(server, host: host) { $0.serverName = "redis.example" }
            #expect(try await named.send(RedisCommand("PING")) == .status("PONG"))
            await named.close()
            let address = try await refusal(try client(server) { $0.serverName = "127.0.0.1" })
            #expect(address.code == .tls)
            #expect(address.message.contains("no address"))
        }
    }

    @Test("A server that wants a client certificate gets it, or says that it wants one")
    func sendsCertificate() async throws {
        try await withRedisServer(.init(tls: .init(certificates, asksClients: true))) { server in
            let certificates = certificates
            let none = try await refusal(try client(server))
            #expect(none.code == .tls, "\(none)")
            #expect(none.message.contains("wants a client certificate"), "\(none.message)")
            let right = try client(server) {
                $0.certificateFile = certificates.certificate("client")
                $0.keyFile = certificates.key("client")
            }
            #expect(try await right.send(RedisCommand("PING")) == .status("PONG"))
            await right.close()
            let wrong = try await refusal(
                try client(server) {
                    $0.certificateFile = certificates.certificate("other")
                    $0.keyFile = certificates.key("other")
                }
            )
            #expect(wrong.code == .tls)
            #expect(wrong.message.contains("refuses this client's certificate"), "\(wrong.message)")
        }
    }

    @Test("TLS to a server without, and none to a server with it, are told apart from an outage")
    func mixesUp() async throws {
        try await withRedisServer { server in
            var configuration = try server.configuration(connectTimeout: .milliseconds(500))
            configuration.tls = RedisTLS(caFile: certificates.certificate("ca"))
            let error = try await refusalOfAny(try server.client(configuration))
            #expect([.tls, .timeout].contains(error.code), "\(error)")
            #expect(error.message.contains("redis://"), "\(error.message)")
        }
        try await withRedisServer(.init(tls: .init(certificates))) { server in
            let url = server.url.replacing("rediss", with: "redis")
            let client = RedisClient(configuration: try RedisConfiguration(url: url), logger: quiet)
            let error = try await refusalOfAny(client)
            #expect([.tls, .connectionLost].contains(error.code), "\(error)")
            #expect(error.message.contains("rediss://"), "\(error.message)")
        }
    }

    private func refusalOfAny(_ client: RedisClient) async throws -> RedisError {
        let error = try await redisError { try await client.send(RedisCommand("PING")) }
        #expect(!error.mayHaveExecuted)
        return error
    }

    @Test("Files that cannot be used are named")
    func namesFiles() async throws {
        let garbage = try certificates.file("garbage.pem", "this is no certificate")
        let certificates = certificates
        let mistakes: [(String, (inout RedisTLS) -> Void)] = [
            ("/nowhere/ca.pem does not exist", { $0.caFile = "/nowhere/ca.pem" }),
            ("\(garbage) cannot be used", { $0.caFile = garbage }),
            ("belong together", { $0.certificateFile = certificates.certificate("client") }),
            ("belong together", { $0.keyFile = certificates.key("client") }),
            (
                "/nowhere/key.pem does not exist",
                {
                    $0.certificateFile = certificates.certificate("client")
                    $0.keyFile = "/nowhere/key.pem"
                }
            ),
            (
                "\(garbage) cannot be used",
                {
                    $0.certificateFile = certificates.certificate("client")
                    $0.keyFile = garbage
                }
            ),
            (
                "cannot be used together",
                {
                    $0.certificateFile = certificates.certificate("client")
                    $0.keyFile = certificates.key("server")
                }
            ),
        ]
        try await withRedisServer(.init(tls: .init(certificates))) { server in
            for (says, change) in mistakes {
                let error = try await refusal(try client(server, change))
                #expect(error.code == .tls)
                #expect(error.message.contains(says), "\(error.message)")
            }
        }
    }

    @Test("A renewed certificate is read for the next connection")
    func readsAgain() async throws {
        try await withRedisServer(.init(tls: .init(certificates))) { server in
            let file = try certificates.file("trusted.pem", "not yet")
            let client = try client(server) { $0.caFile = file }
            #expect(try await redisError { try await client.send(RedisCommand("PING")) }.code == .tls)
            _ = try certificates.file("trusted.pem", try certificates.text("ca"))
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
            await client.close()
        }
    }
}

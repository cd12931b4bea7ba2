import Testing

@testable import SocketIOEmitter

@Suite("The handshake")
struct HandshakeTests {
    @Test(
        "It says what the configuration asks for, in one go",
        arguments: [
            ("redis://h", nil, [RedisCommand("PING")]),
            ("redis://:p@h", nil, [RedisCommand("AUTH", "p")]),
            ("redis://u:p@h/0", nil, [RedisCommand("AUTH", "u", "p")]),
            (
                "redis://u:p@h/3", "me",
                [
                    RedisCommand("AUTH", "u", "p"), RedisCommand("SELECT", "3"),
                    RedisCommand("CLIENT", "SETNAME", "me"),
                ]
            ),
        ] as [(String, String?, [RedisCommand])]
    )
    func says(url: String, name: String?, commands: [RedisCommand]) throws {
        var configuration = try RedisConfiguration(url: url)
        configuration.clientName = name
        #expect(Handshake(configuration).commands == commands)
    }

    @Test(
        "An error reply ends it only where the connection would be of no use",
        arguments: [
            ("redis://:p@h", "WRONGPASS invalid username-password pair or user is disabled.", .authentication),
            ("redis://:p@h", "ERR invalid password", .authentication),
            ("redis://:p@h", "ERR Client sent AUTH, but no password is set", .authentication),
            ("redis://u:p@h", "ERR wrong number of arguments for 'auth' command", .authentication),
            ("redis://:p@h", "ERR max number of clients reached", .refused),
            ("redis://h", "NOAUTH Authentication required.", .authentication),
            ("redis://h", "DENIED Redis is running in protected mode because …", .permission),
            ("redis://h", "ERR max number of clients reached", .refused),
            ("redis://h", "LOADING Redis is loading the dataset in memory", nil),
            ("redis://h", "NOPERM User x has no permissions to run the 'ping' command", nil),
            ("redis://h/99", "ERR DB index is out of range", .refused),
            ("redis://h/1", "NOPERM User x has no permissions to run the 'select' command", .permission),
        ] as [(String, String, RedisError.Code?)]
    )
    func judges(url: String, reply: String, code: RedisError.Code?) throws {
        var handshake = Handshake(try RedisConfiguration(url: url))
        switch handshake.received(.error(reply)) {
        case .failed(let error):
            #expect(error.code == code)
            #expect(error.message.contains(reply))
        case .done:
            #expect(code == nil)
        case .more:
            Issue.record("there is only one command")
        }
    }

    @Test("It is done after the last answer; a refused client name does not matter")
    func countsAnswers() throws {
        var configuration = try RedisConfiguration(url: "redis://:p@h/1")
        configuration.clientName = "a b"
        var handshake = Handshake(configuration)
        guard case .more = handshake.received(.status("OK")), case .more = handshake.received(.status("OK")),
            case .done = handshake.received(.error("ERR Client names cannot contain spaces"))
        else {
            Issue.record("it ended too early or too late")
            return
        }
    }
}

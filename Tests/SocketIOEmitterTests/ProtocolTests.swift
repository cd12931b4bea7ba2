import AnnounceTestKit
import NIOCore
import Testing

@testable import SocketIOEmitter

@Suite("The Redis protocol through hiredis")
struct ProtocolTests {
    private func formatted(_ commands: [RedisCommand]) throws -> String {
        let buffer = try CommandFormatter.buffer(of: commands)
        return String(decoding: buffer.readableBytesView, as: UTF8.self)
    }

    private func replies(_ chunks: [[UInt8]]) throws -> [RedisReply] {
        let reader = try ReplyReader()
        var replies: [RedisReply] = []
        for chunk in chunks {
            try reader.feed(ByteBuffer(bytes: chunk))
            while let reply = try reader.next() { replies.append(reply) }
        }
        return replies
    }

    @Test("Arguments are counted: line breaks, NUL and empty arguments are data")
    func formats() throws {
        let commands = [
            RedisCommand("PUBLISH", "a\r\nDEL x\r\n", ""),
            RedisCommand(arguments: [Array("ECHO".utf8), [0, 13, 10]]),
        ]
        let expected = "*3\r\n$7\r\nPUBLISH\r\n$10\r\na\r\nDEL x\r\n\r\n$0\r\n\r\n*2\r\n$4\r\nECHO\r\n$3\r\n\0\r\n\r\n"
        #expect(try formatted(commands) == expected)
    }

    @Test("A command without a name is refused", arguments: [[], [[]], [[], [1]]] as [[[UInt8]]])
    func refusesNameless(arguments: [[UInt8]]) throws {
        let error = try #require(throws: RedisError.self) {
            try formatted([RedisCommand("PING"), RedisCommand(arguments: arguments)])
        }
        #expect(error.code == .invalidCommand)
    }

    @Test("Every kind of reply is read")
    func reads() throws {
        let text = "+OK\r\n:-42\r\n$3\r\na\0b\r\n$-1\r\n-ERR no\r\n*3\r\n:1\r\n*-1\r\n*1\r\n$0\r\n\r\n"
        let expected: [RedisReply] = [
            .status("OK"), .integer(-42), .string([97, 0, 98]), .null, .error("ERR no"),
            .array([.integer(1), .null, .array([.string([])])]),
        ]
        #expect(try replies([Array(text.utf8)]) == expected)
    }

    @Test("Replies are the same however the bytes are cut", arguments: [UInt64.random(in: 0 ... .max)])
    func readsPieces(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let text = "+OK\r\n:7\r\n$5\r\nhello\r\n*2\r\n$1\r\na\r\n:2\r\n-ERR x\r\n"
        let whole = Array(String(repeating: text, count: 20).utf8)
        let expected = try replies([whole])
        #expect(expected.count == 100)
        for _ in 0..<50 {
            var chunks: [[UInt8]] = []
            var rest = whole[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...min(40, rest.count), using: &random)
                chunks.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(try replies(chunks) == expected, "seed \(seed)")
        }
    }

    @Test(
        "What is not Redis is an error",
        arguments: [
            ("HTTP/1.1 400 Bad Request\r\n\r\n", .protocol), ("\u{15}\u{3}\u{1}", .tls), (":x\r\n", .protocol),
        ] as [(String, RedisError.Code)]
    )
    func refusesOthers(text: String, code: RedisError.Code) throws {
        let error = try #require(throws: RedisError.self) { try replies([Array(text.utf8)]) }
        #expect(error.code == code)
    }

    @Test(
        "Error replies become errors with a remedy",
        arguments: [
            ("WRONGPASS invalid username-password pair", .authentication), ("NOAUTH Authentication", .authentication),
            ("ERR invalid password", .authentication), ("NOPERM this user", .permission), ("LOADING x", .unavailable),
            ("BUSY x", .unavailable), ("READONLY x", .unavailable), ("MASTERDOWN x", .unavailable),
            ("TRYAGAIN x", .unavailable), ("MOVED 1 h:2", .moved), ("ASK 1 h:2", .moved),
            ("ERR This instance has cluster support disabled", .refused), ("OOM command not allowed", .outOfMemory),
            ("ERR unknown command", .refused), ("WEIRD", .refused),
        ] as [(String, RedisError.Code)]
    )
    func explains(text: String, code: RedisError.Code) {
        let error = RedisError(errorReply: text)
        #expect(error.code == code)
        #expect(error.message.contains(text))
        #expect(!error.mayHaveExecuted)
    }

    @Test(
        "An older Redis that knows no sharded channels is told from other refusals",
        arguments: [
            "ERR unknown command 'SPUBLISH', with args beginning with: 'socket.io#/#'",
            "ERR Unknown subcommand or wrong number of arguments for 'SHARDNUMSUB'. Try PUBSUB HELP.",
            "ERR unknown command 'ssubscribe'",
        ]
    )
    func explainsOldRedis(text: String) {
        #expect(RedisError(errorReply: text).message.contains("needs Redis 7"))
    }
}

import Testing

@testable import SocketIOEmitter

@Suite("The search for a master")
struct SentinelDecisionTests {
    private typealias Endpoint = RedisConfiguration.Endpoint

    private let sentinels = (1...3).map { Endpoint.tcp(host: "s", port: $0) }

    private func address(_ host: String, _ port: String) -> RedisReply {
        .array([.string(Array(host.utf8)), .string(Array(port.utf8))])
    }

    @Test("Every attempt begins with another sentinel, and all are asked", arguments: 1...7)
    func order(attempt: Int) throws {
        var search = SentinelSearch(sentinels, master: "m", attempt: attempt)
        let first = (attempt - 1) % 3
        #expect(search.question == RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "m"))
        for offset in 0..<3 { #expect(try search.next() == sentinels[(first + offset) % 3]) }
        #expect(throws: RedisError.self) { try search.next() }
    }

    @Test("An address is the master's; nothing and nonsense are not")
    func answers() {
        var search = SentinelSearch(sentinels, master: "m", attempt: 1)
        #expect(search.received(address("10.0.0.1", "6379")) == .tcp(host: "10.0.0.1", port: 6379))
        #expect(search.received(address("::1", "1")) == .tcp(host: "::1", port: 1))
        for nonsense in [.null, .array([]), address("", "1"), address("h", "0"), address("h", "x"), .integer(1)] {
            #expect(search.received(nonsense) == nil)
        }
    }

    @Test("Where no sentinel knows the name the error says so; where none answers, why")
    func failures() throws {
        var search = SentinelSearch(sentinels, master: "nosuch", attempt: 1)
        _ = search.received(.null)
        search.failed(RedisError(code: .unreachable, message: "It is down."))
        let error = try #require(throws: RedisError.self) { while true { _ = try search.next() } }
        #expect(error.code == .refused)
        #expect(error.message.contains("\"nosuch\""))
        #expect(error.message.contains("s:1, s:2, s:3"))
        search = SentinelSearch(sentinels, master: "m", attempt: 1)
        search.failed(RedisError(code: .timeout, message: "It slept."))
        _ = search.received(.error("NOAUTH Authentication required."))
        let refused = try #require(throws: RedisError.self) { while true { _ = try search.next() } }
        #expect(refused.code == .authentication)
        #expect(refused.message.contains("NOAUTH"))
    }

    @Test("Sentinels have their own user, and a share of the time")
    func configuration() throws {
        let url = "redis+sentinel://u:p@a,b/m?db=2&sentinel-user=s&sentinel-password=q"
        let one = try RedisConfiguration(url: url).sentinel(sentinels[0], of: 2)
        #expect(Handshake(one).commands == [RedisCommand("AUTH", "s", "q")])
        #expect(one.connectTimeout == .seconds(5) / 3)
        let master = try RedisConfiguration(url: url)
        #expect(
            Handshake(master).commands == [
                RedisCommand("AUTH", "u", "p"), RedisCommand("SELECT", "2"), RedisCommand("ROLE"),
            ]
        )
    }
}

import Testing

@testable import SocketIOEmitter

@Suite("Redis URLs")
struct RedisURLTests {
    struct Good: Sendable {
        let url: String
        let endpoint: RedisConfiguration.Endpoint
        var username: String?
        var password: String?
        var database = 0
        let description: String
    }

    @Test(
        "A URL says where Redis is and who connects",
        arguments: [
            Good(url: "redis://h", endpoint: .tcp(host: "h", port: 6379), description: "redis://h:6379/0"),
            Good(url: "REDIS://h:1/", endpoint: .tcp(host: "h", port: 1), description: "redis://h:1/0"),
            Good(
                url: "redis://h:65535/12",
                endpoint: .tcp(host: "h", port: 65535),
                database: 12,
                description: "redis://h:65535/12"
            ),
            Good(
                url: "redis://h?db=3",
                endpoint: .tcp(host: "h", port: 6379),
                database: 3,
                description: "redis://h:6379/3"
            ),
            Good(
                url: "redis://:pa%3Ass%40%2f%25@10.0.0.1:7",
                endpoint: .tcp(host: "10.0.0.1", port: 7),
                password: "pa:ss@/%",
                description: "redis://:***@10.0.0.1:7/0"
            ),
            Good(
                url: "redis://us%C3%A9r:p@h/1",
                endpoint: .tcp(host: "h", port: 6379),
                username: "us\u{e9}r",
                password: "p",
                database: 1,
                description: "redis://us\u{e9}r:***@h:6379/1"
            ),
            Good(
                url: "redis://u:a@b:c@h",
                endpoint: .tcp(host: "h", port: 6379),
                username: "u",
                password: "a@b:c",
                description: "redis://u:***@h:6379/0"
            ),
            Good(url: "redis://[::1]", endpoint: .tcp(host: "::1", port: 6379), description: "redis://[::1]:6379/0"),
            Good(
                url: "redis://:p@[fe80::1]:6380/2",
                endpoint: .tcp(host: "fe80::1", port: 6380),
                password: "p",
                database: 2,
                description: "redis://:***@[fe80::1]:6380/2"
            ),
            Good(
                url: "unix:///run/redis.sock",
                endpoint: .unix(path: "/run/redis.sock"),
                description: "unix:///run/redis.sock?db=0"
            ),
            Good(
                url: "unix:///a%20b?db=1",
                endpoint: .unix(path: "/a b"),
                database: 1,
                description: "unix:///a b?db=1"
            ),
            Good(
                url: "unix://user:pass@/path",
                endpoint: .unix(path: "/path"),
                username: "user",
                password: "pass",
                description: "unix://user:***@/path?db=0"
            ),
        ]
    )
    func reads(good: Good) throws {
        let configuration = try RedisConfiguration(url: good.url)
        #expect(configuration.endpoint == good.endpoint)
        #expect(configuration.username == good.username)
        #expect(configuration.password == good.password)
        #expect(configuration.database == good.database)
        #expect(configuration.description == good.description)
        #expect(configuration.connectTimeout == .seconds(5))
        #expect(configuration.commandTimeout == .seconds(5))
    }

    @Test(
        "A URL that cannot be understood is refused, and its password is not repeated",
        arguments: [
            ("", "no scheme"), ("localhost:6379", "no scheme"), ("http://secret@h", "unknown scheme"),
            ("redis://", "no host"), ("redis://:secret@", "no host"), ("redis://:6379", "no host"),
            ("redis://h:0", "port"), ("redis://h:65536", "port"), ("redis://h:abc", "port"), ("redis://h:", "port"),
            ("redis://h:99999999999999999999", "port"), ("redis://::1", "more than one colon"),
            ("redis://secret@h", "no colon"), ("redis://user:@h", "empty password"),
            ("redis://[::1", "[ without a ]"), ("redis://[::1]x", "after the ]"),
            ("redis://h/one", "database"), ("redis://h/-1", "database"), ("redis://h/1/2", "database"),
            ("redis://h/99999999999", "database"), ("redis://h/1?db=1", "twice"), ("redis://h?timeout=3", "query"),
            ("redis://h?db", "query"), ("redis://h?db=", "database"), ("redis://:secret%4@h", "hexadecimal"),
            ("redis://:secret%zz@h", "hexadecimal"), ("redis://:secret%ff@h", "UTF-8"), ("redis://:se#cret@h", "#"),
            ("redis://:se/secret@h", "no host"), ("redis://u:se/secret@h", "port"),
            ("unix://", "socket path"), ("unix:///", "socket path"), ("unix://path", "socket path"),
            ("unix:///\(String(repeating: "x", count: 103))", "103 bytes"), ("unix:///a%00b", "NUL"),
        ]
    )
    func refuses(url: String, expected: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error.code == .invalidURL)
        #expect(error.message.contains(expected), "\(error.message)")
        #expect(!error.message.contains("secret"))
        #expect(!error.mayHaveExecuted)
    }

    @Test(
        "What comes later is recognised and refused",
        arguments: ["rediss://:secret@h", "redis+sentinel://:secret@h", "redis+cluster://:secret@h"]
    )
    func refusesUnsupported(url: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error.code == .unsupported)
        #expect(!error.message.contains("secret"))
    }

    @Test("No way of printing a configuration shows its password")
    func hidesPassword() throws {
        let configuration = try RedisConfiguration(url: "redis://app:s3cret@h/1")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped, "\([configuration])"] {
            #expect(!text.contains("s3cret"))
            #expect(text.contains("app:***@h:6379/1"))
        }
    }
}

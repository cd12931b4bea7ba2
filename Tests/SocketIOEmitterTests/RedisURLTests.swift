import Testing

@testable import SocketIOEmitter

@Suite("Redis URLs")
struct RedisURLTests {
    struct Good: Sendable {
        let url: String
        var topology: RedisConfiguration.Topology
        var username: String?
        var password: String?
        var database = 0
        var isEncrypted = false
        var sentinelUser: String?
        var sentinelPassword: String?
        let description: String
    }

    @Test(
        "A URL says where Redis is and who connects",
        arguments: [
            Good(url: "redis://h", topology: .standalone(.tcp(host: "h", port: 6379)), description: "redis://h:6379/0"),
            Good(url: "REDIS://h:1/", topology: .standalone(.tcp(host: "h", port: 1)), description: "redis://h:1/0"),
            Good(
                url: "redis://h:65535/12",
                topology: .standalone(.tcp(host: "h", port: 65535)),
                database: 12,
                description: "redis://h:65535/12"
            ),
            Good(
                url: "redis://h?db=3",
                topology: .standalone(.tcp(host: "h", port: 6379)),
                database: 3,
                description: "redis://h:6379/3"
            ),
            Good(
                url: "redis://:pa%3Ass%40%2f%25@10.0.0.1:7",
                topology: .standalone(.tcp(host: "10.0.0.1", port: 7)),
                password: "pa:ss@/%",
                description: "redis://:***@10.0.0.1:7/0"
            ),
            Good(
                url: "redis://us%C3%A9r:p@h/1",
                topology: .standalone(.tcp(host: "h", port: 6379)),
                username: "us\u{e9}r",
                password: "p",
                database: 1,
                description: "redis://us\u{e9}r:***@h:6379/1"
            ),
            Good(
                url: "redis://u:a@b:c@h",
                topology: .standalone(.tcp(host: "h", port: 6379)),
                username: "u",
                password: "a@b:c",
                description: "redis://u:***@h:6379/0"
            ),
            Good(
                url: "redis://[::1]",
                topology: .standalone(.tcp(host: "::1", port: 6379)),
                description: "redis://[::1]:6379/0"
            ),
            Good(
                url: "redis://:p@[fe80::1]:6380/2",
                topology: .standalone(.tcp(host: "fe80::1", port: 6380)),
                password: "p",
                database: 2,
                description: "redis://:***@[fe80::1]:6380/2"
            ),
            Good(
                url: "unix:///run/redis.sock",
                topology: .standalone(.unix(path: "/run/redis.sock")),
                description: "unix:///run/redis.sock?db=0"
            ),
            Good(
                url: "unix:///a%20b?db=1",
                topology: .standalone(.unix(path: "/a b")),
                database: 1,
                description: "unix:///a b?db=1"
            ),
            Good(
                url: "unix://user:pass@/path",
                topology: .standalone(.unix(path: "/path")),
                username: "user",
                password: "pass",
                description: "unix://user:***@/path?db=0"
            ),
            Good(
                url: "rediss://u:p@h:6380/1",
                topology: .standalone(.tcp(host: "h", port: 6380)),
                username: "u",
                password: "p",
                database: 1,
                isEncrypted: true,
                description: "rediss://u:***@h:6380/1"
            ),
            Good(
                url: "redis+sentinel://a,b:1,[::1]:2/my%20master",
                topology: .sentinel(
                    sentinels: [.tcp(host: "a", port: 26379), .tcp(host: "b", port: 1), .tcp(host: "::1", port: 2)],
                    master: "my master"
                ),
                description: "redis+sentinel://a:26379,b:1,[::1]:2/my master?db=0"
            ),
            Good(
                url: "rediss+sentinel://u:p@a/m?db=3&sentinel-user=s&sentinel-password=q%26r",
                topology: .sentinel(sentinels: [.tcp(host: "a", port: 26379)], master: "m"),
                username: "u",
                password: "p",
                database: 3,
                isEncrypted: true,
                sentinelUser: "s",
                sentinelPassword: "q&r",
                description: "rediss+sentinel://u:***@a:26379/m?db=3&sentinel-user=s&sentinel-password=***"
            ),
            Good(
                url: "redis+sentinel://a/m/4?sentinel-password=q",
                topology: .sentinel(sentinels: [.tcp(host: "a", port: 26379)], master: "m"),
                database: 4,
                sentinelPassword: "q",
                description: "redis+sentinel://a:26379/m?db=4&sentinel-password=***"
            ),
            Good(
                url: "redis+cluster://u:p@a,b:7001",
                topology: .cluster(seeds: [.tcp(host: "a", port: 6379), .tcp(host: "b", port: 7001)]),
                username: "u",
                password: "p",
                description: "redis+cluster://u:***@a:6379,b:7001"
            ),
            Good(
                url: "rediss+cluster://a/0",
                topology: .cluster(seeds: [.tcp(host: "a", port: 6379)]),
                isEncrypted: true,
                description: "rediss+cluster://a:6379"
            ),
        ]
    )
    func reads(good: Good) throws {
        let configuration = try RedisConfiguration(url: good.url)
        #expect(configuration.topology == good.topology)
        #expect(configuration.username == good.username)
        #expect(configuration.password == good.password)
        #expect(configuration.database == good.database)
        #expect(configuration.tls == (good.isEncrypted ? RedisTLS() : nil))
        #expect(configuration.sentinelUsername == good.sentinelUser)
        #expect(configuration.sentinelPassword == good.sentinelPassword)
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
            ("redis://a,b", "several hosts"), ("redis+sentinel://a", "no master"),
            ("redis+sentinel://a/", "no master"), ("redis+sentinel://a,/m", "no host"),
            ("redis+sentinel://a/m/1?db=1", "twice"), ("redis+sentinel://a/m/x", "database"),
            ("redis+sentinel://a/m?sentinel-user=s", "without a password"),
            ("redis+sentinel://a/m?sentinel=secret", "query"),
            ("redis://a?sentinel-password=secret", "query"), ("redis+cluster://a/1", "only 0"),
            ("redis+cluster://a?db=2", "only 0"), ("redis+cluster://", "no host"),
        ]
    )
    func refuses(url: String, expected: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error.code == .invalidURL)
        #expect(error.message.contains(expected), "\(error.message)")
        #expect(!error.message.contains("secret"))
        #expect(!error.mayHaveExecuted)
    }

    @Test("No way of printing a configuration shows its password")
    func hidesPassword() throws {
        var configuration = try RedisConfiguration(url: "redis://app:s3cret@h/1")
        configuration.sentinelPassword = "s3cret"
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped, "\([configuration])"] {
            #expect(!text.contains("s3cret"))
            #expect(text.contains("app:***@h:6379/1"))
        }
    }
}

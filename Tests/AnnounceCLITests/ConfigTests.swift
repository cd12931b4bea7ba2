import AnnounceTestKit
import Payload
import Testing

/// The settings in use, as `announce config` shows them.
@Suite struct ConfigTests {
    private let announce: Program

    init() throws {
        announce = try Program()
    }

    @Test("config shows each setting, where it comes from, and no password")
    func config() async throws {
        let file = try announce.write("wire: streams\nstream:\n  max-length: 500\n", to: "some.yaml")
        let words = ["config", "--config", file, "--stream", "site", "-o", "json"]
        let secret = ["ANNOUNCE_REDIS_URL": "redis://eva:geheim@h:1/2", "ANNOUNCE_PUBLISH_ONCE": "off"]
        let shown = try await announce.run(words, with: secret)
        #expect(!shown.stdout.contains("geheim"))
        func setting(_ key: String) throws -> PayloadValue {
            try #require(try shown.json.elements.first { $0["key"]?.text == key })
        }
        for (key, value, source, place) in [
            ("wire", "streams", "file", file), ("stream.max-length", "500", "file", file),
            ("stream.name", "site", "option", nil), ("publish-once", "off", "environment", "ANNOUNCE_PUBLISH_ONCE"),
            ("redis.url", "redis://eva:***@h:1/2", "environment", "ANNOUNCE_REDIS_URL"), ("socketio", "4", "default", nil),
        ] {
            #expect(try setting(key)["value"]?.text == value)
            #expect(try setting(key)["source"]?.text == source)
            #expect(try setting(key)["place"]?.text == place)
        }
        let table = try await announce.run(["config", "--config", file])
        #expect(table.stdout.contains("wire"))
        #expect(table.stdout.hasPrefix("KEY "))
    }
}

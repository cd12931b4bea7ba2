import Announce
import SocketIOEmitter
import Testing

@testable import AnnounceCLI

/// How fast a dispatcher sends and how long it keeps records, by the settings and the wire.
@Suite struct LimitSettingsTests {
    @Test(
        "Bytes are read with and without a unit",
        arguments: [("65536", 65_536), ("512KiB", 524_288), ("16MiB", 16 << 20)]
    )
    func bytes(text: String, expected: Int) throws {
        let limits = try LimitSettings(bytesPerSecond: text, age: "30d", count: "none")
        #expect(DispatcherSettings(limits, .classic(ClassicWire())).pace.bytesPerSecond == expected)
    }

    @Test(
        "Records are kept for a span, and up to a number",
        arguments: [("none", nil), ("1000", 1_000)] as [(String, Int?)]
    )
    func retention(count: String, expected: Int?) throws {
        let limits = try LimitSettings(bytesPerSecond: "1", age: "1d12h", count: count)
        #expect(limits.retention == Retention(age: 36 * 3_600_000, count: expected))
    }

    @Test("What cannot be used is refused", arguments: ["", "MiB", "-1", "1.5MiB", "99999999999MiB", "1 GiB"])
    func refused(text: String) {
        #expect(throws: CommandFailure.self) { try LimitSettings(bytesPerSecond: text, age: "30d", count: "none") }
    }

    @Test(
        "An age that no clock reaches is refused",
        arguments: ["9999999999999d", "106751991168d"]
    )
    func longest(age: String) {
        #expect(throws: CommandFailure.self) { try LimitSettings(bytesPerSecond: "1", age: age, count: "none") }
    }

    @Test(
        "On streams at most half of one goes out in a second, in batches of an eighth",
        arguments: [(10_000, 5_000, 1_250), (80, 40, 10), (1, 1, 1)]
    )
    func streams(length: Int, messages: Int, batch: Int) throws {
        let limits = try LimitSettings(bytesPerSecond: "16MiB", age: "30d", count: "none")
        let settings = DispatcherSettings(limits, .streams(StreamsWire(maximumLength: length)))
        #expect(settings.pace.messagesPerSecond == messages)
        #expect(settings.batch == batch)
        #expect(DispatcherSettings(limits, .classic(ClassicWire())).pace.messagesPerSecond == nil)
    }
}

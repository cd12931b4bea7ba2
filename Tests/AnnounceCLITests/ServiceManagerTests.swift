import AnnounceTestKit
import Foundation
import Synchronization
import Testing

/// A socket such as systemd's, on which a service says how it is.
private final class NotificationSocket: Sendable {
    /// What `NOTIFY_SOCKET` is set to; one that begins with `@` is abstract.
    let name: String
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    init(_ name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(name.replacingOccurrences(of: "@", with: "\0").utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard result == 0 else { throw SpawnFailure("bind", errno) }
    }

    deinit { close(descriptor) }

    /// The lines of all messages so far.
    var lines: [String] {
        received.withLock { lines in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return lines }
                lines += String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
            }
        }
    }

    /// How often it was given a sign of life.
    var signs: Int { lines.count { $0 == "WATCHDOG=1" } }
}

/// `announce run` as a service of systemd's: `Type=notify` and `WatchdogSec=`.
@Suite(.serialized) struct ServiceManagerTests {
    private static let leads = "STATUS=Leads."

    @Test(
        "It says when it is ready, gives signs of life while nothing is due, and says that it stops",
        arguments: [true, false]
    )
    func life(isAbstract: Bool) async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let manager = try NotificationSocket(
                isAbstract ? "@announce-\(UUID().uuidString)" : announce.folder.file("notify")
            )
            let running = try await announce.dispatcher(
                with: ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "1000000"]
            )
            // The longest nap is five seconds, and a turn of the loop follows.
            try await eventually(timeout: .seconds(20), "it gives signs; it said \(manager.lines)") {
                manager.signs >= 2
            }
            #expect(manager.lines.first == "READY=1")
            #expect(manager.lines.contains(Self.leads))
            running.signal(SIGTERM)
            #expect(try await announce.end(of: running).status == 0)
            #expect(manager.lines.count { $0 == "READY=1" } == 1)
            #expect(manager.lines.contains("STOPPING=1"))
            #expect(running.stderr.isEmpty || !running.stderr.contains("Warning"))
        }
    }

    @Test("A standby is ready, and says what it does")
    func standby() async throws {
        try await withRedisServer { redis in
            let announce = try Program(redis: redis.url)
            let leader = try await announce.dispatcher()
            let manager = try NotificationSocket(announce.folder.file("notify"))
            _ = try await announce.dispatcher(with: ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "1000000"])
            try await eventually(timeout: .seconds(20), "it gives signs; it said \(manager.lines)") {
                manager.signs >= 2
            }
            #expect(manager.lines.contains("STATUS=Stands by: another dispatcher leads."))
            leader.signal(SIGTERM)
            try await eventually(timeout: .seconds(20), "it leads") { manager.lines.contains(Self.leads) }
        }
    }

    @Test("While Redis is away it is alive, and says that it cannot publish")
    func redisAway() async throws {
        let announce = try Program()
        let manager = try NotificationSocket(announce.folder.file("notify"))
        _ = try await announce.dispatcher(with: ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "1000000"])
        #expect(try await announce.run("add", "--all", "--in", "0s", "hello").status == 0)
        try await eventually("it says so; it said \(manager.lines)") {
            manager.lines.contains { $0.hasPrefix("STATUS=Cannot publish") }
        }
        let signs = manager.signs
        try await eventually(timeout: .seconds(30), "it gives signs; it said \(manager.lines)") {
            manager.signs >= signs + 3
        }
    }

    @Test("Signs of life are for whom they are wanted from", arguments: [nil, "1", "0"])
    func unwanted(_ process: String?) async throws {
        let announce = try Program()
        let manager = try NotificationSocket(announce.folder.file("notify"))
        let running = try await announce.dispatcher(
            with: [
                "NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": process.map { _ in "1000000" }, "WATCHDOG_PID": process,
            ]
        )
        try await eventually("it leads; it said \(manager.lines)") { manager.lines.contains(Self.leads) }
        running.signal(SIGTERM)
        #expect(try await announce.end(of: running).status == 0)
        #expect(manager.signs == 0)
    }

    @Test(
        "A manager that cannot be told is no reason to stop, and is complained of once",
        arguments: ["/nobody", "vsock:2:1", "/"]
    )
    func nobody(_ name: String) async throws {
        let announce = try Program()
        let running = try await announce.dispatcher(
            with: ["NOTIFY_SOCKET": name == "/nobody" ? announce.folder.file("nobody") : name]
        )
        try await eventually("it complains; it said \(running.stderr)") { running.stderr.contains("NOTIFY_SOCKET") }
        running.signal(SIGTERM)
        #expect(try await announce.end(of: running).status == 0)
        #expect(running.stderr.components(separatedBy: "Warning: the service manager").count == 2)
    }
}

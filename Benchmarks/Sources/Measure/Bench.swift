import Foundation
import Logging
import SocketIOEmitter

/// A private Redis, a private database, one dispatcher, and a subscriber that notes when it hears what.
final class Bench {
    private let program: String
    private let folder: URL
    private let redis: Process
    private let dispatcher: Process
    private let environment: [String: String]
    private var heard: RedisSubscription.AsyncIterator
    private let client: RedisClient

    init(program: String) async throws {
        self.program = program
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("measure-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let socket = folder.appendingPathComponent("redis.sock").path
        redis = try Self.launch(
            "/usr/bin/env",
            ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"],
            ProcessInfo.processInfo.environment
        )
        while !FileManager.default.fileExists(atPath: socket) { usleep(1_000) }
        environment = [
            "PATH": "/usr/bin:/bin", "HOME": folder.path,
            "ANNOUNCE_DATABASE": folder.appendingPathComponent("a.sqlite").path,
            "ANNOUNCE_REDIS_URL": "unix://\(socket)",
        ]
        client = RedisClient(
            configuration: try RedisConfiguration(url: "unix://\(socket)"),
            logger: Logger(label: "measure")
        )
        heard = try await client.subscribe(patterns: ["socket.io#*"]).makeAsyncIterator()
        let output = Pipe()
        dispatcher = try Self.launch(program, ["run", "--quiet"], environment, output: output)
        guard String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).hasPrefix("ready") else {
            throw CocoaError(.executableNotLoadable)
        }
    }

    func stop() {
        dispatcher.terminate()
        dispatcher.waitUntilExit()
        redis.terminate()
        redis.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    // MARK: Questions

    /// How late 200 announcements 50 ms apart are heard.
    func lateness() async throws {
        let count = 200
        let first = Self.now() + 20
        for index in 0..<count {
            let due = ((first + Double(index) * 0.05) * 1000).rounded() / 1000
            try add(["--at", Self.instant(due), "--all", String(format: "%.3f", due)])
        }
        precondition(Self.now() < first, "adding took longer than the lead")
        var late: [Double] = []
        while late.count < count, let message = try await heard.next() {
            let now = Self.now()
            guard let due = Self.text(message).flatMap(Double.init) else { continue }
            late.append((now - due) * 1000)
        }
        report("lateness", late, "200 announcements 50 ms apart, due to heard")
    }

    /// How soon an announcement for now is heard, from the start of the process that adds it.
    func wake() async throws {
        var delays: [Double] = []
        for index in 0..<50 {
            let began = Self.now()
            try add(["--in", "0s", "--all", "wake \(index)"])
            while let message = try await heard.next(), Self.text(message) != "wake \(index)" {}
            delays.append((Self.now() - began) * 1000)
        }
        report("wake", delays, "50 times `announce add --in 0s`, start of that process to heard")
    }

    /// What an idle dispatcher uses of a core.
    func idle() async throws {
        let seconds = 20.0
        let before = processorTime()
        try await Task.sleep(for: .seconds(seconds))
        let share = (processorTime() - before) / seconds * 100
        print("{\"question\":\"idle\",\"percent_of_a_core\":\(String(format: "%.3f", share)),\"seconds\":\(seconds)}")
    }

    // MARK: Tools

    private func add(_ arguments: [String]) throws {
        let process = try Self.launch(program, ["add"] + arguments, environment, output: Pipe())
        process.waitUntilExit()
        precondition(process.terminationStatus == 0, "announce add failed")
    }

    private static func launch(
        _ path: String,
        _ arguments: [String],
        _ environment: [String: String],
        output: Any? = FileHandle.nullDevice
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = environment
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// The processor time of the dispatcher in seconds (`proc_pid_stat(5)`, fields 14 and 15).
    private func processorTime() -> Double {
        let path = "/proc/\(dispatcher.processIdentifier)/stat"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        let ticks = (Double(fields[12]) ?? 0) + (Double(fields[13]) ?? 0)
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private func report(_ question: String, _ values: [Double], _ what: String) {
        let sorted = values.sorted()
        func at(_ share: Double) -> String { String(format: "%.2f", sorted[Int(Double(sorted.count - 1) * share)]) }
        print(
            "{\"question\":\"\(question)\",\"what\":\"\(what)\",\"n\":\(sorted.count),\"min_ms\":\(at(0)),"
                + "\"median_ms\":\(at(0.5)),\"p99_ms\":\(at(0.99)),\"max_ms\":\(at(1))}"
        )
    }

    private static func text(_ message: RedisMessage) -> String? {
        let heard = try? ClassicWire().decode(channel: message.channel, payload: message.payload)
        guard case .string(let text)? = heard?.arguments.first else { return nil }
        return text
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// An instant as the command line reads it.
    private static func instant(_ seconds: Double) -> String {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        return formatter.string(from: Date(timeIntervalSince1970: seconds))
    }
}

import Foundation
import Logging
import SocketIOEmitter
import Subprocess
import SystemPackage

/// A private Redis, a private database, one dispatcher, and a subscriber that notes when it hears what.
final class Site: Sendable {
    private let program: String
    private let environment: Subprocess.Environment
    private let dispatcher: pid_t
    private let heard: AsyncStream<Heard>
    private let iterator: Once

    /// The first argument of a broadcast, and when it was heard, in seconds since 1970.
    struct Heard: Sendable {
        let text: String
        let at: Double
    }

    /// One reader of a stream, from one task at a time.
    private actor Once {
        private var iterator: AsyncStream<Heard>.AsyncIterator

        init(_ stream: AsyncStream<Heard>) {
            iterator = stream.makeAsyncIterator()
        }

        func next() async -> Heard? {
            var copy = iterator
            defer { iterator = copy }
            return await copy.next(isolation: self)
        }
    }

    private init(program: String, environment: Subprocess.Environment, dispatcher: pid_t, heard: AsyncStream<Heard>) {
        self.program = program
        self.environment = environment
        self.dispatcher = dispatcher
        self.heard = heard
        iterator = Once(heard)
    }

    /// Runs a body on a site that is up, and takes it down again.
    static func running(_ program: String, _ body: @Sendable (Site) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("measure-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let socket = folder.appendingPathComponent("redis.sock").path
        let environment = Subprocess.Environment.custom([
            "PATH": "/usr/bin:/bin", "HOME": folder.path, "ANNOUNCE_REDIS_URL": "unix://\(socket)",
            "ANNOUNCE_DATABASE": folder.appendingPathComponent("a.sqlite").path,
        ])
        let redis: Arguments = ["--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"]
        try await during(.name("redis-server"), redis, .inherit, ready: "eady to accept connections") { _ in
            try await during(.path(FilePath(program)), ["run", "--quiet"], environment, ready: "ready") { pid in
                let heard = try await listen("unix://\(socket)")
                try await body(Site(program: program, environment: environment, dispatcher: pid, heard: heard))
            }
        }
    }

    /// Runs a program, waits for a line that tells that it is up, runs the body, and stops the program.
    private static func during(
        _ executable: Executable,
        _ arguments: Arguments,
        _ environment: Subprocess.Environment,
        ready: String,
        _ body: @Sendable (pid_t) async throws -> Void
    ) async throws {
        _ = try await run(
            executable,
            arguments: arguments,
            environment: environment,
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            for try await line in execution.standardOutput.strings() where line.contains(ready) { break }
            do {
                try await body(execution.processIdentifier.value)
            } catch {
                try execution.send(signal: .terminate)
                throw error
            }
            try execution.send(signal: .terminate)
        }
    }

    private static func listen(_ url: String) async throws -> AsyncStream<Heard> {
        let client = RedisClient(configuration: try RedisConfiguration(url: url), logger: Logger(label: "measure"))
        let subscription = try await client.subscribe(patterns: ["socket.io#*"])
        let (stream, continuation) = AsyncStream.makeStream(of: Heard.self)
        let reading = Task {
            for try await message in subscription {
                let at = now()
                let broadcast = try ClassicWire().decode(channel: message.channel, payload: message.payload)
                if case .string(let text)? = broadcast.arguments.first { continuation.yield(Heard(text: text, at: at)) }
            }
        }
        continuation.onTermination = { _ in
            reading.cancel()
            // The client closes its connections when nobody holds it any more.
            _ = client
        }
        return stream
    }

    /// The next that is heard.
    func next() async throws -> Heard {
        guard let heard = await iterator.next() else { throw MeasureError("The subscription has ended.") }
        return heard
    }

    /// Runs a command of the program to its end.
    func announce(_ words: String...) async throws {
        let result = try await run(
            .path(FilePath(program)),
            arguments: Arguments(words),
            environment: environment,
            output: .discarded,
            error: .string(limit: 4096)
        )
        guard result.terminationStatus.isSuccess else {
            throw MeasureError("announce \(words.joined(separator: " ")): \(result.standardError)")
        }
    }

    /// The processor time that the dispatcher has used, in seconds (`proc_pid_stat(5)`, fields 14 and 15).
    func dispatcherTime() -> Double {
        let text = (try? String(contentsOfFile: "/proc/\(dispatcher)/stat", encoding: .utf8)) ?? ""
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return .nan }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The wall clock in seconds since 1970.
    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// An instant, in milliseconds since 1970, as the command line reads it.
    static func rfc3339(_ milliseconds: Int) -> String {
        // Half a millisecond keeps the format, which cuts, from cutting off one.
        Date(timeIntervalSince1970: (Double(milliseconds) + 0.5) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}

import AnnounceTestKit
import Foundation
import Payload
import Synchronization
import Testing

/// The built `announce`, with a folder, home, settings and database of its own.
///
///     let announce = try Program(redis: redis.url)
///     let added = try await announce.run("add", "--all", "--in", "2s", "Hello")
///     let dispatcher = try announce.start("run")
///
/// What it started is killed when it goes: keep it as a property of the suite.
final class Program: Sendable {
    /// What a finished command left.
    struct Finished: Sendable {
        let status: Int32
        let stdout: String
        let stderr: String

        /// The data as JSON.
        var json: PayloadValue {
            get throws { try PayloadValue(json: stdout) }
        }

        /// The lines of data.
        var lines: [String] { stdout.split(separator: "\n").map(String.init) }
    }

    let folder: TemporaryFolder
    /// The database that its environment names.
    let database: String
    private let environment: [String: String]
    private let started = Mutex<[RunningProgram]>([])
    private let count = Atomic(0)

    /// Makes a folder; without a Redis, the program's Redis is a port on which nothing listens.
    init(redis: String? = nil) throws {
        folder = try TemporaryFolder()
        database = folder.file("a.sqlite")
        var environment = [
            "PATH": "/usr/bin:/bin",
            "USER": "tester",
            "HOME": folder.file("home"),
            "XDG_CONFIG_HOME": folder.file("config"),
            "XDG_DATA_HOME": folder.file("data"),
            "ANNOUNCE_DATABASE": database,
            "ANNOUNCE_REDIS_URL": try redis ?? "redis://127.0.0.1:\(freePort())",
            "ANNOUNCE_TIMEZONE": "UTC",
        ]
        for key in ["TZDIR", "LD_LIBRARY_PATH"] {
            if let value = ProcessInfo.processInfo.environment[key] { environment[key] = value }
        }
        self.environment = environment
        // An empty file of settings: the machine's own in /etc is not looked at.
        try write("", to: "config/announce/announce.yaml")
    }

    deinit {
        for program in started.withLock({ $0 }) { program.kill() }
    }

    /// The executable, which is built beside the test bundle.
    static let executable = (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0]))
        .deletingLastPathComponent().appendingPathComponent("announce").path

    /// Runs a command to its end.
    ///
    /// - Parameters:
    ///   - arguments: the command line.
    ///   - input: its standard input.
    ///   - changes: variables that are other than usual; nil takes one away.
    /// - Returns: its exit code and what it printed.
    /// - Throws: when it cannot be started or does not end.
    func run(_ arguments: [String], input: String = "", with changes: [String: String?] = [:]) async throws -> Finished
    {
        try await end(of: start(arguments, input: input, with: changes))
    }

    func run(_ arguments: String...) async throws -> Finished {
        try await run(arguments)
    }

    /// Starts a command that stays.
    func start(
        _ arguments: [String],
        input: String = "",
        with changes: [String: String?] = [:]
    ) throws -> RunningProgram {
        try start(Self.executable, arguments, input: input, with: changes)
    }

    func start(_ arguments: String...) throws -> RunningProgram {
        try start(arguments)
    }

    /// Runs a shell script in which `"$0"` is the executable and `"$1"` and so on are the arguments.
    func shell(_ script: String, _ arguments: String...) async throws -> Finished {
        try await end(of: starting(script, arguments))
    }

    /// Starts such a script, which may stay.
    func starting(_ script: String, _ arguments: [String] = []) throws -> RunningProgram {
        try start("/bin/sh", ["-c", script, Self.executable] + arguments, input: "", with: [:])
    }

    /// Waits until a started command has ended.
    func end(of program: RunningProgram) async throws -> Finished {
        try await eventually(timeout: .seconds(30), "the program ends; stderr so far: \(program.stderr)") {
            program.status != nil
        }
        return Finished(status: try #require(program.status), stdout: program.stdout, stderr: program.stderr)
    }

    /// Starts a dispatcher and waits until it is ready.
    func dispatcher(_ options: String..., with changes: [String: String?] = [:]) async throws -> RunningProgram {
        let program = try start(["run"] + options, with: changes)
        try await eventually("run prints ready; it said: \(program.stderr)") {
            program.lines.contains("ready") || program.status != nil
        }
        try #require(program.lines == ["ready"], "\(program.stderr)")
        return program
    }

    /// Writes a file in the folder and returns its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let url = URL(fileURLWithPath: folder.file(name))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    /// Whether something is at a place in the folder.
    func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.file(name))
    }

    /// The records of deliveries, oldest first, as `history -o json` tells them.
    func deliveries(of reference: String? = nil) async throws -> [PayloadValue] {
        let options = ["--limit", "5000", "-o", "json"]
        let history = try await run(["history"] + (reference.map { [$0] } ?? []) + options)
        return try history.json.elements.filter { $0["kind"] == "delivery" }.reversed()
    }

    private func start(
        _ executable: String,
        _ arguments: [String],
        input: String,
        with changes: [String: String?]
    ) throws -> RunningProgram {
        let environment = environment.merging(changes.mapValues { $0 ?? "" }) { $1 }
            .filter { changes[$0.key] != .some(nil) }
        let number = count.add(1, ordering: .relaxed).newValue
        let program = try RunningProgram(
            executable,
            arguments,
            environment: environment,
            input: input,
            files: folder.file("process-\(number)")
        )
        started.withLock { $0.append(program) }
        return program
    }
}

extension PayloadValue {
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var number: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    var elements: [PayloadValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var keys: [String] {
        if case .object(let object) = self { object.map(\.key) } else { [] }
    }

    subscript(key: String) -> PayloadValue? {
        if case .object(let object) = self { object[key] } else { nil }
    }
}

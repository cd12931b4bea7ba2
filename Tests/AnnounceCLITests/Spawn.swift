import AnnounceTestKit
import Foundation
import Synchronization

/// A program of another process, with its output in files so that nothing is ever lost or blocked in a pipe.
///
/// It is killed, with everything it started, when the value goes or when the test process dies.
final class RunningProgram: Sendable {
    /// What is known about the process; the waiting thread holds this and not the program.
    private final class Life: Sendable {
        let status = Mutex<Int32?>(nil)
    }

    let pid: pid_t
    private let life = Life()
    private let output: String
    private let errors: String
    private let leash: Int32

    /// Starts a program with exactly this environment.
    ///
    /// - Parameters:
    ///   - executable: the program's path.
    ///   - arguments: its arguments.
    ///   - environment: all of its variables.
    ///   - input: its standard input.
    ///   - files: the beginning of the paths of its input and output files.
    /// - Throws: ``SpawnFailure``.
    init(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String],
        input: String,
        files: String
    ) throws {
        output = files + ".out"
        errors = files + ".err"
        try Data(input.utf8).write(to: URL(fileURLWithPath: files + ".in"))
        let environment = environment.map { "\($0.key)=\($0.value)" }
        pid = try Self.spawn(
            [executable] + arguments,
            environment,
            descriptors: [(files + ".in", O_RDONLY), (output, O_WRONLY | O_CREAT), (errors, O_WRONLY | O_CREAT)]
        )
        leash = try Self.guarding(pid)
        let (life, pid) = (life, pid)
        Thread.detachNewThread {
            var information = siginfo_t()
            // The number stays taken until the status is known, so that no signal can reach another process.
            while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            life.status.withLock { status in
                var code: Int32 = 0
                while waitpid(pid, &code, 0) < 0, errno == EINTR {}
                status = code & 0x7f == 0 ? code >> 8 & 0xff : -(code & 0x7f)
            }
        }
    }

    deinit {
        kill()
        close(leash)
    }

    /// The exit code, or the negative number of the signal that ended it; nil while it runs.
    var status: Int32? { life.status.withLock { $0 } }

    /// What it has written to its standard output.
    var stdout: String { Self.text(output) }

    /// What it has written to its standard error.
    var stderr: String { Self.text(errors) }

    /// The complete lines that it has written to its standard output.
    var lines: [String] { stdout.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) }

    func signal(_ number: Int32) {
        life.status.withLock { status in
            if status == nil { _ = Foundation.kill(pid, number) }
        }
    }

    /// Kills it and everything it started.
    func kill() {
        life.status.withLock { status in
            if status == nil { _ = Foundation.kill(-pid, SIGKILL) }
        }
    }

    private static func text(_ file: String) -> String {
        String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }

    /// A shell that kills the program when this process is gone; the pipe that it reads ends then.
    private static func guarding(_ pid: pid_t) throws -> Int32 {
        var pipe: [Int32] = [0, 0]
        guard Foundation.pipe(&pipe) == 0 else { throw SpawnFailure("pipe", errno) }
        defer { close(pipe[0]) }
        let script = "trap '' INT TERM; read -r _; kill -9 -\(pid) 2>/dev/null"
        let guardian = try spawn(
            ["/bin/sh", "-c", script],
            ["PATH=/usr/bin:/bin"],
            descriptors: [],
            standardInput: pipe[0]
        )
        Thread.detachNewThread { waitpid(guardian, nil, 0) }
        return pipe[1]
    }

    private static func spawn(
        _ command: [String],
        _ environment: [String],
        descriptors: [(path: String, flags: Int32)],
        standardInput: Int32? = nil
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in descriptors.enumerated() {
            posix_spawn_file_actions_addopen(&actions, Int32(number), file.path, file.flags, 0o600)
        }
        if let standardInput { posix_spawn_file_actions_adddup2(&actions, standardInput, 0) }
        closeInherited(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let arguments = command.map { strdup($0) }
        let variables = environment.map { strdup($0) }
        defer { for text in arguments + variables { free(text) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, command[0], &actions, &attributes, arguments + [nil], variables + [nil])
        guard result == 0 else { throw SpawnFailure("posix_spawn \(command[0])", result) }
        return pid
    }
}

/// Why no process could be started.
struct SpawnFailure: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, _ code: Int32) {
        description = "\(what): \(String(cString: strerror(code)))"
    }
}

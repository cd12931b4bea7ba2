import Foundation
import Synchronization

/// A process that ends when it is told to, and also when this process ends in whatever way.
///
/// A small shell stands between: it waits for a line on its standard input, which is closed when this process is gone,
/// ends the program, and waits until it has ended. (Foundation's `Process` hands open pipes down to processes that
/// are started at the same time, and waits for an end by blocking a thread of the pool that tests run on.)
final class GuardedProcess: Sendable {
    /// The program's process id.
    let pid: pid_t
    private let guardian: pid_t
    private let leash: CInt

    /// Starts a program that is found in `PATH`; its output is dropped.
    init(_ arguments: [String]) throws {
        let started = try Self.starting.withLock { _ in try Self.start(arguments) }
        guardian = started.guardian
        leash = started.leash
        var line = [UInt8](repeating: 0, count: 32)
        let count = max(0, read(started.output, &line, line.count))
        close(started.output)
        let text = String(decoding: line[..<count], as: UTF8.self)
        pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    deinit {
        close(leash)
    }

    /// Sends a signal and returns at once.
    func signal(_ number: CInt) {
        if pid > 0 { _ = kill(pid, number) }
    }

    /// Sends the signal of this name, and returns when the program has ended; to be called once.
    func end(_ signalName: String) {
        signal(SIGCONT)
        let line = Array("\(signalName)\n".utf8)
        _ = write(leash, line, line.count)
        var status: CInt = 0
        while waitpid(guardian, &status, 0) == -1, errno == EINTR {}
    }

    /// One start at a time, so that no child inherits a pipe that another one is just getting.
    private static let starting = Mutex(())

    private static func start(_ arguments: [String]) throws -> (guardian: pid_t, leash: CInt, output: CInt) {
        let script = #""$@" >/dev/null 2>&1 & echo $!; read -r signal; kill -"${signal:-KILL}" $! 2>/dev/null; wait"#
        let input = try pipe()
        let output = try pipe()
        defer {
            close(input.out)
            close(output.in)
        }
        let all = ["/bin/sh", "-c", script, "sh"] + arguments
        return (try spawn(all, input: input.out, output: output.in), input.in, output.out)
    }

    private static func pipe() throws -> (out: CInt, in: CInt) {
        var ends: [CInt] = [0, 0]
        guard Foundation.pipe(&ends) == 0 else { throw ClientSocket.error("pipe") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        return (ends[0], ends[1])
    }

    private static func spawn(_ arguments: [String], input: CInt, output: CInt) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        closeInherited(&actions)
        // The threads of Swift's pool block most signals, which a child would inherit: its shell could not wait.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // A process group of its own: a Ctrl-C for the tests must not end the shell before it has ended its program.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        let strings = arguments.map { strdup($0) }
        defer { strings.forEach { free($0) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, arguments[0], &actions, &attributes, strings + [nil], environ) == 0 else {
            throw ClientSocket.error("posix_spawn")
        }
        return pid
    }
}

/// Lets a child process begin with its standard streams only.
///
/// SwiftNIO's sockets are inherited, for instance: a connection that is closed here would stay open in there. So would the pipe
/// on whose end another guardian waits.
public func closeInherited(_ actions: inout posix_spawn_file_actions_t) {
    // Closing what is not open does nothing. (glibc has one call for it, which Swift does not see.)
    for descriptor in Int32(3)..<4096 { posix_spawn_file_actions_addclose(&actions, descriptor) }
}

import Glibc

/// This process among all that may ever hold the lease: machine, process namespace, number, and when it started.
///
/// It lets a dispatcher that was killed and started again lead at once: on the same machine, a process that is no longer
/// there needs no waiting for. What cannot be told counts as alive.
struct ProcessIdentity: CustomStringConvertible {
    private let host: String
    private let namespace: String
    private let process: Int32
    private let started: String

    /// The identity of the running process.
    static let current = ProcessIdentity(
        host: hostName(),
        namespace: processNamespace(),
        process: getpid(),
        started: startTime(of: getpid()) ?? "0"
    )

    /// The identity as it stands in the lease: `web-1 process 4711 (4026531836/9876543)`.
    var description: String { "\(host) process \(process) (\(namespace)/\(started))" }

    /// Whether another process, by its description, is known to be gone.
    func isGone(_ other: String) -> Bool {
        let prefix = "\(host) process "
        let suffix = " (\(namespace)/"
        guard
            other.hasPrefix(prefix), other.hasSuffix(")"),
            let bracket = other.range(of: suffix),
            let process = Int32(other[other.index(other.startIndex, offsetBy: prefix.count)..<bracket.lowerBound])
        else { return false }
        return Self.startTime(of: process) != String(other[bracket.upperBound...].dropLast())
    }

    private static func hostName() -> String {
        var name = utsname()
        uname(&name)
        return withUnsafeBytes(of: &name.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The number of the process namespace, so that containers that share a host name are not mistaken for each other.
    private static func processNamespace() -> String {
        var status = stat()
        return stat("/proc/self/ns/pid", &status) == 0 ? "\(status.st_ino)" : "0"
    }

    /// When a process started, in clock ticks since the machine did (`proc_pid_stat(5)`, field 22); `nil` if it is gone.
    private static func startTime(of process: Int32) -> String? {
        guard let stream = fopen("/proc/\(process)/stat", "r") else { return nil }
        defer { fclose(stream) }
        var line = [CChar](repeating: 0, count: 4096)
        guard fgets(&line, Int32(line.count), stream) != nil else { return nil }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        // The name, in brackets, may hold anything: count the fields behind it.
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        let fields = text[bracket...].split(separator: " ")
        // A dead process that nobody has waited for still has an entry.
        guard fields.count > 20, fields[1] != "Z", fields[1] != "X" else { return nil }
        return String(fields[20])
    }
}

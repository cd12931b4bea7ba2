import Announce
import Glibc
import Synchronization

/// The service manager that started this process, which is told how it is (`sd_notify(3)`).
///
/// With `Type=notify` systemd waits for ``ready()``. With `WatchdogSec=` it wants signs of life, and gets them from the turns of
/// the dispatcher's loop and from nothing else: when the loop hangs they cease, and the process is started anew.
final class ServiceManager: Sendable {
    /// The one that started this process; telling it anything does nothing where there is none.
    static let current = ServiceManager(environment: Settings.environment)

    private struct State {
        var turn: DispatcherTurn?
        /// When it was given the last sign of life.
        var told: ContinuousClock.Instant?
        /// Whether a person was told that it cannot be reached.
        var isComplained = false
    }

    private let clock = SystemClock()
    /// The name of its socket; one that begins with `@` is abstract.
    private let socketName: String?
    /// How long at least from one sign of life to the next; nil where none are wanted.
    private let interval: Duration?
    private let state = Mutex(State())

    /// Finds it by the variables `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    init(environment: [String: String]) {
        socketName = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let patience = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        // A turn comes some seconds after it is wanted: a quarter leaves time for that, where half would be the usual.
        interval = isMeant && patience > 0 ? .microseconds(patience) / 4 : nil
    }

    /// The dispatcher leads or stands by.
    func ready() {
        tell(["READY=1"])
    }

    /// The dispatcher's loop has come round.
    func turned(_ turn: DispatcherTurn) {
        if socketName == nil { return }
        let now = clock.now
        let lines = state.withLock { state in
            var lines: [String] = []
            if state.turn != turn { lines.append("STATUS=\(turn.words)") }
            state.turn = turn
            if let interval, state.told.map({ $0.duration(to: now) >= interval }) ?? true {
                lines.append("WATCHDOG=1")
                state.told = now
            }
            return lines
        }
        if !lines.isEmpty { tell(lines) }
    }

    /// The process was asked to stop.
    func stopping() {
        tell(["STOPPING=1", "STATUS=Finishes what is on its way."])
    }

    private func tell(_ lines: [String]) {
        guard let socketName else { return }
        guard let reason = Self.send(lines.joined(separator: "\n"), to: socketName) else { return }
        let isFirst = state.withLock { state in
            defer { state.isComplained = true }
            return !state.isComplained
        }
        if isFirst {
            Terminal.note(
                "Warning: the service manager cannot be told how this is, at NOTIFY_SOCKET=\(socketName): \(reason). "
                    + "It may end what it believes to hang."
            )
        }
    }

    /// Sends one datagram to a socket, within a second.
    ///
    /// - Returns: why that failed; nil when it did not.
    private static func send(_ text: String, to name: String) -> String? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(name.utf8)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.count > 1, path.count < capacity, name.hasPrefix("/") || name.hasPrefix("@") else {
            return "it is no socket's name"
        }
        if name.hasPrefix("@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size - capacity + path.count)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let bytes = Array(text.utf8)
        let sent = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
        return sent == bytes.count ? nil : String(cString: strerror(errno))
    }
}

extension DispatcherTurn {
    /// What `systemctl status` shows.
    fileprivate var words: String {
        switch self {
        case .standsBy: "Stands by: another dispatcher leads."
        case .leads: "Leads."
        case .waits: "Cannot publish or store, and tries again: its log and `announce status` say why."
        }
    }
}

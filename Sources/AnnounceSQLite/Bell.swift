import Dispatch
import Glibc

/// How one process tells all others that the database has changed: within a millisecond, without polling.
///
/// Whoever has committed a change that others wait for touches the `-wal` file; inotify tells those who watch it
/// (inotify(7)). The write itself would be too early a sign: SQLite makes a commit visible only after it. A writer that
/// does not ring (another program) is noticed when it closes the file, or else at the end of the dispatcher's nap.
struct Bell: Sendable {
    /// How often a listener looks where inotify cannot be had: its limits are per user.
    private static let pollInterval = DispatchTimeInterval.milliseconds(100)

    private let file: String

    /// The bell of a database file.
    init(database path: String) {
        file = path + "-wal"
    }

    /// Wakes all who listen, in every process.
    func ring() {
        utimes(file, nil)
    }

    /// Yields after the bell has rung; several rings in quick succession yield once.
    func rings() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // A dispatch source may be cancelled from any thread; its type does not say so yet.
        nonisolated(unsafe) let source = source { continuation.yield() }
        continuation.onTermination = { _ in source.cancel() }
        source.activate()
        return stream
    }

    private func source(_ onRing: @escaping @Sendable () -> Void) -> any DispatchSourceProtocol {
        let queue = DispatchQueue(label: "announce.bell")
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0, inotify_add_watch(descriptor, file, UInt32(IN_ATTRIB | IN_CLOSE_WRITE)) >= 0 else {
            if descriptor >= 0 { close(descriptor) }
            let timer = DispatchSource.makeTimerSource(queue: queue)
            timer.schedule(deadline: .now() + Self.pollInterval, repeating: Self.pollInterval)
            timer.setEventHandler(handler: onRing)
            return timer
        }
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler {
            drain(descriptor)
            onRing()
        }
        source.setCancelHandler { close(descriptor) }
        return source
    }
}

/// Reads all waiting events; what they say does not matter.
private func drain(_ descriptor: Int32) {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
        while read(descriptor, buffer.baseAddress, buffer.count) > 0 {}
    }
}

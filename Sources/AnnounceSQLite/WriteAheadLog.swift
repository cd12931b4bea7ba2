import Announce
import Dispatch
import Glibc
import Synchronization

/// The file to which SQLite writes before it writes to the database itself: what is on the disk there survives the loss of power.
///
/// SQLite can sync it with each transaction (`PRAGMA synchronous = FULL`), and lets nobody write meanwhile. Done beside it, the next
/// transaction is written while the disk keeps the one before.
final class WriteAheadLog: Sendable {
    private let queue = DispatchQueue(label: "announce.sync")
    private let descriptor = Mutex<CInt>(-1)

    deinit {
        let descriptor = descriptor.withLock { $0 }
        if descriptor >= 0 { close(descriptor) }
    }

    /// Waits until the disk has all that was written to the log of a database before; somebody has it open.
    ///
    /// - Throws: ``AnnounceError/Code/storeUnavailable`` when the disk does not take it.
    func sync(of path: String) async throws(AnnounceError) {
        let failure = await withCheckedContinuation { continuation in
            queue.async { [self] in continuation.resume(returning: failureToSync(path + "-wal")) }
        }
        if failure != 0 {
            throw AnnounceError(
                .storeUnavailable,
                "The database \(path) cannot be synced: \(String(cString: strerror(failure))). Look at the disk."
            )
        }
    }

    /// - Returns: the error's number; 0 for none.
    private func failureToSync(_ log: String) -> CInt {
        descriptor.withLock { descriptor in
            // SQLite deletes it when the last connection is closed, and there is one for as long as this is used.
            if descriptor < 0 { descriptor = Glibc.open(log, O_RDWR | O_CLOEXEC) }
            return descriptor >= 0 && fdatasync(descriptor) == 0 ? 0 : errno
        }
    }
}

import Dispatch
import GRDB
import GRDBSQLite
import Synchronization

/// Moves what SQLite's log holds into the database, beside those who write.
///
/// By itself SQLite lets whoever makes the log too long move it, and wait for the disk twice. Here a connection of its own does
/// most of that while the next transactions are written. The log begins anew only when all of it has been moved and nobody writes
/// meanwhile; so where it has become long, who writes moves what little is left. A log that begins anew again and again stays in the
/// kernel's memory; one that grows costs more with each page than all of SQLite does.
final class Checkpointer: Sendable {
    /// So many pages are left to lie.
    private static let least: Int32 = 1_000
    /// At so many pages of the log who writes moves the rest.
    private static let most: Int32 = 3_000

    private struct State {
        /// So many pages of the log are in the database already.
        var moved: Int32 = 0
        var isMoving = false
    }

    private let path: String
    private let queue = DispatchQueue(label: "announce.checkpoint")
    private let state = Mutex(State())
    /// Its own connection, once it was needed; held for as long as it moves something.
    private let mover = Mutex<OpaquePointer?>(nil)

    /// Watches over the database at a path.
    init(path: String) { self.path = path }

    deinit { mover.withLock { _ = sqlite3_close_v2($0) } }

    /// Looks at the log after each transaction of a connection, which must not outlive this.
    func watch(_ database: Database) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_wal_hook(
            database.sqliteConnection,
            { context, connection, name, pages in
                if let context {
                    let this = Unmanaged<Checkpointer>.fromOpaque(context).takeUnretainedValue()
                    this.committed(pages, by: connection)
                }
                return SQLITE_OK
            },
            context
        )
    }

    /// So many pages are in the log now.
    private func committed(_ pages: Int32, by connection: OpaquePointer?) {
        if pages >= Self.most {
            let moved = Self.move(connection)
            return state.withLock { $0.moved = moved }
        }
        let begins = state.withLock { state in
            // It has begun anew.
            if pages < state.moved { state.moved = 0 }
            guard !state.isMoving, pages - state.moved >= Self.least else { return false }
            state.isMoving = true
            return true
        }
        if begins {
            queue.async { [self] in
                let moved = mover.withLock { connection in
                    if connection == nil { connection = Self.open(path) }
                    return connection.map(Self.move) ?? 0
                }
                state.withLock { ($0.moved, $0.isMoving) = (moved, false) }
            }
        }
    }

    /// - Returns: how many pages of the log are in the database now; what does not succeed is tried again with later pages.
    private static func move(_ connection: OpaquePointer?) -> Int32 {
        var moved: Int32 = 0
        sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, &moved)
        return max(moved, 0)
    }

    private static func open(_ path: String) -> OpaquePointer? {
        var connection: OpaquePointer?
        // It makes no file: where there is none, it was taken away. That there is a log it sees when it reads for the first time.
        if sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK,
            sqlite3_exec(connection, "PRAGMA user_version", nil, nil, nil) == SQLITE_OK
        {
            return connection
        }
        sqlite3_close_v2(connection)
        return nil
    }
}

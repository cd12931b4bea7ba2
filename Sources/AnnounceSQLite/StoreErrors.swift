import Announce
import GRDB

/// Runs a database access and explains its failure.
func storeErrors<Value>(path: String?, _ body: () throws -> Value) throws(AnnounceError) -> Value {
    do {
        return try body()
    } catch {
        throw AnnounceError(database: error, path: path)
    }
}

/// Runs a database access and explains its failure.
func storeErrors<Value>(path: String?, _ body: () async throws -> Value) async throws(AnnounceError) -> Value {
    do {
        return try await body()
    } catch {
        throw AnnounceError(database: error, path: path)
    }
}

extension AnnounceError {
    /// The file is damaged.
    init(damagedDatabase path: String?, cause: String) {
        self.init(
            .storeUnavailable,
            "The database \(path ?? "in memory") is damaged or not a database; it is left as it is. Restore a backup, or name "
                + "another file with --database.",
            cause: cause
        )
    }

    /// What a failure of SQLite means to a person (https://sqlite.org/rescode.html).
    init(database error: any Error, path: String?) {
        if let error = error as? AnnounceError {
            self = error
            return
        }
        let file = "The database \(path ?? "in memory")"
        guard let failure = error as? DatabaseError else {
            self.init(.storeUnavailable, "\(file) cannot be used. Try again.", cause: "\(error)")
            return
        }
        let cause = "SQLite \(failure.extendedResultCode.rawValue): \(failure.message ?? "no message")"
        switch failure.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.storeUnavailable, "\(file) is busy: another process holds it. Try again.", cause: cause)
        case .SQLITE_FULL:
            self.init(.storeUnavailable, "\(file) cannot grow: the disk is full. Make room.", cause: cause)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(
                .storePermission,
                "\(file) may only be read. Mend its permissions or its file system.",
                cause: cause
            )
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(damagedDatabase: path, cause: cause)
        case .SQLITE_CANTOPEN:
            self.init(
                .storeCannotBeCreated,
                "\(file) cannot be opened. Check its folder and permissions.",
                cause: cause
            )
        case .SQLITE_IOERR:
            self.init(.storeUnavailable, "\(file) cannot be read or written. Check the disk.", cause: cause)
        default:
            self.init(.storeUnavailable, "\(file) refused a change. Report this as a bug.", cause: cause)
        }
    }
}

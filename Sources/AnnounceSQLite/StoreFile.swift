import Announce
import CSQLite
import GRDB
import Glibc

/// The file of a store: made with the right mode, recognised, brought to the newest schema.
struct StoreFile {
    let path: String
    private let checkpointer: Checkpointer

    init(path: String) {
        self.path = path
        checkpointer = Checkpointer(path: path)
    }

    func open(durability: SQLiteStore.Durability, busyTimeout: Double) throws(AnnounceError) -> DatabaseQueue {
        try create()
        _ = Self.keepsNoAccount
        let configuration = configuration(durability: durability, busyTimeout: busyTimeout)
        return try storeErrors(path: path) {
            let database = try DatabaseQueue(path: path, configuration: configuration)
            if try !isCurrent(database) { try migrate(database) }
            return database
        }
    }

    /// Whether SQLite keeps no account of the memory that it has.
    ///
    /// Nobody here asks for it, and it takes a lock at each piece: a twelfth of a burst's processor time. Where SQLite is in use
    /// already it refuses, and goes on as before.
    private static let keepsNoAccount = announce_sqlite_keep_no_account() == SQLITE_OK

    /// Opens a second connection to a file that is open already, which looks neither at foreign keys nor at CHECKs.
    func openOutlet(busyTimeout: Double) throws(AnnounceError) -> DatabaseQueue {
        var configuration = configuration(durability: .process, busyTimeout: busyTimeout)
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { database in
            // What follows many recurring announcements lands all over the queue. Pages that do not fit are written more than once.
            try database.execute(sql: "PRAGMA cache_size = -8000")
            // Debian's SQLite overwrites what is deleted, to keep it secret; what is deleted here are numbers of the queue.
            try database.execute(sql: "PRAGMA secure_delete = OFF")
            try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
        }
        return try storeErrors(path: path) { try DatabaseQueue(path: path, configuration: configuration) }
    }

    private func configuration(durability: SQLiteStore.Durability, busyTimeout: Double) -> Configuration {
        var configuration = Configuration()
        configuration.label = "announce"
        // SQLite's own waiting looks again after as much as 100 ms, and misses the moments that a busy writer leaves.
        let attempts = Int(busyTimeout * 1_000)
        configuration.busyMode = .callback { attempt in
            usleep(1_000)
            return attempt < attempts
        }
        configuration.prepareDatabase { [checkpointer] database in
            try database.execute(sql: "PRAGMA synchronous = \(durability.synchronous)")
            checkpointer.watch(database)
        }
        return configuration
    }

    /// Whether the file has the newest schema already.
    ///
    /// Nothing is written here: a file of another program must stay as it is.
    private func isCurrent(_ database: DatabaseQueue) throws -> Bool {
        let (tables, application, version) = try database.read { database in
            // The query comes first: it begins the snapshot, which reading a pragma does not. The migrator's own table
            // is there before the first migration.
            (
                try Int.fetchOne(
                    database,
                    sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'"
                ) ?? 0,
                try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
                try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            )
        }
        if application == Migrations.applicationID {
            try SQLiteStore.refuseNewerSchema(version, path: path)
            return version == Migrations.newest
        }
        guard tables == 0, application == 0 else {
            throw AnnounceError(
                .storeSchema,
                "\(path) is the database of another program. Name another file with --database."
            )
        }
        return false
    }

    /// Applies the missing migrations while no other process does.
    private func migrate(_ database: DatabaseQueue) throws {
        let folder = Glibc.open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if folder >= 0 { close(folder) } }
        // The lock goes with the descriptor, so a process that dies lets go of it. Where a folder cannot be locked,
        // two first starts at one moment can collide, and one of them says so.
        if folder >= 0 { flock(folder, LOCK_EX) }
        if try isCurrent(database) { return }
        try database.writeWithoutTransaction { database in
            // Twice SQLite's usual size: what follows recurring announcements lands all over the queue, and half as many pages are
            // written for it. A file that has pages already keeps theirs.
            try database.execute(sql: "PRAGMA page_size = 8192")
            try database.execute(sql: "PRAGMA journal_mode = WAL")
        }
        try Migrations.all.migrate(database)
    }

    // MARK: The file and its folder

    private var parent: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes the file for this user only, and its folder; SQLite gives its side files the mode of the file.
    private func create() throws(AnnounceError) {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw AnnounceError(.storeCannotBeCreated, "\(path) is not a file. Name a file with --database.")
            }
            guard access(path, R_OK | W_OK) == 0 else {
                throw failure(.storePermission, "may not be read and written by this user")
            }
            return
        }
        try createFolder(parent)
        let descriptor = Glibc.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(.storeCannotBeCreated, "cannot be made") }
        close(descriptor)
    }

    private func createFolder(_ folder: String) throws(AnnounceError) {
        var status = stat()
        if stat(folder, &status) == 0 { return }
        if let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
            try createFolder(String(folder[..<slash]))
        }
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw failure(.storeCannotBeCreated, "cannot be made") }
    }

    private func failure(_ code: AnnounceError.Code, _ what: String) -> AnnounceError {
        let code = errno == EACCES || errno == EPERM ? .storePermission : code
        return AnnounceError(
            code,
            "The database \(path) \(what): \(String(cString: strerror(errno))). "
                + "Name another file with --database, or mend the folder's permissions."
        )
    }
}

extension SQLiteStore {
    /// Throws when a newer version of the program has upgraded the file.
    static func refuseNewerSchema(in database: Database, path: String?) throws {
        let version = try FastStatement("PRAGMA user_version", in: database).first { $0.integer(0) } ?? 0
        try refuseNewerSchema(Int32(version), path: path)
    }

    /// Throws when a newer version of the program has upgraded the file.
    static func refuseNewerSchema(_ version: Int32, path: String?) throws {
        guard version > Migrations.newest else { return }
        throw AnnounceError(
            .storeSchema,
            "\(path ?? "The store") has schema \(version), and this version knows schema \(Migrations.newest). "
                + "Upgrade announce; the file is untouched."
        )
    }
}

import Announce
import GRDB
import Synchronization

/// Announcements in a SQLite file: WAL, STRICT tables, one connection a process, and a second one for what a dispatcher writes.
///
/// The file is made when it is missing and brought to the newest schema when it is opened. Any number of processes may use
/// it at once on one machine.
///
/// ```swift
/// let store = try await SQLiteStore(path: "/var/lib/announce/announce.sqlite")
/// ```
public final class SQLiteStore: AnnouncementStore {
    /// How much of a crash a returned write survives.
    public enum Durability: Sendable {
        /// The death of the process and the loss of power: what people enter.
        case full
        /// The death of the process; a loss of power can undo the last records, which are then made again.
        case process

        var synchronous: String {
            switch self {
            case .full: "FULL"
            case .process: "NORMAL"
            }
        }
    }

    /// Where the file is; `nil` for a store in memory.
    public let path: String?
    private let file: StoreFile?
    private let identity: FileIdentity?
    private let durability: Durability
    private let busyTimeout: Double
    let afterSync: @Sendable (SQLiteStore) -> Void
    let database: DatabaseQueue
    /// Reads what is due; it knows what was read a moment ago.
    let dueReader = DueReader()
    /// The dispatcher's second connection, once it was needed.
    private let outlet = Mutex<DatabaseQueue?>(nil)
    let log = WriteAheadLog()

    /// Opens the store in a file, making the file and its folder when they are missing.
    ///
    /// The file gets mode 0600, a folder that has to be made 0700.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - durability: how much of a crash a returned write survives.
    ///   - busyTimeout: how long to wait for another process that writes, in seconds.
    /// - Throws: ``AnnounceError`` when it cannot be made or used; a file of another program, of a newer version, or one that
    ///   is damaged is left untouched.
    public init(path: String, durability: Durability = .full, busyTimeout: Double = 5) throws(AnnounceError) {
        self.path = path
        self.durability = durability
        self.busyTimeout = busyTimeout
        afterSync = { _ in }
        let file = StoreFile(path: path)
        database = try file.open(durability: durability, busyTimeout: busyTimeout)
        self.file = file
        identity = FileIdentity(path)
        try storeErrors(path: path) { try database.inDatabase(dueReader.install) }
    }

    /// Makes an empty store that lives as long as the value: what there is to read where no file has been made yet.
    public convenience init() throws(AnnounceError) {
        try self.init { _ in }
    }

    /// Makes an empty store in memory, for a simulation that lets the power fail.
    ///
    /// - Parameter afterSync: called after each write that a file would have on its disk when it returns.
    /// - Throws: ``AnnounceError`` when there is no memory.
    package init(afterSync: @escaping @Sendable (SQLiteStore) -> Void) throws(AnnounceError) {
        path = nil
        durability = .process
        busyTimeout = 0
        self.afterSync = afterSync
        identity = nil
        file = nil
        database = try storeErrors(path: "memory") {
            let database = try DatabaseQueue()
            try Migrations.all.migrate(database)
            return database
        }
        try storeErrors(path: "memory") { try database.inDatabase(dueReader.install) }
    }

    /// Files up to this size are looked through before anything is written to them, in bytes.
    private static let checkedBytes: Int64 = 64 << 20

    /// Refuses a damaged file before anything is written to it.
    ///
    /// A file of more than 64 MiB is not looked through: that would take longer than a start may.
    ///
    /// - Throws: ``AnnounceError`` with code ``AnnounceError/Code/storeUnavailable``.
    public func refuseDamage() async throws(AnnounceError) {
        let path = path
        try await read { database in
            let pages = try Int64.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            let pageSize = try Int64.fetchOne(database, sql: "PRAGMA page_size") ?? 0
            guard pages * pageSize <= Self.checkedBytes else { return }
            let found = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "ok"
            if found != "ok" { throw AnnounceError(damagedDatabase: path, cause: found) }
        }
    }

    /// Reads one state of the database.
    ///
    /// GRDB's own `read` sets `PRAGMA query_only` around it, which makes SQLite compile every statement anew when it is used next.
    func read<Value: Sendable>(
        _ body: @Sendable @escaping (Database) throws -> Value
    ) async throws(AnnounceError) -> Value {
        try await storeErrors(path: path) {
            try await self.database.writeWithoutTransaction { try Self.transaction(.deferred, in: $0, body) }
        }
    }

    /// Writes in a transaction of its own.
    func write<Value: Sendable>(
        _ body: @Sendable @escaping (Database) throws -> Value
    ) async throws(AnnounceError) -> Value {
        try await storeErrors(path: path) { try await self.database.write(body) }
    }

    /// Writes what the dispatcher has to keep of what goes out, on a connection of its own, so that what is due next is read
    /// meanwhile; it survives the death of the process when this returns, and the loss of power after ``sync()``.
    ///
    /// That connection looks neither at foreign keys nor at CHECKs, which would take half as long again: each row that is written
    /// there is made from one of the queue, which the database has checked.
    ///
    /// - Parameters:
    ///   - body: what to write, in a transaction.
    ///   - other: what to write instead, in another one, where the body throws ``QueueRun/Stranger``.
    /// - Returns: what they return.
    /// - Throws: ``AnnounceError`` for what they throw; nothing is written then.
    func writeOutlet<Value: Sendable>(
        _ body: @Sendable @escaping (Database) throws -> Value,
        orElse other: (@Sendable (Database) throws -> Value)? = nil
    ) async throws(AnnounceError) -> Value {
        let connection = try outletConnection()
        return try await storeErrors(path: path) {
            try await connection.writeWithoutTransaction { database in
                do {
                    return try Self.transaction(.immediate, in: database, body)
                } catch let stranger as QueueRun.Stranger {
                    guard let other else { throw stranger }
                    return try Self.transaction(.immediate, in: database, other)
                }
            }
        }
    }

    /// Writes in a transaction of its own that survives the loss of power, and so does all that was written before it.
    func writeSynced<Value: Sendable>(
        _ body: @Sendable @escaping (Database) throws -> Value
    ) async throws(AnnounceError) -> Value {
        let durability = durability
        let value = try await storeErrors(path: path) {
            try await self.database.writeWithoutTransaction { database in
                // SQLite takes it between transactions only.
                try database.execute(sql: "PRAGMA synchronous = \(Durability.full.synchronous)")
                defer { try? database.execute(sql: "PRAGMA synchronous = \(durability.synchronous)") }
                return try Self.transaction(.immediate, in: database, body)
            }
        }
        afterSync(self)
        return value
    }

    private func outletConnection() throws(AnnounceError) -> DatabaseQueue {
        // A database in memory has one connection.
        guard let file else { return database }
        let result = outlet.withLock { outlet -> Result<DatabaseQueue, AnnounceError> in
            if let outlet { return .success(outlet) }
            do throws(AnnounceError) {
                let opened = try file.openOutlet(busyTimeout: busyTimeout)
                try refuseLostFile()
                outlet = opened
                return .success(opened)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    static func transaction<Value>(
        _ kind: Database.TransactionKind,
        in database: Database,
        _ body: (Database) throws -> Value
    ) throws -> Value {
        var value: Value?
        try database.inTransaction(kind) {
            value = try body(database)
            return .commit
        }
        guard let value else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
        return value
    }

    /// Replaces all that is in another store by what is in this one.
    package func copy(to other: SQLiteStore) throws(AnnounceError) {
        try storeErrors(path: path) { try database.backup(to: other.database) }
    }

    /// Writes what others wait for, and tells them.
    func writeAndRing<Value: Sendable>(
        _ body: @Sendable @escaping (Database) throws -> Value
    ) async throws(AnnounceError) -> Value {
        let value = try await write(body)
        ring()
        return value
    }

    /// Tells the dispatcher that there is something new.
    func ring() {
        if let path { Bell(database: path).ring() }
    }

    /// Refuses to go on in a file that is no longer at its place: what is written to it would be lost.
    func refuseLostFile() throws(AnnounceError) {
        guard let path, FileIdentity(path) != identity else { return }
        throw AnnounceError(
            .storeGone,
            "The database \(path) was deleted, moved or replaced while it was open. Start again, with the right file in its place."
        )
    }
}

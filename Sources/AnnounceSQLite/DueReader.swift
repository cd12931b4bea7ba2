import Announce
import GRDB
import GRDBSQLite

/// Reads what is due, on one connection, while SQLite has it at hand.
///
/// A function of SQL is given all values of a row at once. To ask the statement for each of them, as it is done elsewhere, was a
/// sixteenth of a burst.
final class DueReader: @unchecked Sendable {
    /// The function, which is there after ``install(in:)``; it makes ``present`` of what is selected.
    static let function = "read_due"

    // Its connection works off one thing after the other, and so is all of it.
    @exclusivity(unchecked) private var row = DueRow()
    @exclusivity(unchecked) private var database: Database?
    @exclusivity(unchecked) private var found: DueOccurrence?
    @exclusivity(unchecked) private var failure: (any Error)?

    /// Makes the function of a connection.
    func install(in database: Database) throws {
        let code = sqlite3_create_function_v2(
            database.sqliteConnection,
            Self.function,
            DueRow.count,
            SQLITE_UTF8 | SQLITE_DIRECTONLY,
            Unmanaged.passRetained(self).toOpaque(),
            { context, _, values in
                guard let values, let this = sqlite3_user_data(context) else { return }
                Unmanaged<DueReader>.fromOpaque(this).takeUnretainedValue().read(FunctionValues(values))
            },
            nil,
            nil,
            { if let this = $0 { Unmanaged<DueReader>.fromOpaque(this).release() } }
        )
        if code != SQLITE_OK { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    /// Calls the body, in which rows are read.
    func reading<Value>(in database: Database, _ body: () throws -> Value) rethrows -> Value {
        self.database = database
        defer { (self.database, found, failure) = (nil, nil, nil) }
        return try body()
    }

    /// What the present row is of a statement that selects the function.
    func present() throws -> DueOccurrence {
        if let failure { throw failure }
        guard let found else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
        return found
    }

    private func read(_ values: FunctionValues) {
        do {
            guard let database else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
            found = try row.read(values, in: database)
        } catch {
            failure = error
        }
    }
}

/// What a function of SQL is given.
struct FunctionValues: SQLValues {
    private let values: UnsafeMutablePointer<OpaquePointer?>

    init(_ values: UnsafeMutablePointer<OpaquePointer?>) { self.values = values }

    func isNull(_ place: Int32) -> Bool { sqlite3_value_type(values[Int(place)]) == SQLITE_NULL }

    func integer(_ place: Int32) -> Int64 { sqlite3_value_int64(values[Int(place)]) }

    func withBytes<Value>(_ place: Int32, _ body: (UnsafeBufferPointer<UInt8>) throws -> Value) rethrows -> Value {
        let value = values[Int(place)]
        let start = sqlite3_value_blob(value)?.assumingMemoryBound(to: UInt8.self)
        return try body(UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(value))))
    }
}

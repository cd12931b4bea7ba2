import GRDB
import GRDBSQLite
import Glibc
import Payload

/// A prepared statement whose values are bound and read by their place, as the interface of SQLite itself has it.
///
/// GRDB makes an array, an enumeration and sometimes a dictionary for each row and each list of arguments. Where that happens for
/// every announcement that goes out, it takes several times as long as SQLite does.
struct FastStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    private let database: Database

    /// Prepares a statement, or takes the one that was prepared for the same text before.
    init(_ sql: String, in database: Database) throws {
        self.database = database
        statement = try database.cachedStatement(sql: sql)
        handle = statement.sqliteStatement
        // GRDB leaves a statement as its last step has left it, and SQLite binds nothing to one that was not reset.
        sqlite3_reset(handle)
    }

    // MARK: Arguments

    /// Binds the arguments, the first at place 1, and carries the statement out.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    func execute(_ arguments: Argument...) throws -> Int { try execute(arguments) }

    /// Binds the arguments, the first at place 1, and carries the statement out.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    func execute(_ arguments: [Argument]) throws -> Int {
        try bind(arguments, from: 1)
        while try step() {}
        return Int(sqlite3_changes(database.sqliteConnection))
    }

    /// Binds the arguments and calls the body with the row, if there is one.
    func first<Value>(_ arguments: Argument..., read: (FastStatement) throws -> Value) throws -> Value? {
        try bind(arguments, from: 1)
        defer { reset() }
        return try step() ? try read(self) : nil
    }

    /// Binds values at one place after the other.
    func bind(_ arguments: [Argument], from place: Int32) throws {
        for (index, argument) in arguments.enumerated() { try bind(argument, at: place + Int32(index)) }
    }

    /// A value for a place in the statement.
    enum Argument: Sendable {
        case integer(Int64)
        case text(String)
        case blob([UInt8])
        case null

        static func flag(_ value: Bool) -> Argument { .integer(value ? 1 : 0) }
        static func integer(_ value: Int64?) -> Argument { value.map { .integer($0) } ?? .null }
        static func text(_ value: String?) -> Argument { value.map { .text($0) } ?? .null }

        /// Whether another one is the same to SQLite.
        func isSame(as other: Argument) -> Bool {
            switch (self, other) {
            case (.integer(let left), .integer(let right)): left == right
            case (.text(let left), .text(let right)): left.isExactly(right)
            case (.blob(let left), .blob(let right)): left == right
            case (.null, .null): true
            default: false
            }
        }
    }

    /// Binds a value at a place, the first of which is 1.
    func bind(_ argument: Argument, at place: Int32) throws {
        let code =
            switch argument {
            case .integer(let value): sqlite3_bind_int64(handle, place, value)
            case .null: sqlite3_bind_null(handle, place)
            case .text(let text): bind(text, at: place)
            case .blob(let bytes): bind(bytes, at: place)
            }
        if code != SQLITE_OK { throw failure(code) }
    }

    private func bind(_ text: String, at place: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                sqlite3_bind_text(handle, place, bytes.baseAddress ?? Self.empty, Int32(bytes.count), Self.copied)
            }
        }
    }

    private func bind(_ bytes: [UInt8], at place: Int32) -> Int32 {
        bytes.withUnsafeBytes { sqlite3_bind_blob(handle, place, $0.baseAddress, Int32($0.count), Self.copied) }
    }

    /// SQLite makes a copy of its own: what was bound is gone when the statement is carried out.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    /// Where a text without bytes begins; a null pointer would be NULL.
    private static var empty: UnsafePointer<CChar>? { UnsafePointer(bitPattern: 1) }

    // MARK: Rows

    /// Goes on to the next row; after the last one the statement can be used again.
    ///
    /// - Returns: whether there is one.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            reset()
            return false
        default:
            let error = failure(sqlite3_extended_errcode(database.sqliteConnection))
            reset()
            throw error
        }
    }

    private func failure(_ code: Int32) -> DatabaseError {
        let message = database.sqliteConnection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }

    /// Ends it before its last row.
    func reset() { sqlite3_reset(handle) }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func withBytes<Value>(_ column: Int32, _ body: (UnsafeBufferPointer<UInt8>) throws -> Value) rethrows -> Value {
        let start = sqlite3_column_blob(handle, column)?.assumingMemoryBound(to: UInt8.self)
        return try body(UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }
}

extension FastStatement: SQLValues {}

/// Values of SQLite one after the other: the columns of a row, or what a function is given.
protocol SQLValues {
    /// Whether a value is NULL; values are counted from 0.
    func isNull(_ place: Int32) -> Bool

    /// An integer; 0 for NULL.
    func integer(_ place: Int32) -> Int64

    /// Calls the body with the bytes of a text or a blob, which are there until the next step.
    func withBytes<Value>(_ place: Int32, _ body: (UnsafeBufferPointer<UInt8>) throws -> Value) rethrows -> Value
}

extension SQLValues {
    /// An integer, unless it is NULL.
    func optionalInteger(_ place: Int32) -> Int64? {
        let value = integer(place)
        return value != 0 || !isNull(place) ? value : nil
    }

    /// Whether an integer is not 0.
    func flag(_ place: Int32) -> Bool { integer(place) != 0 }

    /// A text; empty for NULL.
    func text(_ place: Int32) -> String { withBytes(place) { String(decoding: $0, as: UTF8.self) } }

    /// A text, unless it is NULL.
    func optionalText(_ place: Int32) -> String? { isNull(place) ? nil : text(place) }
}

import GRDB

/// Adds many rows to a table.
///
/// Several are added by one statement, since to begin and to end a statement takes as long as a third of a row, and of their values
/// only those are bound that are not bound already: most announcements have most columns alike.
struct RowWriter {
    typealias Row = [FastStatement.Argument]

    /// So many rows are added by one statement.
    private static let group = 8

    private var one: RepeatedStatement
    private var several: RepeatedStatement

    /// Prepares the statements; nobody else may use them for as long as this is used.
    ///
    /// - Parameters:
    ///   - insertion: `INSERT INTO table (column, ...)`, with so many columns.
    ///   - columns: how many there are.
    ///   - database: where the table is.
    /// - Throws: what SQLite says of it.
    init(_ insertion: String, columns: Int, in database: Database) throws {
        let row = "(\(repeatElement("?", count: columns).joined(separator: ", ")))"
        one = try RepeatedStatement("\(insertion) VALUES \(row)", in: database)
        let rows = repeatElement(row, count: Self.group).joined(separator: ", ")
        several = try RepeatedStatement("\(insertion) VALUES \(rows)", in: database)
    }

    /// Adds rows.
    ///
    /// - Parameters:
    ///   - rows: the rows.
    ///   - retry: adds a row that cannot be added because of a value that may be there only once; it is called after all that were
    ///     added, and before those that follow.
    /// - Throws: what SQLite says of a row, or what `retry` throws.
    mutating func add(
        _ rows: [Row],
        retry: (_ index: Int, _ add: () throws -> Void) throws -> Void = { _, add in try add() }
    ) throws {
        for start in stride(from: 0, to: rows.count, by: Self.group) {
            let some = rows[start...].prefix(Self.group)
            do {
                if some.count == Self.group {
                    try several.execute(some)
                    continue
                }
            } catch let error as DatabaseError where error.isTwice {}
            for (index, row) in zip(some.indices, some) {
                do {
                    try one.execute(row)
                } catch let error as DatabaseError where error.isTwice {
                    try retry(index) { try one.execute(row) }
                }
            }
        }
    }
}

extension DatabaseError {
    /// Whether something is there that may be there only once.
    fileprivate var isTwice: Bool { extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE }
}

/// A statement that is carried out again and again: of its arguments only those are bound that are not bound already.
struct RepeatedStatement {
    private let statement: FastStatement
    private var bound: [RowWriter.Row] = []

    /// Prepares the statement; nobody else may use it for as long as this is used.
    init(_ sql: String, in database: Database) throws { statement = try FastStatement(sql, in: database) }

    /// Carries the statement out, with as many arguments each time, the first at place 1.
    mutating func execute(_ row: RowWriter.Row) throws { try execute(CollectionOfOne(row)) }

    /// Carries the statement out, with as many rows of as many arguments each time, the first at place 1.
    mutating func execute(_ rows: some Collection<RowWriter.Row>) throws {
        let old = bound
        // Where one cannot be bound, it is not known what is.
        bound = []
        var place: Int32 = 1
        for (index, row) in rows.enumerated() {
            let before = index < old.count ? old[index] : []
            for (column, argument) in row.enumerated() {
                if column >= before.count || !argument.isSame(as: before[column]) {
                    try statement.bind(argument, at: place)
                }
                place += 1
            }
        }
        bound = Array(rows)
        try statement.execute()
    }
}

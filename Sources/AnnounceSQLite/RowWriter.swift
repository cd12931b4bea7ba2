import GRDB

/// Adds many rows to a table.
///
/// Several are added by one statement, since to begin and to end a statement takes as long as a third of a row, and of their values
/// only those are bound that are not bound already: most announcements have most columns alike.
///
/// The statement is to be an `INSERT OR FAIL`, which leaves what it has added before a row that cannot be added: for one that takes
/// it back, SQLite copies every page that it changes.
struct RowWriter {
    typealias Row = [FastStatement.Argument]

    /// So many rows are added by one statement.
    private static let group = 8

    private let database: Database
    private let insertion: String
    private let row: String
    private let ending: String
    private var one: RepeatedStatement
    private var several: RepeatedStatement?

    /// Prepares its statements; nobody else may use them for as long as this is used.
    ///
    /// - Parameters:
    ///   - insertion: `INSERT OR FAIL INTO table (column, ...)`, with so many columns.
    ///   - columns: how many there are.
    ///   - ending: what comes behind the values, such as what to do about a row that is there.
    ///   - database: where the table is.
    /// - Throws: what SQLite says of it.
    init(_ insertion: String, columns: Int, ending: String = "", in database: Database) throws {
        (self.database, self.insertion, self.ending) = (database, insertion, ending)
        row = "(\(repeatElement("?", count: columns).joined(separator: ", ")))"
        one = try RepeatedStatement("\(insertion) VALUES \(row) \(ending)", in: database)
    }

    private mutating func addTogether(_ group: ArraySlice<Row>) throws -> Int {
        var statement =
            try several
            ?? RepeatedStatement(
                "\(insertion) VALUES \(repeatElement(row, count: Self.group).joined(separator: ", ")) \(ending)",
                in: database
            )
        // Taken out, so that what it has bound is changed in place; where it fails it is prepared anew.
        several = nil
        let added = try statement.execute(group)
        several = statement
        return added
    }

    /// Adds rows.
    ///
    /// - Parameters:
    ///   - rows: the rows.
    ///   - retry: adds a row that cannot be added because of a value that may be there only once; it is called after all that were
    ///     added, and before those that follow.
    /// - Returns: how many were added.
    /// - Throws: what SQLite says of a row, or what `retry` throws.
    @discardableResult
    mutating func add(
        _ rows: [Row],
        retry: (_ index: Int, _ add: () throws -> Int) throws -> Int = { _, add in try add() }
    ) throws -> Int {
        var added = 0
        for start in stride(from: 0, to: rows.count, by: Self.group) {
            var some = rows[start...].prefix(Self.group)
            do {
                if some.count == Self.group {
                    added += try addTogether(some)
                    continue
                }
            } catch let error as DatabaseError where error.isTwice {
                // Those before the one that cannot be added have been.
                added += database.changesCount
                some = some.dropFirst(database.changesCount)
            }
            for (index, row) in zip(some.indices, some) {
                do {
                    added += try one.execute(row)
                } catch let error as DatabaseError where error.isTwice {
                    added += try retry(index) { try one.execute(row) }
                }
            }
        }
        return added
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
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    mutating func execute(_ row: RowWriter.Row) throws -> Int { try execute(CollectionOfOne(row)) }

    /// Carries the statement out, with as many rows of as many arguments each time, the first at place 1.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    mutating func execute(_ rows: some Collection<RowWriter.Row>) throws -> Int {
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
        return try statement.execute()
    }
}

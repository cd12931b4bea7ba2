import GRDB

/// Adds many rows to a table.
///
/// Several are added by one statement, since to begin and to end a statement takes as long as a third of a row, and of their values
/// only those are bound that are not bound already: most announcements have most columns alike.
///
/// The statement is to be an `INSERT OR FAIL`, which leaves what it has added before a row that cannot be added: for one that takes
/// it back, SQLite copies every page that it changes.
struct RowWriter {
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

    /// Adds rows.
    ///
    /// - Parameters:
    ///   - items: what the rows are of.
    ///   - values: tells the values of an item's row, one after the other.
    ///   - makeRoom: is called for a row that cannot be added because of a value that may be there only once, after those before it
    ///     were added and before those behind it; then it is tried again.
    /// - Returns: how many were added.
    /// - Throws: what SQLite says of a row, or what `values` or `makeRoom` throw.
    @discardableResult
    mutating func add<Item>(
        _ items: [Item],
        values: (_ item: Item, _ tell: (FastStatement.Argument) throws -> Void) throws -> Void,
        makeRoom: (_ index: Int) throws -> Void = { _ in }
    ) throws -> Int {
        var added = 0
        for start in stride(from: 0, to: items.count, by: Self.group) {
            var some = items[start...].prefix(Self.group)
            do {
                if some.count == Self.group {
                    added += try addTogether(some, values: values)
                    continue
                }
            } catch let error as DatabaseError where error.isTwice {
                // Those before the one that cannot be added have been.
                added += database.changesCount
                some = some.dropFirst(database.changesCount)
            }
            for index in some.indices {
                try values(items[index]) { try one.bind($0) }
                do {
                    added += try one.execute()
                } catch let error as DatabaseError where error.isTwice {
                    try makeRoom(index)
                    // All its values are bound still.
                    added += try one.execute()
                }
            }
        }
        return added
    }

    private mutating func addTogether<Item>(
        _ items: ArraySlice<Item>,
        values: (Item, (FastStatement.Argument) throws -> Void) throws -> Void
    ) throws -> Int {
        var statement =
            try several
            ?? RepeatedStatement(
                "\(insertion) VALUES \(repeatElement(row, count: Self.group).joined(separator: ", ")) \(ending)",
                in: database
            )
        // Taken out, so that what it has bound is changed in place; where it fails it is prepared anew.
        several = nil
        for item in items { try values(item) { try statement.bind($0) } }
        let added = try statement.execute()
        several = statement
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
    private var bound: [FastStatement.Argument] = []
    private var next = 0

    /// Prepares the statement; nobody else may use it for as long as this is used.
    init(_ sql: String, in database: Database) throws { statement = try FastStatement(sql, in: database) }

    /// Binds the next argument, the first of which is at place 1.
    mutating func bind(_ argument: FastStatement.Argument) throws {
        defer { next += 1 }
        let isKnown = next < bound.count
        if isKnown, argument.isSame(as: bound[next]) { return }
        do {
            try statement.bind(argument, at: Int32(next + 1))
        } catch {
            // It is not known what is bound.
            (bound, next) = ([], -1)
            throw error
        }
        if isKnown { bound[next] = argument } else { bound.append(argument) }
    }

    /// Carries the statement out, once all its arguments are bound; the next one to be bound is the first.
    ///
    /// - Returns: how many rows it changed.
    @discardableResult
    mutating func execute() throws -> Int {
        next = 0
        return try statement.execute()
    }
}

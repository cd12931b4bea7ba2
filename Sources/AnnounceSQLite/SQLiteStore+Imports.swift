import Announce
import GRDB
import Recurrence

/// Documents with many announcements, which become visible all at once.
extension SQLiteStore {
    /// A document whose process gives no sign of life for so long is taken for left, in milliseconds.
    private static let patience: Int64 = 60_000
    /// So many announcements are written or removed in one transaction.
    private static let batch = 500
    /// So long others find room to write between two of these.
    private static let pause = Duration.milliseconds(3)

    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func named(_ names: [String]?) async throws(AnnounceError) -> [NamedState] {
        try await read { database in
            let sql = """
                SELECT id, name, revision, source, state, EXISTS (SELECT 1 FROM queue WHERE announcement_id = announcements.id)
                    OR EXISTS (SELECT 1 FROM staged WHERE announcement_id = announcements.id) AS queued
                FROM announcements WHERE \(AnnouncementRow.isVisible) AND
                """
            var found: [NamedState] = []
            guard let names else {
                let statement = try FastStatement(
                    sql + " name IS NOT NULL AND state IN ('scheduled', 'paused')",
                    in: database
                )
                while try statement.step() { found.append(Self.named(statement)) }
                return found.filter(\.isLive)
            }
            // Chosen here: to sort them SQLite would make a table for each name.
            let statement = try FastStatement(sql + " name = ?", in: database)
            for name in names {
                try statement.bind(.text(name), at: 1)
                var best: (state: NamedState, rank: (Int, Int64))?
                while try statement.step() {
                    let state = Self.named(statement)
                    let rank = (Self.isStoredLive(statement) ? 1 : 0, state.id)
                    if best.map({ $0.rank < rank }) ?? true { best = (state, rank) }
                }
                if let best { found.append(best.state) }
            }
            return found
        }
    }

    private static func isStoredLive(_ row: FastStatement) -> Bool { ["scheduled", "paused"].contains(row.text(4)) }

    private static func named(_ row: FastStatement) -> NamedState {
        NamedState(
            id: row.integer(0),
            name: row.text(1),
            state: isStoredLive(row) && !row.flag(5) ? .finished : Announcement.State(rawValue: row.text(4)) ?? .failed,
            revision: Int(row.integer(2)),
            source: row.optionalText(3)
        )
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func beginImport(
        by holder: String,
        isGone: @escaping @Sendable (String) -> Bool,
        at now: Timestamp
    ) async throws(AnnounceError) -> ImportID {
        let begun = try await read { try ImportTable.begun(in: $0) }
        for other in begun where isGone(other.holder) || abs(now - other.renewed) > Self.patience {
            while try await dropImport(other.number, limit: Self.batch) {}
        }
        return try await write { try ImportTable.insert(holder, at: now, in: $0) }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func stage(
        _ announcements: [SourcedAnnouncement],
        in number: ImportID,
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) {
        var parts = announcements.chunks(of: Self.batch)[...]
        var next = try storeErrors(path: path) { try parts.popFirst().map(Self.rows) }
        while let rows = next {
            // While SQLite writes some, those that follow are made ready.
            let following = parts.popFirst()
            async let made = following.map(Self.rows)
            try await write { database in
                try Self.requireBegun(number, at: now, in: database)
                let statements = try Staging(in: database)
                for row in rows { try statements.write(row, in: number, by: user, at: now) }
            }
            if following != nil { try? await Task.sleep(for: Self.pause) }
            do {
                next = try await made
            } catch {
                throw AnnounceError(database: error, path: path)
            }
        }
    }

    /// An announcement of a document, ready to be written.
    private struct Arrival: Sendable {
        let row: AnnouncementRow.New
        let source: String
        let first: PlannedNotice
        let priority: Int
    }

    private static func rows(for announcements: ArraySlice<SourcedAnnouncement>) throws -> [Arrival] {
        try announcements.map { new in
            Arrival(
                row: try AnnouncementRow.New(new.draft),
                source: new.source,
                first: new.first,
                priority: new.draft.priority
            )
        }
    }

    /// The statements that stage announcements, prepared once for many.
    private struct Staging {
        private let database: Database
        private let holder: FastStatement
        private let insertion: AnnouncementRow.Insertion
        private let staging: FastStatement

        init(in database: Database) throws {
            self.database = database
            holder = try FastStatement(SQLiteStore.holderQuery, in: database)
            insertion = try AnnouncementRow.Insertion(in: database)
            staging = try FastStatement(ImportTable.staging, in: database)
        }

        func write(_ new: Arrival, in number: ImportID, by user: String, at now: Timestamp) throws {
            if let name = new.row.name { try SQLiteStore.freeName(name, by: holder, in: database) }
            let id = try insertion.write(new.row, by: user, at: now, source: new.source, document: number)
            let due = max(new.first.notice.at, now)
            let entry = QueueEntry(announcement: id, planned: new.first, due: due, priority: new.priority)
            try ImportTable.stage(entry, in: number, by: staging)
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func completeImport(
        _ number: ImportID,
        changing changes: [ImportedChange],
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) -> UpdateResult {
        // What was staged before it is on the disk then, too.
        let result = try await writeSynced { (database) -> UpdateResult in
            try Self.requireBegun(number, at: now, in: database)
            let ids = Set(changes.map(\.id))
            let onTheirWay = try BatchTable.occurrences(in: database).filter { ids.contains($0.announcement) }
            if !onTheirWay.isEmpty { return .onItsWay(Array(onTheirWay)) }
            for change in changes {
                try Self.update(
                    .id(change.id),
                    expecting: change.revision,
                    by: user,
                    at: now,
                    in: database,
                    change.change
                )
            }
            try ImportTable.complete(number, in: database)
            return .changed([])
        }
        if let path { Bell(database: path).ring() }
        return result
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func settleImports(limit: Int) async throws(AnnounceError) -> Bool {
        try await writeAndRing { try ImportTable.settle(limit: limit, in: $0) }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func dropImport(_ number: ImportID, limit: Int) async throws(AnnounceError) -> Bool {
        try await write { try ImportTable.drop(number, limit: limit, in: $0) }
    }

    private static func requireBegun(_ number: ImportID, at now: Timestamp, in database: Database) throws {
        guard try ImportTable.renew(number, at: now, in: database) else {
            throw AnnounceError(
                .changed,
                "This took so long that another `announce apply` has removed what was brought in. Try again."
            )
        }
    }
}

extension Array {
    /// Its elements in their order, in parts of so many.
    fileprivate func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}

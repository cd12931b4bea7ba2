import Announce
import GRDB
import Recurrence

/// Documents with many announcements, which become visible all at once.
extension SQLiteStore {
    /// A document whose process gives no sign of life for so long is taken for left, in milliseconds.
    private static let patience: Int64 = 60_000
    /// So many announcements are written or removed in one transaction, so that a dispatcher waits no longer than for these.
    private static let batch = 1_000
    /// So many are written in one where nobody dispatches: a page that many have a part in is written once for all of them.
    private static let largestBatch = 4_000
    /// With so many it begins: to make the first ready, nothing is written beside it.
    private static let smallestBatch = 500
    /// So long others find room to write between two of these; they look every millisecond.
    private static let pause = Duration.milliseconds(2)

    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func named(_ names: [String]?) async throws(AnnounceError) -> [NamedState] {
        try await read { database in
            let sql = """
                SELECT id, name, revision, source, state, EXISTS (SELECT 1 FROM queue WHERE announcement_id = announcements.id)
                    OR EXISTS (SELECT 1 \(ImportTable.fromOne)) AS queued
                FROM announcements WHERE
                """
            var found: [NamedState] = []
            guard let names else {
                let statement = try FastStatement(
                    "\(sql) name IS NOT NULL AND \(AnnouncementRow.isLive) AND \(AnnouncementRow.isVisible)",
                    in: database
                )
                while try statement.step() { found.append(Self.named(statement)) }
                return found.filter(\.isLive)
            }
            let statement = try FastStatement("\(sql) \(AnnouncementRow.byName)", in: database)
            for name in names {
                if let state = try statement.first(.text(name), read: Self.named) { found.append(state) }
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
        return try await storeErrors(path: path) {
            try await database.writeWithoutTransaction { database in
                // In a large transaction pages that do not fit are written more than once.
                try database.execute(sql: "PRAGMA cache_size = -16000")
                return try Self.transaction(.immediate, in: database) {
                    try ImportTable.insert(holder, at: now, in: $0)
                }
            }
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func stage(
        _ announcements: [SourcedAnnouncement],
        in number: ImportID,
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) {
        let made = { @Sendable (part: ArraySlice<SourcedAnnouncement>) throws -> [Arrival] in
            try part.map { try Arrival($0, in: number, by: user, at: now) }
        }
        let isAlone = try await read {
            try Int.fetchOne($0, sql: "SELECT 1 FROM lease WHERE holder IS NOT NULL") == nil
        }
        let parts = announcements.parts(from: Self.smallestBatch, to: isAlone ? Self.largestBatch : Self.batch)
        var rest = parts[...]
        var next = try storeErrors(path: path) { try rest.popFirst().map(made) }
        while let arrivals = next {
            // While SQLite writes some, those that follow are made ready.
            let following = rest.popFirst()
            async let upcoming = following.map(made)
            try await write { try Self.stage(arrivals, in: number, at: now, $0) }
            if following != nil { try? await Task.sleep(for: Self.pause) }
            do {
                next = try await upcoming
            } catch {
                throw AnnounceError(database: error, path: path)
            }
        }
    }

    private static func stage(
        _ arrivals: [Arrival],
        in number: ImportID,
        at now: Timestamp,
        _ database: Database
    ) throws {
        try requireBegun(number, at: now, in: database)
        let ids = try AnnouncementRow.insert(arrivals.map(\.row), in: database)
        try ImportTable.stage(zip(arrivals, ids).map { $0.entry(of: $1) }, in: number, database)
    }

    /// An announcement of a document, ready to be written.
    private struct Arrival: Sendable {
        let row: AnnouncementRow.New
        private let first: PlannedNotice
        private let due: Timestamp
        private let priority: Int

        init(_ new: SourcedAnnouncement, in number: ImportID, by user: String, at now: Timestamp) throws {
            row = try AnnouncementRow.New(new.draft, by: user, at: now, source: new.source, document: number)
            first = new.first
            due = max(new.first.notice.at, now)
            priority = new.draft.priority
        }

        func entry(of id: Announcement.ID) -> QueueEntry {
            QueueEntry(announcement: id, planned: first, due: due, priority: priority)
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
        ring()
        return result
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func settleImports(limit: Int) async throws(AnnounceError) -> Bool {
        let isLeft = try await writeOutlet { try ImportTable.settle(limit: limit, in: $0) }
        ring()
        return isLeft
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
    /// Its elements in their order, in parts that grow twofold from one size to another.
    fileprivate func parts(from smallest: Int, to largest: Int) -> [ArraySlice<Element>] {
        var parts: [ArraySlice<Element>] = []
        var size = smallest
        var rest = self[...]
        while !rest.isEmpty {
            parts.append(rest.prefix(size))
            rest = rest.dropFirst(size)
            size = Swift.min(2 * size, largest)
        }
        return parts
    }
}

import Announce
import GRDB
import Recurrence

/// Finding announcements.
extension SQLiteStore {
    /// Where so many match at most, they are looked up by their words and marks; of more, some are soon found in any order.
    private static let fewMatches = 5_000

    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func announcements(matching filter: AnnouncementFilter) async throws(AnnounceError) -> [Announcement] {
        let filter = filter
        return try await read { database in
            if let match = filter.match {
                let few = try Self.few(match, in: database)
                if let few { return try Self.announcements(few, filter, in: database) }
            }
            return try Self.scan(filter, in: database)
        }
    }

    /// Those that match, if they are few.
    private static func few(_ match: String, in database: Database) throws -> [Announcement.ID]? {
        let found = try Int64.fetchAll(
            database,
            sql: "SELECT rowid FROM search WHERE search MATCH ? LIMIT ?",
            arguments: [match, fewMatches + 1]
        )
        return found.count > fewMatches ? nil : found
    }

    /// Some announcements in the order of a list: those with a next time first.
    private static func announcements(
        _ ids: [Announcement.ID],
        _ filter: AnnouncementFilter,
        in database: Database
    ) throws -> [Announcement] {
        let next = try database.cachedStatement(
            sql: "SELECT due_at, rank FROM queue WHERE announcement_id = ? ORDER BY due_at, rank LIMIT 1"
        )
        let ordered = try ids.map { id in
            let row = try Row.fetchOne(next, arguments: [id])
            return (id: id, due: (row?["due_at"] as Int64?) ?? .max, rank: (row?["rank"] as Int?) ?? 0)
        }
        .sorted { one, other in
            // What is over stands behind, the newest first.
            if one.due == .max, other.due == .max { return one.id > other.id }
            return (one.due, one.rank, one.id) < (other.due, other.rank, other.id)
        }
        var found: [Announcement] = []
        let (conditions, arguments) = filter.conditions
        let sql = "SELECT \(AnnouncementRow.selection) FROM announcements WHERE id = ? AND \(conditions)"
        let statement = try database.makeStatement(sql: sql)
        for (id, _, _) in ordered where found.count < filter.limit {
            guard let row = try Row.fetchOne(statement, arguments: StatementArguments([id] + arguments)) else {
                continue
            }
            let announcement = try AnnouncementRow.announcement(from: row)
            if filter.state == nil || filter.state == announcement.state { found.append(announcement) }
        }
        return found
    }

    private static func scan(_ filter: AnnouncementFilter, in database: Database) throws -> [Announcement] {
        var found: [Announcement] = []
        var seen: Set<Announcement.ID> = []
        if filter.state == nil || filter.state == .scheduled {
            // In the order of the queue; one that is being retried can stand there twice.
            try collect(
                "FROM queue CROSS JOIN announcements ON announcements.id = queue.announcement_id",
                order: "queue.due_at, queue.rank, queue.announcement_id",
                filter,
                into: &found,
                seen: &seen,
                in: database
            )
        }
        if filter.state != .scheduled {
            try collect(
                "FROM announcements",
                order: "announcements.id DESC",
                filter,
                into: &found,
                seen: &seen,
                in: database
            )
        }
        return found
    }

    private static func collect(
        _ source: String,
        order: String,
        _ filter: AnnouncementFilter,
        into found: inout [Announcement],
        seen: inout Set<Announcement.ID>,
        in database: Database
    ) throws {
        var (conditions, arguments) = filter.conditions
        if let match = filter.match {
            conditions += " AND EXISTS (SELECT 1 FROM search WHERE search MATCH ? AND search.rowid = announcements.id)"
            arguments.append(match)
        }
        let sql = "SELECT \(AnnouncementRow.selection) \(source) WHERE \(conditions) ORDER BY \(order)"
        let rows = try Row.fetchCursor(database, sql: sql, arguments: StatementArguments(arguments))
        while found.count < filter.limit, let row = try rows.next() {
            let announcement = try AnnouncementRow.announcement(from: row)
            guard filter.state == nil || filter.state == announcement.state else { continue }
            if seen.insert(announcement.id).inserted { found.append(announcement) }
        }
    }
}

extension AnnouncementFilter {
    /// What an announcement's row has to fulfil.
    fileprivate var conditions: (sql: String, arguments: [any DatabaseValueConvertible]) {
        var conditions = [AnnouncementRow.isVisible]
        var arguments: [any DatabaseValueConvertible] = []
        if let room {
            conditions.append("EXISTS (SELECT 1 FROM json_each(announcements.rooms) WHERE value = ?)")
            arguments.append(room)
        }
        for (key, value) in labels {
            conditions.append("EXISTS (SELECT 1 FROM json_each(announcements.labels) WHERE key = ? AND value = ?)")
            arguments += [key, value]
        }
        return (conditions.joined(separator: " AND "), arguments)
    }

    /// What the words and marks have to match, as FTS5 writes it (sqlite.org/fts5.html); nil where none are asked for.
    ///
    /// Rooms and labels are found so, and compared by ``conditions``: FTS5 sees no case and no punctuation.
    fileprivate var match: String? {
        var parts = search.map { "{name words} : \(Self.quoted($0)) *" }
        let marks = [room].compactMap { $0 } + labels.flatMap { [$0.key, $0.value] }
        parts += marks.filter(\.hasWord).map { "marks : \(Self.quoted($0))" }
        return parts.isEmpty ? nil : parts.joined(separator: " AND ")
    }

    private static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\"", with: "\"\""))\""
    }
}

extension String {
    /// Whether there is a letter or a digit in it, of which the words of FTS5 are made.
    fileprivate var hasWord: Bool {
        unicodeScalars.contains { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        }
    }
}

import Announce
import GRDB
import Recurrence

/// Finding announcements.
extension SQLiteStore {
    /// Where so many match at most, the next time of each is looked up; of more, some are soon found in the order of the queue.
    private static let fewMatches = 5_000
    /// Of more than so many not even the ids are gathered.
    private static let mostMatches = 50_000

    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func announcements(matching filter: AnnouncementFilter) async throws(AnnounceError) -> [Announcement] {
        let filter = filter
        return try await read { database in
            guard let match = filter.match, let ids = try Self.ids(match, in: database) else {
                return try Self.scan(filter, in: database)
            }
            var page = try Page(filter, in: database)
            if ids.count <= Self.fewMatches {
                for id in try Self.inOrder(ids, in: database) where !page.isFull { try page.add(id) }
            } else {
                try Self.fill(&page, with: Set(ids), filter, in: database)
            }
            return page.announcements
        }
    }

    /// Those that match, in no order; nil where they are very many.
    private static func ids(_ match: String, in database: Database) throws -> [Announcement.ID]? {
        let statement = try FastStatement("SELECT rowid FROM search WHERE search MATCH ?1 LIMIT ?2", in: database)
        try statement.bind([.text(match), .integer(Int64(mostMatches + 1))], from: 1)
        var ids: [Announcement.ID] = []
        while try statement.step() { ids.append(statement.integer(0)) }
        return ids.count > mostMatches ? nil : ids
    }

    /// Some announcements in the order of a list: those with a next time first.
    private static func inOrder(_ ids: [Announcement.ID], in database: Database) throws -> [Announcement.ID] {
        let next = try FastStatement(
            "SELECT due_at, rank FROM queue WHERE announcement_id = ? ORDER BY due_at, rank LIMIT 1",
            in: database
        )
        let ordered = try ids.map { id in
            let next = try next.first(.integer(id)) { (due: $0.integer(0), rank: $0.integer(1)) }
            return (id: id, due: next?.due ?? .max, rank: next?.rank ?? 0)
        }
        .sorted { one, other in
            // What is over stands behind, the newest first.
            if one.due == .max, other.due == .max { return one.id > other.id }
            return (one.due, one.rank, one.id) < (other.due, other.rank, other.id)
        }
        return ordered.map(\.id)
    }

    /// Takes announcements in the order of a list until the page is full, looking at as much of the queue as that takes.
    private static func fill(
        _ page: inout Page,
        with ids: Set<Announcement.ID>,
        _ filter: AnnouncementFilter,
        in database: Database
    ) throws {
        if filter.state == nil || filter.state == .scheduled {
            let queue = try FastStatement(
                "SELECT announcement_id FROM queue ORDER BY due_at, rank, announcement_id",
                in: database
            )
            defer { queue.reset() }
            while try !page.isFull && queue.step() {
                if ids.contains(queue.integer(0)) { try page.add(queue.integer(0)) }
            }
        }
        if filter.state != .scheduled {
            for id in ids.sorted(by: >) where !page.isFull { try page.add(id) }
        }
    }

    /// Announcements that fulfil a filter, as many as it asks for.
    private struct Page {
        private(set) var announcements: [Announcement] = []
        private var seen: Set<Announcement.ID> = []
        private let filter: AnnouncementFilter
        private let statement: Statement
        private let arguments: [any DatabaseValueConvertible]

        init(_ filter: AnnouncementFilter, in database: Database) throws {
            self.filter = filter
            let (conditions, arguments) = filter.conditions
            self.arguments = arguments
            statement = try database.makeStatement(
                sql: "SELECT \(AnnouncementRow.selection) FROM announcements WHERE id = ? AND \(conditions)"
            )
        }

        var isFull: Bool { announcements.count >= filter.limit }

        /// Takes one, unless it does not fulfil the filter or is there already.
        mutating func add(_ id: Announcement.ID) throws {
            guard seen.insert(id).inserted,
                let row = try Row.fetchOne(statement, arguments: StatementArguments([id] + arguments))
            else { return }
            let announcement = try AnnouncementRow.announcement(from: row)
            if filter.state == nil || filter.state == announcement.state { announcements.append(announcement) }
        }
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

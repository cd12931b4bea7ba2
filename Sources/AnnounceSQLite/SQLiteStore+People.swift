import Announce
import GRDB
import Recurrence

/// What people do: add, look, cancel.
extension SQLiteStore {
    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func add(
        _ draft: AnnouncementDraft,
        first: PlannedNotice,
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) -> Announcement {
        try draft.validate()
        return try await writeAndRing { database in
            if let name = draft.name { try Self.freeName(name, in: database) }
            let id = try AnnouncementRow.insert(draft, by: user, at: now, in: database)
            // A lead that lies before now is due now.
            let due = max(first.notice.at, now)
            let entry = QueueEntry(announcement: id, planned: first, due: due, priority: draft.priority)
            try QueueTable.insert(entry, in: database)
            try QueueTable.count(1, in: database)
            return try Self.announcement(.id(id), in: database)
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func announcement(_ reference: Reference) async throws(AnnounceError) -> Announcement {
        try await read { try Self.announcement(reference, in: $0) }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func announcements(matching filter: AnnouncementFilter) async throws(AnnounceError) -> [Announcement] {
        try await read { database in
            var found: [Announcement] = []
            var seen: Set<Announcement.ID> = []
            if filter.state == nil || filter.state == .scheduled {
                // In the order of the queue; one that is being retried can stand there twice.
                try Self.collect(
                    "FROM queue CROSS JOIN announcements ON announcements.id = queue.announcement_id",
                    order: "queue.due_at, queue.rank, queue.announcement_id",
                    filter,
                    into: &found,
                    seen: &seen,
                    in: database
                )
            }
            if filter.state != .scheduled {
                try Self.collect(
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
    }

    // MARK: In a transaction

    static func announcement(_ reference: Reference, in database: Database) throws -> Announcement {
        let (condition, argument): (String, any DatabaseValueConvertible) =
            switch reference {
            case .id(let id): ("id = ?", id)
            // A live one first, then the newest.
            case .name(let name): ("name = ? ORDER BY state IN ('scheduled', 'paused') DESC, id DESC LIMIT 1", name)
            }
        let sql = "SELECT \(AnnouncementRow.selection) FROM announcements WHERE \(condition)"
        guard let row = try Row.fetchOne(database, sql: sql, arguments: [argument]) else {
            throw AnnounceError(
                .notFound,
                "There is no announcement \(reference). See `announce list --state all` for those there are."
            )
        }
        return try AnnouncementRow.announcement(from: row)
    }

    /// Lets go of a name whose announcement is over: the dispatcher does not write that into its row.
    static func freeName(_ name: String, in database: Database) throws {
        let sql = """
            SELECT \(AnnouncementRow.selection) FROM announcements WHERE name = ? AND state IN ('scheduled', 'paused')
            """
        guard let row = try Row.fetchOne(database, sql: sql, arguments: [name]) else { return }
        let holder = try AnnouncementRow.announcement(from: row)
        guard holder.state == .finished else {
            throw AnnounceError(
                .nameTaken,
                "The name \(name) belongs to announcement \(holder.id), which is \(holder.state). "
                    + "Use another name, or cancel that one."
            )
        }
        try database.execute(sql: "UPDATE announcements SET state = 'finished' WHERE id = ?", arguments: [holder.id])
    }

    private static func collect(
        _ source: String,
        order: String,
        _ filter: AnnouncementFilter,
        into found: inout [Announcement],
        seen: inout Set<Announcement.ID>,
        in database: Database
    ) throws {
        var conditions = ["1"]
        var arguments: [any DatabaseValueConvertible] = []
        if let room = filter.room {
            conditions.append("EXISTS (SELECT 1 FROM json_each(announcements.rooms) WHERE value = ?)")
            arguments.append(room)
        }
        for (key, value) in filter.labels {
            conditions.append("EXISTS (SELECT 1 FROM json_each(announcements.labels) WHERE key = ? AND value = ?)")
            arguments += [key, value]
        }
        let sql = """
            SELECT \(AnnouncementRow.selection) \(source) WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(order)
            """
        let rows = try Row.fetchCursor(database, sql: sql, arguments: StatementArguments(arguments))
        while found.count < filter.limit, let row = try rows.next() {
            let announcement = try AnnouncementRow.announcement(from: row)
            guard filter.state == nil || filter.state == announcement.state else { continue }
            if seen.insert(announcement.id).inserted { found.append(announcement) }
        }
    }
}

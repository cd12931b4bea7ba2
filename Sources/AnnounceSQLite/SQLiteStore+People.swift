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
            let id = try AnnouncementRow.insert([.init(draft, by: user, at: now)], in: database)[0]
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

    // MARK: In a transaction

    static func announcement(_ reference: Reference, in database: Database) throws -> Announcement {
        let (condition, argument): (String, any DatabaseValueConvertible) =
            switch reference {
            case .id(let id): ("id = ? AND \(AnnouncementRow.isVisible)", id)
            case .name(let name): (AnnouncementRow.byName, name)
            }
        let statement = try database.cachedStatement(
            sql: "SELECT \(AnnouncementRow.selection) FROM announcements WHERE \(condition)"
        )
        guard let row = try Row.fetchOne(statement, arguments: [argument]) else {
            throw AnnounceError(
                .notFound,
                "There is no announcement \(reference). See `announce list --state all` for those there are."
            )
        }
        return try AnnouncementRow.announcement(from: row)
    }

    /// Lets go of a name whose announcement is over: the dispatcher does not write that into its row.
    static func freeName(_ name: String, in database: Database) throws {
        let query = "SELECT id, import_id FROM announcements WHERE name = ? AND \(AnnouncementRow.isLive)"
        let found = try FastStatement(query, in: database).first(.text(name)) {
            ($0.integer(0), $0.optionalInteger(1))
        }
        guard let (id, document) = found else { return }
        if try ImportTable.isHidden(document, in: database) {
            throw AnnounceError(
                .nameTaken,
                "The name \(name) is in a document that is being applied just now. Use another name, or wait until it is."
            )
        }
        let holder = try announcement(.id(id), in: database)
        guard holder.state == .finished else {
            throw AnnounceError(
                .nameTaken,
                "The name \(name) belongs to announcement \(holder.id), which is \(holder.state). "
                    + "Use another name, or cancel that one."
            )
        }
        try database.execute(
            sql: "UPDATE announcements SET state = 'finished', resume_at = NULL WHERE id = ?",
            arguments: [holder.id]
        )
    }
}

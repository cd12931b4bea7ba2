import Announce
import GRDB
import Recurrence

/// What people change: edits, cancellations, pauses.
extension SQLiteStore {
    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func standing(of reference: Reference) async throws(AnnounceError) -> Standing {
        try await read { try Self.standing(of: reference, at: .max, in: $0) }
    }

    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func update(
        _ references: [Reference],
        expecting revision: Int?,
        by user: String,
        at now: Timestamp,
        _ change: @escaping @Sendable (Standing) throws(AnnounceError) -> Revision?
    ) async throws(AnnounceError) -> UpdateResult {
        try await writeAndRing { database in
            let ids = Set(try references.map { try Self.announcement($0, in: database).id })
            let onTheirWay = try BatchTable.occurrences(in: database).filter { ids.contains($0.announcement) }
            if !onTheirWay.isEmpty { return .onItsWay(onTheirWay) }
            let changed = try references.map { reference in
                try Self.update(reference, expecting: revision, by: user, at: now, in: database, change)
            }
            return .changed(try changed.map { try Self.announcement(.id($0), in: database) })
        }
    }

    /// Changes one announcement, of which nothing is on its way.
    ///
    /// - Returns: which it is.
    @discardableResult
    static func update(
        _ reference: Reference,
        expecting revision: Int?,
        by user: String,
        at now: Timestamp,
        in database: Database,
        _ change: (Standing) throws(AnnounceError) -> Revision?
    ) throws -> Announcement.ID {
        let id =
            switch reference {
            case .id(let id): id
            case .name: try announcement(reference, in: database).id
            }
        try ImportTable.settle(id, in: database)
        let standing = try standing(of: .id(id), at: now, in: database)
        let announcement = standing.announcement
        if let revision, revision != announcement.revision {
            throw AnnounceError(changed: announcement, not: revision)
        }
        if let change = try change(standing) { try apply(change, to: announcement, by: user, at: now, in: database) }
        return id
    }

    static func standing(of reference: Reference, at now: Timestamp, in database: Database) throws -> Standing {
        let announcement = try announcement(reference, in: database)
        let announced = try database.cachedStatement(
            sql: """
                SELECT DISTINCT coalesce(anchor_at, nominal_at) AS anchor FROM deliveries
                WHERE announcement_id = ? AND outcome = 'published' ORDER BY anchor DESC LIMIT ?
                """
        )
        let anchors = try Int64.fetchAll(announced, arguments: [announcement.id, Standing.mostAnnounced])
        let ahead = try database.cachedStatement(
            sql: """
                SELECT announcement_id, nominal_at, phase FROM deliveries
                WHERE announcement_id = ? AND nominal_at > ?
                """
        )
        let recorded = try Row.fetchAll(ahead, arguments: [announcement.id, now.milliseconds])
        return Standing(
            announcement: announcement,
            queued: try QueueTable.entries(of: announcement.id, in: database),
            announced: anchors.map(Timestamp.init(milliseconds:)),
            recordedAhead: Set(recorded.map(QueueTable.occurrence))
        )
    }

    static func apply(
        _ revision: Revision,
        to announcement: Announcement,
        by user: String,
        at now: Timestamp,
        in database: Database
    ) throws {
        var change = 0
        var outcomes: [Outcome: Int] = [:]
        for entry in revision.removed where try QueueTable.delete(entry, in: database) {
            change -= 1
            guard let outcome = revision.outcome else { continue }
            let delivery = Delivery(
                occurrence: entry.occurrence,
                anchor: entry.planned.notice.anchor.at,
                outcome: outcome,
                attempts: entry.attempts,
                concluded: now,
                error: revision.reason
            )
            if try DeliveryTable.insert(delivery, in: database) { outcomes[outcome, default: 0] += 1 }
        }
        for delivery in revision.ended where try DeliveryTable.insert(delivery, in: database) {
            outcomes[delivery.outcome, default: 0] += 1
        }
        for entry in revision.added where try QueueTable.insert(entry, in: database) { change += 1 }
        try QueueTable.count(change, in: database)
        try DeliveryTable.tally(outcomes, at: now, in: database)
        if let draft = revision.draft {
            if let name = draft.name, name != announcement.draft.name { try freeName(name, in: database) }
            try AnnouncementRow.update(announcement.id, from: announcement.draft, to: draft, in: database)
        }
        let state = revision.state ?? announcement.state
        let (reason, resumesAt) =
            revision.state == nil
            ? (announcement.reason, announcement.resumesAt) : (revision.reason, revision.resumesAt)
        let update = try database.cachedStatement(
            sql: """
                UPDATE announcements SET state = ?, reason = ?, resume_at = ?, revision = revision + 1, updated_at = ?,
                    source = CASE ? WHEN 'kept' THEN source
                        WHEN 'drifted' THEN json_set(source, '$.\(NamedState.drifted)', json('true')) ELSE ? END
                WHERE id = ?
                """
        )
        let (kind, source): (String, String?) =
            switch revision.source {
            case .kept: ("kept", nil)
            case .drifted: ("drifted", nil)
            case .dropped: ("dropped", nil)
            case .written(let source): ("written", source)
            }
        try update.execute(arguments: [
            state.rawValue, reason, resumesAt?.milliseconds, now.milliseconds, kind, source, announcement.id,
        ])
        let entry = try database.cachedStatement(
            sql: """
                INSERT INTO changes (announcement_id, revision, changed_at, changed_by, action, reason, fields)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        )
        try entry.execute(arguments: [
            announcement.id, announcement.revision + 1, now.milliseconds, user, revision.action, revision.reason,
            try revision.fields?.jsonText(),
        ])
        try ChangeCount.add(1, in: database)
    }
}

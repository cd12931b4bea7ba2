import Announce
import Foundation
import GRDB
import Payload
import Recurrence

/// How announcements stand in their table.
enum AnnouncementRow {
    /// The columns of an announcement as `announcement(from:)` reads them, with its state and its next notice.
    static let selection = """
        announcements.*,
        (SELECT min(due_at) FROM queue WHERE announcement_id = announcements.id) AS next_at,
        (SELECT phase FROM queue WHERE announcement_id = announcements.id ORDER BY due_at LIMIT 1) AS next_phase
        """

    static func announcement(from row: Row) throws -> Announcement {
        let next: Int64? = row["next_at"]
        let stored = Announcement.State(rawValue: row["state"]) ?? .failed
        return Announcement(
            id: row["id"],
            revision: row["revision"],
            draft: AnnouncementDraft(
                name: row["name"],
                data: data(from: row),
                target: try target(from: row),
                rules: try StoredJSON.rules(row["rules"]),
                timezone: row["timezone"],
                priority: row["priority"],
                allowUnheard: row["allow_unheard"],
                labels: try StoredJSON.labels(row["labels"])
            ),
            state: stored == .scheduled && next == nil ? .finished : stored,
            reason: row["reason"],
            next: next.map {
                Announcement.Next(at: Timestamp(milliseconds: $0), phase: Phase(rawValue: row["next_phase"]))
            },
            created: Timestamp(milliseconds: row["created_at"]),
            createdBy: row["created_by"],
            updated: Timestamp(milliseconds: row["updated_at"])
        )
    }

    static func data(from row: Row) -> EventData {
        let json: String = row["arguments"]
        let packed: Data = row["packed"]
        return EventData(event: row["event"], encodedArguments: Array(json.utf8), messagePack: Array(packed))
    }

    static func target(from row: Row) throws -> Target {
        let everyone: Bool = row["everyone"]
        return Target(
            namespace: row["namespace"],
            audience: everyone
                ? .everyone
                : .some(rooms: try StoredJSON.strings(row["rooms"]), sockets: try StoredJSON.strings(row["sockets"])),
            except: try StoredJSON.strings(row["excluded"]),
            volatile: row["volatile"],
            compress: row["compress"]
        )
    }

    static func insert(
        _ draft: AnnouncementDraft,
        by user: String,
        at now: Timestamp,
        in database: Database
    ) throws -> Announcement.ID {
        var rooms: [String] = []
        var sockets: [String] = []
        if case .some(let named, let ids) = draft.target.audience { (rooms, sockets) = (named, ids) }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO announcements (name, event, arguments, packed, namespace, everyone, rooms, sockets, excluded,
                    volatile, compress, rules, timezone, recurring, priority, allow_unheard, labels, created_at,
                    created_by, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [
            draft.name,
            draft.data.event,
            try PayloadValue.array(draft.data.arguments()).jsonText(),
            Data(draft.data.messagePack()),
            draft.target.namespace,
            draft.target.audience == .everyone,
            try StoredJSON.encode(rooms),
            try StoredJSON.encode(sockets),
            try StoredJSON.encode(draft.target.except),
            draft.target.volatile,
            draft.target.compress,
            try StoredJSON.encode(draft.rules),
            draft.timezone,
            draft.isRecurring,
            draft.priority,
            draft.allowUnheard,
            try StoredJSON.encode(draft.labels),
            now.milliseconds,
            user,
            now.milliseconds,
        ])
        return database.lastInsertedRowID
    }
}

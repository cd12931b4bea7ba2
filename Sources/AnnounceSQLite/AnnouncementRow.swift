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
        coalesce((SELECT min(due_at) FROM queue WHERE announcement_id = announcements.id),
            (SELECT due_at FROM staged WHERE announcement_id = announcements.id)) AS next_at,
        coalesce((SELECT phase FROM queue WHERE announcement_id = announcements.id ORDER BY due_at LIMIT 1),
            (SELECT phase FROM staged WHERE announcement_id = announcements.id)) AS next_phase
        """

    /// What an announcement's row fulfils that is there for everybody: no part of a document that is not complete.
    static let isVisible = """
        (announcements.import_id IS NULL OR NOT EXISTS
            (SELECT 1 FROM imports WHERE imports.id = announcements.import_id AND NOT complete))
        """

    static func announcement(from row: Row) throws -> Announcement {
        let next: Int64? = row["next_at"]
        let stored = Announcement.State(rawValue: row["state"]) ?? .failed
        let state = next == nil && (stored == .scheduled || stored == .paused) ? .finished : stored
        return Announcement(
            id: row["id"],
            revision: row["revision"],
            draft: AnnouncementDraft(
                name: row["name"],
                data: data(from: row),
                style: try style(from: row),
                target: try target(from: row),
                plan: try plan(from: row),
                policy: try policy(from: row),
                priority: row["priority"],
                allowUnheard: row["allow_unheard"],
                acknowledgeWithin: row["acknowledge_within"],
                labels: try StoredJSON.labels(row["labels"])
            ),
            state: state,
            reason: row["reason"],
            resumesAt: state == .paused ? (row["resume_at"] as Int64?).map(Timestamp.init(milliseconds:)) : nil,
            next: stored == .paused
                ? nil
                : next.map {
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
            exceptSockets: try StoredJSON.strings(row["excluded_sockets"]),
            volatile: row["volatile"],
            compress: row["compress"]
        )
    }

    static func style(from row: Row) throws -> MessageStyle {
        let leads: String = row["leads"]
        let length: String? = row["length"]
        return try StoredJSON.style(row["style"], isWindow: leads != "[]" || length != nil)
    }

    static func plan(from row: Row) throws -> Plan {
        var plan = Plan(rules: try StoredJSON.rules(row["rules"]), timezone: row["timezone"])
        let limits: String = row["limits"]
        if limits != "{}" { try plan.read(limits: try PayloadValue(json: limits)) }
        plan.leads = try StoredJSON.strings(row["leads"]).map { try TimeSpan($0) }
        plan.length = try (row["length"] as String?).map { try TimeSpan($0) }
        return plan
    }

    static func policy(from row: Row) throws -> Policy {
        let misfire: Policy.Misfire =
            switch row["misfire"] as String {
            case "skip": .skip
            case "all": .all(limit: row["misfire_limit"])
            default: .latest
            }
        let expiry: String? = row["expiry"]
        return Policy(
            misfire: misfire,
            grace: row["grace"],
            expiry: try expiry.map { try Policy.Expiry(json: try PayloadValue(json: $0)) }
        )
    }

    /// The columns that an insertion and an edit write, and their values.
    private static func columns(_ draft: AnnouncementDraft) throws -> [(String, (any DatabaseValueConvertible)?)] {
        var rooms: [String] = []
        var sockets: [String] = []
        if case .some(let named, let ids) = draft.target.audience { (rooms, sockets) = (named, ids) }
        let (plan, policy) = (draft.plan, draft.policy)
        let (misfire, limit): (String, Int?) =
            switch policy.misfire {
            case .latest: ("latest", nil)
            case .skip: ("skip", nil)
            case .all(let limit): ("all", limit)
            }
        return [
            ("name", draft.name),
            ("event", draft.data.event),
            ("arguments", try PayloadValue.array(draft.data.arguments()).jsonText()),
            ("packed", Data(draft.data.messagePack())),
            ("style", try StoredJSON.encode(draft.style)),
            ("rendered", !(try MessageRenderer(draft.data, draft.style).isConstant)),
            ("namespace", draft.target.namespace),
            ("everyone", draft.target.audience == .everyone),
            ("rooms", try StoredJSON.encode(rooms)),
            ("sockets", try StoredJSON.encode(sockets)),
            ("excluded", try StoredJSON.encode(draft.target.except)),
            ("excluded_sockets", try StoredJSON.encode(draft.target.exceptSockets)),
            ("volatile", draft.target.volatile),
            ("compress", draft.target.compress),
            ("rules", try StoredJSON.encode(plan.rules)),
            ("timezone", plan.timezone),
            ("limits", try plan.limitsJSON.jsonText()),
            ("leads", try StoredJSON.encode(plan.leads.map(\.compactDescription))),
            ("length", plan.length?.compactDescription),
            ("recurring", plan.isRecurring),
            ("zoned", plan.needsZone),
            ("misfire", misfire),
            ("misfire_limit", limit),
            ("grace", policy.grace),
            ("expiry", try policy.expiry?.json.jsonText()),
            ("priority", draft.priority),
            ("allow_unheard", draft.allowUnheard),
            ("acknowledge_within", draft.acknowledgeWithin),
            ("labels", try StoredJSON.encode(draft.labels)),
        ]
    }

    /// Writes what a document says of an announcement.
    static func write(source: String?, of id: Announcement.ID, in database: Database) throws {
        let statement = try database.cachedStatement(sql: "UPDATE announcements SET source = ? WHERE id = ?")
        try statement.execute(arguments: [source, id])
    }

    static func update(_ id: Announcement.ID, _ draft: AnnouncementDraft, in database: Database) throws {
        let columns = try columns(draft)
        let assignments = columns.map { "\($0.0) = ?" }.joined(separator: ", ")
        try database.execute(
            sql: "UPDATE announcements SET \(assignments) WHERE id = ?",
            arguments: StatementArguments(columns.map(\.1) + [id])
        )
    }

    static func insert(
        _ draft: AnnouncementDraft,
        by user: String,
        at now: Timestamp,
        source: String? = nil,
        document: ImportID? = nil,
        in database: Database
    ) throws -> Announcement.ID {
        let columns =
            try columns(draft) + [
                ("created_at", now.milliseconds), ("created_by", user), ("updated_at", now.milliseconds),
                ("source", source), ("import_id", document?.number),
            ]
        let names = columns.map(\.0).joined(separator: ", ")
        let places = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let statement = try database.cachedStatement(
            sql: "INSERT INTO announcements (\(names)) VALUES (\(places))"
        )
        try statement.execute(arguments: StatementArguments(columns.map(\.1)))
        return database.lastInsertedRowID
    }
}

import Announce
import Foundation
import GRDB
import Payload
import Recurrence

/// How announcements stand in their table.
enum AnnouncementRow {
    /// The columns that are read; they come first in what reads them, since to look for one by its name takes longer than to
    /// read it.
    enum Field: Int, CaseIterable {
        case id, name, revision, event, arguments, packed, style, rendered, namespace, everyone, rooms, sockets,
            excluded
        case excludedSockets, volatile, compress, rules, timezone, limits, leads, length, recurring, zoned
        case misfire, misfireLimit, grace, expiry, priority, allowUnheard, acknowledgeWithin, labels
        case state, reason, resumeAt, createdAt, createdBy, updatedAt

        /// The column's name: `resume_at`.
        var column: String {
            "\(self)".reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
        }
    }

    /// The columns of ``Field``.
    static let columns = Field.allCases.map { "announcements.\($0.column)" }.joined(separator: ", ")

    /// What `announcement(from:)` reads: the columns, and the next notice.
    static let selection = """
        \(columns),
        coalesce((SELECT min(due_at) FROM queue WHERE announcement_id = announcements.id),
            (SELECT due_at \(ImportTable.fromOne))) AS next_at,
        coalesce((SELECT phase FROM queue WHERE announcement_id = announcements.id ORDER BY due_at LIMIT 1),
            (SELECT phase \(ImportTable.fromOne))) AS next_phase
        """

    /// What an announcement's row fulfils that is there for everybody: no part of a document that is not complete.
    static let isVisible = """
        (announcements.import_id IS NULL OR NOT EXISTS
            (SELECT 1 FROM imports WHERE imports.id = announcements.import_id AND NOT complete))
        """

    /// The announcement that a name means, the first argument: a live one, or else the newest.
    static let byName = """
        id = coalesce((SELECT id FROM announcements WHERE name = ?1 AND \(isLive) AND \(isVisible)),
            (SELECT max(id) FROM announcements WHERE name = ?1 AND \(isOver) AND \(isVisible)))
        """

    /// Whether it may have something to say still; the dispatcher does not write into the row that it has not.
    static let isLive = "state IN ('scheduled', 'paused')"
    private static let isOver = "state NOT IN ('scheduled', 'paused')"

    static func announcement(from row: Row) throws -> Announcement {
        let next: Int64? = row[Field.allCases.count]
        let stored = Announcement.State(rawValue: row[.state]) ?? .failed
        let state = next == nil && (stored == .scheduled || stored == .paused) ? .finished : stored
        return Announcement(
            id: row[.id],
            revision: row[.revision],
            draft: AnnouncementDraft(
                name: row[.name],
                data: data(from: row),
                style: try style(from: row),
                target: try target(from: row),
                plan: try plan(from: row),
                policy: try policy(from: row),
                priority: row[.priority],
                allowUnheard: row[.allowUnheard],
                acknowledgeWithin: row[.acknowledgeWithin],
                labels: try StoredJSON.labels(row[.labels])
            ),
            state: state,
            reason: row[.reason],
            resumesAt: state == .paused ? (row[.resumeAt] as Int64?).map(Timestamp.init(milliseconds:)) : nil,
            next: stored == .paused
                ? nil
                : next.map {
                    Announcement.Next(
                        at: Timestamp(milliseconds: $0),
                        phase: Phase(rawValue: row[Field.allCases.count + 1])
                    )
                },
            created: Timestamp(milliseconds: row[.createdAt]),
            createdBy: row[.createdBy],
            updated: Timestamp(milliseconds: row[.updatedAt])
        )
    }

    static func data(from row: Row) -> EventData {
        let json: String = row[.arguments]
        let packed: Data = row[.packed]
        return EventData(event: row[.event], encodedArguments: Array(json.utf8), messagePack: Array(packed))
    }

    static func target(from row: Row) throws -> Target {
        let everyone: Bool = row[.everyone]
        return Target(
            namespace: row[.namespace],
            audience: everyone
                ? .everyone
                : .some(rooms: try StoredJSON.strings(row[.rooms]), sockets: try StoredJSON.strings(row[.sockets])),
            except: try StoredJSON.strings(row[.excluded]),
            exceptSockets: try StoredJSON.strings(row[.excludedSockets]),
            volatile: row[.volatile],
            compress: row[.compress]
        )
    }

    static func style(from row: Row) throws -> MessageStyle {
        let leads: String = row[.leads]
        let length: String? = row[.length]
        return try StoredJSON.style(row[.style], isWindow: leads != "[]" || length != nil)
    }

    static func plan(from row: Row) throws -> Plan {
        var plan = Plan(rules: try StoredJSON.rules(row[.rules]), timezone: row[.timezone])
        let limits: String = row[.limits]
        if limits != "{}" { try plan.read(limits: try PayloadValue(json: limits)) }
        plan.leads = try StoredJSON.strings(row[.leads]).map { try TimeSpan($0) }
        plan.length = try (row[.length] as String?).map { try TimeSpan($0) }
        return plan
    }

    static func policy(from row: Row) throws -> Policy {
        let expiry: String? = row[.expiry]
        return Policy(
            misfire: Policy.Misfire(stored: row[.misfire], limit: row[.misfireLimit]),
            grace: row[.grace],
            expiry: try expiry.map { try Policy.Expiry(json: try PayloadValue(json: $0)) }
        )
    }
}

extension Row {
    /// A column of an announcement.
    subscript<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ field: AnnouncementRow.Field
    ) -> Value {
        self[field.rawValue]
    }
}

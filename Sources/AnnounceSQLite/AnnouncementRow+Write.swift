import Announce
import Foundation
import GRDB
import Payload
import Recurrence

/// How announcements are written.
extension AnnouncementRow {
    /// A column that an insertion and an edit write.
    private struct Column: Sendable {
        typealias Value = @Sendable (AnnouncementDraft) throws -> (any DatabaseValueConvertible)?

        let name: String
        let value: Value

        init(_ field: Field, _ value: @escaping Value) { (name, self.value) = (field.column, value) }

        init(name: String, _ value: @escaping Value) { (self.name, self.value) = (name, value) }
    }

    private static let written: [Column] = [
        Column(.name) { $0.name },
        Column(.event) { $0.data.event },
        Column(.arguments) { try PayloadValue.array($0.data.arguments()).jsonText() },
        Column(.packed) { Data($0.data.messagePack()) },
        Column(.style) { try StoredJSON.encode($0.style) },
        Column(.rendered) { try $0.isRendered },
        Column(.namespace) { $0.target.namespace },
        Column(.everyone) { $0.target.audience == .everyone },
        Column(.rooms) { try StoredJSON.encode($0.target.named.rooms) },
        Column(.sockets) { try StoredJSON.encode($0.target.named.sockets) },
        Column(.excluded) { try StoredJSON.encode($0.target.except) },
        Column(.excludedSockets) { try StoredJSON.encode($0.target.exceptSockets) },
        Column(.volatile) { $0.target.volatile },
        Column(.compress) { $0.target.compress },
        Column(.rules) { try StoredJSON.encode($0.plan.rules) },
        Column(.timezone) { $0.plan.timezone },
        Column(.limits) { try $0.plan.limitsJSON.jsonText() },
        Column(.leads) { try StoredJSON.encode($0.plan.leads.map(\.compactDescription)) },
        Column(.length) { $0.plan.length?.compactDescription },
        Column(.recurring) { $0.plan.isRecurring },
        // Neither UTC nor an offset gets other rules.
        Column(.zoned) { $0.plan.needsZone && Zone(fixedOffset: $0.plan.timezone) == nil },
        Column(.misfire) { $0.policy.misfire.stored.name },
        Column(.misfireLimit) { $0.policy.misfire.stored.limit },
        Column(.grace) { $0.policy.grace },
        Column(.expiry) { try $0.policy.expiry?.json.jsonText() },
        Column(.priority) { $0.priority },
        Column(.allowUnheard) { $0.allowUnheard },
        Column(.acknowledgeWithin) { $0.acknowledgeWithin },
        Column(.labels) { try StoredJSON.encode($0.labels) },
        Column(name: "manner") { draft in
            let isPlanned = try draft.plan.isRecurring || draft.isRendered || draft.policy.expiry != nil
            return try Manner.json(of: draft, isPlanned: isPlanned)
        },
    ]

    private static let updating = """
        UPDATE announcements SET \(written.map { "\($0.name) = ?" }.joined(separator: ", ")) WHERE id = ?
        """

    private static let inserting = """
        INSERT INTO announcements
            (created_at, created_by, updated_at, source, import_id, \(written.map(\.name).joined(separator: ", ")))
        VALUES (?, ?, ?, ?, ?\(String(repeating: ", ?", count: written.count)))
        """

    /// Writes a draft over another one.
    static func update(
        _ id: Announcement.ID,
        from old: AnnouncementDraft,
        to new: AnnouncementDraft,
        in database: Database
    ) throws {
        var values = try written.map { try $0.value(new) }
        values.append(id)
        try database.cachedStatement(sql: updating).execute(arguments: StatementArguments(values))
        try SearchTable.update(id, from: old, to: new, in: database)
    }

    static func insert(
        _ draft: AnnouncementDraft,
        by user: String,
        at now: Timestamp,
        source: String? = nil,
        document: ImportID? = nil,
        in database: Database
    ) throws -> Announcement.ID {
        var values: [(any DatabaseValueConvertible)?] = [
            now.milliseconds, user, now.milliseconds, source, document?.number,
        ]
        for column in written { values.append(try column.value(draft)) }
        try database.cachedStatement(sql: inserting).execute(arguments: StatementArguments(values))
        let id = database.lastInsertedRowID
        try SearchTable.insert(draft, of: id, in: database)
        return id
    }
}

extension AnnouncementDraft {
    /// Whether the message is not simply the stored one.
    fileprivate var isRendered: Bool { get throws { !(try MessageRenderer(data, style).isConstant) } }
}

extension Target {
    /// The rooms and sockets that it names.
    fileprivate var named: (rooms: [String], sockets: [String]) {
        switch audience {
        case .everyone: ([], [])
        case .some(let rooms, let sockets): (rooms, sockets)
        }
    }
}

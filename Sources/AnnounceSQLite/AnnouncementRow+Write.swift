import Announce
import GRDB
import Payload
import Recurrence

/// How announcements are written.
extension AnnouncementRow {
    /// A draft on its way into a row, and what several columns ask of it.
    private struct Written {
        let draft: AnnouncementDraft
        /// Whether the message is not simply the stored one.
        let isRendered: Bool

        init(_ draft: AnnouncementDraft) throws {
            self.draft = draft
            isRendered = !(try MessageRenderer(draft.data, draft.style).isConstant)
        }

        /// Whether the plan matters when it is due; see ``Manner``.
        var isPlanned: Bool { draft.plan.isRecurring || isRendered || draft.policy.expiry != nil }
    }

    /// A column that an insertion and an edit write.
    private struct Column: Sendable {
        typealias Value = @Sendable (Written) throws -> FastStatement.Argument

        let name: String
        let value: Value

        init(_ field: Field, _ value: @escaping Value) { (name, self.value) = (field.column, value) }

        init(name: String, _ value: @escaping Value) { (self.name, self.value) = (name, value) }
    }

    private static let written: [Column] = [
        Column(.name) { .text($0.draft.name) },
        Column(.event) { .text($0.draft.data.event) },
        Column(.arguments) { .text(try PayloadValue.array($0.draft.data.arguments()).jsonText()) },
        Column(.packed) { .blob($0.draft.data.messagePack()) },
        Column(.style) { .text(try StoredJSON.encode($0.draft.style)) },
        Column(.rendered) { .flag($0.isRendered) },
        Column(.namespace) { .text($0.draft.target.namespace) },
        Column(.everyone) { .flag($0.draft.target.audience == .everyone) },
        Column(.rooms) { .text(try StoredJSON.encode($0.draft.target.named.rooms)) },
        Column(.sockets) { .text(try StoredJSON.encode($0.draft.target.named.sockets)) },
        Column(.excluded) { .text(try StoredJSON.encode($0.draft.target.except)) },
        Column(.excludedSockets) { .text(try StoredJSON.encode($0.draft.target.exceptSockets)) },
        Column(.volatile) { .flag($0.draft.target.volatile) },
        Column(.compress) { $0.draft.target.compress.map { .flag($0) } ?? .null },
        Column(.rules) { .text(try StoredJSON.encode($0.draft.plan.rules)) },
        Column(.timezone) { .text($0.draft.plan.timezone) },
        Column(.limits) { .text(try $0.draft.plan.limitsJSON.jsonText()) },
        Column(.leads) { .text(try StoredJSON.encode($0.draft.plan.leads.map(\.compactDescription))) },
        Column(.length) { .text($0.draft.plan.length?.compactDescription) },
        Column(.recurring) { .flag($0.draft.plan.isRecurring) },
        // Neither UTC nor an offset gets other rules.
        Column(.zoned) {
            .flag($0.draft.plan.needsZone && Zone(fixedOffset: $0.draft.plan.timezone) == nil)
        },
        Column(.misfire) { .text($0.draft.policy.misfire.stored.name) },
        Column(.misfireLimit) { .integer($0.draft.policy.misfire.stored.limit.map(Int64.init)) },
        Column(.grace) { .integer($0.draft.policy.grace) },
        Column(.expiry) { .text(try $0.draft.policy.expiry?.json.jsonText()) },
        Column(.priority) { .integer(Int64($0.draft.priority)) },
        Column(.allowUnheard) { .flag($0.draft.allowUnheard) },
        Column(.acknowledgeWithin) { .integer($0.draft.acknowledgeWithin) },
        Column(.labels) { .text(try StoredJSON.encode($0.draft.labels)) },
        Column(name: "manner") { .text(try Manner.json(of: $0.draft, isPlanned: $0.isPlanned)) },
    ]

    private static let updating = """
        UPDATE announcements SET \(written.map { "\($0.name) = ?" }.joined(separator: ", ")) WHERE id = ?
        """

    /// What is written of a new one beside the columns that an edit writes, too.
    private static let origin = ["created_at", "created_by", "updated_at", "source", "import_id"]

    private static let inserting = """
        INSERT OR FAIL INTO announcements (\((origin + written.map(\.name)).joined(separator: ", ")))
        """

    /// Writes a draft over another one.
    static func update(
        _ id: Announcement.ID,
        from old: AnnouncementDraft,
        to new: AnnouncementDraft,
        in database: Database
    ) throws {
        let new = try Written(new)
        let values = try written.map { try $0.value(new) }
        try FastStatement(updating, in: database).execute(values + [.integer(id)])
        try SearchTable.update(id, from: old, to: new.draft, in: database)
    }

    /// A new announcement as it is written: to make that of it takes no database.
    struct New: Sendable {
        let name: String?
        fileprivate let values: [FastStatement.Argument]
        fileprivate let found: SearchTable.Entry

        /// Makes the row of a draft.
        ///
        /// - Parameters:
        ///   - draft: the draft.
        ///   - user: who adds it.
        ///   - now: the time.
        ///   - source: what a document says of it, where it comes from one.
        ///   - document: that document.
        /// - Throws: what cannot be stored.
        init(
            _ draft: AnnouncementDraft,
            by user: String,
            at now: Timestamp,
            source: String? = nil,
            document: ImportID? = nil
        ) throws {
            let draft = try Written(draft)
            name = draft.draft.name
            let start: [FastStatement.Argument] = [
                .integer(now.milliseconds), .text(user), .integer(now.milliseconds), .text(source),
                .integer(document?.number),
            ]
            values = try start + written.map { try $0.value(draft) }
            found = try SearchTable.Entry(draft.draft)
        }
    }

    /// Writes new announcements.
    ///
    /// - Returns: their ids, in their order.
    /// - Throws: ``AnnounceError/Code/nameTaken`` when another one that has something to say has a name of them.
    static func insert(_ new: [New], in database: Database) throws -> [Announcement.ID] {
        var rows = try RowWriter(inserting, columns: origin.count + written.count, in: database)
        try rows.add(new) { new, tell in
            for value in new.values { try tell(value) }
        } makeRoom: { index in
            // One that has nothing to say any more may have the name.
            if let name = new[index].name { try SQLiteStore.freeName(name, in: database) }
        }
        // Each id is the one before and one more, since nobody else writes meanwhile.
        let end = database.lastInsertedRowID + 1
        let ids = Array(end - Int64(new.count)..<end)
        // After all rows: FTS5 writes what it has kept in memory before each statement that adds several rows.
        var words = try RepeatedStatement(SearchTable.insertion, in: database)
        for (new, id) in zip(new, ids) { try new.found.insert(as: id, by: &words) }
        return ids
    }
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

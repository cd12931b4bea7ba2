import Announce
import GRDB
import Payload

/// The words and marks that announcements are found by, in `search`.
///
/// A trigger removes them with their announcement.
enum SearchTable {
    /// Adds the row of an announcement, ``Entry/insert(as:by:)``.
    static let insertion = "INSERT INTO search (rowid, name, words, marks) VALUES (?, ?, ?, ?)"

    /// Keeps the row after a change; where nothing that is in it has changed, it stays as it is.
    static func update(
        _ id: Announcement.ID,
        from old: AnnouncementDraft,
        to new: AnnouncementDraft,
        in database: Database
    ) throws {
        let entry = try Entry(new)
        if try Entry(old) == entry { return }
        try database.cachedStatement(sql: "DELETE FROM search WHERE rowid = ?").execute(arguments: [id])
        var statement = try RepeatedStatement(insertion, in: database)
        try entry.insert(as: id, by: &statement)
    }

    /// What is found of an announcement.
    struct Entry: Equatable, Sendable {
        fileprivate let name: String?
        /// The texts in its arguments and those of its phases.
        fileprivate let words: String
        /// Its rooms and labels.
        fileprivate let marks: String

        /// Adds its row by ``SearchTable/insertion``.
        func insert(as id: Announcement.ID, by statement: inout RepeatedStatement) throws {
            try statement.bind(.integer(id))
            try statement.bind(.text(name))
            try statement.bind(.text(words))
            try statement.bind(.text(marks))
            try statement.execute()
        }

        init(_ draft: AnnouncementDraft) throws {
            name = draft.name
            var words = try draft.data.arguments().flatMap(\.texts)
            words += draft.style.texts.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value)
            self.words = words.joined(separator: " ")
            var marks: [String] = []
            if case .some(let rooms, _) = draft.target.audience { marks = rooms }
            for (key, value) in draft.labels.sorted(by: { $0.key < $1.key }) { marks += [key, value] }
            self.marks = marks.joined(separator: " ")
        }
    }
}

extension PayloadValue {
    /// All texts in it, in its order; keys are none.
    fileprivate var texts: [String] {
        switch self {
        case .string(let text): [text]
        case .array(let values): values.flatMap(\.texts)
        case .object(let object): object.flatMap { $0.value.texts }
        default: []
        }
    }
}

import Announce
import Payload
import Recurrence

/// What is different between two states of an announcement, key by key.
struct ChangedFields: CustomStringConvertible {
    /// A key of which the value changes; nil where it is not there.
    struct Field {
        let key: String
        let old: PayloadValue?
        let new: PayloadValue?

        /// The change in short: `text: Coffee → Tea`.
        var words: String { "\(key): \(Self.words(old)) → \(Self.words(new))" }

        /// A value in short: a list of one as that one, a text bare.
        private static func words(_ value: PayloadValue?) -> String {
            switch value {
            case nil, .null?: return "(none)"
            case .array(let values)? where values.count == 1: return words(values[0])
            case .string(let text)?: return Table.oneLine(text.count > 60 ? text.prefix(59) + "…" : text)
            case let value?: return value.line
            }
        }
    }

    let fields: [Field]

    /// Compares documents.
    init(from old: PayloadObject, to new: PayloadObject) {
        fields = Set(old.map(\.key)).union(new.map(\.key)).sorted().filter { old[$0] != new[$0] }.map {
            Field(key: $0, old: old[$0], new: new[$0])
        }
    }

    /// Compares two states of an announcement.
    ///
    /// - Throws: what reading stored arguments throws.
    init(from old: AnnouncementDraft, _ oldZone: Zone, to new: AnnouncementDraft, _ newZone: Zone) throws {
        var (before, after) = (try old.document(in: oldZone), try new.document(in: newZone))
        if old.name != new.name {
            before["name"] = Representation.optional(old.name)
            after["name"] = Representation.optional(new.name)
        }
        self.init(from: before, to: after)
    }

    /// Reads what ``json`` wrote.
    init?(_ json: PayloadValue) {
        guard case .object(let object) = json else { return nil }
        fields = object.compactMap { key, value in
            guard case .array(let values) = value, values.count == 2 else { return nil }
            return Field(key: key, old: values[0], new: values[1])
        }
    }

    /// For the history: `{"text":["Coffee","Tea"]}`.
    var json: PayloadValue {
        .object(PayloadObject(fields.map { ($0.key, .array([$0.old ?? .null, $0.new ?? .null])) }))
    }

    /// All of them in a line.
    var description: String { fields.map(\.words).joined(separator: "; ") }
}

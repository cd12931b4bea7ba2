import Payload

/// A value of a document, YAML or JSON: what it says is only known where it is used.
///
/// `09:00`, `2026-12-01` and `0123` are times, days and texts where one is wanted, and YAML would make other things of them.
enum DocumentValue: Hashable, Sendable {
    /// In quotation marks.
    case text(String)
    /// Without any.
    case plain(String)
    case list([DocumentValue])
    /// In the order of the document; no key twice.
    case map([Pair])

    struct Pair: Hashable, Sendable {
        let key: String
        let value: DocumentValue
    }

    /// Where a value stands in a document: keys of maps and numbers of lists, from the outside in.
    enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    typealias Path = [Step]

    /// The text of one without quotation marks or with them; nil for lists, maps and nothing.
    var string: String? {
        switch self {
        case .text(let text): text
        case .plain(let text): Self.isNull(text) ? nil : text
        case .list, .map: nil
        }
    }

    /// Whether nothing stands there.
    var isNothing: Bool {
        if case .plain(let text) = self { Self.isNull(text) } else { false }
    }

    subscript(key: String) -> DocumentValue? {
        guard case .map(let pairs) = self else { return nil }
        return pairs.first { $0.key == key }?.value
    }

    /// The value as data, by the core schema of YAML 1.2, which has all of JSON.
    var payload: PayloadValue {
        switch self {
        case .text(let text): .string(text)
        case .plain(let text): Self.scalar(text)
        case .list(let values): .array(values.map(\.payload))
        case .map(let pairs): .object(PayloadObject(pairs.map { ($0.key, $0.value.payload) }))
        }
    }

    /// Takes data as a document has it.
    init(_ value: PayloadValue) {
        switch value {
        case .string(let text): self = .text(text)
        case .array(let values): self = .list(values.map(DocumentValue.init))
        case .object(let object): self = .map(object.map { Pair(key: $0.key, value: DocumentValue($0.value)) })
        default: self = .plain(value.line)
        }
    }

    private static func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }

    private static func scalar(_ text: String) -> PayloadValue {
        if isNull(text) { return .null }
        if ["true", "True", "TRUE"].contains(text) { return true }
        if ["false", "False", "FALSE"].contains(text) { return false }
        // A number is one of JSON; YAML allows a plus and zeros before it, too, which nobody means as a number.
        if let first = text.utf8.first, first == UInt8(ascii: "-") || (48...57).contains(first),
            let number = try? PayloadValue(json: text)
        {
            return number
        }
        return .string(text)
    }
}

extension DocumentValue.Path {
    /// The path as people write it: `announcements.coffee.room[0]`.
    var words: String {
        reduce(into: "") { words, step in
            switch step {
            case .key(let key): words += (words.isEmpty ? "" : ".") + key
            case .index(let index): words += "[\(index)]"
            }
        }
    }
}

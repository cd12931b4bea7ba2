import Announce
import Payload
import Recurrence

/// The JSON of a column that this program wrote.
enum StoredJSON {
    static func encode(_ strings: [String]) throws -> String {
        strings.isEmpty ? "[]" : try PayloadValue.array(strings.map(PayloadValue.string)).jsonText()
    }

    static func strings(_ json: String) throws -> [String] {
        if json == "[]" { return [] }
        guard case .array(let values) = try PayloadValue(json: json) else { throw unreadable(json) }
        return try values.map { value in
            guard case .string(let string) = value else { throw unreadable(json) }
            return string
        }
    }

    /// Those of one instant and phase that follow each other together: `[[1795971000000,"start",[7,8,9]]]`.
    static func encode(_ occurrences: some Sequence<Occurrence>) -> String {
        var writer = JSONWriter(capacity: 8_192)
        var last: Occurrence?
        for occurrence in occurrences {
            if let last, last.nominal == occurrence.nominal, last.phase == occurrence.phase {
                writer.writeRaw(",")
            } else {
                writer.writeRaw(last == nil ? "[[" : "]],[")
                writer.write(integer: occurrence.nominal.milliseconds)
                writer.writeRaw(",")
                writer.write(string: occurrence.phase.rawValue)
                writer.writeRaw(",[")
            }
            writer.write(integer: occurrence.announcement)
            last = occurrence
        }
        writer.writeRaw(last == nil ? "[]" : "]]]")
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func occurrences(_ json: String) throws -> [Occurrence] {
        guard case .array(let parts) = try PayloadValue(json: json) else { throw unreadable(json) }
        return try parts.flatMap { part -> [Occurrence] in
            guard case .array(let part) = part, part.count == 3, case .integer(let nominal) = part[0],
                case .string(let phase) = part[1], case .array(let ids) = part[2]
            else { throw unreadable(json) }
            return try ids.map { id in
                guard case .integer(let id) = id else { throw unreadable(json) }
                return Occurrence(
                    announcement: id,
                    nominal: Timestamp(milliseconds: nominal),
                    phase: Phase(rawValue: phase)
                )
            }
        }
    }

    static func encode(_ labels: [String: String]) throws -> String {
        let pairs = labels.sorted { $0.key < $1.key }.map { ($0.key, PayloadValue.string($0.value)) }
        return try PayloadValue.object(PayloadObject(pairs)).jsonText()
    }

    static func labels(_ json: String) throws -> [String: String] {
        guard case .object(let object) = try PayloadValue(json: json) else { throw unreadable(json) }
        var labels: [String: String] = [:]
        for (key, value) in object {
            guard case .string(let string) = value else { throw unreadable(json) }
            labels[key] = string
        }
        return labels
    }

    static func encode(_ rules: [Rule]) throws -> String {
        try PayloadValue.array(rules.map(\.json)).jsonText()
    }

    static func rules(_ json: String) throws -> [Rule] {
        guard case .array(let values) = try PayloadValue(json: json) else { throw unreadable(json) }
        return try values.map { try Rule(json: $0) }
    }

    static func encode(_ style: MessageStyle) throws -> String {
        var pairs: [(String, PayloadValue)] = []
        if style.form != .arguments { pairs.append(("form", .string(style.form.rawValue))) }
        if style.hasText { pairs.append(("text", true)) }
        if !style.isTemplate { pairs.append(("template", false)) }
        if !style.texts.isEmpty {
            let texts = style.texts.map { ($0.key.rawValue, PayloadValue.string($0.value)) }.sorted { $0.0 < $1.0 }
            pairs.append(("texts", .object(PayloadObject(texts))))
        }
        return try PayloadValue.object(PayloadObject(pairs)).jsonText()
    }

    static func style(_ json: String, isWindow: Bool) throws -> MessageStyle {
        guard case .object(let object) = try PayloadValue(json: json) else { throw unreadable(json) }
        var style = MessageStyle(isWindow: isWindow)
        if case .string(let form)? = object["form"] { style.form = MessageStyle.Form(rawValue: form) ?? .arguments }
        style.hasText = object["text"] == .bool(true)
        style.isTemplate = object["template"] != .bool(false)
        if case .object(let texts)? = object["texts"] {
            for (key, value) in texts {
                guard let kind = NoticeKind(rawValue: key), case .string(let text) = value else {
                    throw unreadable(json)
                }
                style.texts[kind] = text
            }
        }
        return style
    }

    static func unreadable(_ json: String) -> AnnounceError {
        AnnounceError(
            .storeUnavailable,
            "The store holds a value that cannot be read. Restore a backup.",
            cause: String(json.prefix(200))
        )
    }
}

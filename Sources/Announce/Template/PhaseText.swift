/// What the kinds of notices of a window say of TEXT when no text of one's own was set.
///
/// | kind | `Maintenance` | `We restart the server!` |
/// | --- | --- | --- |
/// | lead | `Maintenance: in 15 minutes` | `We restart the server! In 15 minutes.` |
/// | start | `Maintenance now` | `We restart the server! Now.` |
/// | end | `Maintenance is over` | `We restart the server! It is over.` |
/// | extended | `Maintenance extended until Sun 29 Nov 04:00 CET` | `We restart the server! Extended until ….` |
/// | moved | `Maintenance moved to Mon 30 Nov 02:00 CET` | `We restart the server! Moved to ….` |
/// | cancelled | `Maintenance cancelled` | `We restart the server! Cancelled.` |
/// | manual | `Maintenance` | `We restart the server!` |
///
/// A TEXT that ends in `.`, `!` or `?` is a sentence, so another one follows. A colon, comma or semicolon at its end is
/// taken away. What follows is plain text, never a template, so braces in TEXT make no difference.
enum PhaseText {
    /// The text for a kind of notice, from TEXT as it was rendered.
    static func standard(_ kind: NoticeKind, _ text: String, _ values: inout TemplateValues) -> String {
        guard let (joint, words, sentence) = addition(kind, &values) else { return text }
        let subject = trimmed(text)
        if subject.isEmpty { return capitalized(sentence) }
        if isSentence(subject) { return "\(subject) \(capitalized(sentence))." }
        return subject + joint + words
    }

    /// What is added: how it is joined to a subject, the words after a subject, and the words of a sentence.
    private static func addition(
        _ kind: NoticeKind,
        _ values: inout TemplateValues
    ) -> (joint: String, words: String, sentence: String)? {
        func same(_ words: String, joint: String = " ") -> (String, String, String) { (joint, words, words) }
        switch kind {
        case .manual: return nil
        case .start: return same("now")
        case .end: return (" ", "is over", "it is over")
        case .cancelled: return same("cancelled")
        case .moved: return same("moved to \(values.string(.startsAt))")
        case .extended:
            let end = values.string(.endsAt)
            return same(end.isEmpty ? "extended" : "extended until \(end)")
        case .lead:
            let distance = values.string(.startsIn)
            return distance == "now" ? same(distance) : same("in \(distance)", joint: ": ")
        }
    }

    /// TEXT without spaces and without a mark that announces more at its end.
    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let last = text.last, last.isWhitespace || ":;,".contains(last) { text.removeLast() }
        return String(text)
    }

    /// Whether a text ends as a sentence does; quotes and brackets may follow.
    private static func isSentence(_ text: String) -> Bool {
        let last = text.last { !"\"'”’»)]".contains($0) }
        return last.map { ".!?…。！？".contains($0) } ?? false
    }

    private static func capitalized(_ words: String) -> String {
        words.prefix(1).uppercased() + words.dropFirst()
    }
}

extension TemplateValues {
    /// A variable's value as a string.
    mutating func string(_ variable: TemplateVariable) -> String {
        String(decoding: self[variable], as: UTF8.self)
    }
}

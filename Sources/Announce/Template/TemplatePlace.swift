/// Where a template stands, to tell a person.
struct TemplatePlace: Sendable {
    /// A step into a JSON argument.
    enum Step: Sendable {
        case key(String)
        case index(Int)
    }

    /// `TEXT`, `The text for lead`, `Argument 2`.
    let name: String
    /// The way from there to the string.
    var path: [Step] = []
    /// Why `{{text}}` cannot stand there; `nil` where it can.
    let whyNoText: String?

    /// The place in words: `Argument 2, at items[0].title`.
    var description: String {
        guard !path.isEmpty else { return name }
        var text = ""
        for step in path {
            switch step {
            case .index(let index): text += "[\(index)]"
            case .key(let key): text += (text.isEmpty ? "" : ".") + Self.excerpt(key.utf8.prefix(80))
            }
        }
        return "\(name), at \(text)"
    }

    /// The beginning of what a person wrote, fit for a line on a terminal.
    static func excerpt(_ bytes: some Collection<UInt8>) -> String {
        let text = String(decoding: bytes.prefix(200), as: UTF8.self)
        let shown = String.UnicodeScalarView(
            text.prefix(40).unicodeScalars.map { scalar in
                scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? " " : scalar
            }
        )
        return String(shown) + (text.count > 40 ? "…" : "")
    }
}

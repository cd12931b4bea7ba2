/// Reads the Mustache of a text once, from its first byte to its last.
///
/// The language is that of mustache.5 with a fixed set of variables, without what would read other templates, run code
/// or change the language itself. A section's or a comment's tag that stands alone on its line takes the line with it,
/// as the Mustache specification has it.
struct TemplateScanner {
    let source: [UInt8]
    let place: TemplatePlace
    private var position = 0
    private var result: [TextTemplate.Step] = []
    /// The sections that are open: where each one's step is, and where its tag stands.
    private var open: [(step: Int, tag: Int)] = []

    private static let braces = UInt8(ascii: "{")
    private static let closing = UInt8(ascii: "}")

    init(_ text: String, place: TemplatePlace) {
        source = Array(text.utf8)
        self.place = place
    }

    /// The steps of the template.
    ///
    /// - Throws: ``AnnounceError`` with code ``AnnounceError/Code/invalidValue``: where, what, and what to write.
    mutating func steps() throws(AnnounceError) -> [TextTemplate.Step] {
        while let tag = nextTag() {
            try read(tag)
        }
        addText(upTo: source.count)
        if let section = open.last, case .section(let variable, _, _) = result[section.step] {
            throw error(section.tag, "The section \(variable) is not closed. Write {{/\(variable)}} where it ends.")
        }
        return result
    }

    /// Where the next `{{` is, at or after the current position.
    private func nextTag() -> Int? {
        var index = position
        while index + 1 < source.count {
            if source[index] == Self.braces, source[index + 1] == Self.braces { return index }
            index += 1
        }
        return nil
    }

    private mutating func addText(upTo end: Int) {
        if position < end { result.append(.text(position..<end)) }
        position = end
    }

    private mutating func read(_ tag: Int) throws(AnnounceError) {
        let inner = skipSpace(from: tag + 2)
        switch inner < source.count ? source[inner] : 0 {
        case UInt8(ascii: "!"):
            finishLine(of: tag, end: try end(of: tag, from: inner + 1))
        case UInt8(ascii: "#"):
            try openSection(tag, inner + 1, when: true)
        case UInt8(ascii: "^"):
            try openSection(tag, inner + 1, when: false)
        case UInt8(ascii: "/"):
            try closeSection(tag, inner + 1)
        case UInt8(ascii: "{"):
            let end = try end(of: tag, from: inner + 1)
            let variable = try variable(tag, inner + 1..<end - 2)
            guard end < source.count, source[end] == Self.closing else {
                throw error(tag, "The tag {{{\(variable)}} begins with three braces. Write {{\(variable)}}.")
            }
            addText(upTo: tag)
            result.append(.variable(variable))
            position = end + 1
        case UInt8(ascii: "&"):
            try addVariable(tag, inner + 1)
        case let sigil:
            try refuse(sigil, tag)
            try addVariable(tag, inner)
        }
    }

    private mutating func addVariable(_ tag: Int, _ inner: Int) throws(AnnounceError) {
        let end = try end(of: tag, from: inner)
        let variable = try variable(tag, inner..<end - 2)
        addText(upTo: tag)
        result.append(.variable(variable))
        position = end
    }

    private mutating func openSection(_ tag: Int, _ inner: Int, when: Bool) throws(AnnounceError) {
        let end = try end(of: tag, from: inner)
        let variable = try variable(tag, inner..<end - 2)
        finishLine(of: tag, end: end)
        open.append((result.count, tag))
        result.append(.section(variable, when: when, end: 0))
    }

    private mutating func closeSection(_ tag: Int, _ inner: Int) throws(AnnounceError) {
        let end = try end(of: tag, from: inner)
        let variable = try variable(tag, inner..<end - 2)
        guard let section = open.popLast(), case .section(let opened, let when, _) = result[section.step] else {
            throw error(tag, "The section \(variable) ends here and did not begin. Write {{#\(variable)}} before it.")
        }
        guard opened == variable else {
            throw error(tag, "The section \(opened) is open and \(variable) is closed. Write {{/\(opened)}} first.")
        }
        finishLine(of: tag, end: end)
        result[section.step] = .section(opened, when: when, end: result.count)
    }

    /// Goes on after a tag that says nothing itself: behind the line if it is alone there.
    private mutating func finishLine(of tag: Int, end: Int) {
        var first = tag
        while first > position, Self.isBlank(source[first - 1]) { first -= 1 }
        var next = end
        while next < source.count, Self.isBlank(source[next]) { next += 1 }
        let startsLine = first == 0 || source[first - 1] == 0x0A
        if startsLine, next == source.count {
            addText(upTo: first)
            position = next
        } else if startsLine, source[next] == 0x0A || source[next...].starts(with: [0x0D, 0x0A]) {
            addText(upTo: first)
            position = next + (source[next] == 0x0A ? 1 : 2)
        } else {
            addText(upTo: tag)
            position = end
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private func skipSpace(from start: Int) -> Int {
        var index = start
        while index < source.count, Self.isSpace(source[index]) { index += 1 }
        return index
    }
}

extension TemplateScanner {
    /// The position behind the `}}` that ends a tag.
    private func end(of tag: Int, from start: Int) throws(AnnounceError) -> Int {
        var index = start
        while index + 1 < source.count {
            if source[index] == Self.closing, source[index + 1] == Self.closing { return index + 2 }
            index += 1
        }
        throw error(tag, "The tag that begins with {{ does not end. Write }} where it ends.")
    }

    /// The variable that a tag names.
    private func variable(_ tag: Int, _ range: Range<Int>) throws(AnnounceError) -> TemplateVariable {
        var name = source[range].drop(while: Self.isSpace)
        while let last = name.last, Self.isSpace(last) { name.removeLast() }
        let text = TemplatePlace.excerpt(name)
        guard let variable = TemplateVariable(rawValue: text) else {
            if name.contains(UInt8(ascii: "(")) {
                throw error(tag, "{{\(text)}} is a transform, and there are none. Write the variable alone.")
            }
            let advice =
                TemplateVariable.nearest(to: text).map { "Did you mean {{\($0)}}?" }
                ?? "The variables are \(TemplateVariable.list)."
            throw error(tag, "There is no variable \"\(text)\". \(advice)")
        }
        if variable == .text, let why = place.whyNoText {
            throw error(tag, why)
        }
        return variable
    }

    /// Refuses the tags of Mustache that have no place in a message.
    private func refuse(_ sigil: UInt8, _ tag: Int) throws(AnnounceError) {
        switch sigil {
        case UInt8(ascii: ">"): throw error(tag, "{{>…}} would insert another template. Write its text here.")
        case UInt8(ascii: "<"), UInt8(ascii: "$"):
            throw error(tag, "{{<…}} and {{$…}} would inherit from another template. Write its text here.")
        case UInt8(ascii: "="): throw error(tag, "{{=…=}} would change the delimiters. Write tags with {{ and }}.")
        case UInt8(ascii: "%"): throw error(tag, "{{%…}} is a pragma, and there are none. Remove it.")
        default: break
        }
    }

    private func error(_ offset: Int, _ message: String) -> AnnounceError {
        let before = source[..<offset]
        let line = before.count { $0 == 0x0A } + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let column = String(decoding: source[start..<offset], as: UTF8.self).count + 1
        return AnnounceError(
            .invalidValue,
            "\(place.description), line \(line), column \(column): \(message) "
                + "Braces that are meant for the clients are sent as they are with --no-template."
        )
    }
}

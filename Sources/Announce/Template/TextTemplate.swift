/// A Mustache template, compiled: text, variables, and sections as jumps.
///
/// It is flat, so neither compiling nor rendering recurses: sections may be nested as deep as the text is long, and both
/// take time in proportion to what is read and written. The bytes of the text are kept and copied, never interpreted.
struct TextTemplate: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        /// A part of the source, by the positions of its bytes.
        case text(Range<Int>)
        case variable(TemplateVariable)
        /// Goes on at `end` unless the variable is there (`when` is true) or is empty (`when` is false).
        case section(TemplateVariable, when: Bool, end: Int)
    }

    let source: [UInt8]
    let steps: [Step]

    /// A text in which nothing is a tag.
    init(literal text: String) {
        source = Array(text.utf8)
        steps = [.text(0..<source.count)]
    }

    /// Compiles a template; `place` says to a person where it stands.
    init(_ text: String, place: TemplatePlace) throws(AnnounceError) {
        var scanner = TemplateScanner(text, place: place)
        steps = try scanner.steps()
        source = scanner.source
    }

    /// Whether it says its source, whatever the variables are.
    var isConstant: Bool {
        source.isEmpty || steps == [.text(0..<source.count)]
    }

    /// Writes the text; what is written is taken off `room`, the bytes that may still be written in the message.
    func render(_ values: inout TemplateValues, room: inout Int) throws(AnnounceError) -> String {
        var written: [UInt8] = []
        var position = 0
        while position < steps.count {
            switch steps[position] {
            case .text(let range):
                try Self.take(range.count, from: &room)
                written += source[range]
            case .variable(let variable):
                let value = values[variable]
                try Self.take(value.count, from: &room)
                written += value
            case .section(let variable, let when, let end):
                if values[variable].isEmpty == when {
                    position = end
                    continue
                }
            }
            position += 1
        }
        return String(decoding: written, as: UTF8.self)
    }

    private static func take(_ count: Int, from room: inout Int) throws(AnnounceError) {
        room -= count
        if room < 0 {
            throw AnnounceError(
                .invalidValue,
                "The message has more than the \(AnnouncementDraft.maximumMessageBytes) bytes that it may have when its "
                    + "variables are filled in. Send a link to the content instead."
            )
        }
    }
}

extension Sequence<UInt8> {
    /// Whether a tag may begin somewhere in these bytes.
    var hasOpeningBraces: Bool {
        var before: UInt8 = 0
        for byte in self {
            if byte == UInt8(ascii: "{"), before == byte { return true }
            before = byte
        }
        return false
    }
}

import Payload

/// An argument of an event in which every string may be a template: compiled once, rendered for every notice.
///
/// Keys are never templates. What has no tag inside is kept as it is.
indirect enum ArgumentTemplate: Hashable, Sendable {
    case constant(PayloadValue)
    case text(TextTemplate)
    case array([ArgumentTemplate])
    case object([Member])

    struct Member: Hashable, Sendable {
        let key: String
        let value: ArgumentTemplate
    }

    /// Compiles a value; `place` is where it stands and is the same afterwards.
    init(_ value: PayloadValue, place: inout TemplatePlace) throws(AnnounceError) {
        switch value {
        case .string(let text) where text.utf8.hasOpeningBraces:
            self = .text(try TextTemplate(text, place: place))
        case .array(let values):
            var elements: [ArgumentTemplate] = []
            elements.reserveCapacity(values.count)
            for (index, value) in values.enumerated() {
                elements.append(try Self.compile(value, at: .index(index), &place))
            }
            self = elements.allSatisfy(\.isConstant) ? .constant(value) : .array(elements)
        case .object(let object):
            var members: [Member] = []
            members.reserveCapacity(object.count)
            for (key, value) in object {
                members.append(Member(key: key, value: try Self.compile(value, at: .key(key), &place)))
            }
            self = members.allSatisfy(\.value.isConstant) ? .constant(value) : .object(members)
        default:
            self = .constant(value)
        }
    }

    private static func compile(
        _ value: PayloadValue,
        at step: TemplatePlace.Step,
        _ place: inout TemplatePlace
    ) throws(AnnounceError) -> ArgumentTemplate {
        place.path.append(step)
        let template = try ArgumentTemplate(value, place: &place)
        place.path.removeLast()
        return template
    }

    /// Whether nothing in it changes from notice to notice.
    var isConstant: Bool {
        if case .constant = self { return true }
        return false
    }

    /// The value for one notice; its text is taken off `room`, the bytes that may still be written in the message.
    func render(_ values: inout TemplateValues, room: inout Int) throws(AnnounceError) -> PayloadValue {
        switch self {
        case .constant(let value):
            return value
        case .text(let template):
            return .string(try template.render(&values, room: &room))
        case .array(let elements):
            var rendered: [PayloadValue] = []
            rendered.reserveCapacity(elements.count)
            for element in elements { rendered.append(try element.render(&values, room: &room)) }
            return .array(rendered)
        case .object(let members):
            var rendered: [(String, PayloadValue)] = []
            rendered.reserveCapacity(members.count)
            for member in members { rendered.append((member.key, try member.value.render(&values, room: &room))) }
            return .object(PayloadObject(rendered))
        }
    }
}

import Payload
import Recurrence

/// Turns the message of an announcement into the message of each of its notices.
///
/// Compiling refuses whatever could not be rendered, when it is entered; what can still go wrong later is the length.
///
/// ```swift
/// let data = EventData(event: "announcement", arguments: ["Maintenance", ["when": "{{startsAt}}"]])
/// let renderer = try MessageRenderer(data, MessageStyle(isWindow: true))
/// try renderer.render(in: context)    // "Maintenance: in 15 minutes", {"when": "Sun 29 Nov 02:00 CET"}
/// ```
///
/// | variable | is |
/// | --- | --- |
/// | `phase` | the kind of notice: `lead`, `start`, `end`, `extended`, `moved`, `cancelled`, `manual` |
/// | `startsIn` | the time until the start: `15 minutes`, `2 hours 5 minutes`, `now` |
/// | `startsAt`, `endsAt` | the start and the end in the zone: `Sun 29 Nov 02:00 CET`; without an end empty |
/// | `lateBy` | how late the notice is: `3 minutes`; empty up to five seconds |
/// | `count` | which occurrence it is, from 1 |
/// | `text` | TEXT, rendered |
/// | `zone`, `id`, `name`, `revision` | of the announcement; without a name empty |
///
/// The language is Mustache without escaping: `{{x}}`, `{{{x}}}` and `{{&x}}` are the same, `{{#x}}…{{/x}}` is said if
/// `x` is not empty, `{{^x}}…{{/x}}` if it is, `{{! … }}` never.
public struct MessageRenderer: Sendable {
    /// Whether there is nothing to render: every notice has the same message, and the stored bytes can go out as they are.
    public let isConstant: Bool

    private let data: EventData
    private let style: MessageStyle
    /// TEXT, if it is not among the arguments below.
    private let text: TextTemplate?
    private let texts: [NoticeKind: TextTemplate]
    private let arguments: [ArgumentTemplate]

    /// Compiles the message of an announcement.
    ///
    /// - Throws: ``AnnounceError`` with code ``AnnounceError/Code/invalidValue``: a template that is none, with its argument,
    ///   line and column and what to write; a text for a phase of a message without TEXT; arguments that cannot be read.
    public init(_ data: EventData, _ style: MessageStyle) throws(AnnounceError) {
        self.data = data
        self.style = style
        try Self.check(style)
        // MessagePack holds every string byte by byte, so no braces there means none anywhere.
        let hasTags = style.isTemplate && data.messagePack().hasOpeningBraces
        let hasPhaseTexts = style.hasText && (style.isWindow || !style.texts.isEmpty)
        guard hasTags || hasPhaseTexts || style.form == .maintenance else {
            (text, texts, arguments, isConstant) = (nil, [:], [], true)
            return
        }
        var values = try Self.arguments(of: data)[...]
        var number = 1
        if style.hasText {
            guard case .string(let words)? = values.popFirst() else {
                throw AnnounceError(.invalidValue, "The first argument is not a text. Give TEXT first, as a string.")
            }
            number = 2
            let why = "{{text}} stands for TEXT and cannot be part of it. Remove it."
            text = try Self.compile(words, style, TemplatePlace(name: "TEXT", whyNoText: why))
        } else {
            text = nil
        }
        texts = try Self.texts(style)
        arguments = try Self.compile(values, from: number, style)
        isConstant =
            !hasPhaseTexts && style.form == .arguments && text?.isConstant ?? true
            && arguments.allSatisfy(\.isConstant)
    }

    /// The message of one notice.
    ///
    /// - Throws: ``AnnounceError`` with code ``AnnounceError/Code/invalidValue`` when it is too long
    ///   (``AnnouncementDraft/validate(data:)``), or when the phase is of a later version.
    public func render(in context: NoticeContext) throws(AnnounceError) -> EventData {
        if isConstant { return data }
        guard let kind = NoticeKind(context.phase) else {
            throw AnnounceError(
                .invalidValue,
                "This version knows no text for the phase \"\(context.phase)\". Use the version that planned it."
            )
        }
        var values = TemplateValues(context, kind: kind)
        var room = AnnouncementDraft.maximumMessageBytes
        var rendered: [PayloadValue] = []
        if let text {
            let words = try phaseText(kind, text, &values, room: &room)
            rendered.append(style.form == .maintenance ? Self.maintenance(words, kind, context) : .string(words))
        }
        for argument in arguments {
            rendered.append(try argument.render(&values, room: &room))
        }
        let message = EventData(event: data.event, arguments: rendered)
        try AnnouncementDraft.validate(data: message)
        return message
    }

    private func phaseText(
        _ kind: NoticeKind,
        _ text: TextTemplate,
        _ values: inout TemplateValues,
        room: inout Int
    ) throws(AnnounceError) -> String {
        var roomOfText = AnnouncementDraft.maximumMessageBytes
        let words = try text.render(&values, room: &roomOfText)
        values.setText(words)
        if let own = texts[kind] { return try own.render(&values, room: &room) }
        room = roomOfText
        return style.isWindow ? PhaseText.standard(kind, words, &values) : words
    }

    /// The argument of a maintenance notice that programs read.
    private static func maintenance(_ text: String, _ kind: NoticeKind, _ context: NoticeContext) -> PayloadValue {
        [
            "phase": .string(kind.rawValue),
            "text": .string(text),
            "startsAt": .string(context.anchor.rfc3339(in: context.zone)),
            "endsAt": context.end.map { .string($0.rfc3339(in: context.zone)) } ?? .null,
            "startsInSeconds": .integer((max(0, context.anchor - context.now) + 500) / 1000),
            "id": .integer(context.id),
            "revision": .integer(Int64(context.revision)),
        ]
    }
}

extension MessageRenderer {
    private static func check(_ style: MessageStyle) throws(AnnounceError) {
        if style.hasText { return }
        if style.form == .maintenance {
            throw AnnounceError(.invalidValue, "A maintenance notice has nothing to say. Give it a TEXT.")
        }
        if let kind = style.texts.keys.map(\.rawValue).min() {
            throw AnnounceError(
                .invalidValue,
                "The text for \(kind) would take the place of TEXT, and there is no TEXT. Give one, or use variables in --json."
            )
        }
    }

    private static func arguments(of data: EventData) throws(AnnounceError) -> [PayloadValue] {
        do {
            return try data.arguments()
        } catch {
            throw AnnounceError(
                .invalidValue,
                "The stored arguments of the event cannot be read. Store the announcement again.",
                cause: "\(error)"
            )
        }
    }

    private static func compile(
        _ text: String,
        _ style: MessageStyle,
        _ place: TemplatePlace
    ) throws(AnnounceError) -> TextTemplate {
        style.isTemplate ? try TextTemplate(text, place: place) : TextTemplate(literal: text)
    }

    /// The user's own texts; in the order of the kinds, so that of several errors it is always the same that is told.
    private static func texts(_ style: MessageStyle) throws(AnnounceError) -> [NoticeKind: TextTemplate] {
        var compiled: [NoticeKind: TextTemplate] = [:]
        for kind in NoticeKind.allCases {
            guard let text = style.texts[kind] else { continue }
            compiled[kind] = try compile(
                text,
                style,
                TemplatePlace(name: "The text for \(kind.rawValue)", whyNoText: nil)
            )
        }
        return compiled
    }

    private static func compile(
        _ values: ArraySlice<PayloadValue>,
        from number: Int,
        _ style: MessageStyle
    ) throws(AnnounceError) -> [ArgumentTemplate] {
        let why = style.hasText ? nil : "{{text}} stands for TEXT, and there is no TEXT. Give one, or remove the tag."
        var compiled: [ArgumentTemplate] = []
        compiled.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            if !style.isTemplate {
                compiled.append(.constant(value))
                continue
            }
            var place = TemplatePlace(name: "Argument \(number + index)", whyNoText: why)
            compiled.append(try ArgumentTemplate(value, place: &place))
        }
        return compiled
    }
}

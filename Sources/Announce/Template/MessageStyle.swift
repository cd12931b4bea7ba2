/// How the message of an announcement becomes the message of one of its notices.
///
/// The default is an announcement with a TEXT and nothing else: its templates are filled in, and no phase differs.
public struct MessageStyle: Hashable, Sendable {
    /// What the arguments of the event are.
    public enum Form: String, Hashable, Sendable, CaseIterable {
        /// As they were given.
        case arguments
        /// In the place of TEXT an object that programs can read:
        /// `{phase, text, startsAt, endsAt, startsInSeconds, id, revision}`.
        case maintenance
    }

    /// What the arguments of the event are.
    public var form: Form
    /// Whether the first argument is TEXT, the sentence for people.
    public var hasText: Bool
    /// Whether text is a template; otherwise braces are only braces (`--no-template`).
    public var isTemplate: Bool
    /// Whether the announcement has leads or a length, so that each phase says something else of TEXT.
    public var isWindow: Bool
    /// Texts of one's own, each in the place of what the kind of notice would say; templates like TEXT.
    public var texts: [NoticeKind: String]

    /// Makes a style; see the properties for what the values mean.
    public init(
        form: Form = .arguments,
        hasText: Bool = true,
        isTemplate: Bool = true,
        isWindow: Bool = false,
        texts: [NoticeKind: String] = [:]
    ) {
        self.form = form
        self.hasText = hasText
        self.isTemplate = isTemplate
        self.isWindow = isWindow
        self.texts = texts
    }
}

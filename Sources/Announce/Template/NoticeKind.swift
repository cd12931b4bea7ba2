/// What sort of notice an occurrence is: its ``Phase`` without the particulars.
///
/// There is one lead phase for each lead (`lead 1h`, `lead 15m`) and one phase for each change (`extended#7`, after the
/// revision), but one text for each kind.
public enum NoticeKind: String, Hashable, Sendable, CaseIterable {
    /// Some time before the start.
    case lead
    /// The moment itself; the only kind that a schedule yields for a plain announcement.
    case start
    /// The end of a window.
    case end
    /// A window that was told of ends later, or earlier, than was said.
    case extended
    /// A window that was told of begins at another time.
    case moved
    /// A window that was told of does not take place.
    case cancelled
    /// A person sent it, outside of its schedule.
    case manual

    /// The kind of a phase: the word that the phase begins with; `nil` for a phase of a later version.
    public init?(_ phase: Phase) {
        // By far the most frequent, and asked for several times for each that is due.
        if phase == .start {
            self = .start
            return
        }
        self.init(rawValue: String(phase.rawValue.prefix { $0 != " " && $0 != "#" }))
    }

    /// Whether a person causes it, and the plan does not.
    public var isChange: Bool {
        switch self {
        case .lead, .start, .end: false
        case .extended, .moved, .cancelled, .manual: true
        }
    }
}

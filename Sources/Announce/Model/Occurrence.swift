import Recurrence

/// Which of an announcement's notices an occurrence is.
///
/// A plain announcement has one, ``start``. The text is stored with every delivery, so it never changes its meaning.
public struct Phase: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    /// The phase as it is stored and shown: `start`, `lead 15 min`, `extended#7`.
    public let rawValue: String

    /// Takes a stored phase as it is.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The moment itself; the only phase of a plain announcement.
    public static let start = Phase(rawValue: "start")
    /// The end of a window.
    public static let end = Phase(rawValue: "end")
    /// What a person sends outside of the schedule.
    public static let manual = Phase(rawValue: "manual")
    /// Behind every phase of one instant; for searches.
    static let last = Phase(rawValue: "\u{10FFFF}")

    /// Some time before the moment.
    public static func lead(_ span: TimeSpan) -> Phase {
        Phase(rawValue: "lead \(span.compactDescription)")
    }

    /// What a person has caused, by the revision of the change.
    public static func change(_ kind: NoticeKind, revision: Int) -> Phase {
        Phase(rawValue: "\(kind.rawValue)#\(revision)")
    }

    /// What kind of notice it is.
    public var kind: NoticeKind {
        NoticeKind(self) ?? .start
    }

    /// The phase as it is stored and shown.
    public var description: String { rawValue }

    /// The order of the phases of one occurrence that fall on one instant.
    var rank: Int {
        if self == .last { return .max }
        return switch kind {
        case .lead: 0
        case .start: 1
        case .end: 2
        case .moved, .extended, .cancelled, .manual: 3
        }
    }
}

/// One moment at which an announcement is to go out: what identifies a delivery, whenever it really happens.
public struct Occurrence: Hashable, Sendable {
    /// The announcement.
    public let announcement: Announcement.ID
    /// When it is to go out by its schedule.
    public let nominal: Timestamp
    /// Which of the announcement's notices it is.
    public let phase: Phase

    /// Makes the identity of an occurrence.
    public init(announcement: Announcement.ID, nominal: Timestamp, phase: Phase = .start) {
        self.announcement = announcement
        self.nominal = nominal
        self.phase = phase
    }
}

import Recurrence

/// Which of an announcement's notices an occurrence is.
///
/// A plain announcement has one, ``start``. The text is stored with every delivery, so it never changes its meaning.
public struct Phase: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    /// The phase as it is stored and shown.
    public let rawValue: String

    /// Takes a stored phase as it is.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The moment itself; the only phase of a plain announcement.
    public static let start = Phase(rawValue: "start")

    /// The phase as it is stored and shown.
    public var description: String { rawValue }
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

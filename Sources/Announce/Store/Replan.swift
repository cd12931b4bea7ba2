import Recurrence

/// A part of the queue that is planned anew.
public enum ReplanPart: Sendable {
    /// The next announcements after a position, at most so many; from the beginning where there is none.
    case next(after: ReplanPosition?, limit: Int)
    /// These announcements: what is due while the rest has to wait for its turn.
    case these([Announcement.ID])
}

/// Up to where the queue is planned anew.
public struct ReplanPosition: Hashable, Sendable {
    /// The zone, by name; the zones before it are done.
    public let zone: String
    /// The rules by which it is planned (``Zone/fingerprint``).
    public let fingerprint: Int64
    /// The last announcement of the zone that is done; nil when all of them are.
    public let announcement: Announcement.ID?
    /// Whether nothing of the zone had to be left out so far.
    public let isComplete: Bool

    /// Makes a position.
    public init(zone: String, fingerprint: Int64, announcement: Announcement.ID?, isComplete: Bool) {
        self.zone = zone
        self.fingerprint = fingerprint
        self.announcement = announcement
        self.isComplete = isComplete
    }
}

/// What came of planning a part of the queue anew.
public struct ReplanStep: Sendable {
    /// What has moved.
    public let moves: [Move]
    /// Where to go on; nil at the end.
    public let next: ReplanPosition?

    /// Makes a step.
    public init(moves: [Move], next: ReplanPosition?) {
        self.moves = moves
        self.next = next
    }
}

/// A notice whose time has changed with the rules of its zone.
public struct Move: Hashable, Sendable {
    /// The announcement.
    public let announcement: Announcement.ID
    /// The zone, by name.
    public let zone: String
    /// When it was to go out.
    public let from: Timestamp
    /// When it goes out now; nil when its schedule has no such occurrence any more.
    public let to: Timestamp?

    /// Makes a move.
    public init(announcement: Announcement.ID, zone: String, from: Timestamp, to: Timestamp?) {
        self.announcement = announcement
        self.zone = zone
        self.from = from
        self.to = to
    }
}

/// The instants at which a zone's clocks show one wall time: usually one, but none or two where an offset changes.
public enum LocalInstants: Hashable, Sendable {
    /// The clocks show the wall time exactly once.
    case one(Timestamp)

    /// The clocks jump over the wall time.
    ///
    /// `before` reads it with the offset in force before the jump (02:30 becomes 03:30), `after` with the offset in
    /// force after it (02:30 becomes 01:30); `end` is the instant of the jump, the first one after the gap (03:00).
    case gap(before: Timestamp, after: Timestamp, end: Timestamp)

    /// The clocks show the wall time twice, being set back in between.
    case overlap(first: Timestamp, second: Timestamp)

    /// The instant that RFC 5545 §3.3.5 means by this wall time: in a gap the offset before it, in an overlap the
    /// first.
    public var resolved: Timestamp {
        switch self {
        case .one(let instant): instant
        case .gap(let before, _, _): before
        case .overlap(let first, _): first
        }
    }

    /// Whether no clock of the zone ever shows the wall time.
    public var isGap: Bool {
        if case .gap = self { return true }
        return false
    }

    /// Whether the zone's clocks show the wall time twice.
    public var isOverlap: Bool {
        if case .overlap = self { return true }
        return false
    }
}

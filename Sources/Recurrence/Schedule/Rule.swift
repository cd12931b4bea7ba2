/// One rule of a schedule, as it is stored: what was meant, from which the instants are computed anew whenever the
/// zone data change.
public enum Rule: Hashable, Sendable {
    /// Once, at exactly this instant, whatever happens to a zone's rules.
    case instant(Timestamp)

    /// Once, when the clocks of the schedule's zone show this (see ``LocalInstants/resolved`` for gaps and overlaps).
    case wall(CivilDateTime)

    /// Again and again, after the same elapsed time.
    case interval(Interval)

    /// The rule's first instant strictly after the given one, or nil when there is none any more.
    func next(after instant: Timestamp, in zone: Zone) -> Timestamp? {
        switch self {
        case .instant(let only):
            return only > instant ? only : nil
        case .wall(let wall):
            let only = zone.instants(of: wall).resolved
            return only > instant ? only : nil
        case .interval(let interval):
            return interval.next(after: instant)
        }
    }
}

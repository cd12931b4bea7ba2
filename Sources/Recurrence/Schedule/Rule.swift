/// One rule of a schedule, as it is stored: what was meant, from which the instants are computed anew whenever the
/// zone data change.
public enum Rule: Hashable, Sendable {
    /// Once, at exactly this instant, whatever happens to a zone's rules.
    case instant(Timestamp)

    /// Once, when the clocks of the schedule's zone show this (see ``LocalInstants/resolved`` for gaps and overlaps).
    case wall(CivilDateTime)

    /// Again and again, after the same elapsed time.
    case interval(Interval)

    /// By a cron expression.
    case cron(CronExpression)

    /// By a rule of RFC 5545 from a start on.
    case recurrence(AnchoredRule)

    /// What a person should know about an occurrence, if it is one of this rule.
    func mark(of occurrence: Timestamp, after previous: Timestamp?, in zone: Zone) -> OccurrenceMark? {
        switch self {
        case .instant:
            return nil
        case .interval(let interval):
            guard interval.next(after: occurrence - 1) == occurrence else { return nil }
            switch zone.instants(of: zone.civil(at: occurrence)) {
            case .overlap(let first, _): return .doubled(secondPass: occurrence > first)
            case .one, .gap: return nil
            }
        case .wall(let wall):
            let instants = zone.instants(of: wall)
            guard instants.resolved == occurrence else { return nil }
            return instants.isGap ? .shifted : instants.isOverlap ? .doubled(secondPass: false) : nil
        case .cron(let expression):
            return expression.mark(of: occurrence, after: previous, in: zone)
        case .recurrence(let rule):
            return rule.mark(of: occurrence, after: previous, in: zone)
        }
    }

    /// Whether the zone's rules matter to it.
    public var hasWallTime: Bool {
        switch self {
        case .instant, .interval: false
        case .wall, .cron, .recurrence: true
        }
    }
}

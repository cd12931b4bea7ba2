/// A rule while a schedule reads it in its zone; what can be found out once is found out when it is made.
struct RuleReader: Sendable {
    private let rule: Rule
    private let zone: Zone
    private let zoned: ZonedRule?

    init(_ rule: Rule, in zone: Zone) {
        self.rule = rule
        self.zone = zone
        if case .recurrence(let anchored) = rule { zoned = ZonedRule(anchored, in: zone) } else { zoned = nil }
    }

    /// The rule's first instant strictly after the given one, or nil when there is none any more.
    func next(after instant: Timestamp) -> Timestamp? {
        switch rule {
        case .instant(let only):
            return only > instant ? only : nil
        case .wall(let wall):
            let only = zone.instants(of: wall).resolved
            return only > instant ? only : nil
        case .interval(let interval):
            return interval.next(after: instant)
        case .cron(let expression):
            return expression.next(after: instant, in: zone)
        case .recurrence:
            return zoned?.next(after: instant)
        }
    }

    /// The rule's first instant after what was handled by older rules of the zone: after the wall time where the rule names
    /// wall times, after the instant where it counts elapsed time.
    func next(after instant: Timestamp, wall: CivilDateTime) -> Timestamp? {
        switch rule {
        case .instant, .interval: next(after: instant)
        case .wall(let only): only > wall ? zone.instants(of: only).resolved : nil
        case .cron(let expression) where expression.followsElapsedTime: expression.next(after: instant, in: zone)
        case .cron(let expression): expression.next(afterWall: wall, in: zone)
        case .recurrence(let rule) where rule.followsElapsedTime: zoned?.next(after: instant)
        case .recurrence: zoned?.next(afterWall: wall)
        }
    }
}

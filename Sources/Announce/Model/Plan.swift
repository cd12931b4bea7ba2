import Recurrence

/// When an announcement is said, as it is stored: rules, a zone that gives wall times their meaning, bounds, and a window.
public struct Plan: Hashable, Sendable {
    /// When it is said: the union of these.
    public var rules: [Rule]
    /// The zone of wall times, by name.
    public var timezone: String
    /// What is taken out of the rules.
    public var exclusions: [Exclusion]
    /// The first moment of the schedule, if it has one.
    public var start: Bound?
    /// The last moment of the schedule, if it has one.
    public var until: Bound?
    /// How many occurrences there are at most.
    public var count: Int?
    /// How long before each occurrence notices go out, the longest first.
    public var leads: [TimeSpan]
    /// How long what is announced lasts; its end has a notice of its own.
    public var length: TimeSpan?
    /// The ends of single windows that were extended or finished, by the number of the occurrence.
    public var ends: [Int: Timestamp]

    /// Makes a plan; see the properties for what the values mean.
    public init(
        rules: [Rule],
        timezone: String,
        exclusions: [Exclusion] = [],
        start: Bound? = nil,
        until: Bound? = nil,
        count: Int? = nil,
        leads: [TimeSpan] = [],
        length: TimeSpan? = nil,
        ends: [Int: Timestamp] = [:]
    ) {
        self.rules = rules
        self.timezone = timezone
        self.exclusions = exclusions
        self.start = start
        self.until = until
        self.count = count
        self.leads = leads
        self.length = length
        self.ends = ends
    }

    /// Whether it has more notices than one for each occurrence.
    public var isWindow: Bool { !leads.isEmpty || length != nil }

    /// Whether anything can follow its first notice.
    public var isRecurring: Bool {
        if isWindow || rules.count != 1 { return true }
        switch rules[0] {
        case .instant, .wall: return false
        case .interval, .cron, .recurrence: return true
        }
    }

    /// Whether the rules of the zone matter to it.
    public var needsZone: Bool {
        rules.contains(where: \.hasWallTime) || !exclusions.isEmpty || start?.isWall == true || until?.isWall == true
            || (leads + [length].compactMap { $0 }).contains { !$0.isElapsed }
    }

    /// The schedule of its occurrences in a zone; `zones` finds those that an excluded calendar names.
    public func schedule(in zone: Zone, zones: ZoneLoader) -> Schedule {
        Schedule(
            rules: rules,
            zone: zone,
            exclusions: exclusions,
            start: start,
            until: until,
            count: count,
            zones: zones
        )
    }
}

extension Bound {
    /// Whether the rules of the zone matter to it.
    var isWall: Bool {
        if case .wall = self { true } else { false }
    }
}

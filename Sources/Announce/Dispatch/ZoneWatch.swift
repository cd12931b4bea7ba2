/// Decides when to look at the files of the zones, and whether the queue must be planned anew.
struct ZoneWatch<C: WallClock> {
    /// How long a look is good for.
    private static var interval: Duration { .seconds(5) }

    private let zones: ZoneSource
    private var lastLook: C.Instant?
    private var mustReplan = true

    init(_ zones: ZoneSource) {
        self.zones = zones
    }

    /// Whether the queue must be planned anew: at first, and after a zone's rules have changed.
    mutating func mustReplan(at now: C.Instant) -> Bool {
        if let last = lastLook, last.advanced(by: Self.interval) > now { return mustReplan }
        lastLook = now
        if zones.refresh() { mustReplan = true }
        return mustReplan
    }

    /// Notes that it was done.
    mutating func hasReplanned() {
        mustReplan = false
    }
}

/// Decides when to look at the files of the zones, after which the queue is planned anew where a zone has other rules.
struct ZoneWatch<C: WallClock> {
    /// How long a look is good for.
    private static var interval: Duration { .seconds(5) }

    private let zones: ZoneSource
    private var lastLook: C.Instant?
    private var troubles: [String: String] = [:]

    init(_ zones: ZoneSource) {
        self.zones = zones
    }

    /// Whether to look now.
    func isTime(at now: C.Instant) -> Bool {
        lastLook.map { $0.advanced(by: Self.interval) <= now } ?? true
    }

    /// Looks at the files.
    ///
    /// - Returns: the zones whose files have become unreadable since the last look, and why; for them the old rules hold on.
    mutating func look(at now: C.Instant) -> [(zone: String, why: String)] {
        lastLook = now
        let found = zones.refresh()
        defer { troubles = found }
        return found.filter { troubles[$0.key] != $0.value }.map { ($0.key, $0.value) }.sorted { $0.zone < $1.zone }
    }

    /// Forgets the last look, so that the next is taken at once.
    mutating func lookAgain() {
        lastLook = nil
    }
}

import Recurrence

/// Decides when to remove records that are older than they are kept: a few at a time, when nothing is due soon.
struct Upkeep<C: WallClock> {
    /// From the end of one look through the records to the next.
    private static var interval: Duration { .seconds(600) }
    /// Between two steps of a look, so that others get at the store.
    private static var pause: Duration { .milliseconds(50) }
    /// What is due sooner than this, in milliseconds, is waited for.
    private static var clearance: Int64 { 200 }

    /// Where to take the next step; nil at the beginning.
    private(set) var position: Int64?
    private var next: C.Instant

    /// The first look is taken soon after the beginning of a term.
    init(at now: C.Instant) {
        next = now.advanced(by: .seconds(5))
    }

    /// Whether to take a step now, where the next occurrence is due at `due`.
    func isTime(_ reading: ClockReading<C.Instant>, due: Timestamp?) -> Bool {
        next <= reading.monotonic && (due.map { $0 - reading.wall >= Self.clearance } ?? true)
    }

    /// When the next step is to be taken; nil when that waits for something else.
    func next(after now: C.Instant) -> C.Instant? { next > now ? next : nil }

    /// A step was taken.
    mutating func took(_ pruned: Pruned, at now: C.Instant) {
        position = pruned.next
        next = now.advanced(by: pruned.next == nil ? Self.interval : Self.pause)
    }

    /// A step failed: the next is taken later.
    mutating func failed(at now: C.Instant) {
        position = nil
        next = now.advanced(by: Self.interval)
    }
}

import Recurrence

/// Decides when to remove records that are older than they are kept: a few at a time, when nothing is due soon.
struct Upkeep<C: WallClock> {
    /// From the end of one look through the records to the next.
    private static var interval: Duration { .seconds(600) }
    /// Between two steps of a look, so that others get at the store.
    private static var pause: Duration { .milliseconds(50) }
    /// What is due sooner than this, in milliseconds, is waited for.
    private static var clearance: Int64 { 200 }
    /// So long a look waits for moments when nothing is due soon; a busy site may have none.
    private static var patience: Duration { .seconds(10) }
    /// How many records a step looks at, which takes some milliseconds.
    private static var step: Int { 500 }
    /// How many where something is due soon, which takes about one.
    private static var smallStep: Int { 100 }

    /// Where to take the next step; nil at the beginning.
    private(set) var position: Int64?
    private var next: C.Instant
    private var beginning: C.Instant

    /// The first look is taken soon after the beginning of a term.
    init(at now: C.Instant) {
        next = now.advanced(by: .seconds(5))
        beginning = next
    }

    /// How many records to look at now, where the next occurrence is due at `due`; nil: not now.
    func step(at reading: ClockReading<C.Instant>, due: Timestamp?) -> Int? {
        if reading.monotonic < next { return nil }
        if due.map({ $0 - reading.wall >= Self.clearance }) ?? true { return Self.step }
        return reading.monotonic < beginning.advanced(by: Self.patience) ? nil : Self.smallStep
    }

    /// When the next step is to be taken; nil when that waits for something else.
    func next(after now: C.Instant) -> C.Instant? { next > now ? next : nil }

    /// A step was taken.
    mutating func took(_ pruned: Pruned, at now: C.Instant) {
        position = pruned.next
        if pruned.next == nil {
            rest(at: now)
        } else {
            next = now.advanced(by: Self.pause)
        }
    }

    /// A step failed: the next is taken later.
    mutating func failed(at now: C.Instant) {
        position = nil
        rest(at: now)
    }

    private mutating func rest(at now: C.Instant) {
        next = now.advanced(by: Self.interval)
        beginning = next
    }
}

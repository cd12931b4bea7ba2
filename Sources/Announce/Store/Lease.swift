import Recurrence

/// Who dispatches: a numbered term, and a counter that its holder moves while it is alive.
///
/// Wall clocks of different machines differ and are stepped, so nobody compares them: a standby watches the counter and
/// its own monotonic clock (``LeaseWatch``).
public struct Lease: Hashable, Sendable {
    /// Counts the leaders, from 1; 0 before the first.
    public let term: Int64
    /// Moved by the holder about once a second.
    public let counter: Int64
    /// The process that leads, in words; `nil` when nobody does.
    public let holder: String?
    /// When the counter was last moved, by the holder's wall clock; for people, not for decisions.
    public let renewed: Timestamp

    /// Makes a lease as a store read it.
    public init(term: Int64, counter: Int64, holder: String?, renewed: Timestamp) {
        self.term = term
        self.counter = counter
        self.holder = holder
        self.renewed = renewed
    }
}

/// Decides for a standby whether the leader is alive.
///
/// ```swift
/// var watch = LeaseWatch(patience: .seconds(4))
/// switch watch.observe(lease, at: clock.now) {
/// case .take: try await store.acquireLease(…)
/// case .wait(let until): …
/// }
/// ```
public struct LeaseWatch<Instant: InstantProtocol> where Instant.Duration == Swift.Duration {
    /// What to do about a lease that was just read.
    public enum Verdict: Equatable {
        /// Nobody leads: try to begin the next term.
        case take
        /// Somebody does: look again at this moment, by the monotonic clock, at the latest.
        case wait(until: Instant)
    }

    /// How long the counter may stand still.
    public let patience: Duration
    private var lastMoved: (lease: Lease, at: Instant)?

    /// Makes a watch that has seen nothing yet.
    public init(patience: Duration) {
        self.patience = patience
    }

    /// Judges the lease as it was read at `now` on the monotonic clock.
    ///
    /// - Parameters:
    ///   - lease: the lease as it was read.
    ///   - now: when it was read.
    ///   - isGone: whether the holder is known to be dead, for instance because its process is no longer there.
    /// - Returns: what to do now.
    public mutating func observe(_ lease: Lease, at now: Instant, isGone: (String) -> Bool = { _ in false }) -> Verdict
    {
        guard let holder = lease.holder, !isGone(holder) else { return .take }
        if let lastMoved, lastMoved.lease.term == lease.term, lastMoved.lease.counter == lease.counter {
            let deadline = lastMoved.at.advanced(by: patience)
            return now >= deadline ? .take : .wait(until: deadline)
        }
        lastMoved = (lease, now)
        return .wait(until: now.advanced(by: patience))
    }
}

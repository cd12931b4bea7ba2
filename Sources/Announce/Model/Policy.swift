import Recurrence

/// What becomes of an occurrence that could not go out in time (TIME.md, "Late, missed, paused").
public struct Policy: Hashable, Sendable {
    /// Which of several missed occurrences are still said.
    public enum Misfire: Hashable, Sendable {
        /// The newest.
        case latest
        /// None.
        case skip
        /// All, or the newest so many.
        case all(limit: Int?)
    }

    /// When what is said is no longer true.
    public enum Expiry: Hashable, Sendable {
        /// At this moment.
        case at(Bound)
        /// So long after its nominal time.
        case after(TimeSpan)
    }

    /// Which of several missed occurrences are still said.
    public var misfire: Misfire
    /// How late an occurrence may be, in milliseconds; nil for the usual: an hour for one-shots, for recurring ones the
    /// smaller of an hour and half the distance to the next, at least ten seconds.
    public var grace: Int64?
    /// When what is said is no longer true; nil for never.
    public var expiry: Expiry?

    /// Makes a policy; see the properties for what the values mean.
    public init(misfire: Misfire = .latest, grace: Int64? = nil, expiry: Expiry? = nil) {
        self.misfire = misfire
        self.grace = grace
        self.expiry = expiry
    }
}

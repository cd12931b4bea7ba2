import Recurrence

/// What an operator wants to know of a store.
public struct StoreStatus: Hashable, Sendable {
    /// The lease as it is now.
    public let lease: Lease
    /// The hold, while the dispatcher is held.
    public let hold: Hold?
    /// How many occurrences are queued.
    public let pending: Int
    /// How many of them are overdue, what is on its way included; more than ``overdueLimit`` are not counted.
    public let overdue: Int
    /// How many of those are on their way, in batches whose results are not recorded yet.
    public let inFlight: Int
    /// What the dispatcher complains about.
    public let troubles: [Trouble]
    /// When the first of them is due.
    public let nextDue: Timestamp?
    /// Outcomes of the last 24 hours, to the minute.
    public let outcomes: [Outcome: Int]
    /// The size of the store in bytes.
    public let bytes: Int64

    /// The most overdue occurrences that are counted, so that looking never takes long.
    public static let overdueLimit = 10_000

    /// Makes a status; see the properties for what the values mean.
    public init(
        lease: Lease,
        hold: Hold? = nil,
        pending: Int,
        overdue: Int,
        inFlight: Int,
        troubles: [Trouble],
        nextDue: Timestamp?,
        outcomes: [Outcome: Int],
        bytes: Int64
    ) {
        self.lease = lease
        self.hold = hold
        self.pending = pending
        self.overdue = overdue
        self.inFlight = inFlight
        self.troubles = troubles
        self.nextDue = nextDue
        self.outcomes = outcomes
        self.bytes = bytes
    }
}

/// The dispatcher's numbers.
public struct DispatcherSettings: Hashable, Sendable {
    /// The most occurrences that are claimed, sent and recorded together.
    public var batch = 4_096
    /// How long before it is due something is made ready, in milliseconds: it is claimed and stored then, so that at its time it only
    /// has to be sent.
    public var lookahead: Int64 = 20
    /// The most of them in the first of several batches.
    static let firstBatch = 256
    /// The longest sleep before the store is asked again, whatever was due when it began.
    public var longestNap = Duration.seconds(5)
    /// How often a leader moves the lease's counter.
    public var heartbeat = Duration.seconds(1)
    /// How long the counter may stand still before a standby takes over.
    public var patience = Duration.seconds(4)
    /// How long to wait before something that failed is tried again.
    public var backoff = Backoff.standard
    /// How fast messages may go out.
    public var pace = Pace()
    /// How long records are kept.
    public var retention = Retention.standard
    /// The shortest wait, in milliseconds, after a failure that a person has to mend.
    public static let operatorBackoff: Int64 = 5_000

    /// The longest that something is put off, in milliseconds.
    var longestWait: Int64 { max(backoff.maximum, Self.operatorBackoff, Judge.zoneRetry) }

    /// How much longer than a message could be sent Redis remembers its batch, in milliseconds: for clocks that differ.
    static let tokenMargin: Int64 = 3_600_000

    /// The defaults.
    public init() {}
}

/// What a round of dispatching did, for `run --once` and for logs.
public struct DispatchSummary: Hashable, Sendable {
    /// How many occurrences ended in each way.
    public internal(set) var outcomes: [Outcome: Int] = [:]
    /// How many were sent and are to be tried again.
    public internal(set) var retries = 0

    /// A summary of nothing.
    public init() {}

    mutating func add(_ conclusion: Conclusion) {
        outcomes.merge(conclusion.outcomes, uniquingKeysWith: +)
        for settlement in conclusion.settlements where !settlement.queued.isEmpty { retries += settlement.retries }
    }
}

/// The batches whose answers did not come, and when to ask Redis for them again.
struct OpenBatches<Instant: InstantProtocol> where Instant.Duration == Swift.Duration {
    private var batches: [OpenBatch]
    private var failures = 0
    /// When to ask next; nil when there is nothing to ask.
    private(set) var nextLook: Instant?
    /// Why it is not known yet what became of them; nil when all is known, or nobody has asked yet.
    private(set) var trouble: PublishError?

    init(_ batches: [OpenBatch]) {
        self.batches = batches
    }

    /// The occurrences that are on their way with them.
    var occurrences: Set<Occurrence> { batches.isEmpty ? [] : Set(batches.flatMap(\.occurrences)) }

    /// What to ask about now; nil when there is nothing, or it is too early.
    func toAsk(at now: Instant) -> [OpenBatch]? {
        if let nextLook, now < nextLook { return nil }
        return batches.isEmpty ? nil : batches
    }

    /// A batch was sent, and its answer did not come.
    mutating func insert(_ batch: OpenBatch, after error: PublishError) {
        batches.append(batch)
        trouble = error
    }

    /// It is known what became of a batch.
    mutating func remove(_ token: String) {
        batches.removeAll { $0.token == token }
        failures = 0
        if batches.isEmpty { (nextLook, trouble) = (nil, nil) }
    }

    /// Asking failed: the next time is later, each time more, but never by much: what is in the batches may be urgent.
    mutating func failed(_ error: PublishError, at now: Instant) {
        var generator = Chance()
        trouble = error
        let delay = max(Backoff.probing.delay(after: failures, using: &generator), error.shortestWait)
        nextLook = now.advanced(by: .milliseconds(delay))
        failures += 1
    }
}

import Metrics
import Recurrence

/// What the dispatcher counts and measures, in the words of `docs/operations.md`.
///
/// No label ever names an announcement, a room or an event.
struct DispatchMetrics: Sendable {
    /// What became of a batch, as a label.
    enum BatchResult: String, CaseIterable {
        case carriedOut = "carried-out"
        case void, interrupted, failed
        /// It was sent, and there was no answer.
        case unanswered
    }

    private let deliveries: [Outcome: Counter]
    private let batches: [BatchResult: Counter]
    /// How late what was published went out.
    private let lateness: Timer
    private let retries: Counter
    /// Terms that this process has begun.
    private let terms: Counter
    private let leading: Gauge
    private let held: Gauge
    private let pending: Gauge
    private let lag: Gauge
    private let storeErrors: Counter
    private let publishErrors: Counter
    private let clockEvents: Counter
    private let pruned: Counter
    private let paced: Timer

    init(_ factory: any MetricsFactory) {
        func counter(_ name: String, _ labels: [(String, String)] = []) -> Counter {
            Counter(label: "announce_\(name)_total", dimensions: labels, factory: factory)
        }
        func gauge(_ name: String) -> Gauge { Gauge(label: "announce_\(name)", factory: factory) }
        deliveries = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map { ($0, counter("deliveries", [("outcome", $0.rawValue)])) }
        )
        batches = Dictionary(
            uniqueKeysWithValues: BatchResult.allCases.map { ($0, counter("batches", [("result", $0.rawValue)])) }
        )
        lateness = Timer(label: "announce_lateness", factory: factory)
        retries = counter("retries")
        terms = counter("lease_terms")
        leading = gauge("leading")
        held = gauge("held")
        pending = gauge("queue_depth")
        lag = gauge("lag_seconds")
        storeErrors = counter("store_errors")
        publishErrors = counter("publish_errors")
        clockEvents = counter("clock_events")
        pruned = counter("pruned_deliveries")
        paced = Timer(label: "announce_paced", factory: factory)
    }

    func recorded(_ conclusion: Conclusion) {
        for (outcome, count) in conclusion.outcomes { deliveries[outcome]?.increment(by: count) }
        for publication in conclusion.publications {
            for member in publication.members {
                let late = publication.concluded - member.due.entry.occurrence.nominal
                lateness.recordMilliseconds(max(0, late))
            }
        }
        for settlement in conclusion.settlements {
            for delivery in settlement.deliveries where delivery.outcome == .published {
                lateness.recordMilliseconds(max(0, delivery.lateness))
            }
            if !settlement.queued.isEmpty { retries.increment(by: settlement.retries) }
        }
    }

    func batch(_ result: BatchResult) {
        batches[result]?.increment()
    }

    func claimed(pending: Int, lag: Int64) {
        self.pending.record(pending)
        self.lag.record(Double(lag) / 1_000)
    }

    func isLeading(_ leads: Bool) {
        if leads { terms.increment() }
        leading.record(leads ? 1 : 0)
    }

    func storeFailed() { storeErrors.increment() }

    func publishFailed() { publishErrors.increment() }

    func clockEvent() { clockEvents.increment() }

    func removed(_ count: Int) { pruned.increment(by: count) }

    func isHeld(_ held: Bool) { self.held.record(held ? 1 : 0) }

    func held(for wait: Duration) { paced.recordMilliseconds(max(0, wait.milliseconds)) }
}

extension Conclusion {
    /// How many occurrences ended in each way, of those that any did.
    var outcomes: [Outcome: Int] {
        var outcomes: [Outcome: Int] = [:]
        for publication in publications { outcomes[.published, default: 0] += publication.members.count }
        for settlement in settlements {
            for delivery in settlement.deliveries { outcomes[delivery.outcome, default: 0] += 1 }
        }
        return outcomes
    }
}

extension Settlement {
    /// How often it queues its own occurrence again.
    var retries: Int { queued.count { $0.occurrence == entry.occurrence } }
}

extension DispatchMetrics.BatchResult {
    /// The label of what Redis has told.
    init(_ outcome: BatchOutcome) {
        switch outcome {
        case .carriedOut: self = .carriedOut
        case .void: self = .void
        case .interrupted: self = .interrupted
        }
    }
}

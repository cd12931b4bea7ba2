import Logging
import Recurrence

/// The dispatcher's work, round by round: claim what is due, send it, record what became of it.
///
/// It keeps what it could not record, so that nothing is sent again because the disk was full for a while.
actor DispatchRound<C: WallClock> {
    /// What the caller does next.
    enum Next: Sendable {
        /// More may be due: begin the next round.
        case again
        /// Nothing is due before this time (`nil`: nothing at all).
        case idle(until: Timestamp?)
        /// Nothing could be published: wait, each time longer, and begin again.
        case unpublished(PublishError)
        /// The store could not be used: wait, each time longer, and begin again.
        case unstored(AnnounceError)
        /// Somebody else leads.
        case deposed
    }

    private let dispatcher: Dispatcher<C>
    private let term: Int64
    private var unrecorded: [Settlement] = []
    private(set) var summary = DispatchSummary()

    /// Begins the rounds under a lease term.
    init(_ dispatcher: Dispatcher<C>, term: Int64) {
        self.dispatcher = dispatcher
        self.term = term
    }

    /// Does one round.
    func run() async -> Next {
        do throws(AnnounceError) {
            try await record([])
            let now = dispatcher.clock.wall
            let claim = try await dispatcher.store.claim(term: term, at: now, limit: dispatcher.settings.batch)
            if claim.due.isEmpty { return .idle(until: claim.nextDue) }
            return try await handle(claim.due, at: now)
        } catch {
            return error.code == .notLeader ? .deposed : .unstored(error)
        }
    }

    private func handle(_ due: [DueOccurrence], at now: Timestamp) async throws(AnnounceError) -> Next {
        var settlements: [Settlement] = []
        var approved: [Judge.Approved] = []
        for occurrence in due {
            switch dispatcher.judge.judge(occurrence, at: now) {
            case .send(let occurrence): approved.append(occurrence)
            case .settle(let settlement): settlements.append(settlement)
            }
        }
        switch await send(approved) {
        case .success(let sent):
            try await record(settlements + sent)
            return .again
        case .failure(let error):
            try await record(settlements)
            return .unpublished(error)
        }
    }

    private func send(_ approved: [Judge.Approved]) async -> Result<[Settlement], PublishError> {
        if approved.isEmpty { return .success([]) }
        do throws(PublishError) {
            let outgoing = approved.map { Outgoing(target: $0.due.target, data: $0.due.data) }
            let results = try await dispatcher.publisher.publish(outgoing)
            let now = dispatcher.clock.wall
            var generator = SystemRandomNumberGenerator()
            return .success(
                zip(approved, results).map { dispatcher.judge.settle($0, $1, at: now, using: &generator) }
            )
        } catch {
            return .failure(error)
        }
    }

    private func record(_ settlements: [Settlement]) async throws(AnnounceError) {
        unrecorded += settlements
        if unrecorded.isEmpty { return }
        try await dispatcher.store.record(unrecorded, at: dispatcher.clock.wall)
        summary.add(unrecorded)
        for settlement in unrecorded { log(settlement) }
        unrecorded = []
    }

    private func log(_ settlement: Settlement) {
        for delivery in settlement.deliveries {
            dispatcher.logger.log(
                level: delivery.outcome == .published ? .debug : .warning,
                "delivery",
                metadata: [
                    "announcement.id": "\(delivery.occurrence.announcement)",
                    "delivery.nominal": "\(delivery.occurrence.nominal)",
                    "delivery.phase": "\(delivery.occurrence.phase)",
                    "delivery.outcome": "\(delivery.outcome)",
                    "delivery.lateness_ms": "\(delivery.lateness)",
                    "delivery.receivers": "\(delivery.receivers.map(String.init) ?? "unknown")",
                    "delivery.error": "\(delivery.error ?? "none")",
                ]
            )
        }
    }
}

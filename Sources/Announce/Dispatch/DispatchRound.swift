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
    private let counter: AcknowledgementCounter<C>
    private var unrecorded: [Settlement] = []
    private(set) var summary = DispatchSummary()

    /// Begins the rounds under a lease term.
    ///
    /// - Parameters:
    ///   - dispatcher: whose work it is.
    ///   - term: the lease term.
    ///   - counter: gets what is to be acknowledged, once it is recorded.
    init(_ dispatcher: Dispatcher<C>, term: Int64, counter: AcknowledgementCounter<C>) {
        self.dispatcher = dispatcher
        self.counter = counter
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
        var letters: [Letter] = []
        for occurrence in due {
            switch dispatcher.judge.judge(occurrence, at: now) {
            case .send(let approved):
                do throws(AnnounceError) {
                    letters.append(try Letter(approved, at: now))
                } catch {
                    settlements.append(dispatcher.judge.fail(occurrence, error.message, at: now))
                }
            case .settle(let settlement): settlements.append(settlement)
            }
        }
        switch await send(letters) {
        case .success(let sent):
            try await record(settlements + sent)
            return .again
        case .failure(let error):
            try await record(settlements)
            return .unpublished(error)
        }
    }

    private func send(_ letters: [Letter]) async -> Result<[Settlement], PublishError> {
        if letters.isEmpty { return .success([]) }
        do throws(PublishError) {
            let results = try await dispatcher.publisher.publish(letters.map(\.outgoing))
            let now = dispatcher.clock.wall
            var generator = SystemRandomNumberGenerator()
            return .success(
                zip(letters, results).map { dispatcher.judge.settle($0.approved, $1, at: now, using: &generator) }
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
        for settlement in unrecorded {
            log(settlement)
            counter.add(settlement)
        }
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

/// An approved occurrence with its message as it goes out.
struct Letter: Sendable {
    let approved: Judge.Approved
    let outgoing: Outgoing

    /// Renders the message at the time `now`, where it is not sent as it is stored.
    init(_ approved: Judge.Approved, at now: Timestamp) throws(AnnounceError) {
        self.approved = approved
        let due = approved.due
        var data = due.data
        if let rendering = due.rendering {
            let notice = due.entry.planned.notice
            let context = NoticeContext(
                id: due.entry.occurrence.announcement,
                revision: rendering.revision,
                name: rendering.name,
                phase: notice.phase,
                anchor: notice.anchor.at,
                end: approved.end,
                nominal: notice.at,
                now: now,
                ordinal: notice.anchor.ordinal,
                zone: approved.zone
            )
            data = try MessageRenderer(due.data, rendering.style).render(in: context)
        }
        outgoing = Outgoing(target: due.target, data: data, acknowledgeWithin: due.acknowledgeWithin)
    }
}

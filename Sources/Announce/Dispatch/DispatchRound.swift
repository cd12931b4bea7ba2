import Logging
import Recurrence

/// The dispatcher's work under one lease term, round by round: learn what became of what was on its way, claim what is due,
/// store it as batches, send them, record what became of it.
///
/// A batch is sent once. Where its answer does not come, it stays open, its members are not claimed, and Redis is asked for its
/// results until they are known. What could not be recorded is kept, so that a full disk repeats nothing.
actor DispatchRound<C: WallClock> {
    /// What the caller does next.
    enum Next: Sendable {
        /// More may be due: begin the next round, not before this moment.
        case again(notBefore: C.Instant?)
        /// Nothing is due before this time (`nil`: nothing at all), and nothing is to be asked before this moment.
        case idle(until: Timestamp?, orAt: C.Instant?)
        /// Nothing could be published: wait, each time longer, and begin again.
        case unpublished(PublishError)
        /// The store could not be used: wait, each time longer, and begin again.
        case unstored(AnnounceError)
        /// Somebody else leads.
        case deposed
    }

    let dispatcher: Dispatcher<C>
    nonisolated let term: Int64
    let counter: AcknowledgementCounter<C>
    var unrecorded: [Conclusion] = []
    /// Whether some of it is known here only: it went out without a token, so that a crash would repeat it.
    var isUrgent = false
    var open: OpenBatches<C.Instant>?
    var troubles: Troubles<C>
    var pacer: Pacer<C.Instant>
    /// Whether this round's turn had to be waited for.
    private var isHeld = false
    /// Whether something may be put off to a time that is further away than it was meant to be.
    private var mayHaveLongWaits = true
    /// The hold under which it was last found that nothing may go out.
    private(set) var hold: Hold?
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
        troubles = Troubles(dispatcher)
        pacer = Pacer(dispatcher.settings.pace, batch: dispatcher.settings.batch)
    }

    /// The wall clock was stepped: what is put off by it may wait for too long.
    func clockWasStepped() {
        mayHaveLongWaits = true
    }

    /// Does one round.
    ///
    /// - Parameters:
    ///   - isReplanning: whether a part of the queue has still to be planned anew by the present rules of the zones.
    ///   - looksAhead: whether what is due in a moment is made ready, to be sent when it is.
    /// - Returns: what the caller does next.
    func run(isReplanning: Bool = false, looksAhead: Bool = false) async -> Next {
        do throws(AnnounceError) {
            try await record([])
            try await resolve()
            try await bringForward()
            if let moment = pacer.opens(at: dispatcher.clock.now) {
                if !isHeld { dispatcher.metrics.held(for: dispatcher.clock.now.duration(to: moment)) }
                isHeld = true
                return .again(notBefore: moment)
            }
            troubles.paced(isHeld)
            isHeld = false
            var now = dispatcher.clock.wall
            var claim = try await claim(at: now)
            if looksAhead, !isReplanning, claim.isIdle, let next = claim.nextDue,
                next - now <= dispatcher.settings.lookahead
            {
                let upcoming = try await self.claim(at: next)
                // Whatever else there is to do has its own time.
                if upcoming.toResume.isEmpty, upcoming.hold == nil, !upcoming.hasArrivals, !upcoming.due.isEmpty {
                    (claim, now) = (upcoming, next)
                }
            }
            dispatcher.metrics.claimed(pending: claim.pending, lag: claim.lag(at: now))
            observe(claim.hold)
            if try await resume(claim.toResume) { return .again(notBefore: nil) }
            if claim.hasArrivals { _ = try await dispatcher.store.settleImports(limit: dispatcher.settings.batch) }
            if claim.due.isEmpty {
                if claim.hasArrivals { return .again(notBefore: nil) }
                await storeTroubles()
                return .idle(until: claim.nextDue, orAt: open?.nextLook)
            }
            if isReplanning, try await dispatcher.replan(claim.due, term: term) { return .again(notBefore: nil) }
            let next = try await dispatch(await dispatcher.prepare(claim, at: now), goesOn: !isReplanning)
            await storeTroubles()
            return next
        } catch {
            // A write that failed may be there all the same: what is on its way is read anew.
            open = nil
            if error.code == .notLeader {
                // What has gone out is the truth, whoever leads.
                try? await record([])
                return .deposed
            }
            dispatcher.metrics.storeFailed()
            return .unstored(error)
        }
    }

    private func claim(at now: Timestamp) async throws(AnnounceError) -> Claim {
        try await dispatcher.store.claim(
            term: term,
            at: now,
            // The first of many are few, so that they are out soon.
            limit: min(dispatcher.settings.batch, DispatcherSettings.firstBatch),
            after: nil,
            excluding: open?.occurrences ?? []
        )
    }

    /// Why it is not known yet what became of a batch; nil when all is known.
    var unresolved: PublishError? { open?.trouble }

    /// Brings forward what a clock that was set back would make wait.
    private func bringForward() async throws(AnnounceError) {
        guard mayHaveLongWaits else { return }
        let count = try await dispatcher.store.bringForward(
            putOffBeyond: dispatcher.settings.longestWait,
            term: term,
            at: dispatcher.clock.wall
        )
        // What is on its way may be put off when it comes back.
        mayHaveLongWaits = open?.occurrences.isEmpty == false
        if count > 0 {
            dispatcher.logger.notice(
                "brought forward what waited by a clock that was set back",
                metadata: ["occurrences": "\(count)"]
            )
        }
    }

    private func observe(_ hold: Hold?) {
        if hold == self.hold { return }
        self.hold = hold
        dispatcher.metrics.isHeld(hold != nil)
        guard let hold else { return dispatcher.logger.notice("released") }
        dispatcher.logger.notice(
            "held: nothing goes out",
            metadata: ["hold.since": "\(hold.since)", "hold.by": "\(hold.by)", "hold.reason": "\(hold.reason ?? "")"]
        )
    }

    /// Lets paused announcements speak again that were to do so by themselves by now.
    ///
    /// - Returns: whether one does; what is due has to be looked at anew then.
    private func resume(_ announcements: [Announcement.ID]) async throws(AnnounceError) -> Bool {
        var hasResumed = false
        for id in announcements {
            let zones = dispatcher.zones
            let result: UpdateResult
            do throws(AnnounceError) {
                result = try await dispatcher.store.update(
                    [.id(id)],
                    expecting: nil,
                    by: "the dispatcher",
                    at: dispatcher.clock.wall
                ) { (standing) throws(AnnounceError) in
                    // Somebody may have resumed it, or chosen another time, meanwhile.
                    guard standing.announcement.state == .paused, let time = standing.announcement.resumesAt
                    else { return nil }
                    return try Editor(now: time, zones: zones).resume(standing, reason: nil)
                }
            } catch  where error.code == .invalidValue || error.code == .conflict || error.code == .notFound {
                dispatcher.logger.error("not resumed", metadata: ["announcement.id": "\(id)", "error": "\(error)"])
                continue
            }
            // Where it is as it was, looking again would find the same.
            if case .changed(let announcements) = result, announcements.first?.state == .scheduled {
                hasResumed = true
                dispatcher.logger.notice("resumed", metadata: ["announcement.id": "\(id)"])
            }
        }
        return hasResumed
    }

    // MARK: Records

    /// Writes into the store what there is to complain about; where that fails it is tried again in the next round.
    private func storeTroubles() async {
        guard let present = troubles.unstored else { return }
        do throws(AnnounceError) {
            try await dispatcher.store.report(present)
            troubles.store(present)
        } catch {
            troubles.store(nil)
        }
    }

    func record(_ conclusions: [Conclusion]) async throws(AnnounceError) {
        unrecorded += conclusions
        if unrecorded.isEmpty { return }
        try await dispatcher.store.record(unrecorded, term: term, at: dispatcher.clock.wall)
        tellRecorded(unrecorded)
        (unrecorded, isUrgent) = ([], false)
    }

    /// Tells everybody of what has a record now.
    func tellRecorded(_ conclusions: [Conclusion]) {
        for conclusion in conclusions {
            summary.add(conclusion)
            dispatcher.metrics.recorded(conclusion)
            conclusion.log(to: dispatcher.logger)
            for settlement in conclusion.settlements { counter.add(settlement) }
        }
    }

    /// Records what waits for it.
    func finish() async {
        // Where it fails, whoever leads next asks Redis what became of the batches.
        try? await record([])
    }
}

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

    private let dispatcher: Dispatcher<C>
    nonisolated let term: Int64
    private let counter: AcknowledgementCounter<C>
    private var unrecorded: [Conclusion] = []
    private var open: OpenBatches<C.Instant>?
    private var troubles: Troubles<C>
    private var pacer: Pacer<C.Instant>
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
    /// - Parameter isReplanning: whether a part of the queue has still to be planned anew by the present rules of the zones.
    /// - Returns: what the caller does next.
    func run(isReplanning: Bool = false) async -> Next {
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
            let now = dispatcher.clock.wall
            let claim = try await dispatcher.store.claim(
                term: term,
                at: now,
                limit: dispatcher.settings.batch,
                excluding: open?.occurrences ?? []
            )
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
            let next = try await handle(claim, at: now)
            await storeTroubles()
            return next
        } catch {
            // A write that failed may be there all the same: what is on its way is read anew.
            open = nil
            if error.code == .notLeader { return .deposed }
            dispatcher.metrics.storeFailed()
            return .unstored(error)
        }
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

    // MARK: What was on its way

    /// Asks Redis what became of the batches whose answers did not come, and records it.
    private func resolve() async throws(AnnounceError) {
        if open == nil { open = OpenBatches(try await dispatcher.store.openBatches()) }
        guard let batches = open?.toAsk(at: dispatcher.clock.now) else { return }
        for batch in batches {
            let outgoing = batch.members.map { $0.map { due in Outgoing(due, data: due.data) } }
            let outcome: BatchOutcome
            do throws(PublishError) {
                outcome = try await dispatcher.publisher.resolve(batch.token, outgoing)
            } catch {
                failedToResolve(error)
                continue
            }
            troubles.published(outcome)
            if let settlements = settlements(of: batch, outcome) { keep(batch.token, settlements, outcome) }
        }
        try await record([])
    }

    private func failedToResolve(_ error: PublishError) {
        dispatcher.onTurn(.waits)
        open?.failed(error, at: dispatcher.clock.now)
        troubles.unpublished(error)
    }

    private func keep(_ token: String, _ settlements: [Settlement], _ outcome: BatchOutcome) {
        unrecorded.append(Conclusion(.batch(token: token), settlements))
        open?.remove(token)
        dispatcher.metrics.batch(DispatchMetrics.BatchResult(outcome))
        let found =
            switch outcome {
            case .carriedOut: "carried out"
            case .void: "void"
            case .interrupted: "interrupted"
            }
        dispatcher.logger.notice(
            "found what became of a batch",
            metadata: ["batch.outcome": "\(found)", "batch.settled": "\(settlements.count)"]
        )
    }

    /// What becomes of the members of a batch that was sent at some time; nil when that cannot be said yet.
    private func settlements(of batch: OpenBatch, _ outcome: BatchOutcome) -> [Settlement]? {
        let results = results(of: outcome, count: batch.members.count)
        var settlements: [Settlement] = []
        for (due, result) in zip(batch.members, results) {
            guard let due, let result else { continue }
            do {
                let approved = try dispatcher.judge.approved(due, at: dispatcher.clock.wall)
                settlements.append(settle(approved, result, at: batch.opened))
            } catch {
                // Without its zone it cannot be said what follows: the batch stays open until the zone is back.
                failedToResolve(PublishError("\(error)", needsOperator: true))
                return nil
            }
        }
        return settlements
    }

    /// The results of the members of a batch; nil for those that return to the queue as they are.
    private func results(of outcome: BatchOutcome, count: Int) -> [PublishResult?] {
        switch outcome {
        case .carriedOut(let results, _): results
        case .void: Array(repeating: nil, count: count)
        // Some may be out. Saying it twice is worse than once too little.
        case .interrupted: Array(repeating: .taken(receivers: nil), count: count)
        }
    }

    // MARK: What is due

    private func handle(_ claim: Claim, at now: Timestamp) async throws(AnnounceError) -> Next {
        var settlements: [Settlement] = []
        var letters: [Letter] = []
        for occurrence in claim.due {
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
        if letters.isEmpty {
            try await record([Conclusion(.claim(changes: claim.changes), settlements)])
            return .again(notBefore: nil)
        }
        let prepared: PreparedMessages
        do throws(PublishError) {
            let longest = letters.map { $0.approved.deadline - now }.max() ?? 0
            prepared = try await dispatcher.publisher.prepare(
                letters.map(\.outgoing),
                max(0, longest) + DispatcherSettings.tokenMargin
            )
        } catch {
            try await record([Conclusion(.claim(changes: claim.changes), settlements)])
            return unpublished(error)
        }
        settlements += prepared.results.map { settle(letters[$0.key].approved, $0.value, at: now) }
        let judged = Conclusion(.claim(changes: claim.changes), settlements)
        let stored = prepared.batches.compactMap { batch in
            batch.token.map { NewBatch(token: $0, members: batch.places.map { letters[$0].approved.due }) }
        }
        if !stored.isEmpty {
            guard
                try await dispatcher.store.open(stored, changes: claim.changes, term: term, at: dispatcher.clock.wall)
            else { return .again(notBefore: nil) }
        }
        return try await send(prepared.batches, letters, judged)
    }

    private func send(
        _ batches: [PreparedMessages.Batch],
        _ letters: [Letter],
        _ judged: Conclusion
    ) async throws(AnnounceError) -> Next {
        let sent = await Self.sendAll(batches)
        pacer.sent(
            bytes: batches.reduce(0) { $0 + $1.bytes },
            messages: letters.count,
            at: dispatcher.clock.now
        )
        let now = dispatcher.clock.wall
        let hasSuccess = sent.contains { if case .success = $0 { true } else { false } }
        var firstError: PublishError?
        var conclusions = judged.settlements.isEmpty ? [] : [judged]
        for (batch, result) in zip(batches, sent) {
            let members = batch.places.map { letters[$0].approved }
            switch result {
            case .success(let outcome):
                troubles.published(outcome)
                dispatcher.metrics.batch(DispatchMetrics.BatchResult(outcome))
                let settlements = zip(members, results(of: outcome, count: members.count)).compactMap {
                    member,
                    result in
                    result.map { settle(member, $0, at: now) }
                }
                conclusions.append(Conclusion(batch.token.map { .batch(token: $0) } ?? .plain, settlements))
            case .failure(let error):
                firstError = firstError ?? error
                dispatcher.metrics.batch(error.mayHaveHappened ? .unanswered : .failed)
                if error.mayHaveHappened, let token = batch.token {
                    let opened = OpenBatch(token: token, opened: now, members: members.map(\.due))
                    open?.insert(opened, after: error)
                    continue
                }
                // It was certainly not carried out, or has no token. Where others went out, these wait each for itself, so that
                // they do not stand in the way.
                let refused = hasSuccess ? members.map { settle($0, PublishResult(error), at: now) } : []
                if let token = batch.token {
                    conclusions.append(Conclusion(.batch(token: token), refused))
                } else if hasSuccess {
                    conclusions.append(Conclusion(.plain, refused))
                }
            }
        }
        try await record(conclusions)
        if let firstError, !hasSuccess { return unpublished(firstError) }
        return .again(notBefore: nil)
    }

    private static func sendAll(
        _ batches: [PreparedMessages.Batch]
    ) async -> [Result<BatchOutcome, PublishError>] {
        @Sendable func result(of batch: PreparedMessages.Batch) async -> Result<BatchOutcome, PublishError> {
            do throws(PublishError) {
                return .success(try await batch.send())
            } catch {
                return .failure(error)
            }
        }
        if batches.count == 1 { return [await result(of: batches[0])] }
        return await withTaskGroup(of: (Int, Result<BatchOutcome, PublishError>).self) { group in
            for (index, batch) in batches.enumerated() {
                group.addTask { (index, await result(of: batch)) }
            }
            var results: [Int: Result<BatchOutcome, PublishError>] = [:]
            for await (index, result) in group { results[index] = result }
            return batches.indices.compactMap { results[$0] }
        }
    }

    private func unpublished(_ error: PublishError) -> Next {
        troubles.unpublished(error)
        dispatcher.metrics.publishFailed()
        return .unpublished(error)
    }

    private func settle(_ approved: Judge.Approved, _ result: PublishResult, at now: Timestamp) -> Settlement {
        var generator = Chance()
        return dispatcher.judge.settle(approved, result, at: now, using: &generator)
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

    private func record(_ conclusions: [Conclusion]) async throws(AnnounceError) {
        unrecorded += conclusions
        if unrecorded.isEmpty { return }
        try await dispatcher.store.record(unrecorded, term: term, at: dispatcher.clock.wall)
        for settlement in unrecorded.flatMap(\.settlements) {
            summary.add(settlement)
            dispatcher.metrics.recorded(settlement)
            settlement.log(to: dispatcher.logger)
            counter.add(settlement)
        }
        unrecorded = []
    }
}

import Recurrence

/// How what is due is stored, sent and concluded.
extension DispatchRound {
    /// Takes everything that is due one step further: sends what is stored, stores what was prepared, and prepares what is due
    /// next, all at the same time.
    ///
    /// - Parameters:
    ///   - prepared: what is to be stored.
    ///   - isLast: whether nothing is to be claimed ahead.
    /// - Returns: what the caller does next.
    /// - Throws: what the store throws; what has gone out waits to be recorded then.
    func advance(to prepared: PreparedClaim, isLast: Bool) async throws(AnnounceError) -> Next {
        let sending = opened
        (opened, ahead) = (nil, nil)
        guard case .success(let batches) = prepared.batches, !batches.isEmpty else {
            if let sending { conclude(sending, await send(sending)) }
            try await record([prepared.judged])
            guard case .failure(let error) = prepared.batches else { return .again(notBefore: nil) }
            return unpublished(error)
        }
        pacer.sent(
            bytes: batches.reduce(0) { $0 + $1.bytes },
            messages: prepared.letters.count,
            at: dispatcher.clock.now
        )
        passed.formUnion(prepared.ahead)
        let inFlight = passed.union(open?.occurrences ?? [])
        let now = dispatcher.clock.now
        let began = beganAhead ?? now
        beganAhead = began
        let isGoingOn =
            !isLast && prepared.last != nil && began.duration(to: now) < Self.longestRun && pacer.opens(at: now) == nil
        let step =
            sending != nil || isGoingOn
            ? await overlapping(prepared, batches, sending: sending, excluding: isGoingOn ? inFlight : nil)
            : Step(isStored: await store(prepared, batches))
        var trouble = step.trouble
        if try step.isStored.get() {
            if let next = step.next {
                (opened, ahead) = (prepared, next)
                return .again(notBefore: nil)
            }
            let (last, _) = conclude(prepared, await send(prepared))
            trouble = trouble ?? last
        }
        try await record([])
        return trouble.map(unpublished) ?? .again(notBefore: nil)
    }

    /// What has happened while a claim was stored.
    private struct Step {
        /// Whether what was prepared is to be sent.
        var isStored: Result<Bool, AnnounceError>
        /// Why nothing of what was sent could be published.
        var trouble: PublishError?
        /// What is due next.
        var next: PreparedClaim?
    }

    /// Stores what was prepared while that before it is sent and that after it is made ready.
    ///
    /// - Parameters:
    ///   - prepared: what is to be stored.
    ///   - batches: its batches.
    ///   - sending: what is to be sent.
    ///   - inFlight: what is on its way, where something is to be made ready.
    /// - Returns: what came of it.
    private func overlapping(
        _ prepared: PreparedClaim,
        _ batches: [PreparedMessages.Batch],
        sending: PreparedClaim?,
        excluding inFlight: Set<Occurrence>?
    ) async -> Step {
        async let next =
            inFlight == nil
            ? nil : dispatcher.prepare(following: prepared, excluding: inFlight ?? [], term: term)
        async let sent = send(sending)
        var step = Step(isStored: await store(prepared, batches, isLast: inFlight == nil))
        var isClean = true
        if let sending { (step.trouble, isClean) = conclude(sending, await sent) }
        let ahead = await next
        if isClean, case .success(true) = step.isStored { step.next = ahead }
        return step
    }

    /// Stores batches, and with them what became of those before.
    ///
    /// - Parameters:
    ///   - prepared: what is to be stored.
    ///   - batches: its batches.
    ///   - isLast: whether nothing follows in whose transaction the records could be written as well.
    /// - Returns: whether they are to be sent; or why that is not known.
    private func store(
        _ prepared: PreparedClaim,
        _ batches: [PreparedMessages.Batch],
        isLast: Bool = true
    ) async -> Result<Bool, AnnounceError> {
        let stored = batches.compactMap { batch in
            batch.token.map { NewBatch(token: $0, members: batch.places.map { prepared.letters[$0].approved.due }) }
        }
        do throws(AnnounceError) {
            if stored.isEmpty {
                try await record([])
                return .success(true)
            }
            let isWorthIt = isLast || isUrgent || unrecorded.reduce(0) { $0 + $1.count } >= Self.recordedTogether
            let isStored = try await dispatcher.store.open(
                stored,
                recording: isWorthIt ? unrecorded : [],
                changes: prepared.changes,
                term: term,
                at: dispatcher.clock.wall
            )
            if isWorthIt { tellRecorded() }
            return .success(isStored)
        } catch {
            return .failure(error)
        }
    }

    /// So many occurrences are worth a record.
    ///
    /// The pages that it changes are written once for all of them; Redis knows until then what became of them.
    private static var recordedTogether: Int { 4_096 }

    /// Keeps for their record what became of batches that were sent.
    ///
    /// - Returns: why nothing could be published, where that is so, and whether everything went out.
    @discardableResult
    func conclude(
        _ prepared: PreparedClaim,
        _ sent: [Result<BatchOutcome, PublishError>]
    ) -> (trouble: PublishError?, isClean: Bool) {
        guard case .success(let batches) = prepared.batches else { return (nil, true) }
        let now = dispatcher.clock.wall
        let hasSuccess = sent.contains { if case .success = $0 { true } else { false } }
        var firstError: PublishError?
        if !prepared.judged.settlements.isEmpty { unrecorded.append(prepared.judged) }
        for (batch, result) in zip(batches, sent) {
            let members = batch.places.map { prepared.letters[$0].approved }
            switch result {
            case .success(let outcome):
                troubles.published(outcome)
                dispatcher.metrics.batch(DispatchMetrics.BatchResult(outcome))
                if batch.token == nil || outcome.isPlain { isUrgent = true }
                let ground =
                    batch.token.map { Conclusion.Ground.batch(token: $0, changes: prepared.changes) } ?? .plain
                unrecorded.append(conclusion(ground, members, outcome, at: now))
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
                    unrecorded.append(Conclusion(.batch(token: token), refused))
                } else if hasSuccess {
                    unrecorded.append(Conclusion(.plain, refused))
                }
            }
        }
        return (hasSuccess ? nil : firstError, firstError == nil)
    }

    /// What follows from the results of a batch's members: neighbours that went out alike are told of together.
    private func conclusion(
        _ ground: Conclusion.Ground,
        _ members: [Judge.Approved],
        _ outcome: BatchOutcome,
        at now: Timestamp
    ) -> Conclusion {
        var publications: [Publication] = []
        var settlements: [Settlement] = []
        var run = 0..<0
        var receivers: Int?
        func endRun() {
            if !run.isEmpty { publications.append(Publication(members[run], receivers: receivers, at: now)) }
        }
        for place in members.indices {
            guard let result = outcome.result(at: place) else { continue }
            guard case .taken(let count, _) = result, dispatcher.judge.isOut(members[place], result) else {
                settlements.append(settle(members[place], result, at: now))
                continue
            }
            if run.upperBound == place, count == receivers {
                run = run.lowerBound..<place + 1
            } else {
                endRun()
                (run, receivers) = (place..<place + 1, count)
            }
        }
        endRun()
        return Conclusion(ground, settlements, publications: publications)
    }

    /// Sends batches, once their time has come.
    func send(_ prepared: PreparedClaim?) async -> [Result<BatchOutcome, PublishError>] {
        guard let prepared, case .success(let batches) = prepared.batches else { return [] }
        if await hasCome(prepared.moment) { return await Self.sendAll(batches) }
        // Redis will be told that they are void, and they are due at their time again.
        return batches.map { batch in
            let error = PublishError(
                "The clock was set back while a batch waited for its time. It goes out at its time; there is nothing to do.",
                needsOperator: false,
                mayHaveHappened: batch.token != nil
            )
            return .failure(error)
        }
    }

    /// Waits for a time that is as near as what is made ready before its time can be.
    ///
    /// - Returns: whether the clock shows it then; it does not when it was set back meanwhile.
    private func hasCome(_ moment: Timestamp) async -> Bool {
        let reading = dispatcher.clock.reading()
        if reading.wall >= moment { return true }
        if moment - reading.wall > dispatcher.settings.lookahead { return false }
        try? await dispatcher.clock.sleep(until: reading.instant(of: moment), tolerance: .zero)
        return dispatcher.clock.wall >= moment
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

    func unpublished(_ error: PublishError) -> Next {
        troubles.unpublished(error)
        dispatcher.metrics.publishFailed()
        return .unpublished(error)
    }

    func settle(_ approved: Judge.Approved, _ result: PublishResult, at now: Timestamp) -> Settlement {
        var generator = Chance()
        return dispatcher.judge.settle(approved, result, at: now, using: &generator)
    }
}

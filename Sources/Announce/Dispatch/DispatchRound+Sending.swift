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
            if let sending { conclude(sending, await Self.send(sending)) }
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
        claimsAhead += 1
        let isGoingOn =
            !isLast && claimsAhead < Self.mostClaimsAhead && pacer.opens(at: dispatcher.clock.now) == nil
        async let next = isGoingOn ? dispatcher.prepare(following: prepared, excluding: inFlight, term: term) : nil
        async let sent = Self.send(sending)
        let stored: Result<Bool, AnnounceError>
        do throws(AnnounceError) {
            stored = .success(try await store(prepared, batches))
        } catch {
            stored = .failure(error)
        }
        var trouble: PublishError?
        var isClean = true
        if let sending { (trouble, isClean) = conclude(sending, await sent) }
        let isStored = try stored.get()
        if isStored {
            if isClean, let next = await next {
                (opened, ahead) = (prepared, next)
                return .again(notBefore: nil)
            }
            let (last, _) = conclude(prepared, await Self.send(prepared))
            trouble = trouble ?? last
        }
        try await record([])
        return trouble.map(unpublished) ?? .again(notBefore: nil)
    }

    /// Stores batches, and with them what became of those before.
    ///
    /// - Returns: whether they are to be sent.
    private func store(
        _ prepared: PreparedClaim,
        _ batches: [PreparedMessages.Batch]
    ) async throws(AnnounceError) -> Bool {
        let stored = batches.compactMap { batch in
            batch.token.map { NewBatch(token: $0, members: batch.places.map { prepared.letters[$0].approved.due }) }
        }
        if stored.isEmpty {
            try await record([])
            return true
        }
        let isStored = try await dispatcher.store.open(
            stored,
            recording: unrecorded,
            changes: prepared.changes,
            term: term,
            at: dispatcher.clock.wall
        )
        tellRecorded()
        return isStored
    }

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

    static func send(_ prepared: PreparedClaim?) async -> [Result<BatchOutcome, PublishError>] {
        guard case .success(let batches)? = prepared?.batches else { return [] }
        return await sendAll(batches)
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

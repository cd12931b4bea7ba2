import Recurrence

/// How what is due is sent and concluded.
extension DispatchRound {
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
            let members = prepared.members(of: batch)
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
    func send(_ prepared: PreparedClaim) async -> [Result<BatchOutcome, PublishError>] {
        guard case .success(let batches) = prepared.batches else { return [] }
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

/// How it becomes known what became of batches whose answers did not come.
extension DispatchRound {
    /// Asks Redis what became of the batches whose answers did not come, and records it.
    func resolve() async throws(AnnounceError) {
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
        var settlements: [Settlement] = []
        for (place, due) in batch.members.enumerated() {
            guard let due, let result = outcome.result(at: place) else { continue }
            do {
                let approved = try dispatcher.judge.approved(due, at: dispatcher.clock.wall)
                // It was stored a moment before it was due.
                let sent = max(batch.opened, due.entry.due)
                settlements.append(settle(approved, result, at: sent))
            } catch {
                // Without its zone it cannot be said what follows: the batch stays open until the zone is back.
                failedToResolve(PublishError("\(error)", needsOperator: true))
                return nil
            }
        }
        return settlements
    }
}

extension BatchOutcome {
    /// Whether it went out without its token.
    var isPlain: Bool { if case .carriedOut(_, plainly: .some) = self { true } else { false } }

    /// The result of the member at a place; nil for one that returns to the queue as it is.
    func result(at place: Int) -> PublishResult? {
        switch self {
        case .carriedOut(let results, _): place < results.count ? results[place] : nil
        case .void: nil
        // It may be out. Saying it twice is worse than once too little.
        case .interrupted: .taken(receivers: nil)
        }
    }
}

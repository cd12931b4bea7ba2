import Recurrence

/// A claim that was judged and whose messages are ready to be sent; nothing of it is written or sent yet.
struct PreparedClaim: Sendable {
    /// What was decided without sending.
    let judged: Conclusion
    /// What is to be sent.
    let approved: [Judge.Approved]
    /// Its messages in batches; or why they cannot be prepared now.
    let batches: Result<[PreparedMessages.Batch], PublishError>
    /// How many changes by people the store had seen.
    let changes: Int64
    /// From where on more is due; nil where nothing is.
    let last: QueueEntry?
    /// What was claimed from behind that place.
    let ahead: [Occurrence]
    /// When it is due: not before it is sent.
    let moment: Timestamp

    /// Its batches as they are stored; those without a token are not.
    var newBatches: [NewBatch] {
        guard case .success(let batches) = batches else { return [] }
        return batches.compactMap { batch in
            batch.token.map { NewBatch(token: $0, members: members(of: batch).map(\.due)) }
        }
    }

    /// What is sent with a batch of it, in order.
    func members(of batch: PreparedMessages.Batch) -> [Judge.Approved] {
        // Places come in their order, so that as many as there are is all.
        batch.places.count == approved.count ? approved : batch.places.map { approved[$0] }
    }
}

extension Dispatcher {
    /// Judges what was claimed and makes it ready to be sent.
    ///
    /// - Parameters:
    ///   - claim: what is due.
    ///   - now: the time of the claim.
    /// - Returns: what is to be written and sent.
    func prepare(_ claim: Claim, at now: Timestamp) async -> PreparedClaim {
        var settlements: [Settlement] = []
        var approved: [Judge.Approved] = []
        var messages: [Outgoing] = []
        var deadline = now
        approved.reserveCapacity(claim.due.count)
        messages.reserveCapacity(claim.due.count)
        for occurrence in claim.due {
            switch judge.judge(occurrence, at: now) {
            case .send(let one):
                do throws(AnnounceError) {
                    messages.append(try Outgoing(one, at: now))
                    approved.append(one)
                    deadline = max(deadline, one.deadline)
                } catch {
                    settlements.append(judge.fail(occurrence, error.message, at: now))
                }
            case .settle(let settlement): settlements.append(settlement)
            }
        }
        var batches: Result<[PreparedMessages.Batch], PublishError> = .success([])
        if !approved.isEmpty {
            do throws(PublishError) {
                let prepared = try await publisher.prepare(messages, deadline - now + DispatcherSettings.tokenMargin)
                var generator = Chance()
                settlements += prepared.results.map {
                    judge.settle(approved[$0.key], $0.value, at: now, using: &generator)
                }
                batches = .success(prepared.batches)
            } catch {
                batches = .failure(error)
            }
        }
        let last = claim.last
        return PreparedClaim(
            judged: Conclusion(.claim(changes: claim.changes), settlements),
            approved: approved,
            batches: batches,
            changes: claim.changes,
            last: last,
            ahead: last.map { last in
                claim.due.lazy.map(\.entry).filter { last.isBefore($0) }.map(\.occurrence)
            } ?? [],
            moment: now
        )
    }

    /// Claims and prepares what is due behind what was claimed before, which is still on its way.
    ///
    /// - Parameters:
    ///   - before: what was claimed before.
    ///   - inFlight: what is on its way although it comes behind it.
    ///   - term: the lease term.
    /// - Returns: what is to be sent next; nil where there is nothing, or something else has to be seen to first.
    func prepare(
        following before: PreparedClaim,
        excluding inFlight: Set<Occurrence>,
        term: Int64
    ) async -> PreparedClaim? {
        guard let last = before.last else { return nil }
        let now = max(clock.wall, before.moment)
        do throws(AnnounceError) {
            let claim = try await store.claim(
                term: term,
                at: now,
                // Larger and larger, so that the stages after it have something to do soon.
                limit: min(settings.batch, max(DispatcherSettings.firstBatch, 4 * before.approved.count)),
                after: last,
                excluding: inFlight
            )
            if claim.due.isEmpty || claim.hold != nil || claim.hasArrivals || !claim.toResume.isEmpty { return nil }
            metrics.claimed(pending: claim.pending, lag: claim.lag(at: now))
            return await prepare(claim, at: now)
        } catch {
            // The next claim that is made in turn meets the same.
            return nil
        }
    }
}

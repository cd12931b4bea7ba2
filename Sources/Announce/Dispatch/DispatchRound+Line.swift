import Recurrence

/// How what is due passes through the stages: made ready, stored, sent, recorded.
extension DispatchRound {
    /// Takes what is due through all stages, claim after claim, until nothing more is due or something else has to be seen to.
    ///
    /// The stages work side by side, each at one claim, and one claim may wait before each: while one is sent, the next is synced
    /// to the disk, the one after that is stored, together with what became of those before, and another is claimed and made ready.
    ///
    /// - Parameters:
    ///   - first: the first claim.
    ///   - goesOn: whether more is claimed behind it.
    /// - Returns: what the caller does next.
    /// - Throws: what the store throws; what has gone out waits to be recorded then.
    func dispatch(_ first: PreparedClaim, goesOn: Bool) async throws(AnnounceError) -> Next {
        var line = Line(claimsUntil: goesOn ? dispatcher.clock.now.advanced(by: Self.longestRun) : nil)
        admit(first, to: &line)
        await withTaskGroup(of: Step.self) { group in
            begin(&line, in: &group)
            while let step = await group.next() {
                end(step, in: &line)
                begin(&line, in: &group)
            }
        }
        if let failure = line.failure { throw failure }
        try await record([])
        return line.trouble.map(unpublished) ?? .again(notBefore: nil)
    }

    /// So long claims follow each other; then the queue is looked at from its beginning, where something may be new.
    private static var longestRun: Duration { .seconds(1) }

    /// What stands before the stages, and which of them are at work.
    private struct Line {
        /// Until when one claim follows another; nil when none does.
        var claimsUntil: C.Instant?
        /// The claim behind which the next one begins; nil when none does.
        var last: PreparedClaim?
        /// What the claims have taken from further behind: it may be that it is not recorded yet when they come to its place.
        var passed: Set<Occurrence> = []
        /// What is to be stored.
        var ready: PreparedClaim?
        /// What is to be synced.
        var stored: PreparedClaim?
        /// What is to be sent.
        var synced: PreparedClaim?
        var isPreparing = false
        var isStoring = false
        var isSyncing = false
        var isSending = false
        /// Why nothing could be published.
        var trouble: PublishError?
        /// Why the store could not be used.
        var failure: AnnounceError?

        init(claimsUntil: C.Instant?) { self.claimsUntil = claimsUntil }

        /// Whether another claim comes, or may.
        var claimsMore: Bool { isPreparing || last != nil }

        /// Lets go of what was only claimed, and claims no more; what is stored is still sent, unless the store has failed.
        mutating func stop() {
            (last, ready) = (nil, nil)
        }
    }

    /// What a stage has done.
    private enum Step: Sendable {
        case prepared(PreparedClaim?)
        case stored(PreparedClaim?, recording: [Conclusion], isUrgent: Bool, Result<Bool, AnnounceError>)
        case synced(PreparedClaim, Result<Void, AnnounceError>)
        case sent(PreparedClaim, [Result<BatchOutcome, PublishError>])
    }

    /// Gives each stage that is free what stands before it.
    private func begin(_ line: inout Line, in group: inout TaskGroup<Step>) {
        let (dispatcher, term) = (dispatcher, term)
        if !line.isSending, let next = line.synced {
            (line.synced, line.isSending) = (nil, true)
            group.addTask { .sent(next, await self.send(next)) }
        }
        // After a failure it stays open: a disk that has failed may say of this one that it has it, and not have what is before it.
        if !line.isSyncing, line.synced == nil, line.failure == nil, let next = line.stored {
            (line.stored, line.isSyncing) = (nil, true)
            group.addTask { .synced(next, await dispatcher.sync(next)) }
        }
        if !line.isStoring, line.stored == nil { beginToStore(&line, in: &group) }
        if !line.isPreparing, line.ready == nil, let last = line.last, let end = line.claimsUntil {
            let now = dispatcher.clock.now
            if now < end, pacer.opens(at: now) == nil {
                line.isPreparing = true
                let inFlight = line.passed.union(open?.occurrences ?? [])
                group.addTask { .prepared(await dispatcher.prepare(following: last, excluding: inFlight, term: term)) }
            } else {
                line.last = nil
            }
        }
    }

    /// Stores what is ready, with the records that are worth it; where nothing more comes, records wait for nothing.
    ///
    /// As many as a batch are worth it: the pages that a record changes are written once for all of them, and Redis knows until then what
    /// became of them. No more go together while more is claimed, so that one claim is stored in the time in which the next is
    /// made ready, and neither waits for the other.
    private func beginToStore(_ line: inout Line, in group: inout TaskGroup<Step>) {
        let next = line.ready
        let (dispatcher, term) = (dispatcher, term)
        let isWorthIt = isUrgent || unrecorded.reduce(0) { $0 + $1.count } >= dispatcher.settings.batch
        guard next != nil || isWorthIt && !line.claimsMore && line.failure == nil else { return }
        (line.ready, line.isStoring) = (nil, true)
        let wasUrgent = isUrgent
        let conclusions =
            isWorthIt || !line.claimsMore
            ? takeUnrecorded(most: line.claimsMore ? dispatcher.settings.batch : .max) : []
        group.addTask {
            let result = await dispatcher.store(next, recording: conclusions, term: term)
            return .stored(next, recording: conclusions, isUrgent: wasUrgent, result)
        }
    }

    /// Takes out what waits to be recorded: the first, until they are as many.
    private func takeUnrecorded(most: Int) -> [Conclusion] {
        let taken = unrecorded.take(most: most)
        if unrecorded.isEmpty { isUrgent = false }
        return taken
    }

    /// Passes on what a stage has done.
    private func end(_ step: Step, in line: inout Line) {
        switch step {
        case .prepared(let prepared):
            line.isPreparing = false
            // Nobody waits for it any more where something went wrong meanwhile.
            guard let prepared, line.last != nil else { return line.last = nil }
            admit(prepared, to: &line)
        case .stored(let prepared, let conclusions, let wasUrgent, let result):
            line.isStoring = false
            do throws(AnnounceError) {
                if try result.get() { line.stored = prepared ?? line.stored } else { line.stop() }
                tellRecorded(conclusions)
            } catch {
                line.failure = error
                line.stop()
                (unrecorded, isUrgent) = (conclusions + unrecorded, isUrgent || wasUrgent)
            }
        case .synced(let prepared, let result):
            line.isSyncing = false
            do throws(AnnounceError) {
                try result.get()
                line.synced = prepared
            } catch {
                line.failure = error
                line.stop()
            }
        case .sent(let prepared, let results):
            line.isSending = false
            let (trouble, isClean) = conclude(prepared, results)
            line.trouble = line.trouble ?? trouble
            if !isClean { line.stop() }
        }
    }

    /// Puts what was prepared before the store, where anything of it is to be sent.
    private func admit(_ prepared: PreparedClaim, to line: inout Line) {
        line.last = nil
        switch prepared.batches {
        case .failure(let error):
            line.trouble = line.trouble ?? error
            unrecorded.append(prepared.judged)
        case .success(let batches) where batches.isEmpty:
            unrecorded.append(prepared.judged)
        case .success(let batches):
            pacer.sent(
                bytes: batches.reduce(0) { $0 + $1.bytes },
                messages: prepared.approved.count,
                at: dispatcher.clock.now
            )
            line.passed.formUnion(prepared.ahead)
            line.ready = prepared
            if prepared.last != nil, line.claimsUntil != nil { line.last = prepared }
        }
    }
}

extension [Conclusion] {
    /// Takes out the first, until they are about so many occurrences; the last of them may have more.
    mutating func take(most: Int) -> [Conclusion] {
        var count = 0
        let taken = Array(
            prefix { conclusion in
                defer { count += conclusion.count }
                return count < most
            }
        )
        removeFirst(taken.count)
        return taken
    }
}

extension Dispatcher {
    /// Stores the batches of a claim, and with them what became of others before.
    ///
    /// - Parameters:
    ///   - prepared: the claim; nil where only the others are recorded.
    ///   - conclusions: what became of others.
    ///   - term: the lease term.
    /// - Returns: whether it is to be sent; or why that is not known.
    fileprivate func store(
        _ prepared: PreparedClaim?,
        recording conclusions: [Conclusion],
        term: Int64
    ) async -> Result<Bool, AnnounceError> {
        do throws(AnnounceError) {
            guard let prepared, case let stored = prepared.newBatches, !stored.isEmpty else {
                if !conclusions.isEmpty { try await store.record(conclusions, term: term, at: clock.wall) }
                return .success(true)
            }
            return .success(
                try await store.open(
                    stored,
                    recording: conclusions,
                    changes: prepared.changes,
                    term: term,
                    at: clock.wall
                )
            )
        } catch {
            return .failure(error)
        }
    }

    /// Waits until what was stored of a claim survives the loss of power, so that it may be sent.
    fileprivate func sync(_ prepared: PreparedClaim) async -> Result<Void, AnnounceError> {
        guard case .success(let batches) = prepared.batches, batches.contains(where: { $0.token != nil }) else {
            return .success(())
        }
        do throws(AnnounceError) {
            return .success(try await store.sync())
        } catch {
            return .failure(error)
        }
    }
}

import Recurrence

/// Where announcements, what is due and what became of it are kept.
///
/// Every conformer passes the same contract suite, two processes at once included. A call that returned has stored what it
/// was given: it survives `kill -9`, and for ``add(_:first:by:at:)``, ``update(_:expecting:by:at:_:)`` and
/// ``open(_:changes:term:at:)`` the loss of power too. Every call throws ``AnnounceError`` only.
public protocol AnnouncementStore: Sendable {
    // MARK: What people do

    /// Stores an announcement and queues its first occurrence, in one transaction.
    ///
    /// - Parameters:
    ///   - draft: a validated draft.
    ///   - first: the first notice by the draft's plan.
    ///   - user: who adds it.
    ///   - now: the time of the change.
    /// - Returns: the announcement as it is stored.
    /// - Throws: ``AnnounceError/Code/nameTaken`` when a live announcement has the draft's name.
    func add(
        _ draft: AnnouncementDraft,
        first: PlannedNotice,
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) -> Announcement

    /// The announcement with this id, or with this name: the live one, else the newest of that name.
    ///
    /// - Throws: ``AnnounceError/Code/notFound``.
    func announcement(_ reference: Reference) async throws(AnnounceError) -> Announcement

    /// An announcement with what is queued of it, and the windows of which a notice went out.
    ///
    /// - Throws: ``AnnounceError/Code/notFound``.
    func standing(of reference: Reference) async throws(AnnounceError) -> Standing

    /// Announcements in one state (`nil`: in any), those with a next time first, by that time, the others newest first.
    func announcements(matching filter: AnnouncementFilter) async throws(AnnounceError) -> [Announcement]

    /// Changes announcements, all or none, in one transaction.
    ///
    /// - Parameters:
    ///   - references: which.
    ///   - revision: the revision that they are expected to have; nil for any.
    ///   - user: who changes them.
    ///   - now: the time of the change.
    ///   - change: what becomes of each; nil when there is nothing to do.
    /// - Returns: the announcements as they are now, in the order of `references`; or, when nothing was changed because one of
    ///   them is on its way in a batch whose results are not recorded yet, which occurrences those are.
    /// - Throws: ``AnnounceError/Code/notFound``, ``AnnounceError/Code/changed`` when the revision is another,
    ///   ``AnnounceError/Code/nameTaken``, and what `change` throws.
    func update(
        _ references: [Reference],
        expecting revision: Int?,
        by user: String,
        at now: Timestamp,
        _ change: @escaping @Sendable (Standing) throws(AnnounceError) -> Revision?
    ) async throws(AnnounceError) -> UpdateResult

    /// What is known of names, for a document that has them.
    ///
    /// - Parameter names: which; nil for all that are live.
    /// - Returns: those that there are or were, in no order.
    /// - Throws: why it cannot be read.
    func named(_ names: [String]?) async throws(AnnounceError) -> [NamedState]

    /// Begins to bring in a document; what others have left of theirs is removed.
    ///
    /// - Parameters:
    ///   - holder: this process in words, as for the lease.
    ///   - isGone: whether another holder is known to be dead.
    ///   - now: the time.
    /// - Returns: the number under which announcements are staged.
    /// - Throws: why it cannot begin.
    func beginImport(
        by holder: String,
        isGone: @escaping @Sendable (String) -> Bool,
        at now: Timestamp
    ) async throws(AnnounceError) -> ImportID

    /// Stores announcements that are there for nobody until the document is complete, in transactions between which others write.
    ///
    /// - Parameters:
    ///   - announcements: some of the document, so few that they are stored within seconds.
    ///   - number: what ``beginImport(by:isGone:at:)`` returned.
    ///   - user: who adds them.
    ///   - now: the time of the change.
    /// - Throws: ``AnnounceError/Code/nameTaken`` when a live announcement has one of the names.
    func stage(
        _ announcements: [SourcedAnnouncement],
        in number: ImportID,
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError)

    /// Makes all that was staged visible, and changes other announcements, in one transaction that is as small as the changes are.
    ///
    /// - Parameters:
    ///   - number: what ``beginImport(by:isGone:at:)`` returned.
    ///   - changes: what else the document changes.
    ///   - user: who brings it in.
    ///   - now: the time of the change.
    /// - Returns: as ``update(_:expecting:by:at:_:)``, but that it does not name the announcements, which may be very many.
    /// - Throws: as ``update(_:expecting:by:at:_:)``; nothing has become visible then.
    func completeImport(
        _ number: ImportID,
        changing changes: [ImportedChange],
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) -> UpdateResult

    /// Queues some of what complete documents have brought.
    ///
    /// Whoever brings them in does so, and the leader, so that it happens whichever of them dies.
    ///
    /// - Parameter limit: how many occurrences, at most.
    /// - Returns: whether something is left.
    /// - Throws: why nothing was queued.
    func settleImports(limit: Int) async throws(AnnounceError) -> Bool

    /// Removes some of what was staged in a document that is not to be completed.
    ///
    /// - Parameters:
    ///   - number: what ``beginImport(by:isGone:at:)`` returned.
    ///   - limit: how many announcements, at most.
    /// - Returns: whether something is left.
    /// - Throws: why nothing was removed.
    func dropImport(_ number: ImportID, limit: Int) async throws(AnnounceError) -> Bool

    /// Plans a part of the queue anew for the zones whose rules have changed since it was planned.
    ///
    /// It is done piece by piece, so that what is due does not wait for all. A zone with an announcement that is on its way is
    /// left for the next time.
    ///
    /// - Parameters:
    ///   - part: which part.
    ///   - zones: the present rules; a zone that cannot be read stays as it is.
    ///   - term: the lease term under which the caller leads.
    ///   - now: the time of the change.
    /// - Returns: what has moved, and what is left.
    /// - Throws: ``AnnounceError/Code/notLeader`` when another term has begun, and what reading and writing throw; it can be
    ///   called again then.
    func replan(
        _ part: ReplanPart,
        zones: ZoneSource,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> ReplanStep

    /// Holds the dispatcher: what is not on its way when this returns does not go out until ``release()``.
    ///
    /// - Parameters:
    ///   - user: who holds it.
    ///   - reason: why, in the user's words.
    ///   - now: the time.
    /// - Returns: the hold; the one that there was already, where there was one.
    /// - Throws: why it is not held.
    func hold(by user: String, reason: String?, at now: Timestamp) async throws(AnnounceError) -> Hold

    /// Lets the dispatcher go on; for what is late meanwhile it is as if it had not run.
    ///
    /// - Returns: the hold that has ended; nil when there was none.
    /// - Throws: why it is held still.
    func release() async throws(AnnounceError) -> Hold?

    /// The latest records, newest first.
    func history(matching filter: HistoryFilter) async throws(AnnounceError) -> [HistoryEntry]

    /// Records what a person sent outside of a schedule; the schedule stays as it is.
    ///
    /// - Parameter delivery: what became of it, with ``Delivery/firedBy``.
    /// - Throws: why it has no record.
    func recordFired(_ delivery: Delivery) async throws(AnnounceError)

    /// Counts and the leader, for an operator; reads no table from end to end.
    func status(at now: Timestamp) async throws(AnnounceError) -> StoreStatus

    // MARK: What the dispatcher does

    /// The occurrences that are due, in the order of dispatch, and when the first of the others is.
    ///
    /// Nothing is written: what is claimed stays queued until ``record(_:term:at:)``, so a crash never loses it.
    ///
    /// Where more is due than `limit`, and the first of it has been for more than ``Claim/fairAfter``, a quarter of the claim is
    /// what fell due last, so that a burst does not hold up what comes after it.
    ///
    /// - Parameters:
    ///   - term: the lease term under which the caller leads.
    ///   - now: what is due at or before this.
    ///   - limit: the most occurrences to return.
    ///   - last: where an earlier claim has ended (``Claim/last``), to pass over what comes before; nil to begin with the first.
    ///   - inFlight: occurrences that are on their way and passed over.
    /// - Returns: what is due; fewer than `limit` when their messages are long.
    /// - Throws: ``AnnounceError/Code/notLeader`` when another term has begun.
    func claim(
        term: Int64,
        at now: Timestamp,
        limit: Int,
        after last: QueueEntry?,
        excluding inFlight: Set<Occurrence>
    ) async throws(AnnounceError) -> Claim

    /// Stores batches, in one transaction, and with it what became of others before, as ``record(_:term:at:)`` does.
    ///
    /// They may be sent when ``sync()`` has returned.
    ///
    /// - Parameters:
    ///   - batches: what is to be sent.
    ///   - conclusions: what became of others; they are recorded even where the batches are not stored.
    ///   - changes: the number of the claim that they come from.
    ///   - term: the lease term under which the caller leads.
    ///   - now: the time.
    /// - Returns: whether they were stored; if not, somebody has changed one of their announcements since the claim, and
    ///   none was stored.
    /// - Throws: ``AnnounceError/Code/notLeader`` when another term has begun; nothing was recorded either then.
    func open(
        _ batches: [NewBatch],
        recording conclusions: [Conclusion],
        changes: Int64,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> Bool

    /// Makes all that was written before survive the loss of power.
    ///
    /// It takes as long as the disk does, and others can write meanwhile.
    func sync() async throws(AnnounceError)

    /// The batches of any term whose results were not recorded, in the order in which they were opened.
    func openBatches() async throws(AnnounceError) -> [OpenBatch]

    /// Writes what became of claimed occurrences, in one transaction, and closes the batches that it follows from.
    ///
    /// What does not hold any more is left out (``Conclusion/Ground``); that is no error, for somebody else sees to it. An
    /// occurrence that was cancelled after it was sent without a token stays cancelled, unless it went out: then that is the
    /// truth.
    ///
    /// - Parameters:
    ///   - conclusions: what became of them.
    ///   - term: the lease term under which the caller led when it came to them.
    ///   - now: the time.
    /// - Throws: why nothing was written; it can be called again then.
    func record(_ conclusions: [Conclusion], term: Int64, at now: Timestamp) async throws(AnnounceError)

    /// Brings forward what was put off to a time that is further away than anything is ever put off: the clock was set back since.
    ///
    /// It becomes due now, or at its nominal time where that is later; what is on its way stays as it is.
    ///
    /// - Parameters:
    ///   - longest: how long something is put off at most, in milliseconds.
    ///   - term: the lease term under which the caller leads.
    ///   - now: the time.
    /// - Returns: how many occurrences were brought forward.
    /// - Throws: ``AnnounceError/Code/notLeader`` when another term has begun.
    func bringForward(putOffBeyond longest: Int64, term: Int64, at now: Timestamp) async throws(AnnounceError) -> Int

    /// Removes a few records that are older than they are kept, and the announcements that have nothing else any more.
    ///
    /// What is queued stays, and so do the records of a window that is not over.
    ///
    /// - Parameters:
    ///   - retention: how long records are kept.
    ///   - position: where the call before ended; nil to begin.
    ///   - limit: how many records to look at, at most.
    ///   - now: the time.
    /// - Returns: what was removed, and where to go on.
    /// - Throws: why nothing was removed.
    func prune(
        _ retention: Retention,
        after position: Int64?,
        limit: Int,
        at now: Timestamp
    ) async throws(AnnounceError) -> Pruned

    /// Keeps what the dispatcher complains about at present, in place of what it did before.
    func report(_ troubles: [Trouble]) async throws(AnnounceError)

    /// Writes how many clients acknowledged an occurrence that was recorded as published; any other is left as it is.
    func acknowledge(_ occurrence: Occurrence, _ count: AcknowledgementCount) async throws(AnnounceError)

    /// Yields after somebody, in whichever process, has added or cancelled something or given the lease back, once that can
    /// be read; changes in quick succession yield once.
    func changes() async throws(AnnounceError) -> AsyncStream<Void>

    // MARK: Who dispatches

    /// The lease as it is now.
    func lease() async throws(AnnounceError) -> Lease

    /// Begins the next term for `holder`, if the lease still is as it was seen.
    ///
    /// - Returns: the new lease; `nil` when it was renewed, released or taken meanwhile.
    func acquireLease(seen: Lease, holder: String, at now: Timestamp) async throws(AnnounceError) -> Lease?

    /// Moves the counter of the caller's term.
    ///
    /// - Returns: whether the term is still the caller's.
    func renewLease(term: Int64, at now: Timestamp) async throws(AnnounceError) -> Bool

    /// Ends the caller's term, so that a standby takes over at once; does nothing when the term is another's.
    func releaseLease(term: Int64, at now: Timestamp) async throws(AnnounceError)
}

/// What became of a change that a person asked for.
public enum UpdateResult: Hashable, Sendable {
    /// It was made; the announcements as they are now.
    case changed([Announcement])
    /// Nothing was changed: these occurrences are on their way, and what becomes of them has to be known first.
    case onItsWay([Occurrence])
}

extension AnnounceError {
    /// Nothing was changed, as somebody else has changed the announcement.
    package init(changed announcement: Announcement, not revision: Int) {
        let id = announcement.id
        self.init(
            .changed,
            "Announcement \(id) has revision \(announcement.revision), not \(revision): somebody else has changed it. "
                + "Look at it with `announce show \(id)`, and try again."
        )
    }
}

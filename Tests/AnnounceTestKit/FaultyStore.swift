import Announce
import Recurrence
import Synchronization

/// A store whose calls fail when a test says so; everything else is done by the store behind it.
public final class FaultyStore: AnnouncementStore {
    /// A call of a store.
    public enum Call: Hashable, Sendable {
        /// A dispatcher asks for what is due.
        case claim
        /// A dispatcher stores what it is about to send.
        case open
        /// A dispatcher waits for the disk before it sends.
        case sync
        /// A dispatcher writes what became of it.
        case record
        /// A leader moves its counter.
        case renewLease
    }

    private let base: any AnnouncementStore
    private let faults = Mutex<[Call: [AnnounceError]]>([:])

    /// Makes a store that fails nothing yet.
    public init(_ base: any AnnouncementStore) {
        self.base = base
    }

    /// Makes the next calls of one kind fail, one for each error; nothing is done by a call that fails.
    public func fail(_ call: Call, with errors: AnnounceError...) {
        faults.withLock { $0[call, default: []] += errors }
    }

    /// How many failures are still to come.
    public var faultsLeft: Int { faults.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    private func check(_ call: Call) throws(AnnounceError) {
        let error = faults.withLock { faults -> AnnounceError? in
            guard let first = faults[call]?.first else { return nil }
            faults[call]?.removeFirst()
            return first
        }
        if let error { throw error }
    }

    // What follows is documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func claim(
        term: Int64,
        at now: Timestamp,
        limit: Int,
        after last: QueueEntry?,
        excluding inFlight: Set<Occurrence>
    ) async throws(AnnounceError) -> Claim {
        try check(.claim)
        return try await base.claim(term: term, at: now, limit: limit, after: last, excluding: inFlight)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func open(
        _ batches: [NewBatch],
        recording conclusions: [Conclusion],
        changes: Int64,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> Bool {
        try check(.open)
        return try await base.open(batches, recording: conclusions, changes: changes, term: term, at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func sync() async throws(AnnounceError) {
        try check(.sync)
        try await base.sync()
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func openBatches() async throws(AnnounceError) -> [OpenBatch] {
        try await base.openBatches()
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func record(
        _ conclusions: [Conclusion],
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) {
        try check(.record)
        try await base.record(conclusions, term: term, at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func bringForward(
        putOffBeyond longest: Int64,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> Int {
        try await base.bringForward(putOffBeyond: longest, term: term, at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func prune(
        _ retention: Retention,
        after position: Int64?,
        limit: Int,
        at now: Timestamp
    ) async throws(AnnounceError) -> Pruned {
        try await base.prune(retention, after: position, limit: limit, at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func report(_ troubles: [Trouble]) async throws(AnnounceError) {
        try await base.report(troubles)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func acknowledge(_ occurrence: Occurrence, _ count: AcknowledgementCount) async throws(AnnounceError) {
        try await base.acknowledge(occurrence, count)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func renewLease(term: Int64, at now: Timestamp) async throws(AnnounceError) -> Bool {
        try check(.renewLease)
        return try await base.renewLease(term: term, at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func add(
        _ draft: AnnouncementDraft,
        first: PlannedNotice,
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) -> Announcement {
        try await base.add(draft, first: first, by: user, at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func announcement(_ reference: Reference) async throws(AnnounceError) -> Announcement {
        try await base.announcement(reference)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func announcements(matching filter: AnnouncementFilter) async throws(AnnounceError) -> [Announcement] {
        try await base.announcements(matching: filter)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func standing(of reference: Reference) async throws(AnnounceError) -> Standing {
        try await base.standing(of: reference)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func update(
        _ references: [Reference],
        expecting revision: Int?,
        by user: String,
        at now: Timestamp,
        _ change: @escaping @Sendable (Standing) throws(AnnounceError) -> Revision?
    ) async throws(AnnounceError) -> UpdateResult {
        try await base.update(references, expecting: revision, by: user, at: now, change)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func replan(
        _ part: ReplanPart,
        zones: ZoneSource,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> ReplanStep {
        try await base.replan(part, zones: zones, term: term, at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func hold(by user: String, reason: String?, at now: Timestamp) async throws(AnnounceError) -> Hold {
        try await base.hold(by: user, reason: reason, at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func named(_ names: [String]?) async throws(AnnounceError) -> [NamedState] {
        try await base.named(names)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func beginImport(
        by holder: String,
        isGone: @escaping @Sendable (String) -> Bool,
        at now: Timestamp
    ) async throws(AnnounceError) -> ImportID {
        try await base.beginImport(by: holder, isGone: isGone, at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func stage(
        _ announcements: [SourcedAnnouncement],
        in number: ImportID,
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) {
        try await base.stage(announcements, in: number, by: user, at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func completeImport(
        _ number: ImportID,
        changing changes: [ImportedChange],
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) -> UpdateResult {
        try await base.completeImport(number, changing: changes, by: user, at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func settleImports(limit: Int) async throws(AnnounceError) -> Bool {
        try await base.settleImports(limit: limit)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func dropImport(_ number: ImportID, limit: Int) async throws(AnnounceError) -> Bool {
        try await base.dropImport(number, limit: limit)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func recordFired(_ delivery: Delivery) async throws(AnnounceError) {
        try await base.recordFired(delivery)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func release() async throws(AnnounceError) -> Hold? {
        try await base.release()
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func history(matching filter: HistoryFilter) async throws(AnnounceError) -> [HistoryEntry] {
        try await base.history(matching: filter)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func status(at now: Timestamp) async throws(AnnounceError) -> StoreStatus {
        try await base.status(at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func changes() async throws(AnnounceError) -> AsyncStream<Void> {
        try await base.changes()
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func lease() async throws(AnnounceError) -> Lease {
        try await base.lease()
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func acquireLease(seen: Lease, holder: String, at now: Timestamp) async throws(AnnounceError) -> Lease? {
        try await base.acquireLease(seen: seen, holder: holder, at: now)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func releaseLease(term: Int64, at now: Timestamp) async throws(AnnounceError) {
        try await base.releaseLease(term: term, at: now)
    }
}

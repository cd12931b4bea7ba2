import Announce
import AnnounceSQLite
import Recurrence

/// The real store, as one simulated process reaches it: each call can fail before it, and the process can die before or after.
struct SimulatedStore: AnnouncementStore {
    let world: World
    let process: World.Process

    private var base: SQLiteStore { world.store }

    private func call<Value: Sendable>(
        _ place: World.Place,
        _ body: () async throws(AnnounceError) -> Value
    ) async throws(AnnounceError) -> Value {
        switch await world.pass(process, place) {
        case .go: break
        case .fails: throw AnnounceError(.storeUnavailable, "The disk is full.")
        case .lost, .dead: throw Self.dead
        }
        let value = try await world.reaching(body)
        switch await world.pass(process, .stored) {
        case .go: return value
        case .fails: throw AnnounceError(.storeUnavailable, "The disk failed when it was written.")
        case .lost, .dead: throw Self.dead
        }
    }

    private static let dead = AnnounceError(.storeUnavailable, "This process is dead.")

    func lease() async throws(AnnounceError) -> Lease {
        try await call(.lease) { () async throws(AnnounceError) in try await base.lease() }
    }

    func acquireLease(seen: Lease, holder: String, at now: Timestamp) async throws(AnnounceError) -> Lease? {
        try await call(.lease) { () async throws(AnnounceError) in
            try await base.acquireLease(seen: seen, holder: holder, at: now)
        }
    }

    func renewLease(term: Int64, at now: Timestamp) async throws(AnnounceError) -> Bool {
        try await call(.lease) { () async throws(AnnounceError) in try await base.renewLease(term: term, at: now) }
    }

    func releaseLease(term: Int64, at now: Timestamp) async throws(AnnounceError) {
        try await call(.lease) { () async throws(AnnounceError) in try await base.releaseLease(term: term, at: now) }
    }

    func claim(
        term: Int64,
        at now: Timestamp,
        limit: Int,
        after last: QueueEntry?,
        excluding inFlight: Set<Occurrence>
    ) async throws(AnnounceError) -> Claim {
        try await call(.claim) { () async throws(AnnounceError) in
            try await base.claim(term: term, at: now, limit: limit, after: last, excluding: inFlight)
        }
    }

    func open(
        _ batches: [NewBatch],
        recording conclusions: [Conclusion],
        changes: Int64,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> Bool {
        try await call(.open) { () async throws(AnnounceError) in
            let isStored = try await base.open(batches, recording: conclusions, changes: changes, term: term, at: now)
            if isStored { for due in batches.flatMap(\.members) { world.checkOpened(due) } }
            return isStored
        }
    }

    func sync() async throws(AnnounceError) {
        try await call(.open) { () async throws(AnnounceError) in try await base.sync() }
    }

    func openBatches() async throws(AnnounceError) -> [OpenBatch] {
        try await call(.claim) { () async throws(AnnounceError) in try await base.openBatches() }
    }

    func record(_ conclusions: [Conclusion], term: Int64, at now: Timestamp) async throws(AnnounceError) {
        try await call(.record) { () async throws(AnnounceError) in
            try await base.record(conclusions, term: term, at: now)
        }
    }

    func replan(
        _ part: ReplanPart,
        zones: ZoneSource,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> ReplanStep {
        try await call(.claim) { () async throws(AnnounceError) in
            try await base.replan(part, zones: zones, term: term, at: now)
        }
    }

    func bringForward(putOffBeyond longest: Int64, term: Int64, at now: Timestamp) async throws(AnnounceError) -> Int {
        try await call(.claim) { () async throws(AnnounceError) in
            try await base.bringForward(putOffBeyond: longest, term: term, at: now)
        }
    }

    func prune(
        _ retention: Retention,
        after position: Int64?,
        limit: Int,
        at now: Timestamp
    ) async throws(AnnounceError) -> Pruned {
        try await call(.record) { () async throws(AnnounceError) in
            try await base.prune(retention, after: position, limit: limit, at: now)
        }
    }

    func report(_ troubles: [Trouble]) async throws(AnnounceError) {
        try await call(.record) { () async throws(AnnounceError) in try await base.report(troubles) }
    }

    func acknowledge(_ occurrence: Occurrence, _ count: AcknowledgementCount) async throws(AnnounceError) {
        try await call(.record) { () async throws(AnnounceError) in try await base.acknowledge(occurrence, count) }
    }

    func changes() async throws(AnnounceError) -> AsyncStream<Void> { process.bell }

    // MARK: What people do, who reach the store directly

    func add(
        _ draft: AnnouncementDraft,
        first: PlannedNotice,
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) -> Announcement {
        try await base.add(draft, first: first, by: user, at: now)
    }

    func announcement(_ reference: Reference) async throws(AnnounceError) -> Announcement {
        try await base.announcement(reference)
    }

    func standing(of reference: Reference) async throws(AnnounceError) -> Standing {
        try await base.standing(of: reference)
    }

    func announcements(matching filter: AnnouncementFilter) async throws(AnnounceError) -> [Announcement] {
        try await base.announcements(matching: filter)
    }

    func update(
        _ references: [Reference],
        expecting revision: Int?,
        by user: String,
        at now: Timestamp,
        _ change: @escaping @Sendable (Standing) throws(AnnounceError) -> Revision?
    ) async throws(AnnounceError) -> UpdateResult {
        // A dispatcher does so, too, with what is to be resumed; people reach the store directly.
        try await call(.record) { () async throws(AnnounceError) in
            try await base.update(references, expecting: revision, by: user, at: now, change)
        }
    }

    func hold(by user: String, reason: String?, at now: Timestamp) async throws(AnnounceError) -> Hold {
        try await base.hold(by: user, reason: reason, at: now)
    }

    func named(_ names: [String]?) async throws(AnnounceError) -> [NamedState] {
        try await base.named(names)
    }

    func beginImport(
        by holder: String,
        isGone: @escaping @Sendable (String) -> Bool,
        at now: Timestamp
    ) async throws(AnnounceError) -> ImportID {
        try await base.beginImport(by: holder, isGone: isGone, at: now)
    }

    func stage(
        _ announcements: [SourcedAnnouncement],
        in number: ImportID,
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) {
        try await base.stage(announcements, in: number, by: user, at: now)
    }

    func completeImport(
        _ number: ImportID,
        changing changes: [ImportedChange],
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) -> UpdateResult {
        try await base.completeImport(number, changing: changes, by: user, at: now)
    }

    func settleImports(limit: Int) async throws(AnnounceError) -> Bool {
        try await base.settleImports(limit: limit)
    }

    func dropImport(_ number: ImportID, limit: Int) async throws(AnnounceError) -> Bool {
        try await base.dropImport(number, limit: limit)
    }

    func recordFired(_ delivery: Delivery) async throws(AnnounceError) {
        try await base.recordFired(delivery)
    }

    func release() async throws(AnnounceError) -> Hold? {
        try await base.release()
    }

    func history(matching filter: HistoryFilter) async throws(AnnounceError) -> [HistoryEntry] {
        try await base.history(matching: filter)
    }

    func status(at now: Timestamp) async throws(AnnounceError) -> StoreStatus {
        try await base.status(at: now)
    }
}

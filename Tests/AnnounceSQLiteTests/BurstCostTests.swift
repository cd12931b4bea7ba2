import Announce
import AnnounceTestKit
import GRDB
import Recurrence
import Synchronization
import Testing

@testable import AnnounceSQLite

/// What a burst costs, in statements: a count does not depend on the machine.
struct BurstCostTests {
    @Test("Neighbours that went out alike are recorded by as many statements as few of them", arguments: [4, 400])
    func recording(count: Int) async throws {
        let (store, claim) = try await claimed(count)
        #expect(try await opened(claim.due, of: claim, in: store))
        let statements = try await counted(in: store) {
            try await store.record([conclusion(claim, [published(claim.due)])], term: claim.term, at: .morning)
        }
        #expect(statements <= 12)
        let status = try await store.status(at: .morning)
        #expect(status.outcomes == [.published: count] && status.pending == 0 && status.inFlight == 0)
    }

    @Test("What is not like its neighbours is recorded by itself, and nothing else with it")
    func differences() async throws {
        let (store, claim) = try await claimed(12)
        // Some are not of the batch: they stay queued, and lie between the others.
        let members = claim.due.enumerated().filter { $0.offset != 5 }.map(\.element)
        #expect(try await opened(members, of: claim, in: store))
        let publications = [published(members[..<8]), published(members[8...], receivers: 3)]
        try await store.record([conclusion(claim, publications)], term: claim.term, at: .morning)
        let left = try await StoreContract.claim(store).due.map(\.entry)
        #expect(left == [claim.due[5].entry])
        let receivers = try await store.history(matching: HistoryFilter(limit: 100)).compactMap { entry in
            if case .delivery(let delivery, _, _) = entry { delivery.receivers } else { nil }
        }
        #expect(receivers.count == 11 && receivers.count { $0 == 3 } == 3)
    }

    @Test("A claim takes as many statements however much is due", arguments: [1, 400])
    func claiming(count: Int) async throws {
        let (store, claim) = try await claimed(count)
        let statements = try await counted(in: store) {
            let again = try await store.claim(term: claim.term, at: .morning, limit: count, excluding: [])
            #expect(again.due.count == count)
        }
        #expect(statements <= 14)
    }

    @Test("A claim of recurring announcements does, too, once it was read what their plan is", arguments: [1, 400])
    func claimingRecurring(count: Int) async throws {
        let (store, claim) = try await claimed(count, try .every(60_000))
        let statements = try await counted(in: store) {
            let again = try await store.claim(term: claim.term, at: .morning, limit: count, excluding: [])
            #expect(again.due.count { $0.plan == claim.due[0].plan && $0.plan != nil } == count)
        }
        #expect(statements <= 14)
    }

    @Test("What follows recurring announcements is queued several at a time, and what is queued already stays")
    func recordingRecurring() async throws {
        let (store, claim) = try await claimed(400, try .every(60_000))
        try await store.database.write { database in
            try database.execute(
                sql: """
                    INSERT INTO queue (due_at, rank, announcement_id, nominal_at, phase)
                    SELECT due_at + 60000, rank, announcement_id, nominal_at + 60000, phase FROM queue WHERE announcement_id % 7 = 0
                    """
            )
            try QueueTable.count(database.changesCount, in: database)
        }
        let members = approved(claim.due)
        #expect(members.count == 400)
        let publication = Publication(members[...], receivers: 2, at: .morning)
        #expect(try await opened(claim.due, of: claim, in: store))
        let statements = try await counted(in: store) {
            try await store.record([conclusion(claim, [publication])], term: claim.term, at: .morning)
        }
        #expect(statements <= 12 + 400 / 8)
        #expect(try await store.status(at: .morning).pending == 400)
        let next = try await StoreContract.claim(store, at: .morning + 60_000, limit: 1_000)
        #expect(next.due.map { Int($0.entry.occurrence.announcement) } == Array(1...400))
    }

    @Test("What came between neighbours, although no id is missing among theirs, stays as it is")
    func stranger() async throws {
        let (store, claim) = try await claimed(300)
        #expect(try await opened(claim.due, of: claim, in: store))
        try await store.database.write { database in
            try database.execute(
                sql: """
                    INSERT INTO queue (due_at, rank, announcement_id, nominal_at, phase)
                    SELECT due_at, rank, announcement_id, nominal_at - 1, 'manual' FROM queue WHERE announcement_id = 6
                    """
            )
            try QueueTable.count(1, in: database)
        }
        try await store.record([conclusion(claim, [published(claim.due)])], term: claim.term, at: .morning)
        let status = try await store.status(at: .morning)
        #expect(status.outcomes == [.published: 300] && status.pending == 1 && status.inFlight == 0)
        let left = try await StoreContract.claim(store).due.map(\.entry.occurrence)
        #expect(left == [Occurrence(announcement: 6, nominal: .morning - 1, phase: .manual)])
        let records = try await store.history(matching: HistoryFilter(of: .id(6), limit: 9)).count {
            if case .delivery = $0 { true } else { false }
        }
        #expect(records == 1)
    }

    @Test("What a burst leaves is as the schema asks, which is not looked at for each row")
    func checks() async throws {
        let folder = try TemporaryFolder()
        let (store, claim) = try await claimed(300, try .every(60_000), in: SQLiteStore(path: folder.file("a.sqlite")))
        let members = approved(claim.due)
        #expect(try await opened(claim.due, of: claim, in: store))
        let publication = Publication(members[...], receivers: 2, at: .morning)
        try await store.record([conclusion(claim, [publication])], term: claim.term, at: .morning)
        #expect(try await store.status(at: .morning).outcomes == [.published: 300])
        let found = try await store.database.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
        #expect(found == ["ok"])
        #expect(try await store.database.read { try $0.foreignKeyViolations().next() } == nil)
    }

    // MARK: Parts

    private func claimed(
        _ count: Int,
        _ draft: AnnouncementDraft = .sample("x"),
        in store: SQLiteStore? = nil
    ) async throws -> (SQLiteStore, StoreContract.TermClaim) {
        let store = try store ?? SQLiteStore()
        for _ in 0..<count { _ = try await store.add(draft, first: .morning, by: "eva", at: .morning) }
        return (store, try await StoreContract.claim(store, limit: count))
    }

    private func opened(
        _ members: [DueOccurrence],
        of claim: StoreContract.TermClaim,
        in store: SQLiteStore
    ) async throws -> Bool {
        let batch = NewBatch(token: "t", members: members)
        return try await store.open([batch], changes: claim.changes, term: claim.term, at: .morning)
    }

    private func approved(_ due: [DueOccurrence]) -> [Judge.Approved] {
        let judge = Judge(zones: ZoneSource(zone: { _ in .utc }))
        return due.compactMap { due in
            if case .send(let approved) = judge.judge(due, at: .morning) { approved } else { nil }
        }
    }

    private func published(_ members: some Sequence<DueOccurrence>, receivers: Int = 2) -> Publication {
        let members = members.map { Judge.Approved(plain: $0, deadline: .morning) }
        return Publication(members[...], receivers: receivers, at: .morning)
    }

    private func conclusion(_ claim: StoreContract.TermClaim, _ publications: [Publication]) -> Conclusion {
        Conclusion(.batch(token: "t", changes: claim.changes), [], publications: publications)
    }

    private func counted(in store: SQLiteStore, _ body: () async throws -> Void) async throws -> Int {
        let count = Counter()
        try await store.database.write { $0.trace { _ in count.value.withLock { $0 += 1 } } }
        try await body()
        return count.value.withLock { $0 }
    }

    private final class Counter: Sendable {
        let value = Mutex(0)
    }
}

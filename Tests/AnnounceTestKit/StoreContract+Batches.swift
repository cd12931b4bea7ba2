import Announce
import Payload
import Recurrence

/// What is on its way.
extension StoreContract.Clause {
    static let batches: [StoreContract.Clause] = [
        StoreContract.Clause("a batch is open for everybody until its results are recorded, and then for nobody") {
            open in
            let store = try await open()
            for _ in 1...3 { _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning) }
            let claim = try await StoreContract.claim(store)
            let batch = NewBatch(token: "t1", members: Array(claim.due[0...1]))
            try await StoreContract.open([batch, NewBatch(token: "t2", members: [claim.due[2]])], claim, in: store)
            let found = try await open().openBatches()
            try StoreContract.require(found.map(\.token), ["t1", "t2"], "open")
            try StoreContract.require(found.map(\.opened), [.morning + 1, .morning + 1], "opened")
            try StoreContract.require(found[0].members, batch.members, "members in their order")
            try StoreContract.require(try await store.status(at: .morning).inFlight, 3, "in flight")
            let first = StoreContract.published(claim.due[0].entry, at: .morning)
            try await store.record([Conclusion(.batch(token: "t1"), [first])], term: claim.term, at: .morning)
            // Who comes later with other results has nothing to say.
            let late = StoreContract.published(claim.due[1].entry, at: .morning)
            try await open().record([Conclusion(.batch(token: "t1"), [late])], term: claim.term, at: .morning)
            try StoreContract.require(try await store.openBatches().map(\.token), ["t2"], "open after recording")
            let left = try await StoreContract.claim(store).due.map(\.entry.occurrence.announcement)
            try StoreContract.require(left, [2, 3], "what has no result stays queued")
            try StoreContract.require(try await store.status(at: .morning).outcomes, [.published: 1], "outcomes")
        },
        StoreContract.Clause("a claim passes over what is on its way, and tells when the first of the others is due") {
            open in
            let store = try await open()
            for offset in [0, 1, 500] as [Int64] {
                _ = try await store.add(.sample(), first: .morning + offset, by: "eva", at: .morning)
            }
            let all = try await StoreContract.claim(store, at: .morning + 1)
            let inFlight = Set(all.due.map(\.entry.occurrence))
            let none = try await store.claim(term: all.term, at: .morning + 1, limit: 9, excluding: inFlight)
            try StoreContract.require(none.due, [], "claimed")
            try StoreContract.require(none.nextDue, .morning + 500, "next due")
            let one = try await store.claim(
                term: all.term,
                at: .morning + 1,
                limit: 9,
                excluding: [all.due[0].entry.occurrence]
            )
            try StoreContract.require(one.due.map(\.entry), [all.due[1].entry], "the other")
        },
        StoreContract.Clause("a batch of what was changed since the claim is not stored; other changes do not matter") {
            open in
            let store = try await open()
            for _ in 1...3 { _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning) }
            let claim = try await StoreContract.claim(store)
            _ = try await open().cancel([.id(3)], reason: nil, by: "eva", at: .morning)
            try await StoreContract.open([NewBatch(token: "a", members: [claim.due[0]])], claim, in: store)
            let isStored = try await store.open(
                [NewBatch(token: "b", members: [claim.due[1]]), NewBatch(token: "c", members: [claim.due[2]])],
                changes: claim.changes,
                term: claim.term,
                at: .morning
            )
            try StoreContract.require(isStored, false, "stored although its announcement was cancelled")
            try StoreContract.require(try await store.openBatches().map(\.token), ["a"], "none of the others is stored")
            let entry = claim.due[1].entry
            let passed = Delivery(occurrence: entry.occurrence, outcome: .missed, attempts: 0, concluded: .morning)
            let judged = Conclusion(
                .claim(changes: claim.changes),
                [Settlement(entry: entry, deliveries: [passed], queued: [])]
            )
            try await store.record([judged], term: claim.term, at: .morning)
            try StoreContract.require(
                try await store.status(at: .morning).outcomes,
                [.cancelled: 1],
                "what was decided before the change is decided again"
            )
        },
        StoreContract.Clause("what is on its way is not changed before its results are recorded") { open in
            let store = try await open()
            for _ in 1...2 { _ = try await store.add(try .every(60_000), first: .morning, by: "eva", at: .morning) }
            let claim = try await StoreContract.claim(store)
            try await StoreContract.open([NewBatch(token: "t", members: [claim.due[1]])], claim, in: store)
            func cancel() async throws -> UpdateResult {
                try await open().update([.id(1), .id(2)], expecting: nil, by: "max", at: .morning) { _ in
                    Revision(action: "cancelled", state: .cancelled)
                }
            }
            try StoreContract.require(try await cancel(), .onItsWay([claim.due[1].entry.occurrence]), "cancelled")
            try StoreContract.require(try await store.announcement(.id(1)).state, .scheduled, "all or none")
            try await store.record([Conclusion(.batch(token: "t"), [])], term: claim.term, at: .morning)
            guard case .changed(let announcements) = try await cancel() else {
                throw StoreContract.Violation(description: "it was not changed after its results were recorded")
            }
            try StoreContract.require(announcements.map(\.state), [.cancelled, .cancelled], "states")
        },
        StoreContract.Clause("who leads no more stores no batch and decides nothing, but may tell what was sent") {
            open in
            let store = try await open()
            for _ in 1...3 { _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning) }
            let claim = try await StoreContract.claim(store)
            try await StoreContract.open([NewBatch(token: "t", members: [claim.due[0]])], claim, in: store)
            _ = try await open().acquireLease(seen: store.lease(), holder: "other", at: .morning)
            try await StoreContract.requireError(.notLeader, "a batch of the old term") {
                let late = NewBatch(token: "late", members: [claim.due[1]])
                _ = try await store.open([late], changes: claim.changes, term: claim.term, at: .morning)
            }
            let entries = claim.due.map(\.entry)
            let passed = Delivery(occurrence: entries[1].occurrence, outcome: .missed, attempts: 0, concluded: .morning)
            try await store.record(
                [
                    Conclusion(
                        .claim(changes: claim.changes),
                        [Settlement(entry: entries[1], deliveries: [passed], queued: [])]
                    ),
                    Conclusion(.batch(token: "t"), [StoreContract.published(entries[0], at: .morning)]),
                    Conclusion(.plain, [StoreContract.published(entries[2], at: .morning)]),
                ],
                term: claim.term,
                at: .morning
            )
            try StoreContract.require(try await store.status(at: .morning).outcomes, [.published: 2], "outcomes")
            try StoreContract.require(
                try await StoreContract.claim(store).due.map(\.entry),
                [entries[1]],
                "still queued"
            )
            try await StoreContract.requireError(.notLeader, "planning anew in the old term") {
                var draft = AnnouncementDraft.sample()
                draft.plan = Plan(rules: [.wall(try CivilDateTime("2026-12-02T09:00:00"))], timezone: "Test/Zone")
                _ = try await store.add(draft, first: .morning, by: "eva", at: .morning)
                let part = ReplanPart.next(after: nil, limit: 1)
                _ = try await store.replan(part, zones: ZoneSource { _ in .utc }, term: claim.term, at: .morning)
            }
        },
        StoreContract.Clause("new rules of a zone leave what is on its way, and move it later") { open in
            let store = try await open()
            let (east, west) = (StoreContract.east, StoreContract.west)
            let first = try await StoreContract.addWallTime(to: store)
            _ = try await store.replan(zones: ZoneSource { _ in east }, at: .morning)
            let claim = try await StoreContract.claim(store, at: first.notice.at)
            try await StoreContract.open([NewBatch(token: "t", members: claim.due)], claim, in: store)
            let none = try await store.replan(zones: ZoneSource { _ in west }, at: .morning)
            try StoreContract.require(none, [], "moved while it is on its way")
            try await store.record([Conclusion(.batch(token: "t"), [])], term: claim.term, at: .morning)
            let moves = try await store.replan(zones: ZoneSource { _ in west }, at: .morning)
            try StoreContract.require(moves.map(\.to), [first.notice.at + 5 * 3_600_000], "moved later")
        },
        StoreContract.Clause("what the dispatcher complains about is what it said last") { open in
            let store = try await open()
            let trouble = Trouble(.publishing, since: .morning, message: "Redis is away.")
            try await store.report([trouble, Trouble(.publishOnce, since: .morning + 1, message: "No scripts.")])
            try StoreContract.require(try await open().status(at: .morning).troubles.count, 2, "troubles")
            try await store.report([trouble])
            try StoreContract.require(try await open().status(at: .morning).troubles, [trouble], "troubles")
            try await store.report([])
            try StoreContract.require(try await open().status(at: .morning).troubles, [], "troubles")
        },
    ]
}

extension StoreContract {
    /// Stores batches of a claim under the present term, a millisecond after the morning.
    static func open(_ batches: [NewBatch], _ claim: TermClaim, in store: any AnnouncementStore) async throws {
        let isStored = try await store.open(batches, changes: claim.changes, term: claim.term, at: .morning + 1)
        try require(isStored, true, "stored")
    }

    /// A claim, and the term under which it was made.
    @dynamicMemberLookup
    public struct TermClaim: Sendable {
        /// The claim.
        public let claim: Claim
        /// The lease term.
        public let term: Int64

        /// What the claim has.
        public subscript<Value>(dynamicMember path: KeyPath<Claim, Value>) -> Value { claim[keyPath: path] }
    }
}

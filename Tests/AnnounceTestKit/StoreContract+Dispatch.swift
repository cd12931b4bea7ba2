import Announce
import Payload
import Recurrence

/// What the dispatcher does.
extension StoreContract.Clause {
    static let dispatch: [StoreContract.Clause] = [
        StoreContract.Clause("what is due is claimed in the order of time, priority and id, and nothing else is") {
            open in
            let store = try await open()
            func add(_ offset: Int64, priority: Int) async throws {
                _ = try await store.add(.sample(priority: priority), first: .morning + offset, by: "eva", at: .morning)
            }
            try await add(2, priority: 3)
            try await add(1, priority: 1)
            try await add(1, priority: 5)
            try await add(3, priority: 5)
            try await add(1, priority: 5)
            let claim = try await StoreContract.claim(store, at: .morning + 2)
            try StoreContract.require(claim.due.map(\.entry.occurrence.announcement), [3, 5, 2, 1], "order")
            let none = try await StoreContract.claim(store, at: .morning)
            try StoreContract.require(none.due.count, 0, "claimed early")
            try StoreContract.require(none.nextDue, .morning + 1, "next due")
            let some = try await StoreContract.claim(store, at: .morning + 9, limit: 2)
            try StoreContract.require(some.due.count, 2, "limited")
        },
        StoreContract.Clause("a claim has all that is needed to send") { open in
            let store = try await open()
            let target = Target(
                namespace: "/a",
                audience: .some(rooms: ["r"], sockets: ["s"]),
                except: ["x"],
                exceptSockets: ["y"],
                compress: true
            )
            let rules: [Rule] = [.wall(try CivilDateTime("2026-12-01T09:00:00")), .instant(.morning + 1)]
            var draft = AnnouncementDraft.sample(target: target, rules: rules, allowUnheard: true)
            draft.acknowledgeWithin = 5_000
            _ = try await store.add(draft, first: .morning, by: "eva", at: .morning)
            _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning)
            let due = try await StoreContract.claim(store).due
            try StoreContract.require(due.map(\.target), [target, Target(audience: .everyone)], "targets")
            try StoreContract.require(due[0].data.messagePack(), draft.data.messagePack(), "message")
            try StoreContract.require(due.map(\.allowUnheard), [true, false], "allow unheard")
            try StoreContract.require(due.map(\.acknowledgeWithin), [5_000, nil], "time for acknowledgements")
            let plans = [Plan(rules: rules, timezone: "UTC"), nil]
            try StoreContract.require(due.map(\.plan), plans, "plans, none for a one-shot")
        },
        StoreContract.Clause("acknowledgements join the record of what was published, and no other") { open in
            let store = try await open()
            for _ in 1...3 { _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning) }
            let due = try await StoreContract.claim(store).due
            let (published, skipped, waiting) = (due[0].entry, due[1].entry, due[2].entry)
            let delivery = Delivery(occurrence: skipped.occurrence, outcome: .skipped, attempts: 0, concluded: .morning)
            let passed = Settlement(entry: skipped, deliveries: [delivery], queued: [])
            try await store.record([StoreContract.published(published, at: .morning), passed], at: .morning)
            let count = AcknowledgementCount(addressed: 3, acknowledged: 2)
            for occurrence in due { try await store.acknowledge(occurrence.entry.occurrence, count) }
            func counts() async throws -> [AcknowledgementCount] {
                try await open().history(matching: HistoryFilter(limit: 9)).compactMap { entry in
                    if case .delivery(let delivery, _, _) = entry { delivery.acknowledgements } else { nil }
                }
            }
            try StoreContract.require(try await counts(), [count], "the acknowledgements")
            try await store.record([StoreContract.published(waiting, at: .morning)], at: .morning)
            try StoreContract.require(try await counts(), [count], "nothing was kept for what was not published yet")
        },
        StoreContract.Clause("what is claimed and not recorded is claimed again") { open in
            _ = try await open().add(.sample(), first: .morning, by: "eva", at: .morning)
            let first = try await StoreContract.claim(open()).due
            let second = try await StoreContract.claim(open()).due
            try StoreContract.require(first.map(\.entry), second.map(\.entry), "claimed again")
            try StoreContract.require(first.count, 1, "claimed")
        },
        StoreContract.Clause("recording ends an occurrence and queues the next") { open in
            let store = try await open()
            _ = try await store.add(try .every(60_000), first: .morning, by: "eva", at: .morning)
            let entry = try await StoreContract.claim(store).due[0].entry
            let next = QueueEntry(
                occurrence: Occurrence(announcement: 1, nominal: .morning + 60_000),
                priority: entry.priority
            )
            try await store.record([StoreContract.published(entry, at: .morning + 7, then: [next])], at: .morning + 7)
            let announcement = try await open().announcement(.id(1))
            try StoreContract.require(announcement.next?.at, .morning + 60_000, "next")
            try StoreContract.require(try await StoreContract.claim(store).due.count, 0, "still due")
            guard
                case .delivery(let delivery, _, _) = try await store.history(
                    matching: HistoryFilter(of: .id(1), limit: 9)
                )[0]
            else {
                throw StoreContract.Violation(description: "the delivery is not in the history")
            }
            try StoreContract.require(delivery.outcome, .published, "outcome")
            try StoreContract.require([delivery.receivers, delivery.attempts], [2, 1], "receivers and attempts")
            try StoreContract.require(delivery.lateness, 7, "lateness")
        },
        StoreContract.Clause("recording twice changes nothing") { open in
            let store = try await open()
            _ = try await store.add(try .every(60_000), first: .morning, by: "eva", at: .morning)
            let entry = try await StoreContract.claim(store).due[0].entry
            let next = QueueEntry(occurrence: Occurrence(announcement: 1, nominal: .morning + 60_000), priority: 3)
            let settlement = StoreContract.published(entry, at: .morning, then: [next])
            try await store.record([settlement], at: .morning)
            try await open().record([settlement], at: .morning)
            let status = try await store.status(at: .morning)
            try StoreContract.require(status.pending, 1, "pending")
            try StoreContract.require(status.outcomes, [.published: 1], "outcomes")
        },
        StoreContract.Clause("an occurrence that is tried again keeps its identity") { open in
            let store = try await open()
            _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning)
            let entry = try await StoreContract.claim(store).due[0].entry
            let again = QueueEntry(
                occurrence: entry.occurrence,
                due: .morning + 100,
                priority: 3,
                attempts: 1,
                error: "READONLY"
            )
            try await store.record([Settlement(entry: entry, deliveries: [], queued: [again])], at: .morning)
            try StoreContract.require(try await StoreContract.claim(store).due.count, 0, "due too early")
            let due = try await StoreContract.claim(store, at: .morning + 100).due.map(\.entry)
            try StoreContract.require(due, [again], "tried again")
            try StoreContract.require(try await store.status(at: .morning).pending, 1, "pending")
        },
        StoreContract.Clause("one that was cancelled on its way out is published if it went out, else cancelled") {
            open in
            let store = try await open()
            for _ in 1...2 { _ = try await store.add(try .every(60_000), first: .morning, by: "eva", at: .morning) }
            let due = try await StoreContract.claim(store).due.map(\.entry)
            _ = try await store.cancel([.id(1), .id(2)], reason: nil, by: "eva", at: .morning)
            let next = QueueEntry(occurrence: Occurrence(announcement: 1, nominal: .morning + 60_000), priority: 3)
            let retry = QueueEntry(occurrence: due[1].occurrence, due: .morning + 9, priority: 3, attempts: 1)
            try await store.record(
                [
                    StoreContract.published(due[0], at: .morning + 1, then: [next]),
                    Settlement(entry: due[1], deliveries: [], queued: [retry]),
                ],
                at: .morning + 1
            )
            let status = try await store.status(at: .morning)
            try StoreContract.require(status.outcomes, [.published: 1, .cancelled: 1], "outcomes")
            try StoreContract.require(status.pending, 0, "nothing follows")
            try StoreContract.require(try await store.announcement(.id(1)).state, .cancelled, "state")
        },
        StoreContract.Clause("a claim ends early when messages are long") { open in
            let store = try await open()
            let long = String(repeating: "x", count: 200_000)
            for _ in 1...4 { _ = try await store.add(.sample(long), first: .morning, by: "eva", at: .morning) }
            try StoreContract.require(
                try await StoreContract.claim(store).due.count,
                3,
                "messages of 200 kB in a claim"
            )
        },
        StoreContract.Clause("whoever changes something, all who watch are told once it can be read") { open in
            let store = try await open()
            let other = try await open()
            for (writer, expected) in [(other, 1), (store, 2)] {
                let changes = try await store.changes()
                let seen = Task {
                    for await _ in changes { return try await store.announcements(matching: .init()).count }
                    return 0
                }
                _ = try await writer.add(.sample(), first: .morning, by: "eva", at: .morning)
                try StoreContract.require(try await seen.value, expected, "announcements when the change was told")
            }
        },
    ]

    static let leases: [StoreContract.Clause] = [
        StoreContract.Clause("one of many takes the lease") { open in
            let store = try await open()
            let seen = try await store.lease()
            try StoreContract.require(seen.holder, nil, "a new store has no holder")
            let stores = try await [open(), open(), open()]
            let winners = try await withThrowingTaskGroup(of: Lease?.self) { group in
                for (index, store) in stores.enumerated() {
                    group.addTask { try await store.acquireLease(seen: seen, holder: "\(index)", at: .morning) }
                }
                return try await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
            }
            try StoreContract.require(winners.count, 1, "winners")
            try StoreContract.require(winners.map(\.term), [seen.term + 1], "term")
            try StoreContract.require(try await store.lease(), winners[0], "the lease that others see")
        },
        StoreContract.Clause("a holder that moves its counter keeps the lease") { open in
            let store = try await open()
            guard let mine = try await store.acquireLease(seen: store.lease(), holder: "a", at: .morning) else {
                throw StoreContract.Violation(description: "a free lease was not given")
            }
            let seen = try await open().lease()
            try StoreContract.require(try await store.renewLease(term: mine.term, at: .morning + 1), true, "renewed")
            let late = try await open().acquireLease(seen: seen, holder: "b", at: .morning)
            try StoreContract.require(late, nil, "taken although it was renewed")
            let taken = try await open().acquireLease(seen: store.lease(), holder: "b", at: .morning)
            try StoreContract.require(taken?.term, mine.term + 1, "taken after it stood still")
            try StoreContract.require(
                try await store.renewLease(term: mine.term, at: .morning),
                false,
                "renewed by the old"
            )
            try await StoreContract.requireError(.notLeader, "a claim of the old term") {
                _ = try await store.claim(term: mine.term, at: .morning, limit: 1, excluding: [])
            }
            try await store.releaseLease(term: mine.term, at: .morning)
            try StoreContract.require(try await store.lease().holder, "b", "holder after the old one let go")
        },
        StoreContract.Clause("a released lease is free at once") { open in
            let store = try await open()
            guard let mine = try await store.acquireLease(seen: store.lease(), holder: "a", at: .morning) else {
                throw StoreContract.Violation(description: "a free lease was not given")
            }
            try await store.releaseLease(term: mine.term, at: .morning)
            try StoreContract.require(try await store.lease().holder, nil, "holder")
            try StoreContract.require(try await store.renewLease(term: mine.term, at: .morning), false, "renewed")
            let next = try await open().acquireLease(seen: store.lease(), holder: "b", at: .morning)
            try StoreContract.require(next?.term, mine.term + 1, "next term")
        },
    ]
}

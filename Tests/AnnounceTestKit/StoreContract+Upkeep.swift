import Announce
import Recurrence

/// What keeps a store and its queue in order.
extension StoreContract.Clause {
    private static let day: Int64 = 86_400_000

    static let upkeep: [StoreContract.Clause] = [
        StoreContract.Clause("of a burst that has waited, a quarter of a claim is what fell due last") { open in
            let store = try await open()
            for _ in 1...20 { _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning) }
            for offset in [500, 900, 900] as [Int64] {
                let draft = AnnouncementDraft.sample(priority: offset == 500 ? 5 : 3)
                _ = try await store.add(draft, first: .morning + offset, by: "eva", at: .morning)
            }
            func claimed(_ now: Timestamp) async throws -> [Announcement.ID] {
                let claim = try await StoreContract.claim(store, at: now, limit: 8)
                return claim.due.map(\.entry.occurrence.announcement)
            }
            try StoreContract.require(try await claimed(.morning + 999), Array(1...8), "a moment later it is in order")
            try StoreContract.require(
                try await claimed(.morning + Claim.fairAfter + 1),
                Array(1...6) + [22, 23],
                "what fell due last comes along"
            )
            let none = try await StoreContract.claim(store, at: .morning + 2_000, limit: 3).due.count
            try StoreContract.require(none, 3, "a small claim is full all the same")
        },
        StoreContract.Clause("a burst alone fills a claim, however long it has waited") { open in
            let store = try await open()
            for _ in 1...9 { _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning) }
            let claim = try await StoreContract.claim(store, at: .morning + 60_000, limit: 8)
            try StoreContract.require(claim.due.map(\.entry.occurrence.announcement), Array(1...8), "in order")
            try StoreContract.require(claim.pending, 9, "pending")
        },
        StoreContract.Clause("what a clock that was set back makes wait is brought forward, unless it is on its way") {
            open in
            let store = try await open()
            for _ in 1...4 { _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning) }
            let claim = try await StoreContract.claim(store)
            func retry(_ place: Int, at due: Timestamp) -> Settlement {
                let entry = claim.due[place].entry
                let again = QueueEntry(occurrence: entry.occurrence, due: due, priority: 3, attempts: 1, error: "away")
                return Settlement(entry: entry, deliveries: [], queued: [again])
            }
            let late = Timestamp.morning + 3_600_000
            try await store.record([retry(0, at: late), retry(1, at: late), retry(2, at: .morning + 20_000)], at: late)
            let tried = try await StoreContract.claim(store, at: late)
            let onItsWay = tried.due.filter { $0.entry.occurrence.announcement == 2 }
            try await StoreContract.open([NewBatch(token: "t", members: onItsWay)], tried, in: store)
            let count = try await open().bringForward(putOffBeyond: 30_000, term: tried.term, at: .morning)
            try StoreContract.require(count, 1, "brought forward")
            let due = try await StoreContract.claim(store).due.map(\.entry)
            try StoreContract.require(due.map(\.occurrence.announcement), [1, 4], "due now")
            try StoreContract.require([due[0].attempts, due[1].attempts], [1, 0], "attempts")
            try StoreContract.require(try await store.openBatches().map { $0.members.count }, [1], "still on its way")
            let early = try await open().bringForward(putOffBeyond: 10_000, term: tried.term, at: .morning - 60_000)
            try StoreContract.require(early, 1, "put off for longer than that")
            let nominal = try await store.announcement(.id(3)).next?.at
            try StoreContract.require(nominal, .morning, "not before its time")
            try await StoreContract.requireError(.notLeader, "another term") {
                _ = try await store.bringForward(putOffBeyond: 0, term: tried.term - 1, at: .morning)
            }
        },
        StoreContract.Clause("records that are too old go, with announcements of which nothing is left") { open in
            let store = try await open()
            // Two that are over, one that goes on.
            for _ in 1...2 { _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning) }
            _ = try await store.add(try .every(60_000), first: .morning, by: "eva", at: .morning)
            let claim = try await StoreContract.claim(store)
            let next = QueueEntry(occurrence: Occurrence(announcement: 3, nominal: .morning + 60_000), priority: 3)
            try await store.record(
                [
                    StoreContract.published(claim.due[0].entry, at: .morning),
                    StoreContract.published(claim.due[1].entry, at: .morning + 5),
                    StoreContract.published(claim.due[2].entry, at: .morning, then: [next]),
                ],
                at: .morning
            )
            let retention = Retention(age: day, count: nil)
            let early = try await store.prune(retention, after: nil, limit: 500, at: .morning + day)
            try StoreContract.require(early, Pruned(deliveries: 0, announcements: 0, next: nil), "not yet")
            let late = try await open().prune(retention, after: nil, limit: 500, at: .morning + day + 3)
            try StoreContract.require([late.deliveries, late.announcements], [1, 1], "up to what is young enough")
            try await StoreContract.requireError(.notFound, "the announcement") {
                _ = try await store.announcement(.id(1))
            }
            let all = try await open().prune(retention, after: nil, limit: 500, at: .morning + 2 * day)
            try StoreContract.require([all.deliveries, all.announcements], [2, 1], "the others")
            try StoreContract.require(try await store.announcement(.id(3)).next?.at, .morning + 60_000, "goes on")
            try StoreContract.require(try await store.status(at: .morning).pending, 1, "pending")
        },
        StoreContract.Clause("of more records than are kept the oldest go; what the future has dated hides nothing") {
            open in
            let store = try await open()
            _ = try await store.add(try .every(60_000), first: .morning, by: "eva", at: .morning)
            for minute in 0..<7 as Range<Int64> {
                let at = Timestamp.morning + minute * 60_000
                let entry = try await StoreContract.claim(store, at: at).due[0].entry
                let following = Occurrence(announcement: 1, nominal: at + 60_000)
                let next = QueueEntry(occurrence: following, priority: 3)
                // The first was recorded while the clock was wrong.
                let concluded = minute == 0 ? at + 400 * day : at
                try await store.record([StoreContract.published(entry, at: concluded, then: [next])], at: concluded)
            }
            func left() async throws -> Int {
                try await open().history(matching: HistoryFilter(limit: 99)).count {
                    if case .delivery = $0 { true } else { false }
                }
            }
            let counted = try await store.prune(
                Retention(age: 30 * day, count: 6),
                after: nil,
                limit: 500,
                at: .morning + day
            )
            try StoreContract.require([counted.deliveries, try await left()], [1, 6], "the newest are kept")
            let aged = try await store.prune(
                Retention(age: day, count: nil),
                after: nil,
                limit: 500,
                at: .morning + day + 3 * 60_000
            )
            try StoreContract.require([aged.deliveries, try await left()], [2, 4], "by age")
        },
        StoreContract.Clause("the records of a window stay until its last notice is out") { open in
            let store = try await open()
            let start = Timestamp.morning + 40 * day
            let draft = AnnouncementDraft.sample(rules: [.instant(start)])
            let lead = PlannedNotice(
                notice: Notice(
                    at: .morning,
                    phase: .lead(try TimeSpan("40d")),
                    anchor: Schedule.Position(at: start, ordinal: 1)
                ),
                handled: Schedule.Position(at: .morning - 1, ordinal: 0),
                wall: CivilDateTime(localMilliseconds: Timestamp.morning.milliseconds - 1)
            )
            _ = try await store.add(draft, first: lead, by: "eva", at: .morning)
            let entry = try await StoreContract.claim(store).due[0].entry
            let following = QueueEntry(announcement: 1, planned: .at(start), priority: 3)
            let told = Delivery(
                occurrence: entry.occurrence,
                anchor: start,
                outcome: .published,
                attempts: 1,
                concluded: .morning
            )
            let settlement = Settlement(entry: entry, deliveries: [told], queued: [following])
            try await store.record([settlement], at: .morning)
            for now in [Timestamp.morning + 35 * day, start + 35 * day] {
                let pruned = try await store.prune(
                    Retention(age: 30 * day, count: nil),
                    after: nil,
                    limit: 500,
                    at: now
                )
                try StoreContract.require(pruned.deliveries, 0, "the lead's record is needed")
            }
        },
    ]
}

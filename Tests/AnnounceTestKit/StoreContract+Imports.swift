import Announce
import Recurrence

/// Documents with many announcements.
extension StoreContract.Clause {
    private static func new(_ name: String, at offset: Int64 = 1_000) -> SourcedAnnouncement {
        SourcedAnnouncement(
            draft: .sample(name, name: name),
            first: .at(.morning + offset),
            source: "{\"text\":\"\(name)\"}"
        )
    }

    private static func begin(_ store: any AnnouncementStore, as holder: String = "a") async throws -> ImportID {
        try await store.beginImport(by: holder, isGone: { $0 == "dead" }, at: .morning)
    }

    static let imports: [StoreContract.Clause] = [
        StoreContract.Clause("what is staged is there for nobody until its document is complete, and then all of it is")
        {
            open in
            let store = try await open()
            let number = try await begin(store)
            try await store.stage([new("a", at: 500), new("b")], in: number, by: "eva", at: .morning)
            let other = try await open()
            func ids() async throws -> [Int64] { try await other.announcements(matching: .init()).map(\.id) }
            try StoreContract.require(try await ids(), [], "listed before")
            try StoreContract.require(try await other.named(["a", "b"]).count, 0, "named before")
            try StoreContract.require(try await other.history(matching: HistoryFilter()).count, 0, "history before")
            try StoreContract.require(
                try await other.announcements(matching: .init(search: ["a"])).count,
                0,
                "found before"
            )
            try await StoreContract.requireError(.notFound, "looked at before") {
                _ = try await other.announcement(.name("a"))
            }
            try await StoreContract.requireError(.notFound, "looked at by id") {
                _ = try await other.announcement(.id(1))
            }
            try await StoreContract.requireError(.nameTaken, "its name") {
                _ = try await other.add(.sample(name: "a"), first: .morning, by: "eva", at: .morning)
            }
            let early = try await StoreContract.claim(store, at: .morning + 5_000).claim
            try StoreContract.require(early.due.count, 0, "claimed before")
            try StoreContract.require(early.hasArrivals, false, "arrivals before")
            _ = try await store.completeImport(number, changing: [], by: "eva", at: .morning)
            try StoreContract.require(try await ids(), [2, 1], "listed afterwards")
            let state = NamedState(id: 1, name: "a", state: .scheduled, revision: 1, source: "{\"text\":\"a\"}")
            try StoreContract.require(try await other.named(["a", "c"]), [state], "named afterwards")
            try StoreContract.require(try await other.announcement(.id(1)).next?.at, .morning + 500, "when it is next")
            try StoreContract.require(try await StoreContract.claim(store).claim.hasArrivals, true, "arrivals")
            try StoreContract.require(try await store.settleImports(limit: 1), true, "whether something is left")
            let due = try await StoreContract.claim(store, at: .morning + 5_000)
            try StoreContract.require(due.due.map(\.entry.occurrence.announcement), [1], "the first is queued first")
            try StoreContract.require(try await other.settleImports(limit: 9), false, "whether something is left then")
            try StoreContract.require(
                try await other.settleImports(limit: 9),
                false,
                "whether something is left at last"
            )
            let all = try await StoreContract.claim(store, at: .morning + 5_000).claim
            try StoreContract.require(all.due.map(\.entry.occurrence.announcement), [1, 2], "claimed afterwards")
            try StoreContract.require([all.pending, all.hasArrivals ? 1 : 0], [2, 0], "pending")
        },
        StoreContract.Clause(
            "each of many that are staged has its own words and time, and may have a name that is free again"
        ) {
            open in
            let store = try await open()
            // It has nothing to say any more, and its row does not know that.
            _ = try await store.add(.sample("old", name: "n11"), first: .morning, by: "eva", at: .morning)
            try await StoreContract.publishAll(store)
            let number = try await begin(store)
            let all = (1...30).map { new("n\($0)", at: Int64($0) * 10) }
            try await store.stage(all, in: number, by: "eva", at: .morning)
            try await StoreContract.requireError(.nameTaken, "twice in a document") {
                try await store.stage(
                    (31...45).map { new("n\($0 == 40 ? 7 : $0)") },
                    in: number,
                    by: "eva",
                    at: .morning
                )
            }
            _ = try await store.completeImport(number, changing: [], by: "eva", at: .morning)
            for step in 0..<2 {
                for index in 1...30 {
                    let announcement = try await store.announcement(.name("n\(index)"))
                    try StoreContract.require(announcement.id, Int64(index + 1), "id")
                    try StoreContract.require(announcement.next?.at, .morning + Int64(index) * 10, "time, step \(step)")
                    let found = try await store.announcements(matching: .init(search: ["n\(index)"])).map(\.id)
                    try StoreContract.require(found.contains(announcement.id), true, "words")
                }
                while try await store.settleImports(limit: 7) {}
            }
            try StoreContract.require(try await store.announcement(.id(1)).state, .finished, "whose name it was")
            try StoreContract.require(try await store.status(at: .morning).pending, 30, "pending")
        },
        StoreContract.Clause("a change of what is not queued yet queues it first") { open in
            let store = try await open()
            let number = try await begin(store)
            try await store.stage([new("a"), new("b")], in: number, by: "eva", at: .morning)
            _ = try await store.completeImport(number, changing: [], by: "eva", at: .morning)
            let standing = try await store.standing(of: .name("a"))
            try StoreContract.require(standing.queued.map(\.occurrence.nominal), [.morning + 1_000], "queued")
            _ = try await open().cancel([.name("a")], reason: nil, by: "jan", at: .morning)
            try StoreContract.require(try await store.announcement(.id(1)).next, nil, "next of the cancelled")
            _ = try await store.settleImports(limit: 9)
            let status = try await store.status(at: .morning)
            try StoreContract.require(status.pending, 1, "pending")
            try StoreContract.require(status.outcomes, [.cancelled: 1], "outcomes")
        },
        StoreContract.Clause("what is not queued yet is kept when the record of its firing is removed") { open in
            let store = try await open()
            let number = try await begin(store)
            let day: Int64 = 86_400_000
            try await store.stage([new("a", at: 9 * day)], in: number, by: "eva", at: .morning)
            _ = try await store.completeImport(number, changing: [], by: "eva", at: .morning)
            let manual = Occurrence(announcement: 1, nominal: .morning, phase: .manual)
            let fired = Delivery(
                occurrence: manual,
                outcome: .published,
                attempts: 1,
                concluded: .morning,
                firedBy: "eva"
            )
            try await store.recordFired(fired)
            let retention = Retention(age: day, count: nil)
            let pruned = try await open().prune(retention, after: nil, limit: 500, at: .morning + 2 * day)
            try StoreContract.require([pruned.deliveries, pruned.announcements], [1, 0], "removed")
            while try await store.settleImports(limit: 9) {}
            try StoreContract.require(try await store.announcement(.name("a")).next?.at, .morning + 9 * day, "next")
        },
        StoreContract.Clause("what was staged by old rules of its zone goes out by the new ones") { open in
            let store = try await open()
            var draft = AnnouncementDraft.sample(name: "wall")
            draft.plan = Plan(rules: [.wall(try CivilDateTime("2026-12-02T09:00:00"))], timezone: "Test/Zone")
            let notices = NoticePlan(draft.plan, in: StoreContract.east, zones: ZoneLoader(folders: []))
            guard let first = notices.first(from: .morning) else {
                throw StoreContract.Violation(description: "there is no first notice")
            }
            let number = try await begin(store)
            let staged = SourcedAnnouncement(draft: draft, first: first, source: "{}")
            try await store.stage([staged], in: number, by: "eva", at: .morning)
            let west = ZoneSource { _ in StoreContract.west }
            try StoreContract.require(try await store.replan(zones: west, at: .morning), [], "moved before")
            _ = try await store.completeImport(number, changing: [], by: "eva", at: .morning)
            let moves = try await store.replan(zones: west, at: .morning)
            try StoreContract.require(moves.map(\.to), [first.notice.at + 5 * 3_600_000], "moved")
            while try await store.settleImports(limit: 1) {}
            try StoreContract.require(try await store.status(at: .morning).pending, 1, "pending")
        },
        StoreContract.Clause("a document's changes come with it or not at all") { open in
            let store = try await open()
            _ = try await store.add(.sample("old", name: "x"), first: .morning + 1_000, by: "eva", at: .morning)
            func attempt(expecting revision: Int) async throws -> UpdateResult {
                let number = try await begin(store)
                try await store.stage([new("a\(revision)")], in: number, by: "eva", at: .morning)
                let change = ImportedChange(id: 1, revision: revision) { _ in
                    var change = Revision(action: "edited", draft: .sample("new", name: "x"))
                    change.source = .written("{\"text\":\"new\"}")
                    return change
                }
                do {
                    return try await store.completeImport(number, changing: [change], by: "eva", at: .morning)
                } catch {
                    while try await store.dropImport(number, limit: 1) {}
                    throw error
                }
            }
            try await StoreContract.requireError(.changed, "another revision") { _ = try await attempt(expecting: 7) }
            let names = try await store.named(nil)
            try StoreContract.require(names.map(\.name), ["x"], "what is there")
            try StoreContract.require(names.map(\.source), [nil], "its source")
            _ = try await attempt(expecting: 1)
            let after = try await store.named(["x", "a1"])
            try StoreContract.require(after.map(\.source), ["{\"text\":\"new\"}", "{\"text\":\"a1\"}"], "sources")
            _ = try await store.change([.id(1)], by: "eva", at: .morning) { _ in
                var change = Revision(action: "edited", draft: .sample("newer", name: "x"))
                change.source = .dropped
                return change
            }
            try StoreContract.require(try await store.named(["x"]).map(\.source), [nil], "after a command")
        },
        StoreContract.Clause("what a dead process has staged is removed by the next, and cannot be completed") { open in
            let store = try await open()
            let dead = try await begin(store, as: "dead")
            try await store.stage([new("a"), new("b")], in: dead, by: "eva", at: .morning)
            let alive = try await begin(store, as: "alive")
            try await store.stage([new("c")], in: alive, by: "eva", at: .morning)
            let next = try await begin(open())
            try await StoreContract.requireError(.changed, "the dead one's") {
                _ = try await store.completeImport(dead, changing: [], by: "eva", at: .morning)
            }
            try await store.stage([new("a")], in: next, by: "eva", at: .morning)
            _ = try await store.completeImport(next, changing: [], by: "eva", at: .morning)
            _ = try await store.completeImport(alive, changing: [], by: "eva", at: .morning)
            while try await store.settleImports(limit: 9) {}
            try StoreContract.require(try await store.named(nil).map(\.name).sorted(), ["a", "c"], "what is there")
            try StoreContract.require(try await store.status(at: .morning).pending, 2, "pending")
        },
    ]
}

import Announce
import Payload
import Recurrence

/// What operators do: hold, resume later, send outside of a schedule, look for.
extension StoreContract.Clause {
    static let operators: [StoreContract.Clause] = [
        StoreContract.Clause("a held store lets nothing be claimed or opened, and keeps the first hold") { open in
            let store = try await open()
            for _ in 1...2 { _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning) }
            let claim = try await StoreContract.claim(store)
            let hold = try await open().hold(by: "eva", reason: "wrong texts", at: .morning)
            try StoreContract.require(hold, Hold(since: .morning, by: "eva", reason: "wrong texts"), "the hold")
            let again = try await store.hold(by: "jan", reason: nil, at: .morning + 5)
            try StoreContract.require(again, hold, "holding it again")
            let isOpen = try await store.open(
                [NewBatch(token: "t", members: claim.due)],
                changes: claim.claim.changes,
                term: claim.term,
                at: .morning
            )
            try StoreContract.require(isOpen, false, "opening what was claimed before")
            let held = try await StoreContract.claim(store)
            try StoreContract.require(held.due.count, 0, "claimed")
            try StoreContract.require(held.claim.hold, hold, "the hold of the claim")
            try StoreContract.require(held.claim.nextDue, nil, "when something is due")
            try StoreContract.require(held.claim.pending, 2, "pending")
            try StoreContract.require(try await store.status(at: .morning).hold, hold, "the hold in the status")
            try StoreContract.require(try await open().release(), hold, "what ended")
            try StoreContract.require(try await store.release(), nil, "what is left to release")
            try StoreContract.require(try await StoreContract.claim(store).due.count, 2, "claimed afterwards")
        },
        StoreContract.Clause("what was decided about a claim before a hold is not recorded") { open in
            let store = try await open()
            _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning)
            let claim = try await StoreContract.claim(store)
            _ = try await open().hold(by: "eva", reason: nil, at: .morning)
            let missed = StoreContract.published(claim.due[0].entry, at: .morning)
            try await store.record(
                [Conclusion(.claim(changes: claim.claim.changes), [missed])],
                term: claim.term,
                at: .morning
            )
            try StoreContract.require(try await store.status(at: .morning).outcomes, [:], "outcomes")
        },
        StoreContract.Clause("a pause that ends by itself is told when its time comes, and not before") { open in
            let store = try await open()
            let editor = Editor(now: .morning) { NoticePlan($0, in: .utc, zones: ZoneLoader(folders: [])) }
            _ = try await store.add(.sample(), first: .morning + 60_000, by: "eva", at: .morning)
            _ = try await store.change([.id(1)], by: "eva", at: .morning) { (standing) throws(AnnounceError) in
                try editor.pause(standing, reason: "rain")
            }
            let until = Timestamp.morning + 30_000
            let paused = try await store.change([.id(1)], by: "eva", at: .morning) { (standing) throws(AnnounceError) in
                try editor.resume(standing, at: until)
            }
            try StoreContract.require(paused.map(\.resumesAt), [until], "when it resumes")
            try StoreContract.require(paused.map(\.state), [.paused], "state")
            try StoreContract.require(paused.map(\.reason), ["rain"], "reason")
            let before = try await StoreContract.claim(store, at: until - 1).claim
            try StoreContract.require(before.toResume, [], "before its time")
            try StoreContract.require(before.nextDue, until, "when there is something to do")
            let then = try await StoreContract.claim(store, at: until).claim
            try StoreContract.require(then.toResume, [1], "at its time")
            let resumed = try await store.change([.id(1)], by: "eva", at: until) { (standing) throws(AnnounceError) in
                try Editor(now: until) { NoticePlan($0, in: .utc, zones: ZoneLoader(folders: [])) }
                    .resume(standing, reason: nil)
            }
            try StoreContract.require(resumed.map(\.resumesAt), [nil], "resumed")
            try StoreContract.require(try await StoreContract.claim(store, at: until).claim.toResume, [], "afterwards")
        },
        StoreContract.Clause("a pause that was to end is over with its announcement, when that has nothing left to say")
        { open in
            let store = try await open()
            let editor = Editor(now: .morning) { NoticePlan($0, in: .utc, zones: ZoneLoader(folders: [])) }
            _ = try await store.add(.sample(), first: .morning + 10_000, by: "eva", at: .morning)
            _ = try await store.change([.id(1)], by: "eva", at: .morning) { (standing) throws(AnnounceError) in
                try editor.pause(standing, reason: nil)
            }
            _ = try await store.change([.id(1)], by: "eva", at: .morning) { (standing) throws(AnnounceError) in
                try editor.resume(standing, at: .morning + 30_000)
            }
            try await StoreContract.publishAll(store, at: .morning + 20_000)
            let claim = try await StoreContract.claim(store, at: .morning + 30_000).claim
            try StoreContract.require(claim.toResume, [], "what is to be resumed")
            try StoreContract.require(claim.nextDue, nil, "when there is something to do")
            let over = try await store.announcement(.id(1))
            try StoreContract.require(over.state, .finished, "state")
            try StoreContract.require(over.resumesAt, nil, "when it resumes")
        },
        StoreContract.Clause(
            "what a person sends has its record beside those of the schedule, twice in one moment, too"
        ) {
            open in
            let store = try await open()
            _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning)
            let fired = Delivery(
                occurrence: Occurrence(announcement: 1, nominal: .morning - 5, phase: .manual),
                anchor: .morning,
                outcome: .published,
                attempts: 1,
                concluded: .morning,
                receivers: 2,
                acknowledgements: AcknowledgementCount(addressed: 3, acknowledged: 1),
                firedBy: "eva"
            )
            try await store.recordFired(fired)
            try await open().recordFired(fired)
            let history = try await store.history(matching: HistoryFilter(of: .id(1), outcomes: [.published]))
            let records = history.compactMap { if case .delivery(let delivery, _, _) = $0 { delivery } else { nil } }
            try StoreContract.require(
                Set(records.map(\.occurrence.nominal)),
                [.morning - 5, .morning - 4],
                "when they were sent"
            )
            try StoreContract.require(records.map(\.firedBy), ["eva", "eva"], "by whom")
            try StoreContract.require(records.map(\.acknowledgements?.acknowledged), [1, 1], "acknowledged")
            try StoreContract.require(try await store.status(at: .morning).outcomes, [.published: 2], "outcomes")
            let standing = try await store.standing(of: .id(1))
            try StoreContract.require(standing.announced, [.morning], "of which window people have heard")
            try StoreContract.require(try await StoreContract.claim(store).due.count, 1, "what the schedule brings")
        },
        StoreContract.Clause("history is filtered by outcome and time, the newest first") { open in
            let store = try await open()
            for _ in 1...3 { _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning) }
            let claim = try await StoreContract.claim(store)
            let outcomes: [Outcome] = [.published, .missed, .unheard]
            for (index, outcome) in outcomes.enumerated() {
                let at = Timestamp.morning + Int64(index) * 1_000
                let entry = claim.due[index].entry
                let delivery = Delivery(occurrence: entry.occurrence, outcome: outcome, attempts: 1, concluded: at)
                try await store.record([Settlement(entry: entry, deliveries: [delivery], queued: [])], at: at)
            }
            func found(_ filter: HistoryFilter) async throws -> [Outcome?] {
                try await store.history(matching: filter).map { entry in
                    if case .delivery(let delivery, _, _) = entry { delivery.outcome } else { nil }
                }
            }
            try StoreContract.require(
                try await found(HistoryFilter(outcomes: Set(Outcome.allCases))),
                [.unheard, .missed, .published],
                "all outcomes, without changes"
            )
            try StoreContract.require(
                try await found(HistoryFilter(outcomes: [.missed, .unheard], limit: 1)),
                [.unheard],
                "the newest of two outcomes"
            )
            try StoreContract.require(
                try await found(HistoryFilter(of: .id(2), outcomes: [.missed])),
                [.missed],
                "of one announcement"
            )
            try StoreContract.require(try await found(HistoryFilter(outcomes: [.failed])), [], "none")
            try StoreContract.require(
                try await found(HistoryFilter(since: .morning + 1_000)),
                [.unheard, .missed],
                "since a time"
            )
        },
        StoreContract.Clause("words are found by how they begin, in names, texts and texts of phases") { open in
            let store = try await open()
            var phased = AnnouncementDraft.sample("Datenbank-Umzug", name: "db-move")
            phased.style.texts = [.end: "Geschafft, über alle Berge"]
            let drafts = [
                .sample("Good morning, Vietnam", target: Target(audience: .some(rooms: ["lobby-1"], sockets: []))),
                phased, .sample("100 % \"done\" OR not", labels: ["Team": "Ops 1"]), .sample("日本語のお知らせ"),
            ]
            for (index, draft) in drafts.enumerated() {
                _ = try await store.add(draft, first: .morning + Int64(9 - index), by: "eva", at: .morning)
            }
            func list(_ filter: AnnouncementFilter) async throws -> [Int64] {
                try await open().announcements(matching: filter).map(\.id)
            }
            for (words, expected) in [
                (["morn", "GOOD"], [1]), (["umz"], [2]), (["move"], [2]), (["UBER"], [2]), (["done\" OR"], [3]),
                (["日本"], [4]), (["nothing"], []), (["lobby"], []),
            ] as [([String], [Int64])] {
                try StoreContract.require(try await list(.init(search: words)), expected, "\(words)")
            }
            try StoreContract.require(try await list(.init(room: "lobby-1")), [1], "a room")
            try StoreContract.require(try await list(.init(room: "Lobby-1")), [], "a room in other letters")
            try StoreContract.require(try await list(.init(room: "lobby")), [], "a part of a room")
            try StoreContract.require(try await list(.init(labels: ["Team": "Ops 1"])), [3], "a label")
            try StoreContract.require(try await list(.init(labels: ["team": "Ops 1"])), [], "another label")
            var edited = drafts[0]
            edited.data = EventData(event: "announcement", arguments: ["Good night"])
            let draft = edited
            _ = try await store.change([.id(1)], by: "eva", at: .morning) { _ in
                Revision(action: "edited", draft: draft)
            }
            try StoreContract.require(try await list(.init(search: ["morning"])), [], "what was edited away")
            try StoreContract.require(try await list(.init(search: ["night"])), [1], "what was edited in")
        },
    ]
}

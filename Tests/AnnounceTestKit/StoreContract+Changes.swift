import Announce
import Payload
import Recurrence

/// What people change, and what new zone data change.
extension StoreContract.Clause {
    static let changes: [StoreContract.Clause] = [
        StoreContract.Clause("a change is applied whole, counted and told") { open in
            let store = try await open()
            _ = try await store.add(.sample("old"), first: .morning + 9, by: "eva", at: .morning)
            let edited = try await open().change([.id(1)], expecting: 1, by: "max", at: .morning + 1) {
                (standing) throws(AnnounceError) in
                var draft = standing.announcement.draft
                draft.data = EventData(event: "other", arguments: ["new"])
                let entry = QueueEntry(announcement: 1, planned: .at(.morning + 20), priority: 3)
                return Revision(action: "edited", draft: draft, removed: standing.queued, added: [entry])
            }
            try StoreContract.require(edited.map(\.revision), [2], "revision")
            let read = try await store.announcement(.id(1))
            try StoreContract.require(read.draft.data.event, "other", "event")
            try StoreContract.require(read.next?.at, .morning + 20, "next")
            try StoreContract.require(try await store.status(at: .morning).pending, 1, "pending")
            guard case .change(let change) = try await store.history(matching: HistoryFilter(of: .id(1), limit: 1))[0]
            else {
                throw StoreContract.Violation(description: "the change is not in the history")
            }
            try StoreContract.require(
                [change.action, change.by, "\(change.revision)"],
                ["edited", "max", "2"],
                "change"
            )
        },
        StoreContract.Clause("a plan that is changed while an occurrence is on its way goes on once") { open in
            let store = try await open()
            _ = try await store.add(try .every(60_000), first: .morning, by: "eva", at: .morning)
            let entry = try await StoreContract.claim(store).due[0].entry
            _ = try await open().change([.id(1)], by: "max", at: .morning + 1) { _ in
                let added = QueueEntry(announcement: 1, planned: .at(.morning + 5_000), priority: 3)
                return Revision(action: "edited", added: [added])
            }
            let next = QueueEntry(announcement: 1, planned: .at(.morning + 60_000), priority: 3)
            try await store.record([StoreContract.published(entry, at: .morning + 2, then: [next])], at: .morning + 2)
            let standing = try await store.standing(of: .id(1))
            try StoreContract.require(standing.queued.map(\.occurrence.nominal), [.morning + 5_000], "one plan")
            try StoreContract.require(try await store.status(at: .morning).pending, 1, "pending")
        },
        StoreContract.Clause("what is due by a plan that was changed since brings nothing after it") { open in
            let store = try await open()
            _ = try await store.add(try .every(60_000), first: .morning, by: "eva", at: .morning)
            _ = try await open().change([.id(1)], by: "max", at: .morning + 1) { _ in
                let added = QueueEntry(announcement: 1, planned: .at(.morning + 5_000), priority: 3)
                return Revision(action: "edited", added: [added])
            }
            let due = try await StoreContract.claim(store, at: .morning + 5_000).due.map(\.entry)
            try StoreContract.require(due.map(\.occurrence.nominal), [.morning, .morning + 5_000], "both are due")
            func next(_ offset: Int64) -> QueueEntry {
                QueueEntry(announcement: 1, planned: .at(.morning + offset), priority: 3)
            }
            try await store.record(
                [StoreContract.published(due[1], at: .morning + 5_001, then: [next(65_000)])],
                at: .morning + 5_001
            )
            let passed = Delivery(
                occurrence: due[1].occurrence,
                outcome: .skipped,
                attempts: 0,
                concluded: .morning + 5_002
            )
            let old = StoreContract.published(due[0], at: .morning + 5_002, then: [next(60_000)])
            try await store.record(
                [Settlement(entry: due[0], deliveries: old.deliveries + [passed], queued: old.queued)],
                at: .morning + 5_002
            )
            let standing = try await store.standing(of: .id(1))
            try StoreContract.require(standing.queued.map(\.occurrence.nominal), [.morning + 65_000], "the new plan")
            try StoreContract.require(try await store.status(at: .morning).outcomes, [.published: 2], "outcomes")
        },
        StoreContract.Clause("what has its record and is queued again is known by it") { open in
            let store = try await open()
            _ = try await store.add(try .every(60_000), first: .morning, by: "eva", at: .morning)
            let claim = try await StoreContract.claim(store)
            try StoreContract.require(claim.due.map(\.isRecorded), [false], "new")
            let entry = claim.due[0].entry
            try await store.record([StoreContract.published(entry, at: .morning)], at: .morning)
            _ = try await open().change([.id(1)], by: "max", at: .morning + 1) { _ in
                Revision(
                    action: "edited",
                    added: [entry, QueueEntry(announcement: 1, planned: .at(.morning + 9), priority: 3)]
                )
            }
            let again = try await StoreContract.claim(store, at: .morning + 9).due
            try StoreContract.require(again.map(\.isRecorded), [true, false], "again, and another")
        },
        StoreContract.Clause("a change for another revision, and one that throws, change nothing") { open in
            let store = try await open()
            _ = try await store.add(.sample(), first: .morning + 9, by: "eva", at: .morning)
            try await StoreContract.requireError(.changed, "another revision") {
                _ = try await store.change([.id(1)], expecting: 2, by: "max", at: .morning) { _ in
                    Revision(action: "paused", state: .paused)
                }
            }
            _ = try await store.add(.sample(), first: .morning + 9, by: "eva", at: .morning)
            try await StoreContract.requireError(.conflict, "the second refuses") {
                _ = try await store.change([.id(1), .id(2)], by: "max", at: .morning) {
                    (standing) throws(AnnounceError) in
                    if standing.announcement.id == 2 { throw AnnounceError(.conflict, "no") }
                    return Revision(action: "paused", state: .paused)
                }
            }
            try StoreContract.require(try await store.announcement(.id(1)).state, .scheduled, "all or none")
        },
        StoreContract.Clause("what is paused is claimed as such, and has no next notice to show") { open in
            let store = try await open()
            _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning)
            _ = try await store.change([.id(1)], by: "eva", at: .morning) { _ in
                Revision(action: "paused", state: .paused, reason: "lunch")
            }
            try StoreContract.require(try await StoreContract.claim(store).due.map(\.isPaused), [true], "paused")
            let read = try await store.announcement(.id(1))
            try StoreContract.require(read.next, nil, "next")
            try StoreContract.require([read.state.rawValue, read.reason], ["paused", "lunch"], "state")
        },
        StoreContract.Clause("a standing knows the windows of which a notice went out") { open in
            let store = try await open()
            _ = try await store.add(try .every(60_000), first: .morning, by: "eva", at: .morning)
            try StoreContract.require(try await store.standing(of: .id(1)).announced, [], "nothing went out")
            let entry = try await StoreContract.claim(store).due[0].entry
            try await store.record([StoreContract.published(entry, at: .morning, then: [])], at: .morning)
            try StoreContract.require(try await open().standing(of: .id(1)).announced, [.morning], "went out")
        },
        StoreContract.Clause("an announcement that fails has nothing queued any more, and its reason") { open in
            let store = try await open()
            _ = try await store.add(try .every(60_000), first: .morning, by: "eva", at: .morning)
            let entry = try await StoreContract.claim(store).due[0].entry
            let delivery = Delivery(occurrence: entry.occurrence, outcome: .failed, attempts: 0, concluded: .morning)
            let settlement = Settlement(entry: entry, deliveries: [delivery], queued: [], failure: "too wild")
            try await store.record([settlement], at: .morning)
            let read = try await store.announcement(.id(1))
            try StoreContract.require([read.state.rawValue, read.reason], ["failed", "too wild"], "state")
            try StoreContract.require(try await store.status(at: .morning).pending, 0, "pending")
        },
        StoreContract.Clause("new rules of a zone move what is to come by wall time, once") { open in
            let store = try await open()
            let (east, west) = (StoreContract.east, StoreContract.west)
            let first = try await StoreContract.addWallTime(to: store)
            _ = try await store.add(.sample(), first: .morning + 9, by: "eva", at: .morning)
            let same = try await store.replan(zones: ZoneSource { _ in east }, at: .morning)
            try StoreContract.require(same, [], "the same rules")
            let moves = try await open().replan(zones: ZoneSource { _ in west }, at: .morning)
            let (from, to) = (first.notice.at, first.notice.at + 5 * 3_600_000)
            try StoreContract.require(
                moves,
                [Move(announcement: 1, zone: "Test/Zone", from: from, to: to)],
                "five hours later"
            )
            try StoreContract.require(try await store.announcement(.id(1)).next?.at, to, "next")
            try StoreContract.require(try await store.announcement(.id(2)).next?.at, .morning + 9, "an instant stays")
            try StoreContract.require(
                try await store.replan(zones: ZoneSource { _ in west }, at: .morning),
                [],
                "again"
            )
            try StoreContract.require(try await store.status(at: .morning).pending, 2, "pending")
        },
        StoreContract.Clause("what is due is planned anew before its turn, the rest piece by piece") { open in
            let store = try await open()
            let (east, west) = (ZoneSource { _ in StoreContract.east }, ZoneSource { _ in StoreContract.west })
            let first = try await StoreContract.addWallTime(to: store)
            _ = try await StoreContract.addWallTime(to: store)
            _ = try await StoreContract.addWallTime(to: store)
            _ = try await store.replan(zones: east, at: .morning)
            let term = try await store.lease().term
            func moved(_ part: ReplanPart) async throws -> ([Announcement.ID], ReplanPosition?) {
                let step = try await store.replan(part, zones: west, term: term, at: .morning)
                return (step.moves.map(\.announcement), step.next)
            }
            try StoreContract.require(try await moved(.these([3, 99])).0, [3], "what is due")
            try StoreContract.require(try await moved(.these([3])).0, [], "again")
            let (one, next) = try await moved(.next(after: nil, limit: 2))
            try StoreContract.require(one, [1, 2], "the first")
            // Rules that change on the way apply to all: the zone stays open until it is planned by one set of them.
            let other = ReplanPosition(zone: "Test/Zone", fingerprint: 1, announcement: 2, isComplete: true)
            let (none, end) = try await moved(.next(after: other, limit: 2))
            try StoreContract.require(none, [], "the last, which has moved")
            try StoreContract.require(end?.isComplete, false, "complete")
            try StoreContract.require(try await moved(.next(after: nil, limit: 9)).1?.isComplete, true, "open still")
            try StoreContract.require(try await moved(.next(after: next, limit: 9)).1, nil, "at the end")
            let due = try await store.announcement(.id(3)).next?.at
            try StoreContract.require(due, first.notice.at + 5 * 3_600_000, "next")
            try StoreContract.require(try await store.status(at: .morning).pending, 3, "pending")
        },
        StoreContract.Clause("each zone is followed, with names and without") { open in
            let store = try await open()
            let (east, west) = (Zone(fixedOffset: "+02:00") ?? .utc, Zone(fixedOffset: "-03:00") ?? .utc)
            for (index, zone) in ["Test/B", "Test/A", "Test/C", "Test/A"].enumerated() {
                var draft = AnnouncementDraft.sample()
                draft.name = index < 2 ? "n\(index)" : nil
                draft.plan = Plan(rules: [.wall(try CivilDateTime("2026-12-02T09:00:00"))], timezone: zone)
                let notices = NoticePlan(draft.plan, in: east, zones: ZoneLoader(folders: []))
                guard let first = notices.first(from: .morning) else {
                    throw StoreContract.Violation(description: "there is no first notice")
                }
                _ = try await store.add(draft, first: first, by: "eva", at: .morning)
            }
            let same = try await store.replan(zones: ZoneSource { _ in east }, at: .morning)
            try StoreContract.require(same, [], "the same rules")
            let moves = try await store.replan(zones: ZoneSource { _ in west }, at: .morning)
            try StoreContract.require(Set(moves.map(\.announcement)), [1, 2, 3, 4], "all moved")
        },
        StoreContract.Clause("a window of which a notice went out tells that it moved with its zone") { open in
            let store = try await open()
            let (east, west) = (Zone(fixedOffset: "+02:00") ?? .utc, Zone(fixedOffset: "-03:00") ?? .utc)
            var draft = AnnouncementDraft.sample()
            draft.plan = Plan(
                rules: [.wall(try CivilDateTime("2026-12-01T15:00:00"))],
                timezone: "Test/Zone",
                leads: [try TimeSpan("4h")],
                length: try TimeSpan("1h")
            )
            draft.style.isWindow = true
            let notices = NoticePlan(draft.plan, in: east, zones: ZoneLoader(folders: []))
            guard let lead = notices.first(from: .morning), let start = notices.next(after: lead) else {
                throw StoreContract.Violation(description: "there is no first notice")
            }
            _ = try await store.add(draft, first: lead, by: "eva", at: .morning)
            _ = try await store.replan(zones: ZoneSource { _ in east }, at: .morning)
            let entry = try await StoreContract.claim(store, at: lead.notice.at).due[0].entry
            let delivery = Delivery(
                occurrence: entry.occurrence,
                anchor: start.notice.at,
                outcome: .published,
                attempts: 1,
                concluded: lead.notice.at,
                receivers: 1
            )
            let following = QueueEntry(announcement: 1, planned: start, priority: 3)
            try await store.record(
                [Settlement(entry: entry, deliveries: [delivery], queued: [following])],
                at: lead.notice.at
            )
            let now = lead.notice.at + 60_000
            let moves = try await store.replan(zones: ZoneSource { _ in west }, at: now)
            try StoreContract.require(moves.map(\.announcement), [1], "moved")
            let standing = try await store.standing(of: .id(1))
            let queued = standing.queued.map { "\($0.occurrence.phase.kind) \($0.planned.notice.anchor.at - now)" }
            let anchor = start.notice.at + 5 * 3_600_000 - now
            try StoreContract.require(queued.sorted(), ["moved \(anchor)", "start \(anchor)"], "queued")
            try StoreContract.require(standing.announcement.revision, 2, "revision")
        },
    ]
}

extension StoreContract {
    static let east = Zone(fixedOffset: "+02:00") ?? .utc
    static let west = Zone(fixedOffset: "-03:00") ?? .utc

    /// Adds an announcement at nine by the clocks of `Test/Zone`, which are those of the east.
    static func addWallTime(to store: any AnnouncementStore) async throws -> PlannedNotice {
        var draft = AnnouncementDraft.sample()
        draft.plan = Plan(rules: [.wall(try CivilDateTime("2026-12-02T09:00:00"))], timezone: "Test/Zone")
        let notices = NoticePlan(draft.plan, in: east, zones: ZoneLoader(folders: []))
        guard let first = notices.first(from: .morning) else {
            throw Violation(description: "there is no first notice")
        }
        _ = try await store.add(draft, first: first, by: "eva", at: .morning)
        return first
    }
}

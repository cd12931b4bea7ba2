import Announce
import Payload
import Recurrence

/// What people do.
extension StoreContract.Clause {
    static let people: [StoreContract.Clause] = [
        StoreContract.Clause("what is added is read back whole, by another process too") { open in
            let draft = AnnouncementDraft(
                name: "stand-up",
                data: EventData(event: "chat message", arguments: ["Grüße 🐎", 1, ["b": nil, "a": [1.5, true]]]),
                target: Target(
                    namespace: "/admin",
                    audience: .some(rooms: ["a#b", "č"], sockets: ["S1H5pJcm8Kun5lOoAAAA"]),
                    except: ["moderators"],
                    volatile: true,
                    compress: false
                ),
                plan: Plan(
                    rules: [
                        .wall(try CivilDateTime("2026-12-01T09:00:00")), .instant(.morning + 1),
                        .interval(try Interval(every: 1_500, anchor: .morning)),
                        .cron(try CronExpression("0 9 * * MON")),
                        .recurrence(
                            AnchoredRule(
                                try RecurrenceRule("FREQ=MONTHLY;BYDAY=-1FR"),
                                start: try CivilDateTime("2026-01-01T09:00:00")
                            )
                        ),
                    ],
                    timezone: "Europe/Prague",
                    exclusions: [
                        .day(try CivilDate("2026-12-25")), .instant(.morning + 5),
                        .wall(try CivilDateTime("2026-12-31T09:00:00")),
                    ],
                    start: .instant(.morning),
                    until: .wall(try CivilDateTime("2027-12-31T23:59:59.999")),
                    count: 7,
                    leads: [try TimeSpan("1d"), try TimeSpan("1h30m")],
                    length: try TimeSpan("2h"),
                    ends: [3: .morning + 9]
                ),
                policy: Policy(misfire: .all(limit: 3), grace: 60_000, expiry: .after(try TimeSpan("2h"))),
                priority: 5,
                allowUnheard: true,
                labels: ["team": "ops", "k=v": ""]
            )
            let added = try await open().add(draft, first: .morning, by: "eva", at: .morning - 1_000)
            let read = try await open().announcement(.name("stand-up"))
            try StoreContract.require(read, added, "read back")
            try StoreContract.require(try read.draft.data.arguments(), try draft.data.arguments(), "arguments")
            try StoreContract.require(read.draft.data.messagePack(), draft.data.messagePack(), "encoded arguments")
            try StoreContract.require(read.draft.target, draft.target, "target")
            try StoreContract.require(read.draft.plan, draft.plan, "plan")
            try StoreContract.require(read.draft.policy, draft.policy, "policy")
            try StoreContract.require(read.draft.labels, draft.labels, "labels")
            try StoreContract.require(read.state, .scheduled, "state")
            try StoreContract.require(read.next, .init(at: .morning, phase: .start), "next")
            try StoreContract.require([read.createdBy, "\(read.revision)"], ["eva", "1"], "origin")
        },
        StoreContract.Clause("the name of a live announcement is taken, that of a finished or cancelled one is free") {
            open in
            let store = try await open()
            let first = try await store.add(.sample(name: "n"), first: .morning, by: "eva", at: .morning)
            try await StoreContract.requireError(.nameTaken, "second of the name") {
                _ = try await store.add(.sample(name: "n"), first: .morning, by: "eva", at: .morning)
            }
            _ = try await store.cancel([.name("n")], reason: nil, by: "eva", at: .morning)
            let second = try await store.add(.sample(name: "n"), first: .morning, by: "eva", at: .morning)
            try await StoreContract.publishAll(store)
            let third = try await store.add(.sample(name: "n"), first: .morning, by: "eva", at: .morning)
            try StoreContract.require([first.id < second.id, second.id < third.id], [true, true], "ids grow")
            try StoreContract.require(
                try await store.announcement(.name("n")).id,
                third.id,
                "the live one has the name"
            )
            try StoreContract.require(try await store.announcement(.id(second.id)).state, .finished, "second")
        },
        StoreContract.Clause("an invalid draft leaves nothing behind") { open in
            let store = try await open()
            let nobody = AnnouncementDraft.sample(target: Target(audience: .some(rooms: [], sockets: [])))
            let reserved = AnnouncementDraft(
                data: EventData(event: "disconnect", arguments: []),
                target: Target(audience: .everyone),
                plan: Plan(rules: [.instant(.morning)], timezone: "UTC")
            )
            for draft in [nobody, reserved, .sample(rules: []), .sample(priority: 6), .sample(name: "42")] {
                try await StoreContract.requireError(.invalidValue, "an invalid draft") {
                    _ = try await store.add(draft, first: .morning, by: "eva", at: .morning)
                }
            }
            try StoreContract.require(try await store.announcements(matching: .init()).count, 0, "announcements")
            try StoreContract.require(try await store.status(at: .morning).pending, 0, "pending")
        },
        StoreContract.Clause("lists are ordered and filtered") { open in
            let store = try await open()
            let lobby = Target(audience: .some(rooms: ["lobby"], sockets: []))
            func add(_ text: String, _ offset: Int64, _ target: Target, _ labels: [String: String] = [:]) async throws {
                let draft = AnnouncementDraft.sample(text, target: target, labels: labels)
                _ = try await store.add(draft, first: .morning + offset, by: "eva", at: .morning)
            }
            try await add("late", 3_000, lobby, ["team": "ops"])
            try await add("early", 1_000, lobby)
            try await add("all", 2_000, Target(audience: .everyone), ["team": "ops"])
            try await add("off", 0, lobby)
            _ = try await store.cancel([.id(4)], reason: "rain", by: "jan", at: .morning)
            func list(_ filter: AnnouncementFilter) async throws -> [Int64] {
                try await store.announcements(matching: filter).map(\.id)
            }
            try StoreContract.require(try await list(.init(state: .scheduled)), [2, 3, 1], "by next time")
            try StoreContract.require(try await list(.init()), [2, 3, 1, 4], "all")
            try StoreContract.require(try await list(.init(state: .cancelled)), [4], "cancelled")
            try StoreContract.require(try await list(.init(room: "lobby")), [2, 1, 4], "of a room")
            try StoreContract.require(try await list(.init(labels: ["team": "ops"])), [3, 1], "of a label")
            try StoreContract.require(try await list(.init(labels: ["team": "dev"])), [], "of no label")
            try StoreContract.require(try await list(.init(limit: 2)), [2, 3], "limited")
        },
        StoreContract.Clause("a cancelled announcement is not claimed and leaves its history") { open in
            let store = try await open()
            _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning)
            let cancelled = try await store.cancel([.id(1)], reason: "rain", by: "jan", at: .morning + 5)
            try StoreContract.require(cancelled.map(\.state), [.cancelled], "state")
            try StoreContract.require(cancelled.map(\.reason), ["rain"], "reason")
            try StoreContract.require(cancelled.map(\.revision), [2], "revision")
            try StoreContract.require(try await StoreContract.claim(store).due.count, 0, "claimed")
            let history = try await store.history(matching: HistoryFilter(of: .id(1), limit: 10))
            let lines = history.map { entry in
                switch entry {
                case .delivery(let delivery, _, _): "\(delivery.outcome)"
                case .change(let change): "\(change.action) by \(change.by)"
                }
            }
            try StoreContract.require(Set(lines), ["cancelled", "cancelled by jan", "created by eva"], "history")
            let again = try await store.cancel([.id(1)], reason: "sun", by: "eva", at: .morning + 6)
            try StoreContract.require(again.map(\.reason), ["rain"], "cancelling again changes nothing")
        },
        StoreContract.Clause("announcements are cancelled all or none") { open in
            let store = try await open()
            _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning)
            try await StoreContract.requireError(.notFound, "an unknown one") {
                _ = try await store.cancel([.id(1), .id(99)], reason: nil, by: "eva", at: .morning)
            }
            try StoreContract.require(try await store.announcement(.id(1)).state, .scheduled, "the known one")
            try await StoreContract.publishAll(store)
            try await StoreContract.requireError(.conflict, "a finished one") {
                _ = try await store.cancel([.id(1)], reason: nil, by: "eva", at: .morning)
            }
        },
        StoreContract.Clause("the status counts what is pending, overdue and done") { open in
            let store = try await open()
            for offset in [0, 1, 2, 10_000] as [Int64] {
                _ = try await store.add(.sample(), first: .morning + offset, by: "eva", at: .morning)
            }
            _ = try await store.cancel([.id(1)], reason: nil, by: "eva", at: .morning)
            var status = try await store.status(at: .morning + 5)
            try StoreContract.require([status.pending, status.overdue], [3, 2], "pending and overdue")
            try StoreContract.require(status.nextDue, .morning + 1, "next due")
            try await StoreContract.publishAll(store, at: .morning + 5)
            status = try await store.status(at: .morning + 5)
            try StoreContract.require([status.pending, status.overdue], [1, 0], "pending and overdue afterwards")
            try StoreContract.require(status.outcomes, [.cancelled: 1, .published: 2], "outcomes")
            let tomorrow = try await store.status(at: .morning + 25 * 3_600_000)
            try StoreContract.require(tomorrow.outcomes, [:], "outcomes a day later")
        },
    ]
}

extension StoreContract {
    /// Begins a term, if none has begun, and claims what is due.
    public static func claim(
        _ store: any AnnouncementStore,
        at now: Timestamp = .morning,
        limit: Int = 100
    ) async throws -> TermClaim {
        var lease = try await store.lease()
        if lease.holder == nil, let taken = try await store.acquireLease(seen: lease, holder: "contract", at: now) {
            lease = taken
        }
        let claim = try await store.claim(term: lease.term, at: now, limit: limit, excluding: [])
        return TermClaim(claim: claim, term: lease.term)
    }

    /// Claims what is due and records it as published, with nothing to follow.
    static func publishAll(_ store: any AnnouncementStore, at now: Timestamp = .morning) async throws {
        let settlements = try await claim(store, at: now).due.map { published($0.entry, at: now) }
        try await store.record(settlements, at: now)
    }

    static func published(_ entry: QueueEntry, at now: Timestamp, then queued: [QueueEntry] = []) -> Settlement {
        let delivery = Delivery(
            occurrence: entry.occurrence,
            outcome: .published,
            attempts: entry.attempts + 1,
            concluded: now,
            receivers: 2
        )
        return Settlement(entry: entry, deliveries: [delivery], queued: queued)
    }
}

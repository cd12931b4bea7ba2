import Announce
import AnnounceSQLite
import AnnounceTestKit
import Recurrence

/// What must be so, while a run lasts and at its end (docs/guarantees.md).
extension World {
    /// Nothing is heard twice.
    func checkHeard() {
        for (key, count) in counts where count > 1 { violate("\(key) was heard \(count) times") }
    }

    /// What is sent is what people have stored last.
    func checkOpened(_ due: DueOccurrence) {
        let id = due.entry.occurrence.announcement
        if isHeld { violate("\(id) is sent while dispatchers are held") }
        guard let known = known[id], case .string(let text)? = try? due.data.arguments().first else { return }
        if !text.hasSuffix("|\(known.version)") { violate("\(text) of \(id) is sent after version \(known.version)") }
        if known.isOver && due.entry.occurrence.phase.kind != .cancelled {
            violate("\(id) is sent after it was cancelled")
        }
    }

    /// Nothing goes out before it is due.
    func checkSent(_ call: SimulatedRedis.Call) {
        let now = "\(clock.wall)"
        for text in call.texts {
            let parts = text.split(separator: "|")
            // Tue 1 Dec 09:02:18 UTC
            let words = parts[2].split(separator: " ")
            let day = (words[2] == "Nov" ? "11-" : "12-") + (words[1].count == 1 ? "0" : "") + words[1]
            if parts[1] == "start", now.prefix(19).dropFirst(5) < "\(day)T\(words[3])" {
                violate("\(text) is sent at \(now)")
            }
        }
    }

    func violate(_ what: String) {
        if violations.count < 20 && !violations.contains(what) { violations.append(what) }
    }

    /// How often each notice was heard, whatever its text.
    private var counts: [String: Int] {
        var counts: [String: Int] = [:]
        for (text, count) in redis.heard { counts[Self.key(text), default: 0] += count }
        return counts
    }

    /// A heard text without its version: the announcement, the phase, the time of day of its start.
    private static func key(_ text: String) -> String {
        let parts = text.split(separator: "|")
        let clock = parts.count > 2 ? parts[2].split(separator: " ").first { $0.contains(":") } ?? "" : ""
        let numbers = clock.split(separator: ":").compactMap { Int($0) } + [0]
        return "\(parts.prefix(2).joined(separator: "|"))|\(numbers.prefix(3).reduce(0) { $0 * 60 + $1 })"
    }

    private static func key(_ delivery: Delivery) -> String {
        let day: Int64 = 86_400_000
        let time = ((delivery.anchor.milliseconds % day) + day) % day / 1_000
        let occurrence = delivery.occurrence
        return "\(occurrence.announcement)|\(occurrence.phase.kind.rawValue)|\(time)"
    }

    /// Compares what was heard with what is recorded, and what is recorded with what was planned.
    func check(_ deliveries: [Delivery], _ standings: [Standing], _ status: StoreStatus) {
        let now = clock.wall
        if status.inFlight > 0 { violate("\(status.inFlight) are still on their way") }
        if status.lease.holder != nil { violate("the lease was not given back") }
        var unclaimed = counts
        var occurrences: Set<Occurrence> = []
        for delivery in deliveries {
            let key = Self.key(delivery)
            if !occurrences.insert(delivery.occurrence).inserted { violate("\(key) has two records") }
            let heard = unclaimed.removeValue(forKey: key) ?? 0
            if delivery.outcome == .published && heard != 1 {
                violate("\(key) is published and was heard \(heard) times")
            }
            if delivery.outcome != .published && heard > 0 { violate("\(key) is \(delivery.outcome) and was heard") }
        }
        for (key, count) in unclaimed where count > 0 { violate("\(key) was heard and has no record") }
        for standing in standings {
            check(standing, deliveries.filter { $0.occurrence.announcement == standing.announcement.id }, now)
        }
    }

    /// Every occurrence up to now has its record, none is passed over.
    private func check(_ standing: Standing, _ deliveries: [Delivery], _ now: Timestamp) {
        let announcement = standing.announcement
        guard let known = known[announcement.id] else { return violate("\(announcement.id) is not known") }
        for entry in standing.queued where entry.due <= now && announcement.state == .scheduled {
            violate("\(announcement.id) has something due in its queue: \(entry.occurrence.nominal), now \(now)")
        }
        if known.isOver != (announcement.state == .cancelled) { violate("\(announcement.id) is \(announcement.state)") }
        if known.hasOldPlan { return }
        let recorded = deliveries.filter { $0.occurrence.phase.kind == .start }.map(\.occurrence.nominal)
        // What was tried before the clock was set back to before its time waits for that again, and for nothing else.
        let retried = standing.queued.filter { $0.attempts > 0 && $0.due > now }.map(\.occurrence.nominal)
        if let late = retried.first(where: { $0 <= now }) { violate("\(announcement.id): \(late) waits, now \(now)") }
        let notices = NoticePlan(announcement.draft.plan, in: .utc, zones: ZoneLoader(folders: []))
        var expected = notices.first(from: known.first)
        for nominal in (recorded + retried).sorted() {
            guard let planned = expected else { return violate("\(announcement.id) has a record too many") }
            guard planned.notice.at == nominal else {
                return violate("\(announcement.id): \(planned.notice.at) has no record")
            }
            expected = notices.next(after: planned)
        }
        if announcement.state == .scheduled || announcement.state == .finished, let expected, expected.notice.at <= now
        {
            violate("\(announcement.id): \(expected.notice.at) has no record, now \(now)")
        }
    }
}

extension Driver {
    /// Reads the store when all is over, and compares.
    func check() -> (violations: [String], outcomes: [Outcome: Int]) {
        let world = self.world
        _ = world.spawn {
            let history = try await world.reaching { () async throws(AnnounceError) in
                try await world.store.history(matching: HistoryFilter(limit: 100_000))
            }
            let deliveries = history.compactMap { (entry: HistoryEntry) -> Delivery? in
                if case .delivery(let delivery, _, _) = entry { delivery } else { nil }
            }
            var standings: [Standing] = []
            for id in world.known.keys.sorted() {
                let standing = try await world.reaching { () async throws(AnnounceError) in
                    try await world.store.standing(of: .id(id))
                }
                standings.append(standing)
            }
            let status = try await world.reaching { () async throws(AnnounceError) in
                try await world.store.status(at: world.clock.wall)
            }
            world.check(deliveries, standings, status)
            world.outcomes = deliveries.reduce(into: [:]) { $0[$1.outcome, default: 0] += 1 }
            world.isChecked = true
        }
        world.settle()
        if !world.isChecked { world.violate("the check did not come to its end") }
        return (world.violations, world.outcomes)
    }
}

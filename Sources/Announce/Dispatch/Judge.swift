import Recurrence

/// Decides what becomes of due occurrences: send, skip, give up, try again, and what comes next.
///
/// It is a value without clock or store, so every decision can be tested by calling it (TIME.md "Late, missed, paused").
public struct Judge: Sendable {
    /// Up to so late, in milliseconds, an occurrence is on time.
    public static let onTime: Int64 = 5_000
    /// How late a one-shot may be, in milliseconds; the most for a recurring one.
    public static let longestGrace: Int64 = 3_600_000
    /// How late a recurring one may always be, in milliseconds.
    public static let shortestGrace: Int64 = 10_000
    /// The most occurrences that one settlement passes over; what is left waits for the next round.
    public static let longestRun = 1_000
    /// When to look again at a schedule whose zone could not be read, in milliseconds.
    static let zoneRetry: Int64 = 30_000

    private let backoff: Backoff
    private let zone: @Sendable (String) throws -> Zone

    /// Makes a judge.
    ///
    /// - Parameters:
    ///   - backoff: how long to wait before something is tried again.
    ///   - zone: finds a zone by name; it is asked only for schedules that have wall times.
    public init(backoff: Backoff = .standard, zone: @escaping @Sendable (String) throws -> Zone) {
        self.backoff = backoff
        self.zone = zone
    }

    /// What to do with a due occurrence.
    public enum Verdict: Hashable, Sendable {
        /// Send it; see ``settle(_:_:at:using:)`` for afterwards.
        case send(Approved)
        /// Send nothing, record this.
        case settle(Settlement)
    }

    /// An occurrence that is to be sent.
    public struct Approved: Hashable, Sendable {
        /// The occurrence.
        public let due: DueOccurrence
        /// Until when it may be tried.
        public let deadline: Timestamp
        /// The announcement's next occurrence, if it is not queued yet.
        public let next: Timestamp?
    }

    /// Judges a due occurrence at the wall-clock time `now`.
    public func judge(_ due: DueOccurrence, at now: Timestamp) -> Verdict {
        let entry = due.entry
        let nominal = entry.occurrence.nominal
        let schedule: Schedule?
        do {
            schedule = try due.schedule.map(resolve)
        } catch {
            let again = entry.again(at: now + Self.zoneRetry, attempts: entry.attempts, error: "\(error)")
            return .settle(Settlement(entry: entry, deliveries: [], queued: [again]))
        }
        let next = schedule?.next(after: nominal)
        let grace = Self.grace(from: nominal, to: next)
        let late = now - nominal
        if let next, let schedule, next <= now, entry.attempts > 0 || late > min(Self.onTime, grace) {
            return .settle(supersede(due, by: next, in: schedule, at: now))
        }
        let successor = entry.attempts == 0 ? next : nil
        if late > grace {
            return .settle(conclude(due, with: giveUp(entry, at: now), next: successor))
        }
        return .send(Approved(due: due, deadline: nominal + grace, next: successor))
    }

    /// What becomes of an occurrence that was sent, after Redis answered at the wall-clock time `now`.
    public func settle(
        _ approved: Approved,
        _ result: PublishResult,
        at now: Timestamp,
        using generator: inout some RandomNumberGenerator
    ) -> Settlement {
        let entry = approved.due.entry
        let attempts = entry.attempts + 1
        func ended(_ outcome: Outcome, receivers: Int? = nil, error: String? = nil) -> Settlement {
            let delivery = Delivery(
                occurrence: entry.occurrence,
                outcome: outcome,
                attempts: attempts,
                concluded: now,
                receivers: receivers,
                error: error
            )
            return conclude(approved.due, with: delivery, next: approved.next)
        }
        func again(error: String?) -> Settlement {
            let due = min(now + backoff.delay(after: entry.attempts, using: &generator), approved.deadline)
            let retry = entry.again(at: due, attempts: attempts, error: error)
            let next = approved.next.map { entry.following(at: $0) }
            return Settlement(entry: entry, deliveries: [], queued: [retry] + (next.map { [$0] } ?? []))
        }
        switch result {
        case .taken(let receivers) where receivers == 0 && !approved.due.allowUnheard:
            return now < approved.deadline ? again(error: nil) : ended(.unheard, receivers: 0)
        case .taken(let receivers):
            return ended(.published, receivers: receivers)
        case .refused(let reason):
            return now < approved.deadline ? again(error: reason) : ended(.missed, error: reason)
        case .impossible(let reason):
            return ended(.failed, error: reason)
        }
    }

    /// How late an occurrence may be: an hour, or half the way to the next one but at least ten seconds.
    static func grace(from nominal: Timestamp, to next: Timestamp?) -> Int64 {
        guard let next else { return longestGrace }
        return max(shortestGrace, min(longestGrace, (next - nominal) / 2))
    }

    private func resolve(_ stored: StoredSchedule) throws -> Schedule {
        let hasWallTime = stored.rules.contains { if case .wall = $0 { true } else { false } }
        return Schedule(rules: stored.rules, zone: hasWallTime ? try zone(stored.timezone) : .utc)
    }

    private func giveUp(_ entry: QueueEntry, at now: Timestamp) -> Delivery {
        let unheard = entry.attempts > 0 && entry.error == nil
        return Delivery(
            occurrence: entry.occurrence,
            outcome: unheard ? .unheard : .missed,
            attempts: entry.attempts,
            concluded: now,
            receivers: unheard ? 0 : nil,
            error: entry.error ?? (unheard ? nil : "its grace had run out")
        )
    }

    private func conclude(_ due: DueOccurrence, with delivery: Delivery, next: Timestamp?) -> Settlement {
        Settlement(
            entry: due.entry,
            deliveries: [delivery],
            queued: next.map { [due.entry.following(at: $0)] } ?? []
        )
    }

    /// Passes over an occurrence whose successor is due, and over further ones up to the newest that is due: of those that
    /// were missed only the latest is said (misfire policy `latest`).
    private func supersede(
        _ due: DueOccurrence,
        by successor: Timestamp,
        in schedule: Schedule,
        at now: Timestamp
    ) -> Settlement {
        let entry = due.entry
        var passed: [Delivery] = []
        var current = entry.occurrence
        var next: Timestamp? = successor
        while let following = next, following <= now, passed.count < Self.longestRun {
            let missed = now - current.nominal > Self.grace(from: current.nominal, to: following)
            passed.append(
                Delivery(
                    occurrence: current,
                    outcome: missed ? .missed : .skipped,
                    attempts: current == entry.occurrence ? entry.attempts : 0,
                    concluded: now,
                    error: missed ? "its grace had run out" : "a newer occurrence took its place"
                )
            )
            current = Occurrence(announcement: current.announcement, nominal: following, phase: current.phase)
            // The successor of an occurrence that was tried before is queued already: it is judged by itself.
            if entry.attempts > 0 { return Settlement(entry: entry, deliveries: passed, queued: []) }
            next = schedule.next(after: following)
        }
        return Settlement(entry: entry, deliveries: passed, queued: [entry.following(at: current.nominal)])
    }
}

extension QueueEntry {
    /// The same occurrence, to be tried at another time.
    func again(at due: Timestamp, attempts: Int, error: String?) -> QueueEntry {
        QueueEntry(occurrence: occurrence, due: due, priority: priority, attempts: attempts, error: error)
    }

    /// The announcement's occurrence at `nominal`, not tried yet.
    func following(at nominal: Timestamp) -> QueueEntry {
        QueueEntry(
            occurrence: Occurrence(announcement: occurrence.announcement, nominal: nominal, phase: occurrence.phase),
            priority: priority
        )
    }
}

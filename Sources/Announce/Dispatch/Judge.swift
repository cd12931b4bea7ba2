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
    private let zones: ZoneSource
    private let memo = ProspectMemo()

    /// Makes a judge.
    ///
    /// - Parameters:
    ///   - backoff: how long to wait before something is tried again.
    ///   - zones: finds a zone by name; it is asked only for plans to which the zone's rules matter.
    public init(backoff: Backoff = .standard, zones: ZoneSource) {
        self.backoff = backoff
        self.zones = zones
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
        /// Whether it is no longer true after the deadline, rather than only late.
        public let expires: Bool
        private let context: Context?

        /// The announcement's next notice, if it is not queued yet.
        public var next: PlannedNotice? { context?.next }
        /// Whether there is one.
        package var hasNext: Bool { context?.hasNext == true }
        /// The zone in which its times are told.
        public var zone: Zone { context?.zone ?? .utc }
        /// When the window is over that it is about, if it has an end.
        public var end: Timestamp? { context?.end }

        /// What most occurrences of a burst do without.
        private final class Context: Hashable, Sendable {
            let next: PlannedNotice?
            /// To look at what is next is to copy it.
            let hasNext: Bool
            let zone: Zone
            let end: Timestamp?

            init(next: PlannedNotice?, zone: Zone, end: Timestamp?) {
                (self.next, hasNext, self.zone, self.end) = (next, next != nil, zone, end)
            }

            static func == (left: Context, right: Context) -> Bool {
                left === right || left.next == right.next && left.zone == right.zone && left.end == right.end
            }

            func hash(into hasher: inout Hasher) { hasher.combine(next) }
        }

        /// Approves the only occurrence of a one-shot, whose message is sent as it is stored.
        package init(plain due: DueOccurrence, deadline: Timestamp) {
            (self.due, self.deadline, expires, context) = (due, deadline, false, nil)
        }

        init(
            due: DueOccurrence,
            deadline: Timestamp,
            expires: Bool,
            next: PlannedNotice?,
            zone: Zone,
            end: Timestamp?
        ) {
            (self.due, self.deadline, self.expires) = (due, deadline, expires)
            context = Context(next: next, zone: zone, end: end)
        }
    }

    /// Judges a due occurrence at the wall-clock time `now`.
    public func judge(_ due: DueOccurrence, at now: Timestamp) -> Verdict {
        let entry = due.entry
        if let approved = Matter.plainly(due, at: now) { return .send(approved) }
        let matter: Matter
        do {
            matter = Matter(due, in: try zone(of: due), zones: zones.loader, memo, at: now)
        } catch {
            let again = entry.again(at: now + Self.zoneRetry, attempts: entry.attempts, error: "\(error)")
            return .settle(Settlement(entry: entry, deliveries: [], queued: [again]))
        }
        if due.isRecorded { return .settle(matter.conclude(nil)) }
        if let reason = matter.failure { return .settle(fail(due, reason, at: now)) }
        if let reason = matter.reasonToPass { return .settle(matter.pass(over: reason)) }
        if matter.late > matter.grace { return .settle(matter.conclude(matter.giveUp)) }
        return .send(matter.approved)
    }

    /// An occurrence that was sent before, for ``settle(_:_:at:using:)``, however late it is by now.
    func approved(_ due: DueOccurrence, at now: Timestamp) throws -> Approved {
        Matter(due, in: try zone(of: due), zones: zones.loader, memo, at: now).approved
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
        func ended(
            _ outcome: Outcome,
            receivers: Int? = nil,
            error: String? = nil,
            _ acknowledgements: PendingAcknowledgements? = nil
        ) -> Settlement {
            let delivery = entry.ended(outcome, attempts: attempts, at: now, receivers: receivers, error: error)
            return Settlement(
                entry: entry,
                deliveries: [delivery],
                queued: approved.following.map { [$0] } ?? [],
                acknowledgements: acknowledgements
            )
        }
        func again(error: String?, atLeast minimum: Int64 = 0) -> Settlement {
            let delay = max(minimum, backoff.delay(after: entry.attempts, using: &generator))
            // Not before its time either, where the clock was set back meanwhile.
            let due = max(entry.occurrence.nominal, min(now + delay, approved.deadline))
            let retry = entry.again(at: due, attempts: attempts, error: error)
            return Settlement(entry: entry, deliveries: [], queued: [retry] + (approved.following.map { [$0] } ?? []))
        }
        switch result {
        case .taken(let receivers, _) where receivers == 0 && !approved.due.allowUnheard:
            return now < approved.deadline ? again(error: nil) : ended(.unheard, receivers: 0)
        case .taken(let receivers, let acknowledgements):
            return ended(.published, receivers: receivers, acknowledgements)
        case .refused(let reason, let needsOperator):
            let minimum = needsOperator ? DispatcherSettings.operatorBackoff : 0
            return now < approved.deadline
                ? again(error: reason, atLeast: minimum) : ended(approved.expires ? .expired : .missed, error: reason)
        case .impossible(let reason):
            return fail(approved.due, reason, at: now)
        }
    }

    /// Whether Redis' answer is that an occurrence is out, and nothing more is to be said of it than to how many servers.
    func isOut(_ approved: Approved, _ result: PublishResult) -> Bool {
        guard case .taken(let receivers, nil) = result else { return false }
        return receivers != 0 || approved.due.allowUnheard
    }

    /// What becomes of an occurrence whose announcement can never go out: nothing follows it.
    public func fail(_ due: DueOccurrence, _ reason: String, at now: Timestamp) -> Settlement {
        let delivery = due.entry.ended(.failed, attempts: due.entry.attempts, at: now, error: reason)
        return Settlement(entry: due.entry, deliveries: [delivery], queued: [], failure: reason)
    }

    /// How late an occurrence may be: an hour, or half the way to the next one but at least ten seconds.
    static func grace(from nominal: Timestamp, to next: Timestamp?) -> Int64 {
        guard let next else { return longestGrace }
        return max(shortestGrace, min(longestGrace, (next - nominal) / 2))
    }

    private func zone(of due: DueOccurrence) throws -> Zone {
        guard let plan = due.sharedPlan, plan.needsZone || due.rendering != nil else { return .utc }
        return try zones.zone(plan.plan.timezone)
    }
}

extension Judge.Approved {
    /// The announcement's next notice as it is queued, if it is not yet.
    package var following: QueueEntry? { next.map { due.entry.following($0) } }
}

extension QueueEntry {
    /// The same occurrence, to be tried at another time or with another priority.
    func again(at due: Timestamp, attempts: Int, error: String?, priority: Int? = nil) -> QueueEntry {
        QueueEntry(
            announcement: occurrence.announcement,
            planned: planned,
            due: due,
            priority: priority ?? self.priority,
            attempts: attempts,
            error: error
        )
    }

    /// The announcement's next notice, not tried yet.
    func following(_ next: PlannedNotice) -> QueueEntry {
        QueueEntry(announcement: occurrence.announcement, planned: next, priority: priority)
    }

    /// The record of its end.
    func ended(
        _ outcome: Outcome,
        attempts: Int,
        at now: Timestamp,
        receivers: Int? = nil,
        error: String? = nil
    ) -> Delivery {
        Delivery(
            occurrence: occurrence,
            anchor: planned.notice.anchor.at,
            outcome: outcome,
            attempts: attempts,
            concluded: now,
            receivers: receivers,
            error: error
        )
    }
}

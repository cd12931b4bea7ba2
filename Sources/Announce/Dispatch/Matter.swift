import Recurrence

/// A due occurrence with everything that a decision about it needs.
struct Matter {
    /// Why an occurrence is passed over.
    struct Reason {
        let outcome: Outcome
        let words: String
        /// Whether those that follow it and are due are passed over with it; if not, only it is.
        let isRun: Bool
    }

    private let due: DueOccurrence
    private let now: Timestamp
    private let zone: Zone
    /// What its plan says of it.
    private let prospect: Prospect?
    /// How late it is, and how late it may be, in milliseconds.
    let late: Int64
    let grace: Int64

    private var entry: QueueEntry { due.entry }
    private var notice: Notice { entry.planned.notice }

    init(_ due: DueOccurrence, in zone: Zone, zones: ZoneLoader, _ memo: ProspectMemo, at now: Timestamp) {
        self.due = due
        self.now = now
        self.zone = zone
        prospect = due.sharedPlan.map { plan in
            memo.prospect(of: plan, at: due.entry.planned, in: zone, zones: zones, now: now)
        }
        late = now - due.entry.occurrence.nominal
        let notices = due.entry.occurrence.phase.kind.isChange ? nil : prospect?.notices
        grace =
            due.policy.grace
            ?? Self.usualGrace(due.entry.planned, notices: notices, plan: due.plan, next: prospect?.next)
    }

    /// The notices of its plan; nil where none follow.
    private var notices: NoticePlan? { entry.occurrence.phase.kind.isChange ? nil : prospect?.notices }
    private var end: Timestamp? { prospect?.end }
    /// The notice that follows by the plan.
    private var next: PlannedNotice? { prospect?.next }

    /// The only occurrence of a one-shot, on time or nearly, about which there is nothing to decide; nil where there may be.
    ///
    /// It says what the general way would say, for what a burst mostly consists of.
    static func plainly(_ due: DueOccurrence, at now: Timestamp) -> Judge.Approved? {
        guard due.sharedPlan == nil, due.policy.expiry == nil, !due.isPaused, !due.isRecorded,
            due.entry.occurrence.phase == .start
        else { return nil }
        let late = now - due.entry.occurrence.nominal
        let grace = due.policy.grace ?? Judge.longestGrace
        guard late <= min(grace, Judge.onTime) else { return nil }
        return Judge.Approved(plain: due, deadline: due.entry.occurrence.nominal + grace)
    }

    private static func usualGrace(
        _ planned: PlannedNotice,
        notices: NoticePlan?,
        plan: Plan?,
        next: PlannedNotice?
    ) -> Int64 {
        guard let plan, let notices else { return Judge.longestGrace }
        let anchor = planned.notice.anchor
        let following = plan.isWindow ? notices.schedule.next(after: anchor)?.at : next?.notice.at
        return Judge.grace(from: anchor.at, to: following)
    }

    /// The deadline, and whether it is that of truth rather than of patience.
    private var deadline: (at: Timestamp, expires: Bool) {
        let patience = entry.occurrence.nominal + grace
        guard let expiry, expiry < patience else { return (patience, false) }
        return (expiry, true)
    }

    /// When it is no longer true.
    private var expiry: Timestamp? {
        switch due.policy.expiry {
        case nil: nil
        case .at(let bound): bound.instant(in: zone, isEnd: true)
        case .after(let span): span.added(to: entry.occurrence.nominal, in: zone)
        }
    }

    // MARK: Decisions

    /// Why the whole announcement cannot go on.
    var failure: String? {
        guard prospect?.isBurst == true else { return nil }
        return "it would go out more than three times within one second; change its schedule"
    }

    /// Why the occurrence is not sent, if it is not.
    var reasonToPass: Reason? {
        let isTried = entry.attempts > 0
        // That it was called off is told all the same.
        if due.isPaused && notice.phase.kind != .cancelled {
            return Reason(outcome: .skipped, words: "the announcement is paused", isRun: true)
        }
        if let expiry, now > expiry { return Reason(outcome: .expired, words: "it is no longer true", isRun: false) }
        let last = untruth.map { Reason(outcome: .expired, words: $0, isRun: false) } ?? reasonToSkip
        guard let next else { return last }
        let isNextDue = next.notice.at <= now
        if isNextDue && notice.phase.kind == .lead && next.notice.anchor == notice.anchor {
            let isRun = due.policy.misfire == .latest
            return Reason(outcome: .skipped, words: "a more urgent notice took its place", isRun: isRun)
        }
        if case .latest = due.policy.misfire, isNextDue, isTried || late > tolerance {
            return Reason(outcome: .skipped, words: "a newer occurrence took its place", isRun: true)
        }
        return last
    }

    /// Why what a notice says of its window is not so any more: a start or an extension after the end, a move after the start.
    private var untruth: String? {
        switch notice.phase.kind {
        case .start, .extended:
            guard due.plan?.isWindow == true, let end, now >= end, end > notice.anchor.at else { return nil }
            return "its window was over"
        case .moved:
            return now >= notice.anchor.at ? "its window had begun" : nil
        case .lead, .end, .cancelled, .manual:
            return nil
        }
    }

    /// How late it may be without counting as missed.
    private var tolerance: Int64 { min(Judge.onTime, grace) }

    private var reasonToSkip: Reason? {
        if entry.attempts > 0 || late <= tolerance { return nil }
        switch due.policy.misfire {
        case .latest, .all(limit: nil): return nil
        case .skip: return Reason(outcome: .skipped, words: "it was missed, and its policy is to skip", isRun: false)
        case .all(limit: .some(let limit)):
            var following = next
            for _ in 0..<limit {
                guard let found = following, found.notice.at <= now else { return nil }
                following = notices?.next(after: found)
            }
            return Reason(outcome: .skipped, words: "more than \(limit) were missed", isRun: false)
        }
    }

    /// How an occurrence ends that was tried, or could not be, until its grace ran out.
    var giveUp: Delivery {
        let unheard = entry.attempts > 0 && entry.error == nil
        return entry.ended(
            unheard ? .unheard : .missed,
            attempts: entry.attempts,
            at: now,
            receivers: unheard ? 0 : nil,
            error: entry.error ?? (unheard ? nil : Self.graceIsOver)
        )
    }

    private static let graceIsOver = "its grace had run out"

    var approved: Judge.Approved {
        let deadline = deadline
        return Judge.Approved(
            due: due,
            deadline: deadline.at,
            expires: deadline.expires,
            next: successor,
            zone: zone,
            end: end
        )
    }

    /// Ends it with a record, where it has none yet; what follows is queued.
    func conclude(_ delivery: Delivery?) -> Settlement {
        Settlement(
            entry: entry,
            deliveries: delivery.map { [$0] } ?? [],
            queued: successor.map { [entry.following($0)] } ?? []
        )
    }

    /// What is to be queued after it: the successor of one that was tried before is queued already.
    private var successor: PlannedNotice? { entry.attempts > 0 ? nil : stillTrue(next) }

    private func stillTrue(_ planned: PlannedNotice?) -> PlannedNotice? {
        guard let planned, case .at(let bound)? = due.policy.expiry else { return planned }
        return planned.notice.at <= bound.instant(in: zone, isEnd: true) ? planned : nil
    }

    /// Passes over it, and in a run over those that follow it up to the newest that is due.
    ///
    /// In a run each that came later than its grace is missed. The newest that is due is left to be judged by itself,
    /// but when the announcement is paused.
    func pass(over reason: Reason) -> Settlement {
        guard reason.isRun, entry.attempts == 0 else {
            return conclude(entry.ended(reason.outcome, attempts: entry.attempts, at: now, error: reason.words))
        }
        var passed: [Delivery] = []
        var current = entry
        var following = next
        while passed.count < Judge.longestRun {
            let isLast = following.map { $0.notice.at > now } ?? true
            if isLast && !due.isPaused { break }
            passed.append(passing(current, before: following, because: reason))
            guard let planned = stillTrue(following) else {
                return Settlement(entry: entry, deliveries: passed, queued: [])
            }
            current = entry.following(planned)
            if isLast { break }
            following = notices?.next(after: planned)
        }
        return Settlement(entry: entry, deliveries: passed, queued: [current])
    }

    private func passing(_ current: QueueEntry, before following: PlannedNotice?, because reason: Reason) -> Delivery {
        let planned = current.planned
        let grace =
            due.policy.grace ?? Self.usualGrace(planned, notices: notices, plan: due.plan, next: following)
        let isMissed = !due.isPaused && planned.notice.phase.kind != .lead && now - planned.notice.at > grace
        return current.ended(
            isMissed ? .missed : reason.outcome,
            attempts: current.attempts,
            at: now,
            error: isMissed ? Self.graceIsOver : reason.words
        )
    }
}

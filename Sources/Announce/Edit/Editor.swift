import Recurrence

/// Decides what a person's change makes of an announcement; what has happened is not changed.
///
/// It is a value: the store asks it inside the transaction that applies the answer.
public struct Editor: Sendable {
    /// The time of the change.
    public let now: Timestamp
    private let notices: @Sendable (Plan) throws(AnnounceError) -> NoticePlan

    /// Makes an editor.
    ///
    /// - Parameters:
    ///   - now: the time of the change.
    ///   - notices: finds the notices of a plan by the present rules of its zone.
    public init(now: Timestamp, notices: @escaping @Sendable (Plan) throws(AnnounceError) -> NoticePlan) {
        self.now = now
        self.notices = notices
    }

    /// Makes an editor.
    ///
    /// - Parameters:
    ///   - now: the time of the change.
    ///   - zones: the zones by whose present rules plans are read; one that cannot be read makes a change fail with
    ///     ``AnnounceError/Code/invalidValue``.
    public init(now: Timestamp, zones: ZoneSource) {
        self.init(now: now) { (plan) throws(AnnounceError) -> NoticePlan in
            do {
                return NoticePlan(plan, in: try zones.zone(plan.timezone), zones: zones.loader)
            } catch {
                throw AnnounceError(.invalidValue, "\(error)")
            }
        }
    }

    // MARK: Changes

    /// Calls it off; if a notice of its present window went out, a last one tells so.
    ///
    /// - Throws: ``AnnounceError/Code/conflict`` when it is over.
    public func cancel(_ standing: Standing, reason: String?) throws(AnnounceError) -> Revision? {
        if standing.announcement.state == .cancelled { return nil }
        try refuse(standing, unless: [.scheduled, .paused], to: "cancel")
        var revision = Revision(action: "cancelled", state: .cancelled, reason: reason)
        revision.removed = standing.queued
        revision.outcome = .cancelled
        let plan = try notices(of: standing.announcement.draft)
        if let window = presentWindow(standing, plan), wasAnnounced(window, standing) {
            revision.added = [notice(.cancelled, of: window, standing)]
        }
        return revision
    }

    /// Lets it say nothing until it is resumed; what falls due meanwhile is skipped.
    ///
    /// - Throws: ``AnnounceError/Code/conflict`` when it is over.
    public func pause(_ standing: Standing, reason: String?) throws(AnnounceError) -> Revision? {
        if standing.announcement.state == .paused && standing.announcement.resumesAt == nil { return nil }
        try refuse(standing, unless: [.scheduled, .paused], to: "pause")
        return Revision(action: "paused", state: .paused, reason: reason)
    }

    /// Lets it speak again, from now on: what fell due meanwhile and was not recorded yet is skipped.
    ///
    /// - Throws: ``AnnounceError/Code/conflict`` when it is not paused.
    public func resume(_ standing: Standing, reason: String?) throws(AnnounceError) -> Revision? {
        if standing.announcement.state == .scheduled { return nil }
        try refuse(standing, unless: [.paused], to: "resume")
        var revision = Revision(action: "resumed", state: .scheduled, reason: reason)
        for entry in standing.queued where entry.occurrence.nominal <= now {
            end(entry, "the announcement was paused", &revision)
            if entry.isChange || entry.attempts > 0 { continue }
            let plan = try notices(of: standing.announcement.draft)
            let (passed, next) = plan.passed(from: entry.planned, upTo: now)
            revision.ended += passed.map {
                entry.following($0).ended(.skipped, attempts: 0, at: now, error: "the announcement was paused")
            }
            if let next { revision.added.append(entry.following(next)) }
        }
        return revision
    }

    /// Puts another draft in its place.
    ///
    /// What is due already still goes out, by its old time and with the new message, but for the only occurrence of a
    /// one-shot, which is moved. If a notice of a window went out that now is at another time, is dropped, or lasts longer, a
    /// notice tells so.
    /// - Throws: ``AnnounceError/Code/conflict`` when it is over, ``AnnounceError/Code/invalidValue`` for a draft that cannot be
    ///   or would never go out.
    public func edit(_ standing: Standing, to draft: AnnouncementDraft) throws(AnnounceError) -> Revision? {
        let old = standing.announcement.draft
        if draft == old { return nil }
        try refuse(standing, unless: [.scheduled, .paused], to: "edit")
        try draft.validate()
        guard draft.plan != old.plan else {
            var revision = Revision(action: "edited", draft: draft)
            revision.source = draft.policy == old.policy ? .drifted : .dropped
            if draft.priority != old.priority {
                revision.removed = standing.queued
                revision.added = standing.queued.map {
                    $0.again(at: $0.due, attempts: $0.attempts, error: $0.error, priority: draft.priority)
                }
            }
            return revision
        }
        let before = try notices(of: old)
        var draft = draft
        draft.plan.ends = try ends(of: old.plan, before, in: draft.plan, standing)
        let after = try notices(of: draft)
        guard var first = firstUnsaid(after, standing) else {
            throw AnnounceError(
                .invalidValue,
                "With this change it would never go out again. \(after.givenUp(after: now) ?? "Give a time to come.")"
            )
        }
        try after.validate(from: first)
        var revision = Revision(action: "edited", draft: draft)
        revision.source = .dropped
        revision.removed = standing.queued.filter { isToCome($0) }
        if !old.plan.isRecurring {
            for entry in standing.queued where !isToCome(entry) {
                end(entry, "its time was changed before it went out", &revision)
            }
        }
        let told = presentWindow(standing, before).flatMap { isAnnounced($0, standing) ? $0 : nil }
        if told == nil, let lead = lead(before, after, standing) { first = lead }
        revision.added = [
            QueueEntry(
                announcement: standing.announcement.id,
                planned: first,
                due: max(first.notice.at, now),
                priority: draft.priority
            )
        ]
        if let told, let (kind, window) = change(of: told, before, after) { tell(kind, window, standing, &revision) }
        return revision
    }

    /// Lets its present window, or else the next one, last longer.
    ///
    /// - Parameters:
    ///   - standing: the announcement.
    ///   - end: the new end, from the old one.
    /// - Returns: what becomes of it.
    /// - Throws: ``AnnounceError/Code/conflict`` when it has no such window.
    public func extend(
        _ standing: Standing,
        to end: (Timestamp, Zone) throws(AnnounceError) -> Timestamp
    ) throws(AnnounceError) -> Revision? {
        try refuse(standing, unless: [.scheduled, .paused], to: "extend")
        let plan = try notices(of: standing.announcement.draft)
        guard let window = presentWindow(standing, plan), let old = plan.end(of: window) else {
            throw AnnounceError(
                .conflict,
                "Announcement \(standing.announcement.id) has no window to extend. Give it a length: announce edit --for."
            )
        }
        let new = try end(old, plan.schedule.zone)
        guard new > old else {
            throw AnnounceError(
                .invalidValue,
                "\(describe(new, in: plan.schedule.zone)) is not later than the present end, "
                    + "\(describe(old, in: plan.schedule.zone)). Give a later one, or `announce finish` it."
            )
        }
        var revision = try ending(window, at: new, standing, action: "extended")
        if isAnnounced(window, standing) { tell(.extended, window, standing, &revision) }
        return revision
    }

    /// Ends its present window now, and tells so.
    ///
    /// - Throws: ``AnnounceError/Code/conflict`` when none has begun, or when it is paused and could not tell.
    public func finish(_ standing: Standing) throws(AnnounceError) -> Revision? {
        if standing.announcement.state == .paused {
            throw AnnounceError(
                .conflict,
                "Announcement \(standing.announcement.id) is paused and could not tell that it is over. "
                    + "Resume it first, or cancel it."
            )
        }
        try refuse(standing, unless: [.scheduled], to: "finish")
        let plan = try notices(of: standing.announcement.draft)
        guard let window = presentWindow(standing, plan), window.at <= now, plan.end(of: window) != nil else {
            throw AnnounceError(
                .conflict,
                "No window of announcement \(standing.announcement.id) has begun. Cancel it, or wait until it has."
            )
        }
        return try ending(window, at: now, standing, action: "finished")
    }

    /// Follows new rules of its zone with a window of which a notice went out: a notice tells that it moved, and one that has
    /// begun keeps its end.
    ///
    /// - Returns: nil when nobody has heard of the window yet, so that nobody has to be told.
    /// - Throws: ``AnnounceError/Code/invalidValue`` for a plan that cannot be read.
    public func follow(_ standing: Standing) throws(AnnounceError) -> Revision? {
        guard let entry = standing.queued.first(where: { isToCome($0) }) else { return nil }
        let window = entry.planned.notice.anchor
        guard isAnnounced(window, standing) else { return nil }
        var draft = standing.announcement.draft
        let hasBegun = window.at <= now
        if hasBegun, entry.occurrence.phase.kind == .end { draft.plan.ends[window.ordinal] = entry.occurrence.nominal }
        guard let moved = try notices(of: draft).replanned(entry.planned) else { return nil }
        var revision = Revision(action: "moved", draft: draft)
        revision.removed = [entry]
        revision.added = [entry.following(moved)]
        if !hasBegun, moved.notice.anchor.at != window.at { tell(.moved, moved.notice.anchor, standing, &revision) }
        return revision
    }

    // MARK: Parts

    /// The first notice of a plan from now on, less what was said before the clock was set back.
    private func firstUnsaid(_ plan: NoticePlan, _ standing: Standing) -> PlannedNotice? {
        var first = plan.first(after: now)
        while let found = first {
            let occurrence = Occurrence(
                announcement: standing.announcement.id,
                nominal: found.notice.at,
                phase: found.notice.phase
            )
            guard standing.recordedAhead.contains(occurrence) else { break }
            first = plan.next(after: found)
        }
        return first
    }

    func refuse(
        _ standing: Standing,
        unless states: [Announcement.State],
        to verb: String
    ) throws(AnnounceError) {
        let announcement = standing.announcement
        if states.contains(announcement.state) { return }
        let remedy =
            announcement.state == .scheduled || announcement.state == .paused
            ? "See `announce show \(announcement.id)`." : "There is nothing left to \(verb)."
        throw AnnounceError(.conflict, "Announcement \(announcement.id) is \(announcement.state). \(remedy)")
    }

    func notices(of draft: AnnouncementDraft) throws(AnnounceError) -> NoticePlan {
        try notices(draft.plan)
    }

    /// The window that lasts, or of which notices are going out, or else the next one.
    func presentWindow(_ standing: Standing, _ plan: NoticePlan) -> Schedule.Position? {
        guard standing.announcement.draft.plan.isWindow, let entry = standing.queued.first(where: { !$0.isChange })
        else {
            return nil
        }
        var position = plan.schedule.next(after: entry.planned.handled)
        while let found = position, (plan.end(of: found) ?? found.at) < now {
            position = plan.schedule.next(after: found)
        }
        return position
    }

    /// Whether a notice of a window went out, and people can be told what became of it.
    private func isAnnounced(_ window: Schedule.Position, _ standing: Standing) -> Bool {
        standing.announcement.state != .paused && wasAnnounced(window, standing)
    }

    /// Whether a notice of a window went out, or is queued that tells what became of an announced one.
    private func wasAnnounced(_ window: Schedule.Position, _ standing: Standing) -> Bool {
        standing.announced.contains(window.at)
            || standing.queued.contains { $0.isChange && $0.planned.notice.anchor.at == window.at }
    }

    /// Queues a notice of a change; one of an earlier change that is still queued is not true any more.
    private func tell(
        _ kind: NoticeKind,
        _ window: Schedule.Position,
        _ standing: Standing,
        _ revision: inout Revision
    ) {
        for entry in standing.queued where entry.isChange { end(entry, "a newer change took its place", &revision) }
        revision.added.append(notice(kind, of: window, standing))
    }

    /// Takes an occurrence out of the queue, with a record that says why.
    private func end(_ entry: QueueEntry, _ why: String, _ revision: inout Revision) {
        revision.removed.append(entry)
        revision.ended.append(entry.ended(.skipped, attempts: entry.attempts, at: now, error: why))
    }

    private func isToCome(_ entry: QueueEntry) -> Bool {
        !entry.isChange && entry.attempts == 0 && entry.occurrence.nominal > now
    }

    private func notice(_ kind: NoticeKind, of window: Schedule.Position, _ standing: Standing) -> QueueEntry {
        let phase = Phase.change(kind, revision: standing.announcement.revision + 1)
        let notice = Notice(at: now, phase: phase, anchor: window)
        let wall = CivilDateTime(localMilliseconds: now.milliseconds)
        return QueueEntry(
            announcement: standing.announcement.id,
            planned: PlannedNotice(notice: notice, handled: window, wall: wall),
            priority: standing.announcement.draft.priority
        )
    }

    /// What a changed plan means for a window of which a notice went out.
    private func change(
        of window: Schedule.Position,
        _ before: NoticePlan,
        _ after: NoticePlan
    ) -> (NoticeKind, Schedule.Position)? {
        let same = after.schedule.next(after: Schedule.Position(at: window.at - 1, ordinal: 0))
        if let same = after.position(at: window.at, after: now) ?? same, same.at == window.at {
            guard let old = before.end(of: window), let new = after.end(of: same), new > old else { return nil }
            return (.extended, same)
        }
        guard let next = after.position(following: now) else { return (.cancelled, window) }
        // What was planned for then anyhow has not moved there: the window is dropped.
        let wasPlanned = before.schedule.next(after: Schedule.Position(at: next.at - 1, ordinal: 0))?.at == next.at
        return wasPlanned ? (.cancelled, window) : (.moved, next)
    }

    /// The lead that is due at once because a change has brought a window nearer than its leads, or has given it leads.
    private func lead(_ before: NoticePlan, _ after: NoticePlan, _ standing: Standing) -> PlannedNotice? {
        guard let first = after.first(from: now), first.notice.phase.kind == .lead, first.notice.at <= now else {
            return nil
        }
        let anchor = first.notice.anchor
        if wasAnnounced(anchor, standing) || before.hasNotice(like: first.notice) { return nil }
        return first
    }

    /// The ends that single windows were given, by the numbers that the windows have in a changed plan.
    ///
    /// A window that is not in it any more loses its end, and so do all where the length was changed.
    private func ends(
        of old: Plan,
        _ before: NoticePlan,
        in new: Plan,
        _ standing: Standing
    ) throws(AnnounceError) -> [Int: Timestamp] {
        guard !old.ends.isEmpty, new.length == old.length,
            let entry = standing.queued.first(where: { !$0.isChange })
        else { return [:] }
        let last = old.ends.keys.max() ?? 0
        var after = new
        after.ends = [:]
        let changed = try notices(after)
        var ends: [Int: Timestamp] = [:]
        var position = before.schedule.next(after: entry.planned.handled)
        while let window = position, window.ordinal <= last {
            if let end = old.ends[window.ordinal], let same = changed.position(at: window.at, after: now, hasEnds: true)
            {
                ends[same.ordinal] = end
            }
            position = before.schedule.next(after: window)
        }
        return ends
    }

    /// Ends one window at another time; the others keep their length.
    private func ending(
        _ window: Schedule.Position,
        at end: Timestamp,
        _ standing: Standing,
        action: String
    ) throws(AnnounceError) -> Revision {
        var draft = standing.announcement.draft
        draft.plan.ends[window.ordinal] = end
        var revision = Revision(action: action, draft: draft)
        guard let entry = standing.queued.first(where: { isToCome($0) }) else { return revision }
        revision.removed = [entry]
        let plan = try notices(of: draft)
        let next = plan.first(notBefore: min(now, end), from: entry.planned)
        revision.added =
            next.map { [QueueEntry(announcement: standing.announcement.id, planned: $0, priority: draft.priority)] }
            ?? []
        return revision
    }
}

extension QueueEntry {
    /// Whether a person has caused it.
    var isChange: Bool { occurrence.phase.kind.isChange }
}

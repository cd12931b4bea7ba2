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
        if let window = presentWindow(standing, plan), isAnnounced(window, standing) {
            revision.added = [notice(.cancelled, of: window, standing)]
        }
        return revision
    }

    /// Lets it say nothing until it is resumed; what falls due meanwhile is skipped.
    ///
    /// - Throws: ``AnnounceError/Code/conflict`` when it is over.
    public func pause(_ standing: Standing, reason: String?) throws(AnnounceError) -> Revision? {
        if standing.announcement.state == .paused { return nil }
        try refuse(standing, unless: [.scheduled], to: "pause")
        return Revision(action: "paused", state: .paused, reason: reason)
    }

    /// Lets it speak again, from now on.
    ///
    /// - Throws: ``AnnounceError/Code/conflict`` when it is not paused.
    public func resume(_ standing: Standing, reason: String?) throws(AnnounceError) -> Revision? {
        if standing.announcement.state == .scheduled { return nil }
        try refuse(standing, unless: [.paused], to: "resume")
        return Revision(action: "resumed", state: .scheduled, reason: reason)
    }

    /// Puts another draft in its place.
    ///
    /// What is due already still goes out, by its old time and with the new message. If a notice of a window went out that
    /// now is at another time, or lasts longer, a notice tells so.
    /// - Throws: ``AnnounceError/Code/conflict`` when it is over, ``AnnounceError/Code/invalidValue`` for a draft that cannot be
    ///   or would never go out.
    public func edit(_ standing: Standing, to draft: AnnouncementDraft) throws(AnnounceError) -> Revision? {
        let old = standing.announcement.draft
        if draft == old { return nil }
        try refuse(standing, unless: [.scheduled, .paused], to: "edit")
        try draft.validate()
        var revision = Revision(action: "edited", draft: draft)
        let rest = standing.queued.filter { isToCome($0) }
        guard draft.plan != old.plan else {
            if draft.priority != old.priority {
                revision.removed = standing.queued
                revision.added = standing.queued.map { $0.with(priority: draft.priority) }
            }
            return revision
        }
        let (before, after) = (try notices(of: old), try notices(of: draft))
        guard let first = after.first(after: now) else {
            throw AnnounceError(
                .invalidValue,
                "With this change it would never go out again. \(after.givenUp(after: now) ?? "Give a time to come.")"
            )
        }
        try after.validate(from: first)
        revision.removed = rest
        revision.added = [QueueEntry(announcement: standing.announcement.id, planned: first, priority: draft.priority)]
        if let window = presentWindow(standing, before), isAnnounced(window, standing) {
            if let change = change(of: window, before, after) {
                revision.added.append(notice(change.0, of: change.1, standing))
            }
        }
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
        if isAnnounced(window, standing) { revision.added.append(notice(.extended, of: window, standing)) }
        return revision
    }

    /// Ends its present window now.
    ///
    /// - Throws: ``AnnounceError/Code/conflict`` when none has begun.
    public func finish(_ standing: Standing) throws(AnnounceError) -> Revision? {
        try refuse(standing, unless: [.scheduled, .paused], to: "finish")
        let plan = try notices(of: standing.announcement.draft)
        guard let window = presentWindow(standing, plan), window.at <= now, plan.end(of: window) != nil else {
            throw AnnounceError(
                .conflict,
                "No window of announcement \(standing.announcement.id) has begun. Cancel it, or wait until it has."
            )
        }
        return try ending(window, at: now, standing, action: "finished")
    }

    // MARK: Parts

    private func refuse(
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

    private func notices(of draft: AnnouncementDraft) throws(AnnounceError) -> NoticePlan {
        try notices(draft.plan)
    }

    /// The window that lasts, or of which notices are going out, or else the next one.
    private func presentWindow(_ standing: Standing, _ plan: NoticePlan) -> Schedule.Position? {
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

    private func isAnnounced(_ window: Schedule.Position, _ standing: Standing) -> Bool {
        standing.announced.contains(window.at)
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
        guard let same = after.schedule.next(after: Schedule.Position(at: window.at - 1, ordinal: 0)) else {
            return nil
        }
        if same.at == window.at {
            guard let old = before.end(of: window), let new = after.end(of: same), new > old else { return nil }
            return (.extended, same)
        }
        let next = after.schedule.next(after: Schedule.Position(at: now, ordinal: 0))
        return next.map { (.moved, $0) }
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

    /// The same with another priority.
    func with(priority: Int) -> QueueEntry {
        QueueEntry(
            announcement: occurrence.announcement,
            planned: planned,
            due: due,
            priority: priority,
            attempts: attempts,
            error: error
        )
    }
}

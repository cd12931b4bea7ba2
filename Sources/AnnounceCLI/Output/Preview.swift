import Announce
import Payload
import Recurrence

/// A notice as it would go out.
struct PreviewedNotice {
    let notice: Notice
    /// When it goes out: at once for a lead that should have gone out already.
    let at: Timestamp
    let mark: OccurrenceMark?
    let data: EventData
}

/// What is to come of an announcement, with its messages.
struct Preview {
    private let draft: AnnouncementDraft
    private let notices: NoticePlan
    private let id: Announcement.ID
    private let revision: Int
    private let now: Timestamp

    init(_ draft: AnnouncementDraft, _ notices: NoticePlan, id: Announcement.ID, revision: Int, now: Timestamp) {
        self.draft = draft
        self.notices = notices
        self.id = id
        self.revision = revision
        self.now = now
    }

    /// Whether the dispatcher would still send a notice that should have gone out already.
    private func isStillSent(_ planned: PlannedNotice) -> Bool {
        let due = DueOccurrence(
            entry: QueueEntry(announcement: id, planned: planned, priority: draft.priority),
            data: draft.data,
            target: draft.target,
            allowUnheard: draft.allowUnheard,
            policy: draft.policy,
            plan: draft.plan
        )
        let zone = notices.schedule.zone
        if case .send = Judge(zones: ZoneSource { _ in zone }).judge(due, at: now) { return true }
        return false
    }

    /// When something goes out first: at once for a lead that should have gone out already and is still sent.
    func moment(of first: PlannedNotice) -> Timestamp {
        var planned = first
        while planned.notice.at < now, !isStillSent(planned), let next = notices.next(after: planned) { planned = next }
        return max(planned.notice.at, now)
    }

    /// The notices from one on; of leads that should have gone out already only the most urgent.
    func notices(from first: PlannedNotice?, limit: Int, after instant: Timestamp? = nil) throws -> [PreviewedNotice] {
        let renderer = try MessageRenderer(draft.data, draft.style)
        var found: [PreviewedNotice] = []
        var previous = instant
        var planned = first
        let expiry = draft.policy.expiry.flatMap { expiry in
            if case .at(let bound) = expiry { bound.instant(in: notices.schedule.zone, isEnd: true) } else { nil }
        }
        while found.count < limit, let current = planned {
            let next = notices.next(after: current)
            planned = next
            let notice = current.notice
            if notice.at < now, !isStillSent(current) { continue }
            let at = max(notice.at, now)
            if let expiry, at > expiry { break }
            let isAnchor = notice.phase == .start
            let mark = isAnchor ? notices.schedule.mark(of: notice.at, after: previous) : nil
            if isAnchor { previous = notice.at }
            let context = NoticeContext(
                id: id,
                revision: revision,
                name: draft.name,
                phase: notice.phase,
                anchor: notice.anchor.at,
                end: notices.end(of: notice.anchor),
                nominal: notice.at,
                now: at,
                ordinal: notice.anchor.ordinal,
                zone: notices.schedule.zone
            )
            let data = renderer.isConstant ? draft.data : try renderer.render(in: context)
            found.append(PreviewedNotice(notice: notice, at: at, mark: mark, data: data))
        }
        return found
    }
}

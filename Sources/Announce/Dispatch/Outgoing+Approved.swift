import Payload
import Recurrence

extension Outgoing {
    /// The message of an occurrence as it is stored.
    init(_ due: DueOccurrence, data: EventData) {
        self.init(target: due.target, data: data, acknowledgeWithin: due.acknowledgeWithin)
    }

    /// The message of an approved occurrence, rendered at the time `now` where it is not sent as it is stored.
    init(_ approved: Judge.Approved, at now: Timestamp) throws(AnnounceError) {
        let due = approved.due
        guard let rendering = due.rendering else {
            self.init(due, data: due.data)
            return
        }
        let notice = due.entry.planned.notice
        let context = NoticeContext(
            id: due.entry.occurrence.announcement,
            revision: due.revision,
            name: rendering.name,
            phase: notice.phase,
            anchor: notice.anchor.at,
            end: approved.end,
            nominal: notice.at,
            now: now,
            ordinal: notice.anchor.ordinal,
            zone: approved.zone
        )
        self.init(due, data: try MessageRenderer(due.data, rendering.style).render(in: context))
    }
}

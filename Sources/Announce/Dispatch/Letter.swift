import Payload
import Recurrence

/// An approved occurrence with its message as it goes out.
struct Letter: Sendable {
    let approved: Judge.Approved
    let outgoing: Outgoing

    /// Renders the message at the time `now`, where it is not sent as it is stored.
    init(_ approved: Judge.Approved, at now: Timestamp) throws(AnnounceError) {
        self.approved = approved
        let due = approved.due
        var data = due.data
        if let rendering = due.rendering {
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
            data = try MessageRenderer(due.data, rendering.style).render(in: context)
        }
        outgoing = Outgoing(due, data: data)
    }
}

extension Outgoing {
    init(_ due: DueOccurrence, data: EventData) {
        self.init(target: due.target, data: data, acknowledgeWithin: due.acknowledgeWithin)
    }
}

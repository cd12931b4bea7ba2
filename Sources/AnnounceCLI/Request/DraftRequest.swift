import Announce
import Payload
import Recurrence

/// A new announcement as it was asked for, by a command or in a document; times are understood when it becomes a draft.
struct DraftRequest {
    var form = MessageStyle.Form.arguments
    /// The event; nil for the usual one of the form.
    var event: String?
    var arguments: [PayloadValue] = []
    /// Whether the first argument is the text for people.
    var hasText = false
    var target: Target
    var times: ScheduleRequest
    var policy = PolicyRequest()
    var isTemplate: Bool?
    var texts: [NoticeKind: String] = [:]
    var name: String?
    var priority: Int?
    var allowUnheard: Bool?
    var acknowledgeWithin: Duration?
    var labels: [String: String] = [:]

    /// The draft, understood at the time `now` in a zone.
    ///
    /// - Throws: what reading times throws, and `AnnounceError` for what no store may hold.
    func draft(now: Timestamp, in zone: Zone, zones: ZoneLoader) throws -> AnnouncementDraft {
        let plan = try times.plan(now: now, in: zone, zones: zones)
        var policy = Policy()
        try self.policy.change(&policy, now: now, in: zone)
        var style = MessageStyle(form: form, hasText: hasText, isWindow: plan.isWindow, texts: texts)
        if let isTemplate { style.isTemplate = isTemplate }
        let usualEvent = form == .maintenance ? "maintenance" : "announcement"
        let draft = AnnouncementDraft(
            name: name,
            data: EventData(event: event ?? usualEvent, arguments: arguments),
            style: style,
            target: target,
            plan: plan,
            policy: policy,
            priority: priority ?? AnnouncementDraft.defaultPriority,
            allowUnheard: allowUnheard ?? false,
            acknowledgeWithin: acknowledgeWithin?.milliseconds,
            labels: labels
        )
        try draft.validate()
        return draft
    }
}

extension AnnouncementDraft {
    /// Keeps the message of another one where it says the same: what is stored is encoded, and compared in that form.
    mutating func keepData(of other: AnnouncementDraft) throws {
        let stored = other.data
        if data.event == stored.event, try data.arguments() == stored.arguments() { data = stored }
    }
}

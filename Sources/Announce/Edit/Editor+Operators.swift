import Recurrence

/// What operators do beside changing what is announced.
extension Editor {
    /// Lets it say nothing until a time, at which it is resumed.
    ///
    /// - Throws: ``AnnounceError/Code/conflict`` when it is over, ``AnnounceError/Code/invalidValue`` for a time that is.
    public func resume(_ standing: Standing, at time: Timestamp) throws(AnnounceError) -> Revision? {
        try refuse(standing, unless: [.paused], to: "resume")
        guard time > now else {
            throw AnnounceError(
                .invalidValue,
                "The time to resume it is over. Give one to come, or none to resume it now."
            )
        }
        if standing.announcement.resumesAt == time { return nil }
        var revision = Revision(action: "to be resumed", state: .paused, reason: standing.announcement.reason)
        revision.resumesAt = time
        return revision
    }

    /// The notice of an announcement that is sent now, outside of its schedule: about the present window or else the next one.
    ///
    /// - Throws: ``AnnounceError/Code/conflict`` when it was cancelled, or can never go out.
    public func notice(firing standing: Standing) throws(AnnounceError) -> Notice {
        try refuse(standing, unless: [.scheduled, .paused, .finished], to: "fire")
        let plan = try notices(of: standing.announcement.draft)
        let ordinal = standing.queued.first { !$0.isChange }?.planned.notice.anchor.ordinal ?? 1
        let window = presentWindow(standing, plan) ?? Schedule.Position(at: now, ordinal: ordinal)
        return Notice(at: now, phase: .manual, anchor: window)
    }
}

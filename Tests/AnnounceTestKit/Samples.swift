import Announce
import Payload
import Recurrence

extension Timestamp {
    /// 2026-12-01T09:00:00Z: the morning on which the tests happen.
    public static let morning = Timestamp(milliseconds: 1_796_115_600_000)
}

extension AnnouncementDraft {
    /// A draft as tests like it: everything that they do not care about has a usual value.
    public static func sample(
        _ text: String = "Good morning",
        name: String? = nil,
        target: Target = Target(audience: .everyone),
        rules: [Rule] = [.instant(.morning)],
        priority: Int = defaultPriority,
        allowUnheard: Bool = false,
        labels: [String: String] = [:]
    ) -> AnnouncementDraft {
        AnnouncementDraft(
            name: name,
            data: EventData(event: "announcement", arguments: [.string(text)]),
            target: target,
            plan: Plan(rules: rules, timezone: "UTC"),
            priority: priority,
            allowUnheard: allowUnheard,
            labels: labels
        )
    }

    /// A draft for an interval of so many milliseconds from the morning on.
    public static func every(_ milliseconds: Int64, _ text: String = "tick") throws -> AnnouncementDraft {
        sample(text, rules: [.interval(try Interval(every: milliseconds, anchor: .morning))])
    }
}

extension PlannedNotice {
    /// A notice at an instant, of an occurrence at that instant, in UTC.
    public static func at(_ instant: Timestamp, phase: Phase = .start, ordinal: Int = 1) -> PlannedNotice {
        let handled = Schedule.Position(at: instant - 1, ordinal: ordinal - 1)
        return PlannedNotice(
            notice: Notice(at: instant, phase: phase, anchor: Schedule.Position(at: instant, ordinal: ordinal)),
            handled: handled,
            wall: CivilDateTime(localMilliseconds: handled.at.milliseconds)
        )
    }
}

extension QueueEntry {
    /// The entry of an occurrence that is its own anchor.
    public init(
        occurrence: Occurrence,
        due: Timestamp? = nil,
        priority: Int,
        attempts: Int = 0,
        error: String? = nil
    ) {
        self.init(
            announcement: occurrence.announcement,
            planned: .at(occurrence.nominal, phase: occurrence.phase),
            due: due,
            priority: priority,
            attempts: attempts,
            error: error
        )
    }
}

extension AnnouncementStore {
    /// Stores an announcement whose first occurrence is at an instant.
    ///
    /// - Throws: what the store throws.
    public func add(
        _ draft: AnnouncementDraft,
        first: Timestamp,
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) -> Announcement {
        try await add(draft, first: .at(first), by: user, at: now)
    }

    /// Calls off announcements, all or none.
    ///
    /// - Throws: what the store and the editor throw.
    public func cancel(
        _ references: [Reference],
        reason: String?,
        by user: String,
        at now: Timestamp
    ) async throws(AnnounceError) -> [Announcement] {
        let editor = Editor(now: now) { NoticePlan($0, in: .utc, zones: ZoneLoader(folders: [])) }
        return try await change(references, by: user, at: now) { (standing) throws(AnnounceError) in
            try editor.cancel(standing, reason: reason)
        }
    }

    /// Changes announcements of which none is on its way.
    ///
    /// - Throws: what the store and the change throw, and `.conflict` where one is on its way.
    public func change(
        _ references: [Reference],
        expecting revision: Int? = nil,
        by user: String,
        at now: Timestamp,
        _ change: @escaping @Sendable (Standing) throws(AnnounceError) -> Revision?
    ) async throws(AnnounceError) -> [Announcement] {
        switch try await update(references, expecting: revision, by: user, at: now, change) {
        case .changed(let announcements): return announcements
        case .onItsWay(let occurrences): throw AnnounceError(.conflict, "on its way: \(occurrences)")
        }
    }

    /// Records what became of occurrences that were sent without a token.
    ///
    /// - Throws: what the store throws.
    public func record(_ settlements: [Settlement], at now: Timestamp) async throws(AnnounceError) {
        try await record([Conclusion(.plain, settlements)], term: try await lease().term, at: now)
    }

    /// Plans the whole queue anew as whoever leads, an announcement at a time.
    ///
    /// - Throws: what the store throws.
    public func replan(zones: ZoneSource, at now: Timestamp) async throws(AnnounceError) -> [Move] {
        var moves: [Move] = []
        var position: ReplanPosition?
        repeat {
            let term = try await lease().term
            let step = try await replan(.next(after: position, limit: 1), zones: zones, term: term, at: now)
            moves += step.moves
            position = step.next
        } while position != nil
        return moves
    }
}

import Announce
import AnnounceTestKit
import Payload
import Recurrence
import Testing

/// What a person's change makes of an announcement.
@Suite struct EditorTests {
    private static func notices(_ plan: Plan) -> NoticePlan {
        NoticePlan(plan, in: .utc, zones: ZoneLoader(folders: []))
    }

    private let editor = Editor(now: .morning) { EditorTests.notices($0) }

    /// An announcement whose window begins so many milliseconds after the morning and lasts an hour.
    private func standing(
        start: Int64,
        announced: Bool,
        state: Announcement.State = .scheduled
    ) throws -> Standing {
        let anchor = Timestamp.morning + start
        let plan = Plan(
            rules: [.instant(anchor)],
            timezone: "UTC",
            leads: [try TimeSpan("1d"), try TimeSpan("15m")],
            length: try TimeSpan("1h")
        )
        var draft = AnnouncementDraft.sample()
        draft.plan = plan
        draft.style.isWindow = true
        let planned = Self.notices(plan).first(after: .morning)
        return Standing(
            announcement: Self.announcement(draft, state: state),
            queued: planned.map { [QueueEntry(announcement: 7, planned: $0, priority: 3)] } ?? [],
            announced: announced ? [anchor] : []
        )
    }

    private static func announcement(
        _ draft: AnnouncementDraft,
        revision: Int = 3,
        state: Announcement.State = .scheduled
    ) -> Announcement {
        Announcement(
            id: 7,
            revision: revision,
            draft: draft,
            state: state,
            reason: nil,
            next: nil,
            created: .morning,
            createdBy: "eva",
            updated: .morning
        )
    }

    @Test("Cancelling tells so only when a notice of the window went out", arguments: [true, false])
    func cancel(announced: Bool) throws {
        let standing = try standing(start: 3_600_000, announced: announced)
        let revision = try #require(try editor.cancel(standing, reason: "rain"))
        #expect(revision.state == .cancelled)
        #expect(revision.removed == standing.queued)
        #expect(revision.outcome == .cancelled)
        #expect(revision.added.map(\.occurrence.phase.rawValue) == (announced ? ["cancelled#4"] : []))
        #expect(revision.added.allSatisfy { $0.due == .morning })
    }

    @Test("A window that is moved tells so; where nobody has heard of it, the lead that is over is told at once")
    func moved() throws {
        let standing = try standing(start: 3_600_000, announced: true)
        var draft = standing.announcement.draft
        draft.plan.rules = [.instant(.morning + 7_200_000)]
        let revision = try #require(try editor.edit(standing, to: draft))
        #expect(revision.removed == standing.queued)
        let added = revision.added.map { "\($0.occurrence.phase) \($0.occurrence.nominal - .morning)" }
        #expect(added == ["lead 15m 6300000", "moved#4 0"])
        #expect(revision.added[1].planned.notice.anchor.at == .morning + 7_200_000)
        let silent = try self.standing(start: 3_600_000, announced: false)
        let lead = try #require(try editor.edit(silent, to: draft)?.added)
        #expect(
            lead.map { "\($0.occurrence.phase) \($0.occurrence.nominal - .morning) \($0.due - .morning)" } == [
                "lead 1d -79200000 0"
            ]
        )
    }

    @Test("What was said before the clock was set back is not said again by a changed plan")
    func recordedAhead() throws {
        let old = try self.standing(start: 3_600_000, announced: false).announcement
        var draft = try AnnouncementDraft.every(60_000)
        let announcement = Self.announcement(draft, revision: old.revision, state: .scheduled)
        let said = [60_000, 120_000].map { Occurrence(announcement: announcement.id, nominal: .morning + $0) }
        let standing = Standing(
            announcement: announcement,
            queued: [],
            announced: said.map(\.nominal),
            recordedAhead: Set(said)
        )
        draft.plan.rules = [.interval(try Interval(every: 30_000, anchor: .morning + 60_000))]
        let added = try #require(try editor.edit(standing, to: draft)?.added)
        #expect(added.map { $0.occurrence.nominal - .morning } == [90_000])
        draft.plan.rules = [.interval(try Interval(every: 120_000, anchor: .morning))]
        let other = try #require(try editor.edit(standing, to: draft)?.added)
        #expect(other.map { $0.occurrence.nominal - .morning } == [240_000])
    }

    @Test("A longer window tells so, a shorter one does not")
    func length() throws {
        let standing = try standing(start: -600_000, announced: true)
        var draft = standing.announcement.draft
        draft.plan.length = try TimeSpan("2h")
        let longer = try #require(try editor.edit(standing, to: draft))
        #expect(longer.added.map(\.occurrence.phase.rawValue) == ["end", "extended#4"])
        #expect(longer.added[0].occurrence.nominal == .morning + 6_600_000)
        draft.plan.length = try TimeSpan("30m")
        #expect(try editor.edit(standing, to: draft)?.added.map(\.occurrence.phase.rawValue) == ["end"])
    }

    @Test("A window that is moved to an earlier time tells so, and is announced from then on")
    func movedEarlier() throws {
        let standing = try standing(start: 3_600_000, announced: true)
        var draft = standing.announcement.draft
        draft.plan.rules = [.instant(.morning + 1_800_000)]
        let moved = try #require(try editor.edit(standing, to: draft))
        #expect(moved.added.map(\.occurrence.phase.rawValue) == ["lead 15m", "moved#4"])
        #expect(moved.added[1].planned.notice.anchor.at == .morning + 1_800_000)

        // Before the notice went out it is changed again: the old notice is not true any more, and the new one is due.
        let after = Self.standing(standing, after: moved)
        draft.plan.rules = [.instant(.morning + 5_400_000)]
        let again = try #require(try editor.edit(after, to: draft))
        #expect(again.added.map(\.occurrence.phase.rawValue) == ["lead 15m", "moved#5"])
        #expect(again.ended.map { "\($0.occurrence.phase) \($0.outcome)" } == ["moved#4 skipped"])
        #expect(Set(again.removed) == Set(after.queued))

        // And called off: people have heard of it.
        let cancelled = try #require(try editor.cancel(Self.standing(after, after: again), reason: nil))
        #expect(cancelled.added.map(\.occurrence.phase.rawValue) == ["cancelled#6"])
    }

    /// What a change leaves, before anything of it went out.
    private static func standing(_ standing: Standing, after revision: Revision) -> Standing {
        let old = standing.announcement
        let announcement = Self.announcement(
            revision.draft ?? old.draft,
            revision: old.revision + 1,
            state: revision.state ?? old.state
        )
        let queued = standing.queued.filter { !revision.removed.contains($0) } + revision.added
        return Standing(announcement: announcement, queued: queued, announced: standing.announced)
    }

    @Test("A second extension before the first was told leaves one notice")
    func extendedTwice() throws {
        let standing = try standing(start: -600_000, announced: true)
        let first = try #require(try editor.extend(standing) { end, _ in end + 600_000 })
        let after = Self.standing(standing, after: first)
        let second = try #require(try editor.extend(after) { end, _ in end + 600_000 })
        #expect(second.ended.map(\.occurrence.phase.rawValue) == ["extended#4"])
        #expect(second.added.map(\.occurrence.phase.rawValue) == ["end", "extended#5"])
        #expect(second.draft?.plan.ends == [1: .morning + 4_200_000])
    }

    @Test("The end that one window was given stays with that window, whatever number an edit gives it")
    func endsFollowTheirWindows() throws {
        var standing = try standing(start: -600_000, announced: true)
        var draft = standing.announcement.draft
        draft.plan.rules = [.interval(try Interval(every: 7_200_000, anchor: .morning - 600_000))]
        draft.plan.leads = []
        draft.plan.ends = [12: .morning + 4_800_000]
        let window = Schedule.Position(at: .morning - 600_000, ordinal: 12)
        let handled = Schedule.Position(at: .morning - 7_800_000, ordinal: 11)
        let planned = PlannedNotice(
            notice: Notice(at: .morning + 4_800_000, phase: .end, anchor: window),
            handled: handled,
            wall: Zone.utc.civil(at: handled.at)
        )
        standing = Standing(
            announcement: Self.announcement(draft),
            queued: [QueueEntry(announcement: 7, planned: planned, priority: 3)],
            announced: [window.at]
        )
        // Another exclusion: the window in progress keeps its end.
        draft.plan.exclusions = [.instant(.morning + 6_600_000)]
        let kept = try #require(try editor.edit(standing, to: draft))
        let plan = try #require(kept.draft?.plan)
        #expect(plan.ends.values.map { $0 } == [.morning + 4_800_000])
        #expect(kept.added.map { "\($0.occurrence.phase) \($0.occurrence.nominal - .morning)" } == ["end 4800000"])
        #expect(plan.ends[kept.added[0].planned.notice.anchor.ordinal] == .morning + 4_800_000)
        // Another length: it has that one, as every window.
        draft.plan.exclusions = []
        draft.plan.length = try TimeSpan("2h")
        #expect(try editor.edit(standing, to: draft)?.draft?.plan.ends == [:])
        // The window is taken out: it is called off, and no other gets its end.
        draft.plan.length = standing.announcement.draft.plan.length
        draft.plan.exclusions = [.instant(window.at)]
        let dropped = try #require(try editor.edit(standing, to: draft))
        #expect(dropped.draft?.plan.ends == [:])
        #expect(dropped.added.map { "\($0.occurrence.phase)" } == ["start", "cancelled#4"])
        #expect(dropped.added[1].planned.notice.anchor.at == window.at)
    }

    @Test("While it is paused a change tells nothing, and its end cannot be told")
    func paused() throws {
        let standing = try standing(start: -600_000, announced: true, state: .paused)
        let extended = try #require(try editor.extend(standing) { end, _ in end + 600_000 })
        #expect(extended.added.map(\.occurrence.phase.rawValue) == ["end"])
        #expect(throws: AnnounceError.self) { try editor.finish(standing) }
        let cancelled = try #require(try editor.cancel(standing, reason: nil))
        #expect(cancelled.added.map(\.occurrence.phase.rawValue) == ["cancelled#4"])
    }

    @Test("Resuming counts from now: what fell due meanwhile is skipped, each with its record")
    func resume() throws {
        var draft = AnnouncementDraft.sample()
        let late = Timestamp.morning - 150_000
        draft.plan = Plan(rules: [.interval(try Interval(every: 60_000, anchor: late))], timezone: "UTC")
        let notices = Self.notices(draft.plan)
        let planned = try #require(notices.first(after: late - 1))
        func standing(_ draft: AnnouncementDraft, _ planned: PlannedNotice) -> Standing {
            Standing(
                announcement: Self.announcement(draft, state: .paused),
                queued: [QueueEntry(announcement: 7, planned: planned, priority: 3)],
                announced: []
            )
        }
        let revision = try #require(try editor.resume(standing(draft, planned), reason: nil))
        #expect(revision.ended.map(\.occurrence.nominal) == [late, late + 60_000, late + 120_000])
        #expect(revision.ended.allSatisfy { $0.outcome == .skipped })
        #expect(revision.added.map(\.occurrence.nominal) == [late + 180_000])
        // A one-shot that fell due is over.
        draft.plan = Plan(rules: [.instant(late)], timezone: "UTC")
        let only = try #require(Self.notices(draft.plan).first(after: late - 1))
        let over = try #require(try editor.resume(standing(draft, only), reason: nil))
        #expect(over.ended.count == 1 && over.added.isEmpty)
    }

    @Test("A one-shot that is overdue and was not sent is moved, not sent twice")
    func overdue() throws {
        var draft = AnnouncementDraft.sample()
        draft.plan = Plan(rules: [.instant(.morning - 1000)], timezone: "UTC")
        let planned = try #require(Self.notices(draft.plan).first(after: .morning - 2000))
        let standing = Standing(
            announcement: Self.announcement(draft),
            queued: [QueueEntry(announcement: 7, planned: planned, priority: 3)],
            announced: []
        )
        draft.plan = Plan(rules: [.instant(.morning + 4000)], timezone: "UTC")
        let revision = try #require(try editor.edit(standing, to: draft))
        #expect(revision.removed == standing.queued)
        #expect(revision.ended.map(\.outcome) == [.skipped])
        #expect(revision.added.map(\.occurrence.nominal) == [.morning + 4000])
    }

    @Test("Extending moves the end of one window; an end that is not later is refused")
    func extend() throws {
        let standing = try standing(start: -600_000, announced: true)
        let revision = try #require(try editor.extend(standing) { end, _ in end + 1_800_000 })
        #expect(revision.draft?.plan.ends == [1: .morning + 4_800_000])
        #expect(revision.added.map(\.occurrence.phase.rawValue) == ["end", "extended#4"])
        #expect(revision.added[0].occurrence.nominal == .morning + 4_800_000)
        let error = #expect(throws: AnnounceError.self) { try editor.extend(standing) { end, _ in end } }
        #expect(error?.code == .invalidValue)
    }

    @Test("Finishing tells the end now; a window that has not begun cannot be finished")
    func finish() throws {
        let revision = try #require(try editor.finish(standing(start: -600_000, announced: true)))
        #expect(revision.added.map(\.occurrence) == [Occurrence(announcement: 7, nominal: .morning, phase: .end)])
        let early = try standing(start: 600_000, announced: true)
        let error = #expect(throws: AnnounceError.self) { try editor.finish(early) }
        #expect(error?.code == .conflict)
    }

    @Test("What is over cannot be changed", arguments: [Announcement.State.finished, .cancelled, .failed])
    func over(state: Announcement.State) throws {
        let standing = try standing(start: 600_000, announced: false, state: state)
        var draft = standing.announcement.draft
        draft.priority = 5
        #expect(throws: AnnounceError.self) { try editor.edit(standing, to: draft) }
        #expect(throws: AnnounceError.self) { try editor.pause(standing, reason: nil) }
        #expect(throws: AnnounceError.self) { try editor.resume(standing, reason: nil) }
        if state != .cancelled { #expect(throws: AnnounceError.self) { try editor.cancel(standing, reason: nil) } }
    }

    @Test("An edit that changes nothing is none; another priority moves the queue's rows; no time left is refused")
    func edits() throws {
        let standing = try standing(start: 3_600_000, announced: false)
        var draft = standing.announcement.draft
        #expect(try editor.edit(standing, to: draft) == nil)
        draft.priority = 5
        let revision = try #require(try editor.edit(standing, to: draft))
        #expect(revision.removed == standing.queued)
        #expect(revision.added.map(\.priority) == [5])
        draft.plan.rules = [.instant(.morning - 86_400_000)]
        let error = #expect(throws: AnnounceError.self) { try editor.edit(standing, to: draft) }
        #expect(error?.code == .invalidValue)
    }

    @Test("A paused one is to be resumed at a time to come; pausing it again takes that back")
    func resumeLater() throws {
        let paused = try standing(start: 3_600_000, announced: false, state: .paused)
        let revision = try #require(try editor.resume(paused, at: .morning + 60_000))
        #expect(revision.state == .paused)
        #expect(revision.resumesAt == .morning + 60_000)
        #expect(revision.removed.isEmpty && revision.added.isEmpty && revision.ended.isEmpty)
        #expect(throws: AnnounceError.self) { try editor.resume(paused, at: .morning) }
        let live = try standing(start: 3_600_000, announced: false)
        #expect(throws: AnnounceError.self) { try editor.resume(live, at: .morning + 60_000) }
        #expect(try editor.pause(paused, reason: nil) == nil)
    }

    @Test("What is sent by hand is about the present window or the next one, and never of what was cancelled")
    func fire() throws {
        let ahead = try editor.notice(firing: try standing(start: 3_600_000, announced: false))
        #expect(ahead.phase == .manual)
        #expect(ahead.at == .morning)
        #expect(ahead.anchor.at == .morning + 3_600_000)
        let present = try editor.notice(firing: try standing(start: -600_000, announced: true))
        #expect(present.anchor.at == .morning - 600_000)
        let plain = Standing(announcement: Self.announcement(.sample(), state: .finished), queued: [], announced: [])
        #expect(try editor.notice(firing: plain).anchor.at == .morning)
        let gone = Standing(announcement: Self.announcement(.sample(), state: .cancelled), queued: [], announced: [])
        #expect(throws: AnnounceError.self) { try editor.notice(firing: gone) }
    }
}

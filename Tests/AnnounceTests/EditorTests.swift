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
            announcement: Announcement(
                id: 7,
                revision: 3,
                draft: draft,
                state: state,
                reason: nil,
                next: nil,
                created: .morning,
                createdBy: "eva",
                updated: .morning
            ),
            queued: planned.map { [QueueEntry(announcement: 7, planned: $0, priority: 3)] } ?? [],
            announced: announced ? [anchor] : []
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

    @Test("A window that is moved tells so, and its leads that are over already stay silent")
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
        #expect(try editor.edit(silent, to: draft)?.added.map(\.occurrence.phase.rawValue) == ["lead 15m"])
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
}

import Announce
import AnnounceSQLite
import AnnounceTestKit
import Logging
import Recurrence
import Testing

/// A dispatcher that is held, and pauses that end by themselves.
@Suite struct HoldTests {
    private let folder: TemporaryFolder
    private let store: SQLiteStore
    /// A second connection, as another process has.
    private let other: SQLiteStore
    private let clock = ManualClock(wall: .morning)
    private let publisher = ScriptedPublisher()

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(path: folder.file("a.sqlite"), durability: .process)
        other = try SQLiteStore(path: folder.file("a.sqlite"))
    }

    private func dispatcher(onReady: @escaping @Sendable () -> Void = {}) -> Dispatcher<ManualClock> {
        Dispatcher(
            store: store,
            publisher: publisher.publisher,
            zones: ZoneSource { _ in .utc },
            clock: clock,
            holder: "a",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            onReady: onReady
        )
    }

    private func add(_ draft: AnnouncementDraft, in milliseconds: Int64 = 0) async throws {
        _ = try await other.add(draft, first: clock.wall + milliseconds, by: "eva", at: clock.wall)
    }

    private func outcomes() async throws -> [Outcome: Int] {
        try await other.status(at: clock.wall).outcomes
    }

    @Test func `While it is held nothing goes out; on release what is late but within its grace does`() async throws {
        var short = AnnouncementDraft.sample("too late")
        short.policy.grace = 60_000
        try await add(short, in: 1_000)
        try await add(.sample("late"), in: 1_000)
        _ = try await other.hold(by: "eva", reason: nil, at: clock.wall)
        try await running({ dispatcher(onReady: $0) }) {
            clock.advance(by: .seconds(90))
            try await add(.sample("now"))
            // It has looked at what was added when it has renewed its lease twice more.
            let seen = try await other.lease().counter
            try await eventually("its lease goes on") {
                clock.advance(by: .seconds(1))
                return try await other.lease().counter > seen + 2
            }
            #expect(publisher.given.isEmpty)
            #expect(try await outcomes() == [:])
            _ = try await other.release()
            #expect(await publisher.taken(2) == ["late", "now"])
            try await eventually("all is recorded") { try await outcomes() == [.published: 2, .missed: 1] }
        }
    }

    @Test func `One that is to send what is due and exit says that it is held`() async throws {
        try await add(.sample("now"))
        _ = try await other.hold(by: "eva", reason: "rain", at: clock.wall)
        let error = await #expect(throws: AnnounceError.self) { try await dispatcher().runOnce() }
        #expect(error?.code == .held)
        #expect(error?.message.contains("by eva: rain") == true)
        #expect(publisher.given.isEmpty)
        _ = try await other.release()
        #expect(try await dispatcher().runOnce().outcomes == [.published: 1])
    }

    @Test func `A pause that was to end goes on from its end, however late that is seen`() async throws {
        try await add(try .every(60_000), in: 0)
        let editor = Editor(now: clock.wall, zones: ZoneSource { _ in .utc })
        _ = try await other.change([.id(1)], by: "eva", at: clock.wall) { (standing) throws(AnnounceError) in
            try editor.pause(standing, reason: nil)
        }
        let until = Timestamp.morning + 150_000
        _ = try await other.change([.id(1)], by: "eva", at: clock.wall) { (standing) throws(AnnounceError) in
            try editor.resume(standing, at: until)
        }
        // Nobody ran when it was to be resumed: the occurrences at 0, 60 and 120 s are skipped, that at 180 s is late.
        clock.advance(by: .seconds(190))
        try await running({ dispatcher(onReady: $0) }) {
            #expect(await publisher.taken(1) == ["tick"])
            try await eventually("all is recorded") { try await outcomes() == [.published: 1, .skipped: 3] }
            clock.advance(by: .seconds(60))
            #expect(await publisher.taken(1) == ["tick"])
        }
        let announcement = try await other.announcement(.id(1))
        #expect(announcement.state == .scheduled && announcement.resumesAt == nil)
        let changes = try await other.history(matching: HistoryFilter(of: .id(1))).compactMap { entry in
            if case .change(let change) = entry { "\(change.action) by \(change.by)" } else { nil }
        }
        #expect(changes.first == "resumed by the dispatcher")
    }

    @Test func `A pause ends while nothing else wakes the dispatcher`() async throws {
        try await add(.sample("later"), in: 3_600_000)
        let editor = Editor(now: clock.wall, zones: ZoneSource { _ in .utc })
        try await running({ dispatcher(onReady: $0) }) {
            _ = try await other.change([.id(1)], by: "eva", at: clock.wall) { (standing) throws(AnnounceError) in
                try editor.pause(standing, reason: nil)
            }
            _ = try await other.change([.id(1)], by: "eva", at: clock.wall) { (standing) throws(AnnounceError) in
                try editor.resume(standing, at: .morning + 2_000)
            }
            clock.advance(by: .seconds(2))
            try await eventually("it is scheduled again") {
                try await other.announcement(.id(1)).state == .scheduled
            }
        }
    }
}

import Announce
import AnnounceSQLite
import AnnounceTestKit
import Logging
import Recurrence
import Synchronization
import Testing

/// The dispatcher's signs of life, by which a watchdog knows that its loop goes round.
@Suite struct DispatcherTurnTests {
    private let folder: TemporaryFolder
    private let store: SQLiteStore
    private let clock = ManualClock(wall: .morning)
    private let publisher = ScriptedPublisher()
    private let turns = Turns()

    /// What was told.
    private final class Turns: Sendable {
        private let told = Mutex<[DispatcherTurn]>([])

        func add(_ turn: DispatcherTurn) { told.withLock { $0.append(turn) } }

        var all: [DispatcherTurn] { told.withLock { $0 } }
    }

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(path: folder.file("a.sqlite"), durability: .process)
    }

    /// Runs a dispatcher while the body does, and stops it.
    private func running(
        publisher: Publisher? = nil,
        settings: DispatcherSettings = DispatcherSettings(),
        _ body: () async throws -> Void
    ) async throws {
        let other = try SQLiteStore(path: folder.file("a.sqlite"))
        try await AnnounceTests.running(
            { onReady in
                Dispatcher(
                    store: other,
                    publisher: publisher ?? self.publisher.publisher,
                    zones: ZoneSource { _ in .utc },
                    clock: clock,
                    settings: settings,
                    holder: "a",
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                    onReady: onReady,
                    onTurn: { [turns] in turns.add($0) }
                )
            },
            body
        )
    }

    /// Lets time pass, a second at a time, until something is so.
    private func passing(_ what: String, _ condition: () async throws -> Bool) async throws {
        try await eventually(timeout: .seconds(30), what) {
            clock.advance(by: .seconds(1))
            return try await condition()
        }
    }

    @Test func `One that has nothing to do turns with every nap`() async throws {
        try await running { try await passing("it has turned twenty times") { turns.all.count >= 20 } }
        #expect(Set(turns.all) == [.leads])
    }

    @Test func `One that stands by turns, until it leads`() async throws {
        let lease = try #require(try await store.acquireLease(seen: store.lease(), holder: "b", at: clock.wall))
        try await running {
            try await passing("it has turned ten times") {
                _ = try await store.renewLease(term: lease.term, at: clock.wall)
                return turns.all.count >= 10
            }
            #expect(Set(turns.all) == [.standsBy])
            try await passing("it leads") { turns.all.last == .leads }
        }
    }

    @Test func `While Redis is away it turns with every look at it`() async throws {
        let gone = PublishError("gone", needsOperator: false)
        publisher.set(.fails(gone))
        publisher.failProbes(gone)
        var settings = DispatcherSettings()
        settings.backoff = Backoff(minimum: 36_000_000, maximum: 36_000_000)
        try await store.add(.sample("patient"), first: clock.wall, by: "eva", at: clock.wall)
        try await running(settings: settings) {
            try await passing("it has looked fifty times") { publisher.probes >= 50 }
            #expect(turns.all.count { $0 == .waits } >= 50)
        }
    }

    @Test func `While it is not known what became of a batch it waits, and says so with every turn`() async throws {
        let lost = PublishError("the connection was lost", needsOperator: false, mayHaveHappened: true)
        publisher.set(.loses(lost))
        publisher.failQuestions(lost)
        try await store.add(.sample("lost"), first: clock.wall, by: "eva", at: clock.wall)
        try await running {
            #expect(await publisher.taken(1) == ["lost"])
            try await passing("it says so") { turns.all.last == .waits }
            let count = turns.all.count
            try await passing("it has turned twenty times") { turns.all.count >= count + 20 }
            #expect(Set(turns.all.dropFirst(count)) == [.waits])
            publisher.failQuestions(nil)
            try await passing("it leads") { turns.all.last == .leads }
        }
    }

    @Test func `While a slow pace holds it up it turns with every nap`() async throws {
        var settings = DispatcherSettings()
        (settings.pace.bytesAhead, settings.pace.bytesPerSecond) = (0, 1)
        let long = String(repeating: "x", count: 3_000)
        try await store.add(.sample(long), first: clock.wall, by: "eva", at: clock.wall)
        try await running(settings: settings) {
            #expect(await publisher.taken(1) == [long])
            let count = turns.all.count
            try await store.add(.sample("held up"), first: clock.wall, by: "eva", at: clock.wall)
            try await passing("it has turned twenty times") { turns.all.count >= count + 20 }
            #expect(publisher.given.count == 1)
        }
    }

    @Test func `A loop that hangs gives no sign of life, though the lease is kept`() async throws {
        let (entered, didEnter) = AsyncStream.makeStream(of: Void.self)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let hanging = Publisher(plainly: { (messages) async throws(PublishError) -> [PublishResult] in
            didEnter.finish()
            for await _ in gate {}
            return messages.map { _ in .taken(receivers: 1) }
        })
        try await store.add(.sample("stuck"), first: clock.wall, by: "eva", at: clock.wall)
        try await running(publisher: hanging) {
            for await _ in entered {}
            let (count, counter) = (turns.all.count, try await store.lease().counter)
            try await passing("the lease is kept for a minute") { try await store.lease().counter >= counter + 60 }
            #expect(turns.all.count == count)
            open.finish()
            try await passing("it goes on") { turns.all.count > count }
        }
    }
}

import Announce
import AnnounceSQLite
import AnnounceTestKit
import Logging
import Metrics
import MetricsTestKit
import Payload
import Recurrence
import Synchronization
import Testing

/// The dispatcher on a clock that tests move, a real file, and a publisher that answers as they want.
@Suite struct DispatcherTests {
    private let folder: TemporaryFolder
    private let store: FaultyStore
    /// A second connection, as another process has.
    private let other: SQLiteStore
    private let clock = ManualClock(wall: .morning)
    private let publisher = ScriptedPublisher()

    init() throws {
        folder = try TemporaryFolder()
        store = FaultyStore(try SQLiteStore(path: folder.file("a.sqlite"), durability: .process))
        other = try SQLiteStore(path: folder.file("a.sqlite"))
    }

    private func dispatcher(
        _ holder: String = "a",
        publisher: Publisher? = nil,
        settings: DispatcherSettings = DispatcherSettings(),
        metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        onReady: @escaping @Sendable () -> Void = {}
    ) -> Dispatcher<ManualClock> {
        Dispatcher(
            store: store,
            publisher: publisher ?? self.publisher.publisher,
            zones: ZoneSource { _ in .utc },
            clock: clock,
            settings: settings,
            holder: holder,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            metrics: metrics,
            onReady: onReady
        )
    }

    @discardableResult
    private func add(_ draft: AnnouncementDraft, in milliseconds: Int64 = 0) async throws -> Announcement.ID {
        try await other.add(draft, first: clock.wall + milliseconds, by: "eva", at: clock.wall).id
    }

    private func outcomes() async throws -> [Outcome: Int] {
        try await other.status(at: clock.wall).outcomes
    }

    /// Waits until the store shows outcomes; what was published is recorded a moment later.
    private func recorded(_ expected: [Outcome: Int]) async throws {
        try await eventually("the outcomes are \(expected)") { try await outcomes() == expected }
    }

    @Test func `What another process adds for now goes out without the clock moving`() async throws {
        try await running({ dispatcher(onReady: $0) }) {
            try await add(.sample("now"))
            #expect(await publisher.taken(1) == ["now"])
            try await recorded([.published: 1])
        }
    }

    @Test func `What Redis keeps no token of is recorded while the rest of a burst goes out`() async throws {
        for number in 1...8 { try await add(.sample("\(number)")) }
        let recorded = Mutex<[Int]>([])
        let other = other
        let plain = Publisher { (messages, _) async throws(PublishError) -> PreparedMessages in
            let token = self.publisher.publisher
            let prepared = try await token.prepare(messages, 1)
            return PreparedMessages(
                batches: prepared.batches.map { batch in
                    PreparedMessages.Batch(token: batch.token, places: batch.places, bytes: batch.bytes) {
                        () async throws(PublishError) -> BatchOutcome in
                        let count = try? await other.status(at: .morning).outcomes[.published]
                        recorded.withLock { $0.append(count ?? 0) }
                        guard case .carriedOut(let results, _) = try await batch.send() else { return .interrupted }
                        return .carriedOut(results, plainly: "no memory for tokens")
                    }
                }
            )
        } resolve: { (token, messages) async throws(PublishError) -> BatchOutcome in
            try await self.publisher.publisher.resolve(token, messages)
        } probe: { () async throws(PublishError) in
        }
        var settings = DispatcherSettings()
        settings.batch = 1
        try await running({ dispatcher(publisher: plain, settings: settings, onReady: $0) }) {
            #expect(await publisher.taken(8).count == 8)
            try await self.recorded([.published: 8])
        }
        // Two are on their way while the next is stored.
        #expect(recorded.withLock { $0.count == 8 && $0.last ?? 0 >= 5 })
    }

    @Test func `What is due in a moment is stored before its time, and sent at it`() async throws {
        try await add(.sample("later"), in: 10_000)
        try await running({ dispatcher(onReady: $0) }) {
            clock.advance(by: .milliseconds(9_995))
            try await eventually("it is stored") { try await other.status(at: clock.wall).inFlight == 1 }
            clock.advance(by: .milliseconds(4))
            // What comes between goes out after it, and shows that the dispatcher still waits.
            try await add(.sample("between"))
            #expect(publisher.given.isEmpty)
            clock.advance(by: .milliseconds(1))
            #expect(await publisher.taken(2) == ["later", "between"])
            try await recorded([.published: 2])
        }
        #expect(publisher.given == [["later"], ["between"]])
    }

    @Test func `What is stored when the clock is set back is void, and goes out at its time`() async throws {
        try await add(.sample("later"), in: 10_000)
        try await running({ dispatcher(onReady: $0) }) {
            clock.advance(by: .milliseconds(9_997))
            try await eventually("it is stored") { try await other.status(at: clock.wall).inFlight == 1 }
            clock.step(wall: clock.wall - 3_600_000)
            try await eventually("it is void") {
                clock.advance(by: .milliseconds(100))
                return try await other.status(at: clock.wall).inFlight == 0
            }
            #expect(publisher.given.isEmpty)
            clock.advance(by: .seconds(3_600))
            #expect(await publisher.taken(1) == ["later"])
            try await recorded([.published: 1])
        }
        #expect(publisher.given == [["later"]])
    }

    @Test func `Nothing goes out before it is due, and what is due goes out at once`() async throws {
        try await add(.sample("later"), in: 10_000)
        try await running({ dispatcher(onReady: $0) }) {
            clock.advance(by: .milliseconds(9_999))
            try await add(.sample("now"))
            #expect(await publisher.taken(1) == ["now"])
            clock.advance(by: .milliseconds(1))
            #expect(await publisher.taken(1) == ["later"])
        }
        #expect(publisher.given == [["now"], ["later"]])
    }

    @Test func `Of what is due at one instant the most urgent goes first, then the first that was added`() async throws
    {
        for (text, priority) in [("b", 3), ("c", 1), ("a", 5), ("b2", 3)] {
            try await add(.sample(text, priority: priority), in: 1_000)
        }
        try await running({ dispatcher(onReady: $0) }) {
            clock.advance(by: .seconds(1))
            #expect(await publisher.taken(4) == ["a", "b", "b2", "c"])
        }
    }

    @Test func `An interval has no drift`() async throws {
        let id = try await add(try .every(60_000))
        try await running({ dispatcher(onReady: $0) }) {
            _ = await publisher.taken(1)
            for step in 2...5 {
                clock.advance(by: .milliseconds(60_000 + step * 7))
                _ = await publisher.taken(1)
            }
            try await recorded([.published: 5])
        }
        let nominal = try await other.history(matching: HistoryFilter(of: .id(id), limit: 9)).compactMap { entry in
            if case .delivery(let delivery, _, _) = entry { delivery.occurrence.nominal } else { nil }
        }
        #expect(nominal == (0..<5).reversed().map { .morning + $0 * 60_000 })
    }

    @Test func `Many that are due at once are sent in batches, each once`() async throws {
        for index in 1...1_100 { try await add(.sample("\(index)")) }
        try await running({ dispatcher(onReady: $0) }) {
            #expect(await publisher.taken(1_100) == (1...1_100).map { "\($0)" })
            try await recorded([.published: 1_100])
        }
        #expect(publisher.given.allSatisfy { $0.count <= DispatcherSettings().batch })
    }

    @Test func `While Redis is away it is ready, keeps trying, and sends once it is back`() async throws {
        publisher.set(.fails(PublishError("gone", needsOperator: false)))
        try await add(.sample("patient"))
        try await running({ dispatcher(onReady: $0) }) {
            try await eventually("it has tried three times") {
                clock.advance(by: .seconds(1))
                return publisher.given.count >= 3
            }
            publisher.set(.takes(receivers: 2))
            try await eventually("it has sent it") {
                clock.advance(by: .seconds(1))
                return try await outcomes() == [.published: 1]
            }
        }
        #expect(await publisher.taken(1) == ["patient"])
    }

    /// Tries again after hours only.
    private static var patient: DispatcherSettings {
        var settings = DispatcherSettings()
        settings.backoff = Backoff(minimum: 36_000_000, maximum: 36_000_000)
        return settings
    }

    @Test func `A Redis that comes back is used at once, however long it was away`() async throws {
        let gone = PublishError("gone", needsOperator: false)
        publisher.set(.fails(gone))
        publisher.failProbes(gone)
        var draft = AnnouncementDraft.sample("patient")
        draft.policy.grace = 86_400_000
        try await add(draft)
        try await running({ dispatcher(settings: Self.patient, onReady: $0) }) {
            try await eventually("it has failed, and looked ten times since") {
                clock.advance(by: .seconds(1))
                return publisher.probes >= 10
            }
            publisher.set(.takes(receivers: 2))
            publisher.failProbes(nil)
            try await eventually("it has sent it") {
                clock.advance(by: .seconds(1))
                return try await outcomes() == [.published: 1]
            }
        }
        #expect(publisher.given.count == 2)
    }

    @Test func `A Redis that answers and takes nothing is not tried more often for that`() async throws {
        publisher.set(.fails(PublishError("it takes nothing", needsOperator: false)))
        try await add(.sample("patient"))
        try await running({ dispatcher(settings: Self.patient, onReady: $0) }) {
            try await eventually("it has failed, and looked ten times since") {
                clock.advance(by: .seconds(1))
                return publisher.probes >= 10
            }
        }
        #expect(publisher.given.count == 1)
    }

    @Test func `What stays unsent past its grace is missed, and later work goes out`() async throws {
        publisher.set(.fails(PublishError("gone", needsOperator: true)))
        try await add(.sample("early"))
        try await running({ dispatcher(onReady: $0) }) {
            try await eventually("it was tried") { publisher.given.count > 0 }
            clock.advance(by: .seconds(3_601))
            try await eventually("it is missed") {
                clock.advance(by: .seconds(1))
                return try await outcomes() == [.missed: 1]
            }
            publisher.set(.takes(receivers: 1))
            try await add(.sample("late"))
            #expect(await publisher.taken(1) == ["late"])
        }
    }

    @Test func `What could not be recorded is recorded later and not sent again`() async throws {
        let full = AnnounceError(.storeUnavailable, "full")
        store.fail(.record, with: full, full)
        try await add(.sample("once"))
        try await running({ dispatcher(onReady: $0) }) {
            #expect(await publisher.taken(1) == ["once"])
            try await eventually("it is recorded") {
                clock.advance(by: .seconds(1))
                return try await outcomes() == [.published: 1]
            }
        }
        #expect(publisher.given == [["once"]])
        #expect(store.faultsLeft == 0)
    }

    @Test(arguments: [AnnounceError.Code.storeUnavailable, .storePermission, .storeCannotBeCreated])
    func `A store that cannot be read or written for a while does not end it`(code: AnnounceError.Code) async throws {
        let error = AnnounceError(code, "for a while")
        store.fail(.claim, with: error, error, error)
        store.fail(.open, with: error)
        store.fail(.record, with: error, error)
        store.fail(.renewLease, with: error)
        try await running({ dispatcher(onReady: $0) }) {
            try await add(.sample("at last"))
            try await eventually("it was sent") {
                clock.advance(by: .seconds(1))
                return try await outcomes() == [.published: 1]
            }
        }
        #expect(publisher.given == [["at last"]])
    }

    @Test func `A store with a newer schema ends it`() async throws {
        let error = await #expect(throws: AnnounceError.self) {
            try await running({ dispatcher(onReady: $0) }) {
                store.fail(.claim, with: AnnounceError(.storeSchema, "newer"))
                try await add(.sample("x"))
                try await eventually("it has met the schema") { store.faultsLeft == 0 }
            }
        }
        #expect(error?.code == .storeSchema)
    }

    @Test func `A stop finishes and records what is on its way, and gives the lease back`() async throws {
        let (entered, didEnter) = AsyncStream.makeStream(of: Void.self)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let slow = Publisher(plainly: { (messages) async throws(PublishError) -> [PublishResult] in
            didEnter.finish()
            for await _ in gate {}
            return messages.map { _ in .taken(receivers: Task.isCancelled ? 0 : 1) }
        })
        try await add(.sample("on its way"))
        let dispatcher = dispatcher(publisher: slow)
        let task = Task { try await dispatcher.run() }
        for await _ in entered {}
        task.cancel()
        open.finish()
        try await task.value
        #expect(try await outcomes() == [.published: 1])
        #expect(try await other.lease().holder == nil)
    }

    // MARK: Once

    private static let lost = PublishError("the connection was lost", needsOperator: false, mayHaveHappened: true)

    @Test func `A batch whose answer is lost is asked for and never sent again`() async throws {
        publisher.set(.loses(Self.lost))
        try await add(.sample("once"))
        try await running({ dispatcher(onReady: $0) }) {
            #expect(await publisher.taken(1) == ["once"])
            publisher.set(.takes(receivers: 1))
            try await eventually("it is recorded") {
                clock.advance(by: .milliseconds(100))
                return try await outcomes() == [.published: 1]
            }
        }
        #expect(publisher.given == [["once"]])
        #expect(try await other.openBatches().isEmpty)
    }

    @Test func `A batch that was written and not carried out is void, and its members are sent under another token`()
        async throws
    {
        publisher.set(.fails(Self.lost))
        try await add(.sample("once"))
        try await running({ dispatcher(onReady: $0) }) {
            try await eventually("it was sent") { publisher.given.count == 1 }
            publisher.set(.takes(receivers: 1))
            try await eventually("it is recorded") {
                clock.advance(by: .milliseconds(100))
                return try await outcomes() == [.published: 1]
            }
        }
        #expect(publisher.given == [["once"], ["once"]])
        #expect(await publisher.taken(1) == ["once"])
    }

    @Test func `What another left on its way is asked for before anything is claimed`() async throws {
        for text in ["out", "not out"] {
            try await add(.sample(text))
            let lease = try await other.lease()
            let term = try #require(try await other.acquireLease(seen: lease, holder: "dead", at: clock.wall)).term
            let inFlight = Set(try await other.openBatches().flatMap(\.members).compactMap { $0?.entry.occurrence })
            let claim = try await other.claim(term: term, at: clock.wall, limit: 9, excluding: inFlight)
            let outgoing = claim.due.map { Outgoing(target: $0.target, data: $0.data) }
            let batch = try await publisher.publisher.prepare(outgoing, 1).batches[0]
            let stored = NewBatch(token: try #require(batch.token), members: claim.due)
            #expect(try await other.open([stored], changes: claim.changes, term: term, at: clock.wall))
            if text == "out" { _ = try await batch.send() }
            try await other.releaseLease(term: term, at: clock.wall)
        }
        #expect(try await other.openBatches().count == 2)
        try await running({ dispatcher(onReady: $0) }) { try await recorded([.published: 2]) }
        #expect(publisher.given == [["out"], ["not out"]])
    }

    @Test func `While it is not known what became of a batch the others go out, and its members wait`() async throws {
        publisher.set(.loses(Self.lost))
        publisher.failQuestions(PublishError("gone", needsOperator: false))
        try await add(.sample("unknown"))
        try await running({ dispatcher(onReady: $0) }) {
            #expect(await publisher.taken(1) == ["unknown"])
            publisher.set(.takes(receivers: 1))
            try await add(.sample("other"))
            try await eventually("the other is recorded") {
                clock.advance(by: .milliseconds(100))
                return try await outcomes() == [.published: 1]
            }
            #expect(try await other.status(at: clock.wall).inFlight == 1)
            publisher.failQuestions(nil)
            try await eventually("both are recorded") {
                clock.advance(by: .seconds(30))
                return try await outcomes() == [.published: 2]
            }
        }
        #expect(publisher.given == [["unknown"], ["other"]])
    }

    @Test func `Nothing is sent that could not be stored as a batch`() async throws {
        store.fail(.open, with: AnnounceError(.storeUnavailable, "full"), AnnounceError(.storeUnavailable, "full"))
        try await add(.sample("careful"))
        try await running({ dispatcher(onReady: $0) }) {
            try await eventually("it has tried twice") {
                clock.advance(by: .milliseconds(100))
                return store.faultsLeft == 0
            }
            #expect(publisher.given.isEmpty)
            try await eventually("it is recorded") {
                clock.advance(by: .milliseconds(100))
                return try await outcomes() == [.published: 1]
            }
        }
    }

    @Test func `Nothing is sent before the disk has it`() async throws {
        let error = AnnounceError(.storeUnavailable, "a bad disk")
        // What were sent in spite of the first would never come to the others.
        store.fail(.sync, with: error, error, error)
        try await add(.sample("careful"))
        try await running({ dispatcher(onReady: $0) }) {
            try await eventually("it has tried three times") {
                clock.advance(by: .seconds(1))
                return store.faultsLeft == 0
            }
            #expect(publisher.given.isEmpty)
            try await eventually("it is recorded") {
                clock.advance(by: .seconds(1))
                return try await outcomes() == [.published: 1]
            }
        }
        #expect(publisher.given == [["careful"]])
    }

    @Test func `What it complains about stands in the status, and goes`() async throws {
        publisher.set(.fails(PublishError("Redis is away.", needsOperator: false)))
        try await add(.sample("patient"))
        try await running({ dispatcher(onReady: $0) }) {
            try await eventually("it complains") {
                try await other.status(at: clock.wall).troubles.map(\.message) == ["Redis is away."]
            }
            publisher.set(.takes(receivers: 1))
            try await eventually("it does not any more") {
                clock.advance(by: .seconds(1))
                return try await other.status(at: clock.wall).troubles.isEmpty
            }
        }
    }

    @Test func `A clock that is set back does not make what is tried again wait`() async throws {
        publisher.set(.takes(receivers: 0))
        try await add(.sample("a"))
        try await running({ dispatcher(onReady: $0) }) {
            #expect(await publisher.taken(1) == ["a"])
            try await eventually("it is to be tried again") {
                try await other.standing(of: .id(1)).queued.first?.attempts == 1
            }
            publisher.set(.takes(receivers: 1))
            clock.step(wall: .morning - 3_600_000)
            clock.advance(by: .seconds(5))
            try await eventually("it waits for its time by the clock that is right now") {
                try await other.announcement(.id(1)).next?.at == .morning
            }
            clock.step(wall: .morning)
            clock.advance(by: .seconds(5))
            #expect(await publisher.taken(1) == ["a"])
            try await recorded([.published: 1])
        }
    }

    @Test func `A burst goes out at its pace, and the status says that there is a backlog`() async throws {
        var settings = DispatcherSettings()
        settings.batch = 2
        // Nothing else wakes it.
        settings.heartbeat = .seconds(3_600)
        settings.pace.messagesPerSecond = 4
        for _ in 1...10 { try await add(.sample("x")) }
        try await running({ dispatcher(settings: settings, onReady: $0) }) {
            for step in 1...5 {
                _ = await publisher.taken(2)
                try await recorded([.published: 2 * step])
                #expect(publisher.given.count == step)
                if step == 5 { break }
                try await eventually("it waits for its turn") { clock.nextWake == clock.now.advanced(by: .seconds(1)) }
                if step == 4 {
                    try await eventually("the status tells") {
                        try await other.status(at: clock.wall).troubles.map(\.name) == [.pacing]
                    }
                }
                clock.advance(by: .seconds(1))
            }
            clock.advance(by: .seconds(1))
            try await eventually("the backlog is over") {
                try await other.status(at: clock.wall).troubles.isEmpty
            }
        }
    }

    @Test func `Records that are too old are removed when nothing is due soon`() async throws {
        var settings = DispatcherSettings()
        settings.retention = Retention(age: 3_600_000, count: nil)
        try await add(.sample("old"))
        try await add(.sample("new"), in: 3_700_000)
        try await running({ dispatcher(settings: settings, onReady: $0) }) {
            #expect(await publisher.taken(1) == ["old"])
            try await recorded([.published: 1])
            clock.advance(by: .seconds(3_699))
            try await eventually("the old one is gone") {
                (try? await other.announcement(.id(1))) == nil
            }
            clock.advance(by: .seconds(1))
            #expect(await publisher.taken(1) == ["new"])
        }
        #expect(try await other.history(matching: HistoryFilter(limit: 9)).count == 2)
    }

    @Test func `It counts and measures what it does`() async throws {
        let metrics = TestMetrics()
        publisher.set(.takes(receivers: 0))
        try await add(.sample("a"))
        try await running({ dispatcher(metrics: metrics, onReady: $0) }) {
            _ = await publisher.taken(1)
            try await eventually("it is to be tried again") {
                try await other.standing(of: .id(1)).queued.first?.attempts == 1
            }
            #expect(try metrics.expectGauge("announce_leading").lastValue == 1)
            publisher.set(.takes(receivers: 1))
            clock.advance(by: .milliseconds(100))
            _ = await publisher.taken(1)
            try await recorded([.published: 1])
        }
        func count(_ name: String, _ labels: [(String, String)] = []) throws -> Int64 {
            try metrics.expectCounter(name, labels).totalValue
        }
        #expect(try count("announce_deliveries_total", [("outcome", "published")]) == 1)
        #expect(try count("announce_deliveries_total", [("outcome", "failed")]) == 0)
        #expect(try count("announce_batches_total", [("result", "carried-out")]) == 2)
        #expect(try count("announce_retries_total") == 1)
        #expect(try count("announce_lease_terms_total") == 1)
        #expect(try metrics.expectTimer("announce_lateness").values == [100_000_000])
        #expect(try metrics.expectGauge("announce_leading").lastValue == 0)
    }

    @Test func `Acknowledgements are counted beside the dispatching, and a stop records those that have come`()
        async throws
    {
        let gates = [true, false].map { _ in AsyncStream.makeStream(of: Void.self) }
        let slow = Publisher(plainly: { (messages) async throws(PublishError) -> [PublishResult] in
            messages.map { message in
                guard message.acknowledgeWithin == 5_000 else { return .taken(receivers: 1) }
                let pending = PendingAcknowledgements {
                    for await _ in gates[message.target == Target(audience: .everyone) ? 0 : 1].stream {}
                    return AcknowledgementCount(addressed: 2, acknowledged: Task.isCancelled ? 1 : 2)
                }
                return .taken(receivers: 1, acknowledgements: pending)
            }
        })
        func counts() async throws -> [AcknowledgementCount] {
            try await other.history(matching: HistoryFilter(limit: 9)).compactMap { entry in
                if case .delivery(let delivery, _, _) = entry { delivery.acknowledgements } else { nil }
            }
        }
        var asking = AnnouncementDraft.sample("asking")
        asking.acknowledgeWithin = 5_000
        for isAnswered in [true, false] {
            if !isAnswered { asking.target = Target(audience: .some(rooms: ["silent"], sockets: [])) }
            try await add(asking)
            try await running({ dispatcher(publisher: slow, onReady: $0) }) {
                try await eventually("it is recorded") { try await outcomes()[.published, default: 0] % 2 == 1 }
                try await add(.sample("not held up"))
                try await eventually("the other is recorded") { try await outcomes()[.published, default: 0] % 2 == 0 }
                if isAnswered {
                    #expect(try await counts() == [])
                    gates[0].continuation.finish()
                    try await eventually("the count is recorded") {
                        try await counts() == [AcknowledgementCount(addressed: 2, acknowledged: 2)]
                    }
                }
            }
        }
        #expect(try await counts().map(\.acknowledged) == [1, 2])
    }

    @Test func `A standby is ready, and takes over at once when the leader stops`() async throws {
        let (leads, signal) = AsyncStream.makeStream(of: Void.self)
        let leader = dispatcher("leader") { signal.finish() }
        let leading = Task { try await leader.run() }
        for await _ in leads {}
        try await running({ dispatcher("standby", onReady: $0) }) {
            try await add(.sample("one"))
            #expect(await publisher.taken(1) == ["one"])
            #expect(try await other.lease().holder == "leader")
            leading.cancel()
            try await leading.value
            try await add(.sample("two"))
            #expect(await publisher.taken(1) == ["two"])
            #expect(try await other.lease().holder == "standby")
        }
        #expect(publisher.given == [["one"], ["two"]])
    }

    @Test func `A standby takes over from a leader that died, when its counter has stood still for the patience`()
        async throws
    {
        _ = try await other.acquireLease(seen: other.lease(), holder: "dead", at: .morning)
        try await add(.sample("orphan"))
        let began = clock.now
        try await running({ dispatcher("standby", onReady: $0) }) {
            try await eventually("it took over") {
                clock.advance(by: .milliseconds(100))
                return publisher.given == [["orphan"]]
            }
        }
        #expect(began.duration(to: clock.now) >= DispatcherSettings().patience)
    }

    @Test func `A leader whose lease was taken stands by`() async throws {
        try await running({ dispatcher("a", onReady: $0) }) {
            let taken = try #require(try await takeLease())
            try await add(.sample("mine again"))
            try await other.releaseLease(term: taken.term, at: clock.wall)
            #expect(await publisher.taken(1) == ["mine again"])
            #expect(try await other.lease().term == taken.term + 1)
        }
    }

    /// Takes the lease away from whoever has it; a renewal in between only means another try.
    private func takeLease() async throws -> Lease? {
        for _ in 1...100 {
            if let lease = try await other.acquireLease(seen: other.lease(), holder: "b", at: clock.wall) {
                return lease
            }
        }
        return nil
    }

    @Test func `Once sends what is due and says what became of it`() async throws {
        try await add(.sample("due"))
        try await add(.sample("not yet"), in: 1)
        #expect(try await dispatcher().runOnce().outcomes == [.published: 1])
        #expect(publisher.given == [["due"]])
        #expect(try await other.lease().holder == nil)
        #expect(try await dispatcher().runOnce() == DispatchSummary())
        publisher.set(.takes(receivers: 0))
        clock.advance(by: .milliseconds(1))
        #expect(try await dispatcher().runOnce().retries == 1)
    }

    @Test func `Once does nothing beside a leader`() async throws {
        try await add(.sample("due"))
        try await running({ dispatcher("leader", publisher: ScriptedPublisher().publisher, onReady: $0) }) {
            let once = dispatcher("once")
            let isDone = Mutex(false)
            let attempt = Task {
                defer { isDone.withLock { $0 = true } }
                return try await once.runOnce()
            }
            try await eventually("it has given up") {
                clock.advance(by: .milliseconds(500))
                return isDone.withLock { $0 }
            }
            let error = await #expect(throws: AnnounceError.self) { try await attempt.value }
            #expect(error?.code == .notLeader)
        }
        #expect(publisher.given.isEmpty)
    }
}

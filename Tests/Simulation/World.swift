import Announce
import AnnounceSQLite
import AnnounceTestKit
import Logging
import Payload
import Recurrence

/// One simulated run: dispatchers, a store, a Redis and people on a virtual clock, all moved by one random generator.
///
/// Every call of a dispatcher to the outside waits at a place until the run lets it pass, so that anything can happen before it and
/// after it: another process does something, time passes, it fails, the process dies.
///
/// Everything happens on the thread that drives the run, one job at a time.
final class World: @unchecked Sendable {
    /// Where a process waits to be let pass.
    enum Place: Hashable {
        /// Before a call to the store.
        case lease, claim, open, record
        /// After the store has done what it was asked for; what fails here was done all the same.
        case stored
        /// Before a command is written to Redis, before Redis carries it out, before its reply is read.
        case write, carryOut, reply
    }

    /// How a process passes.
    enum Verdict {
        case go
        /// The call fails and does nothing.
        case fails
        /// The command was written; whether it is carried out is open.
        case lost
        /// The process is no more.
        case dead
    }

    /// A dispatcher from its start to its end.
    final class Process: @unchecked Sendable {
        let name: String
        let bell: AsyncStream<Void>
        let ring: AsyncStream<Void>.Continuation
        var isDead = false
        var isSuspended = false
        var task: Task<Void, any Error>?

        init(_ name: String) {
            self.name = name
            (bell, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        }
    }

    struct Waiting {
        let process: Process
        let place: Place
        let call: SimulatedRedis.Call?
        let continuation: UnsafeContinuation<Verdict, Never>
    }

    /// What the model knows of an announcement.
    struct Known {
        /// The text's version that was stored last.
        var version = 1
        var isOver = false
        /// Its occurrences by its plan, as long as nobody has changed that; nil afterwards.
        var first: Timestamp
        var every: Int64?
        var hasOldPlan = false
    }

    let executor = StepExecutor()
    let store: SQLiteStore
    /// What is left of the store when the power fails.
    let disk: SQLiteStore
    let redis = SimulatedRedis()
    let clock = ManualClock(wall: .morning)
    var random: SeededGenerator
    var processes: [Process] = []
    var waiting: [Waiting] = []
    var known: [Announcement.ID: Known] = [:]
    /// Whether somebody was told that dispatchers are held.
    var isHeld = false
    var violations: [String] = []
    var outcomes: [Outcome: Int] = [:]
    var isChecked = false
    private var storeCalls = 0
    private var tokens = 0
    private var starts = 0

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        let disk = try SQLiteStore()
        self.disk = disk
        store = try SQLiteStore { Self.copy($0, to: disk) }
    }

    // MARK: Power

    /// What people have entered is on the disk when they are told so, and so is all that was written before it.
    func sync() { Self.copy(store, to: disk) }

    /// Ends everything but Redis, and what was written since the last synced write.
    func losePower() {
        for process in processes { kill(process) }
        Self.copy(disk, to: store)
    }

    private static func copy(_ one: SQLiteStore, to other: SQLiteStore) {
        do throws(AnnounceError) {
            try one.copy(to: other)
        } catch {
            fatalError("Memory cannot be copied: \(error)")
        }
    }

    // MARK: Chance

    func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    // MARK: Processes

    func start() {
        starts += 1
        let process = Process("p\(starts)")
        processes.append(process)
        var settings = DispatcherSettings()
        // Seldom, so that a run's steps go to other things.
        (settings.heartbeat, settings.patience) = (.seconds(20), .seconds(50))
        settings.batch = pick(1...8)
        let dispatcher = Dispatcher(
            store: SimulatedStore(world: self, process: process),
            publisher: publisher(of: process),
            zones: ZoneSource { _ in .utc },
            clock: clock,
            settings: settings,
            holder: process.name,
            logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
        )
        process.task = spawn {
            // Before it is ready, a store that fails ends it; whoever watches over it starts another.
            defer { self.processes.removeAll { $0 === process } }
            try await dispatcher.runUntilCancelled()
        }
    }

    func spawn(_ body: @escaping @Sendable () async throws -> Void) -> Task<Void, any Error> {
        Surroundings.$executor.withValue(executor) {
            Surroundings.$random.withValue(RandomSource { self.random.next() }) {
                Task(executorPreference: executor) { try await body() }
            }
        }
    }

    /// Ends a process at once; a command that it has written may still be carried out.
    func kill(_ process: Process) {
        process.isDead = true
        let ended = waiting.filter { $0.process === process }
        waiting.removeAll { $0.process === process }
        for entry in ended {
            if let call = entry.call, entry.place == .carryOut, chance(50) { redis.late.append(call) }
            entry.continuation.resume(returning: .dead)
        }
        process.task?.cancel()
        processes.removeAll { $0 === process }
    }

    func pass(_ process: Process, _ place: Place, _ call: SimulatedRedis.Call? = nil) async -> Verdict {
        if process.isDead { return .dead }
        return await withUnsafeContinuation { continuation in
            waiting.append(Waiting(process: process, place: place, call: call, continuation: continuation))
        }
    }

    /// Runs a call to the real store, which answers from threads of its own.
    func reaching<Value: Sendable>(
        _ body: () async throws(AnnounceError) -> Value
    ) async throws(AnnounceError) -> Value {
        storeCalls += 1
        defer { storeCalls -= 1 }
        return try await body()
    }

    /// Runs everything until all processes wait to be let pass, or sleep.
    func settle() {
        executor.run { storeCalls }
    }

    // MARK: Redis

    private func publisher(of process: Process) -> Publisher {
        Publisher { (messages, _) async throws(PublishError) -> PreparedMessages in
            let texts = messages.map(Self.text)
            self.tokens += 1
            let call = SimulatedRedis.Call(token: "t\(self.tokens)", texts: texts)
            let batch = PreparedMessages.Batch(token: call.token, places: Array(messages.indices), bytes: 100) {
                () async throws(PublishError) -> BatchOutcome in try await self.send(call, from: process)
            }
            return PreparedMessages(batches: [batch])
        } resolve: { (token, _) async throws(PublishError) -> BatchOutcome in
            if await self.pass(process, .write) != .go { throw Self.unreachable }
            let outcome = self.redis.outcome(of: token)
            if await self.pass(process, .reply) != .go { throw Self.unanswered }
            return outcome
        } probe: { () async throws(PublishError) in
            if await self.pass(process, .write) != .go { throw Self.unreachable }
            if await self.pass(process, .reply) != .go { throw Self.unanswered }
        }
    }

    private func send(_ call: SimulatedRedis.Call, from process: Process) async throws(PublishError) -> BatchOutcome {
        checkSent(call)
        if await pass(process, .write) != .go { throw Self.unreachable }
        switch await pass(process, .carryOut, call) {
        case .go: break
        case .lost:
            if chance(60) { redis.late.append(call) }
            throw Self.unanswered
        case .fails, .dead: throw Self.unanswered
        }
        let outcome = redis.carryOut(call) { pick(0...99) }
        checkHeard()
        if await pass(process, .reply) != .go { throw Self.unanswered }
        return outcome
    }

    private static let unreachable = PublishError("away", needsOperator: false)
    private static let unanswered = PublishError("no answer", needsOperator: false, mayHaveHappened: true)

    static func text(_ message: Outgoing) -> String {
        guard case .string(let text)? = try? message.data.arguments().first else { return "" }
        return text
    }
}

import Logging
import Metrics
import Recurrence
import ServiceLifecycle

/// The service that says what is due: it leads or stands by, sleeps until the next due time, and dispatches.
///
/// ```swift
/// let dispatcher = Dispatcher(store: store, publisher: publisher, zones: zones, clock: clock, logger: logger)
/// try await ServiceGroup(services: [dispatcher], logger: logger).run()
/// ```
///
/// Any number may point at one store; one leads, the others take over when it is gone. A graceful shutdown ends the
/// waiting, never the work: what was claimed is sent and recorded first, then the lease is given back.
public struct Dispatcher<C: WallClock>: Service, CustomStringConvertible {
    let store: any AnnouncementStore
    let publisher: Publisher
    let judge: Judge
    let zones: ZoneSource
    let clock: C
    let settings: DispatcherSettings
    let logger: Logger
    let metrics: DispatchMetrics
    private let holder: String
    private let isGone: @Sendable (String) -> Bool
    private let onReady: @Sendable () -> Void
    let onTurn: @Sendable (DispatcherTurn) -> Void

    /// Makes a dispatcher.
    ///
    /// - Parameters:
    ///   - store: where announcements are kept.
    ///   - publisher: how messages reach Redis.
    ///   - zones: the zones of wall times; the queue is planned anew when their rules change.
    ///   - clock: the program's clock.
    ///   - settings: batch size and waits.
    ///   - holder: this process in words, for the lease: it must differ from that of every other process.
    ///   - isGone: whether another holder is known to be dead; `false` when in doubt.
    ///   - logger: where it reports; nothing is logged that is also thrown.
    ///   - metrics: where it counts and measures, as docs/operations.md lists.
    ///   - onReady: called once, when it leads or stands by.
    ///   - onTurn: its sign of life, from then on: called by its loop, however long nothing is due or Redis is away.
    public init(
        store: any AnnouncementStore,
        publisher: Publisher,
        zones: ZoneSource,
        clock: C,
        settings: DispatcherSettings = DispatcherSettings(),
        holder: String,
        isGone: @escaping @Sendable (String) -> Bool = { _ in false },
        logger: Logger,
        metrics: any MetricsFactory = MetricsSystem.factory,
        onReady: @escaping @Sendable () -> Void = {},
        onTurn: @escaping @Sendable (DispatcherTurn) -> Void = { _ in }
    ) {
        self.store = store
        self.publisher = publisher
        self.zones = zones
        judge = Judge(backoff: settings.backoff, zones: zones)
        self.clock = clock
        self.settings = settings
        self.holder = holder
        self.isGone = isGone
        self.logger = logger
        self.metrics = DispatchMetrics(metrics)
        self.onReady = onReady
        self.onTurn = onTurn
    }

    /// Leads or stands by until a graceful shutdown or until the task is cancelled.
    ///
    /// - Throws: ``AnnounceError`` with code ``AnnounceError/Code/storeSchema`` when the store was upgraded under it, with
    ///   ``AnnounceError/Code/storeGone`` when its file was taken away, and what the store throws before the dispatcher is
    ///   ready. No other failure ends it.
    public func run() async throws {
        try await cancelWhenGracefulShutdown { try await runUntilCancelled() }
    }

    /// The same until the task is cancelled, with no task of its own outside of the calling one.
    package func runUntilCancelled() async throws {
        let changes = try await store.changes()
        let wakeup = Wakeup()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in changes { wakeup.signal() }
            }
            try await standByAndLead(wakeup)
            group.cancelAll()
        }
    }

    /// Sends what is due now, waits for the acknowledgements that it asks for, and returns.
    ///
    /// - Returns: what became of it.
    /// - Throws: ``AnnounceError`` with code ``AnnounceError/Code/notLeader`` when another dispatcher leads, with
    ///   ``AnnounceError/Code/held`` when dispatchers are held, ``PublishError`` when Redis cannot be used, and what the store throws.
    public func runOnce() async throws -> DispatchSummary {
        let lease = try await takeOnce()
        let counter = AcknowledgementCounter(self)
        let round = DispatchRound(self, term: lease.term, counter: counter)
        var replanning = Replanning.begun
        while replanning.isGoingOn { try await step(&replanning, term: lease.term) }
        async let counting: Void = counter.run()
        var next = await round.run()
        while case .again(let moment) = next {
            if let moment { try? await clock.sleep(until: moment, tolerance: .zero) }
            next = await round.run()
        }
        counter.finish()
        try await store.releaseLease(term: lease.term, at: clock.wall)
        await counting
        switch next {
        case .unpublished(let error): throw error
        case .unstored(let error): throw error
        case .again, .idle, .deposed:
            if let unresolved = await round.unresolved { throw unresolved }
            if let hold = await round.hold { throw AnnounceError(held: hold) }
            return await round.summary
        }
    }

    /// What it is, for the logs of the service group.
    public var description: String { "dispatcher" }

    // MARK: Who leads

    /// Takes the lease if nobody holds it, or if its holder gives no sign of life for as long as a standby would wait.
    private func takeOnce() async throws -> Lease {
        var watch = LeaseWatch<C.Instant>(patience: settings.patience)
        var seen = try await store.lease()
        if case .wait(let until) = watch.observe(seen, at: clock.now, isGone: isGone) {
            try await clock.sleep(until: until, tolerance: .zero)
            seen = try await store.lease()
        }
        guard
            case .take = watch.observe(seen, at: clock.now, isGone: isGone),
            let lease = try await store.acquireLease(seen: seen, holder: holder, at: clock.wall)
        else {
            throw AnnounceError(
                .notLeader,
                "Another dispatcher leads (\(seen.holder ?? "it has just begun")). It sends what is due; stop it first."
            )
        }
        return lease
    }

    private func standByAndLead(_ wakeup: Wakeup) async throws {
        var watch = LeaseWatch<C.Instant>(patience: settings.patience)
        var isReady = false
        var failures = 0
        func ready() {
            if !isReady { onReady() }
            isReady = true
        }
        while !Task.isCancelled {
            do throws(AnnounceError) {
                let seen = try await shielded { () async throws(AnnounceError) in try await store.lease() }
                failures = 0
                switch watch.observe(seen, at: clock.now, isGone: isGone) {
                case .take:
                    guard let lease = try await take(seen) else { continue }
                    ready()
                    try await lead(lease, wakeup)
                case .wait(let until):
                    ready()
                    onTurn(.standsBy)
                    await wakeup.wait(until: until, on: clock)
                }
            } catch {
                if error.endsDispatching || !isReady { throw error }
                logger.error("store cannot be used", metadata: ["error": "\(error)"])
                await pause(after: failures)
                failures += 1
            }
        }
    }

    private func take(_ seen: Lease) async throws(AnnounceError) -> Lease? {
        let lease = try await shielded { () async throws(AnnounceError) in
            try await store.acquireLease(seen: seen, holder: holder, at: clock.wall)
        }
        if let lease {
            logger.info(
                "leading",
                metadata: ["lease.term": "\(lease.term)", "lease.before": "\(seen.holder ?? "nobody")"]
            )
            metrics.isLeading(true)
        }
        return lease
    }

    /// Dispatches until the task is cancelled or the lease is lost, then gives the lease back.
    private func lead(_ lease: Lease, _ wakeup: Wakeup) async throws(AnnounceError) {
        defer { metrics.isLeading(false) }
        let counter = AcknowledgementCounter(self)
        let ended = await withTaskGroup(of: AnnounceError?.self) { group in
            group.addTask { await keepLease(term: lease.term) }
            group.addTask {
                let round = DispatchRound(self, term: lease.term, counter: counter)
                let ended = await dispatch(round, wakeup)
                try? await shielded { await round.finish() }
                return ended
            }
            group.addTask {
                // It ends when the others have.
                await counter.run()
                return nil
            }
            var ended = await group.next() ?? nil
            group.cancelAll()
            // A round in flight is finished and recorded before the lease is let go.
            for await other in group { ended = ended ?? other }
            return ended
        }
        try await shielded { () async throws(AnnounceError) in
            try await store.releaseLease(term: lease.term, at: clock.wall)
        }
        logger.info("no longer leading", metadata: ["lease.term": "\(lease.term)"])
        if let ended { throw ended }
    }

    private func keepLease(term: Int64) async -> AnnounceError? {
        while true {
            guard (try? await clock.sleep(for: settings.heartbeat)) != nil else { return nil }
            do throws(AnnounceError) {
                guard try await store.renewLease(term: term, at: clock.wall) else { return nil }
            } catch {
                if error.endsDispatching { return error }
                logger.warning("lease not renewed", metadata: ["error": "\(error)"])
            }
        }
    }

    // MARK: The loop

    private func dispatch(_ round: DispatchRound<C>, _ wakeup: Wakeup) async -> AnnounceError? {
        var failures = 0
        var zoneWatch = ZoneWatch<C>(zones)
        var clockWatch = ClockWatch<C>()
        var upkeep = Upkeep<C>(at: clock.now)
        var replanning = Replanning.begun
        while !Task.isCancelled {
            let isUncertain = await round.unresolved != nil
            onTurn(isUncertain || failures > 0 ? .waits : .leads)
            if let event = clockWatch.observe(clock.reading()) {
                tell(event)
                await round.clockWasStepped()
            }
            let next: DispatchRound<C>.Next
            do throws(AnnounceError) {
                if zoneWatch.isTime(at: clock.now) {
                    tell(unreadable: zoneWatch.look(at: clock.now))
                    replanning.lookAgain()
                }
                if replanning.isGoingOn { try await step(&replanning, term: round.term) }
                let isBehind = replanning.isGoingOn
                next = try await shielded { await round.run(isReplanning: isBehind, looksAhead: true) }
            } catch {
                zoneWatch.lookAgain()
                next = error.code == .notLeader ? .deposed : .unstored(error)
            }
            switch next {
            case .unpublished(let error):
                await pause(after: failures, error)
                failures += 1
            case .unstored(let error):
                if error.endsDispatching { return error }
                logger.error("store cannot be used", metadata: ["error": "\(error)"])
                await pause(after: failures)
                failures += 1
            case .again, .idle, .deposed:
                failures = 0
                switch next {
                case .idle where replanning.isGoingOn: continue
                case .idle(let due, let look):
                    if let limit = upkeep.step(at: clock.reading(), due: due) {
                        await keepUp(&upkeep, limit)
                        continue
                    }
                    let end = [look, upkeep.next(after: clock.now)].compactMap { $0 }.reduce(endOfNap(due), min)
                    clockWatch.sleeps(until: end)
                    await wakeup.wait(until: end, on: clock)
                case .again(let moment?): try? await clock.sleep(until: min(moment, endOfNap(nil)), tolerance: .zero)
                case .deposed: return nil
                default: break
                }
            }
        }
        return nil
    }

    /// Removes some records that are too old; where that fails it is done later.
    private func keepUp(_ upkeep: inout Upkeep<C>, _ limit: Int) async {
        let position = upkeep.position
        do throws(AnnounceError) {
            let pruned = try await shielded { () async throws(AnnounceError) in
                try await store.prune(settings.retention, after: position, limit: limit, at: clock.wall)
            }
            upkeep.took(pruned, at: clock.now)
            metrics.removed(pruned.deliveries)
            if pruned.deliveries == 0 { return }
            logger.debug(
                "removed old records",
                metadata: [
                    "pruned.deliveries": "\(pruned.deliveries)", "pruned.announcements": "\(pruned.announcements)",
                ]
            )
        } catch {
            upkeep.failed(at: clock.now)
            metrics.storeFailed()
            logger.warning("old records not removed", metadata: ["error": "\(error)"])
        }
    }

    /// When to wake when nothing happens: something is due, or the longest nap is over, as long sleeps are not to be trusted.
    private func endOfNap(_ due: Timestamp?) -> C.Instant {
        let reading = clock.reading()
        let longest = reading.monotonic.advanced(by: settings.longestNap)
        guard let due else { return longest }
        // What was not made ready by then has another reason to wait for its time.
        let ready = due - settings.lookahead
        return min(reading.instant(of: ready > reading.wall ? ready : due), longest)
    }

    private func tell(unreadable zones: [(zone: String, why: String)]) {
        for (zone, why) in zones {
            logger.error(
                "zone file cannot be read, its last rules hold on",
                metadata: ["zone": "\(zone)", "error": "\(why)"]
            )
        }
    }

    private func tell(_ event: ClockWatch<C>.Event) {
        metrics.clockEvent()
        switch event {
        case .stepped(let step):
            logger.notice("the clock was stepped", metadata: ["clock.step_ms": "\(step)"])
        case .stoodStill(let time):
            logger.notice("this process stood still", metadata: ["clock.standstill_ms": "\(time)"])
        }
    }

    private func pause(after failures: Int) async {
        onTurn(.waits)
        var generator = Chance()
        try? await clock.sleep(for: .milliseconds(settings.backoff.delay(after: failures, using: &generator)))
    }

    /// Waits before publishing is tried again; where Redis gives no sign of life, no longer than until it does.
    ///
    /// Otherwise what falls due when Redis is long back would wait for what failed while it was away.
    private func pause(after failures: Int, _ error: PublishError) async {
        var generator = Chance()
        let delay = settings.backoff.delay(after: failures, using: &generator)
        let end = clock.now.advanced(by: .milliseconds(max(delay, error.shortestWait)))
        var (wasAway, probes) = (false, 0)
        while !Task.isCancelled && clock.now < end {
            onTurn(.waits)
            let interval = max(Backoff.probing.delay(after: probes, using: &generator), error.shortestWait)
            let next = clock.now.advanced(by: .milliseconds(interval))
            if next < end {
                do throws(PublishError) {
                    try await publisher.probe()
                    if wasAway { return }
                } catch {
                    wasAway = true
                }
                probes += 1
            }
            try? await clock.sleep(until: min(next, end), tolerance: .zero)
        }
    }
}

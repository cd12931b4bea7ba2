import Announce
import AnnounceSQLite
import ArgumentParser
import CMalloc
import Glibc
import Logging
import Recurrence
import ServiceLifecycle
import SocketIOEmitter
import UnixSignals

/// `announce run`: the dispatcher.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Sends what is due, until it is told to stop.",
        discussion: """
            Prints `ready` when it leads or stands by: any number may run on one database, and one of them leads. It keeps \
            trying while Redis is away. SIGTERM or SIGINT finishes what is on its way and stops; a second one stops at once.

            Examples:
              announce run
              announce run --once
              announce run --redis redis://:secret@10.0.0.5:6379
            """
    )

    /// How long a graceful stop may take.
    private static let stopTimeout = Duration.seconds(10)

    @Flag(help: "Send what is due now, and exit.") var once = false
    @OptionGroup var wire: WireOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            Self.keepMemory()
            let composition = try await Composition(common, wire: wire)
            let redis = try composition.redis()
            let store = try composition.store(durability: .process)
            try await store.refuseDamage()
            let dispatcher = dispatcher(composition, store, redis)
            if once {
                report(try await dispatcher.runOnce())
            } else {
                async let greeting: Void = greet(redis, composition.logger)
                try await serve(dispatcher, composition.logger)
                await greeting
            }
            await redis.close()
        }
    }

    /// What one batch has needed the next one needs again: up to so many bytes are not given back to the system in between, which
    /// would have to clear them anew.
    private static func keepMemory() {
        let most: Int32 = 16 << 20
        mallopt(M_MMAP_THRESHOLD, most)
        mallopt(M_TRIM_THRESHOLD, most)
    }

    /// Connects at once, so that what a person has to mend is said before something is due.
    private func greet(_ redis: RedisClient, _ logger: Logger) async {
        do {
            try await redis.ping()
        } catch  where error.code != .closed {
            logger.error("Redis cannot be used", metadata: ["error": "\(error.message)"])
        } catch {}
    }

    private func dispatcher(
        _ composition: Composition,
        _ store: SQLiteStore,
        _ redis: RedisClient
    ) -> Dispatcher<SystemClock> {
        Dispatcher(
            store: store,
            publisher: Publisher(
                OnceEmitter(
                    AckCollector(Emitter(redis: redis, wire: composition.wire)),
                    policy: composition.settings.publishOnce
                ),
                redis
            ),
            zones: composition.zoneSource,
            clock: composition.clock,
            settings: DispatcherSettings(composition.settings.limits, composition.wire),
            holder: "\(ProcessIdentity.current)",
            isGone: { ProcessIdentity.current.isGone($0) },
            logger: composition.logger,
            onReady: {
                Terminal.data("ready")
                ServiceManager.current.ready()
            },
            onTurn: { ServiceManager.current.turned($0) }
        )
    }

    private func serve(_ dispatcher: Dispatcher<SystemClock>, _ logger: Logger) async throws {
        var configuration = ServiceGroupConfiguration(
            services: [dispatcher],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = Self.stopTimeout
        let group = ServiceGroup(configuration: configuration)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                var signals = 0
                for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                    signals += 1
                    ServiceManager.current.stopping()
                    if signals == 2 { Glibc.exit(128 + Int32(signal.rawValue)) }
                }
            }
            try await group.run()
            tasks.cancelAll()
        }
    }

    private func report(_ summary: DispatchSummary) {
        var parts = Outcome.allCases.compactMap { outcome in
            summary.outcomes[outcome].map { "\(outcome.rawValue) \($0)" }
        }
        if summary.retries > 0 { parts.append("to be tried again \(summary.retries)") }
        Terminal.data(parts.isEmpty ? "Nothing was due." : parts.joined(separator: ", ") + ".")
    }
}

extension DispatcherSettings {
    /// The dispatcher's numbers for the settings and the wire.
    init(_ limits: LimitSettings, _ wire: Wire) {
        self.init()
        retention = limits.retention
        pace.bytesPerSecond = limits.bytesPerSecond
        // Redis trims a stream while it is written: at most half of it a second, so that those who read it see it all. All streams
        // together get what one may have, as nobody knows here which namespace is in which.
        if case .streams(let streams) = wire {
            batch = min(batch, max(1, streams.maximumLength / 8))
            pace.messagesPerSecond = max(1, streams.maximumLength / 2)
        }
    }
}

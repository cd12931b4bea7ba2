import Announce
import AnnounceSQLite
import Glibc
import Logging
import Payload
import Recurrence
import SocketIOEmitter

/// The one place where the parts are made and put together.
struct Composition {
    let settings: Settings
    let clock = SystemClock()
    let zones: ZoneLoader
    let logger: Logger
    /// How the servers talk on Redis.
    let wire: Wire
    private let common: CommonOptions
    private let environment: [String: String]
    private let zoneCache: ZoneCache

    init(_ common: CommonOptions, wire: WireOptions? = nil) async throws {
        self.common = common
        environment = Settings.environment
        settings = try await Settings(common, wire: wire, environment: environment)
        do throws(WireProblem) {
            self.wire = try settings.wire.make()
        } catch {
            let exitCode =
                wire?.gives(error.key) == true ? CommandFailure.dataError : CommandFailure.configuration
            throw CommandFailure(error.message, exitCode: exitCode)
        }
        zones = ZoneLoader.system(environment: environment)
        zoneCache = ZoneCache(zones)
        var logger = Logger(label: "announce") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = common.quiet ? .error : common.verbose ? .debug : .info
        self.logger = logger
    }

    /// The user in whose name things are changed: with sudo, who called it.
    var user: String {
        environment["SUDO_USER"].flatMap { $0.isEmpty || $0 == "root" ? nil : $0 } ?? environment["USER"]
            ?? environment["LOGNAME"] ?? "uid \(getuid())"
    }

    /// The zone of times without one: the setting, or the machine's.
    func zone() throws -> Zone {
        let name = settings.timezone == "system" ? zones.systemZoneName(environment: environment) : settings.timezone
        do throws(ZoneError) {
            return try zoneCache.zone(named: name)
        } catch {
            let origin =
                settings.timezone == "system" ? " It is the machine's zone (TZ or /etc/localtime); give --tz." : ""
            throw CommandFailure(error.message + origin, exitCode: exitCode(wasOption: common.timezone != nil))
        }
    }

    /// The zone of that name, as its file was when it was first asked for.
    func zone(named name: String) throws(ZoneError) -> Zone { try zoneCache.zone(named: name) }

    /// The zones for what runs for long and looks at their files again.
    var zoneSource: ZoneSource { zoneCache.source }

    /// The zone of a stored announcement; UTC when its data are not there, so that it can still be looked at.
    func zone(of announcement: Announcement) -> Zone {
        (try? zone(named: announcement.draft.plan.timezone)) ?? .utc
    }

    /// Decides about changes of stored announcements.
    func editor(at now: Timestamp) -> Editor {
        Editor(now: now, zones: zoneSource)
    }

    /// The notices of a plan in a zone.
    func notices(of plan: Plan, in zone: Zone) -> NoticePlan {
        NoticePlan(plan, in: zone, zones: zones)
    }

    /// The store, made if it is missing.
    func store(durability: SQLiteStore.Durability = .full) throws -> SQLiteStore {
        try SQLiteStore(path: settings.database, durability: durability)
    }

    /// The store for a command that only looks: where there is no file yet there is nothing, and none is made.
    func storeToRead() throws -> SQLiteStore {
        if access(settings.database, F_OK) == 0 || errno != ENOENT { return try store() }
        Terminal.note("There is no database \(settings.database) yet; `announce add` makes it.")
        return try SQLiteStore()
    }

    /// Where Redis is, and who connects.
    func redisConfiguration() throws -> RedisConfiguration {
        do throws(RedisError) {
            return try settings.redisTLS.configuration(url: settings.redisURL)
        } catch {
            throw CommandFailure(error.message, exitCode: exitCode(wasOption: common.redis != nil || common.hasTLS))
        }
    }

    /// A client for the Redis of the settings; it connects when it is first used.
    ///
    /// - Parameter name: what `CLIENT LIST` shows for its connections; nil for nothing.
    /// - Returns: the client.
    /// - Throws: ``CommandFailure`` for a URL or TLS settings that cannot be used.
    func redis(name: String? = nil) throws -> RedisClient {
        var configuration = try redisConfiguration()
        configuration.clientName = name
        if configuration.tls?.verification == RedisTLS.Verification.none {
            logger.warning(
                "TLS does not verify who the Redis server is, so that anyone on the way can read and change it all"
            )
        }
        return RedisClient(
            configuration: configuration,
            now: { [clock] in clock.wall.milliseconds },
            logger: logger
        )
    }

    /// A value that cannot be used is the command's fault when it was an option, else that of the settings.
    private func exitCode(wasOption: Bool) -> Int32 {
        wasOption ? CommandFailure.dataError : CommandFailure.configuration
    }
}

extension Publisher {
    /// A publisher that sends through an emitter, whose client it is.
    init(_ emitter: OnceEmitter, _ redis: RedisClient) {
        self.init { (messages, lifetime) async throws(PublishError) -> PreparedMessages in
            do throws(EmitterError) {
                let prepared = try await emitter.prepare(Emission.all(messages), lifetime: .milliseconds(lifetime))
                return PreparedMessages(
                    batches: prepared.batches.map { PreparedMessages.Batch($0, by: emitter) },
                    results: prepared.results.mapValues { PublishResult($0) }
                )
            } catch {
                throw PublishError(error)
            }
        } resolve: { (token, messages) async throws(PublishError) -> BatchOutcome in
            do throws(EmitterError) {
                return BatchOutcome(
                    try await emitter.outcome(of: token, namespaces: messages.map { $0?.target.namespace })
                )
            } catch {
                throw PublishError(error)
            }
        } probe: { () async throws(PublishError) in
            do throws(RedisError) {
                try await redis.ping()
            } catch {
                throw PublishError(EmitterError(error))
            }
        }
    }
}

extension PreparedMessages.Batch {
    init(_ batch: OnceEmitter.Batch, by emitter: OnceEmitter) {
        self.init(token: batch.token, places: batch.places, bytes: batch.bytes) {
            () async throws(PublishError) -> BatchOutcome in
            do throws(EmitterError) {
                return BatchOutcome(try await emitter.send(batch))
            } catch {
                throw PublishError(error)
            }
        }
    }
}

extension BatchOutcome {
    init(_ outcome: OnceEmitter.Outcome) {
        switch outcome {
        case .carriedOut(let results, let plainly):
            let counts = results.receivers?.map { PublishResult.taken(receivers: $0) }
            self = .carriedOut(counts ?? results.map { PublishResult($0) }, plainly: plainly?.message)
        case .void(let plainly): self = .void(plainly: plainly?.message)
        case .interrupted: self = .interrupted
        }
    }
}

extension PublishError {
    init(_ error: EmitterError) {
        self.init(
            error.message,
            needsOperator: error.needsOperator,
            mayHaveHappened: error.redis?.mayHaveExecuted ?? false
        )
    }
}

extension PublishResult {
    init(_ result: Result<Emitted, EmitterError>) {
        switch result {
        case .success(let emitted):
            let pending = emitted.acknowledgements.map { pending in
                Announce.PendingAcknowledgements {
                    let answers = await pending.value()
                    return AcknowledgementCount(addressed: answers.addressed, acknowledged: answers.acknowledged)
                }
            }
            self = .taken(receivers: emitted.receipt.receivers, acknowledgements: pending)
        case .failure(let error) where error.redis != nil || error.code == .conflict:
            self = .refused(error.message, needsOperator: error.needsOperator)
        case .failure(let error): self = .impossible(error.message)
        }
    }
}

extension Broadcast {
    init(_ target: Target, _ data: EventData) {
        var flags: [Flag] = []
        if target.volatile { flags.append(.volatile) }
        if let compress = target.compress { flags.append(.compress(compress)) }
        self.init(
            namespace: target.namespace,
            rooms: target.rooms,
            except: target.except,
            exceptSockets: target.exceptSockets,
            flags: flags,
            data: data
        )
    }
}

extension Emission {
    /// The emissions of messages; those that follow each other to one target share what addresses it.
    static func all(_ messages: [Outgoing]) -> [Emission] {
        var target: Target?
        // To whom the last one goes, with nothing in it.
        var pattern: Broadcast?
        return messages.map { message in
            if target.map({ !Target.isIdentical($0, message.target) }) ?? true {
                target = message.target
                pattern = Broadcast(message.target, EventData(event: "", arguments: []))
            }
            return Emission(
                pattern.map { Broadcast(like: $0, data: message.data) } ?? Broadcast(message.target, message.data),
                acknowledgeWithin: message.acknowledgeWithin.map(Duration.milliseconds)
            )
        }
    }
}

extension EmitterError {
    /// Whether a person has to mend it, so that trying often is of no use.
    var needsOperator: Bool {
        redis?.code == .authentication || redis?.code == .permission || redis?.code == .tls
    }
}

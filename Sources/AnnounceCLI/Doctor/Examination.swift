import Announce
import Glibc
import Recurrence
import SocketIOEmitter

/// Finds out what a diagnosis takes; it changes nothing but that a database of an older schema is brought to the
/// newest.
struct Examination {
    private static let samples = 5

    let composition: Composition
    let namespace: String

    func facts() async throws -> DoctorFacts {
        let configuration = try composition.redisConfiguration()
        let redis = try composition.redis(name: "announce-doctor")
        async let store = store()
        let site = await site(redis)
        let facts = DoctorFacts(
            wire: composition.wire,
            namespace: namespace,
            publishOnce: composition.settings.publishOnce,
            place: configuration.description,
            isCluster: redis.isCluster,
            user: configuration.username ?? "default",
            now: composition.clock.wall,
            zone: (try? composition.zone()) ?? .utc,
            zoneData: await zoneData(),
            store: await store,
            site: site
        )
        await redis.close()
        return facts
    }

    // MARK: This machine

    private func zoneData() async -> Result<String?, CommandFailure> {
        await failures {
            _ = try composition.zone()
            // A zone that every release has; UTC needs no data.
            _ = try composition.zone(named: "Europe/London")
            return composition.zones.dataVersion
        }
    }

    private func store() async -> Result<DoctorFacts.Store, CommandFailure> {
        let path = composition.settings.database
        if access(path, F_OK) != 0, errno == ENOENT {
            return .failure(
                CommandFailure(
                    "There is no database \(path). Start `announce run`, which makes it, or name the right one with --database.",
                    exitCode: CommandFailure.unavailable
                )
            )
        }
        return await failures {
            let store = try composition.store()
            try await store.refuseDamage()
            let status = try await store.status(at: composition.clock.wall)
            let leads = try await composition.isAlive(status.lease, in: store)
            let planned = try await store.plannedZones()
            let differing = planned.filter { name, fingerprint in
                (try? composition.zone(named: name)).map { $0.fingerprint != fingerprint } ?? false
            }
            return DoctorFacts.Store(
                path: path,
                schema: try await store.schemaVersion(),
                status: status,
                leads: leads,
                differingZones: differing.keys.sorted()
            )
        }
    }

    // MARK: Redis

    private func site(_ redis: RedisClient) async -> Result<DoctorFacts.Site, CommandFailure> {
        await failures {
            let reports = try await redis.reports()
            let emitter = Emitter(redis: redis, wire: composition.wire).of(namespace)
            let tokens = composition.settings.publishOnce != .off
            let databases = reports.flatMap { $0.databases ?? [] }
            return DoctorFacts.Site(
                reports: reports,
                skew: try await skew(redis),
                latency: try await latency(redis),
                permissions: await failures { try await emitter.permissions(tokens: tokens) },
                survey: await failures { try await emitter.survey(databases: databases) }
            )
        }
    }

    private func latency(_ redis: RedisClient) async throws -> Duration {
        var times: [Duration] = []
        for _ in 0..<Self.samples {
            let began = composition.clock.now
            _ = try await redis.send(RedisCommand("PING"))
            times.append(began.duration(to: composition.clock.now))
        }
        return times.sorted()[times.count / 2]
    }

    /// Of several readings the one that took the least time; of several masters the clock that is furthest off.
    private func skew(_ redis: RedisClient) async throws -> DoctorFacts.Skew? {
        var best: DoctorFacts.Skew?
        for _ in 0..<Self.samples {
            let began = composition.clock.reading()
            let replies = try await redis.sendToMasters(RedisCommand("TIME"))
            let half = began.monotonic.duration(to: composition.clock.now).milliseconds / 2
            if let best, best.uncertainty <= half { continue }
            let middle = began.wall.milliseconds + half
            let skews = replies.compactMap(Self.milliseconds).map { $0 - middle }
            guard let worst = skews.max(by: { abs($0) < abs($1) }) else { return nil }
            best = DoctorFacts.Skew(milliseconds: worst, uncertainty: half)
        }
        return best
    }

    /// The answer to `TIME`: seconds and microseconds.
    private static func milliseconds(_ reply: RedisReply) -> Int64? {
        guard case .array(let parts) = reply, parts.count == 2 else { return nil }
        let numbers = parts.compactMap { part in
            if case .string(let text) = part { Int64(String(decoding: text, as: UTF8.self)) } else { nil }
        }
        return numbers.count == 2 ? numbers[0] * 1000 + numbers[1] / 1000 : nil
    }

    /// The value, or why there is none; what nobody foresaw counts as unavailable.
    private func failures<Value: Sendable>(_ body: () async throws -> Value) async -> Result<Value, CommandFailure> {
        do {
            return .success(try await reportingFailures(body))
        } catch let failure as CommandFailure {
            return .failure(failure)
        } catch {
            return .failure(CommandFailure("It cannot be told: \(error).", exitCode: CommandFailure.internalError))
        }
    }
}

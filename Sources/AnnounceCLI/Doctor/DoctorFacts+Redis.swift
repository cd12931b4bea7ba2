import SocketIOEmitter

// MARK: Redis itself

extension DoctorFacts {
    func redisFindings(_ site: Site) -> [Finding] {
        let versions = Set(site.reports.compactMap(\.version)).sorted()
        let what = versions.isEmpty ? "a Redis of unknown version" : "Redis \(list(versions))"
        let nodes = site.reports.count > 1 ? ", \(site.reports.count) masters" : ""
        return [.ok(.redis, "\(place) is \(what)\(nodes).")] + serverFindings(site.reports)
            + evictionFindings(site.reports) + [latencyFinding(site.latency)]
    }

    /// Whether tokens are kept, or entries written: what a replica and one node of a cluster alone cannot do.
    private var writes: Bool { publishOnce != .off || adapter == .streams }

    private func serverFindings(_ reports: [RedisServerReport]) -> [Finding] {
        var findings: [Finding] = []
        let needed = adapter == .sharded ? 7 : adapter == .streams ? 5 : 0
        if let report = reports.first(where: { ($0.majorVersion ?? needed) < needed }) {
            findings.append(
                .problem(
                    .redisServer,
                    "The \(adapter) wire needs Redis \(needed), and this is \(report.version ?? "older").",
                    "Choose with --wire the wire that the servers speak here.",
                    because: "this Redis is too old for the \(adapter) wire"
                )
            )
        }
        if reports.contains(where: { $0.isReplica == true }) {
            let message =
                "This Redis is a replica: it takes no writes, and what is published on it reaches its own subscribers only."
            let remedy = "Name the master in the Redis URL, or its sentinels (redis+sentinel://)."
            findings.append(
                writes
                    ? .problem(.redisServer, message, remedy, because: "this Redis is a replica")
                    : .warning(.redisServer, message, remedy)
            )
        }
        if !isCluster, reports.contains(where: { $0.isClusterNode == true }) {
            let message = "This Redis is one node of a cluster, and the URL speaks of a single server."
            let remedy = "Begin the Redis URL with redis+cluster:// (rediss+cluster:// with TLS)."
            findings.append(
                writes || adapter == .sharded
                    ? .problem(.redisServer, message, remedy, because: "the URL does not speak of the cluster")
                    : .warning(.redisServer, message, remedy)
            )
        }
        return findings
    }

    private func evictionFindings(_ reports: [RedisServerReport]) -> [Finding] {
        let policies = reports.compactMap(\.evictionPolicy)
        guard let policy = policies.first(where: { $0 != "noeviction" }) else {
            return policies.isEmpty
                ? [.ok(.eviction, "Whether Redis evicts keys is not known: its user may not ask (INFO).")]
                : [.ok(.eviction, "Redis evicts no keys.")]
        }
        let atPresent =
            reports.allSatisfy { $0.maximumMemory == 0 } ? " (at present it has no maxmemory, and evicts nothing)" : ""
        return [
            .warning(
                .eviction,
                "Redis evicts keys when memory is out, by \(policy)\(atPresent): where a token of announce is evicted, a crash can "
                    + "repeat a batch.",
                "Set maxmemory-policy noeviction, or give announce a Redis of its own."
            )
        ]
    }

    private func latencyFinding(_ latency: Duration) -> Finding {
        let words = "Redis answers in \(latency.milliseconds == 0 ? "less than 1" : "\(latency.milliseconds)") ms."
        if latency < .milliseconds(100) { return .ok(.latency, words) }
        let why = " Every batch waits for it, and so does what is due after it."
        return .warning(
            .latency,
            words + why,
            "Run announce nearer to Redis, or look what keeps Redis busy (SLOWLOG GET)."
        )
    }
}

// MARK: What its user may do

extension DoctorFacts {
    func permissionFindings(_ site: Site) -> [Finding] {
        let trials: [PermissionTrial]
        switch site.permissions {
        case .failure(let failure):
            return [.problem(.permissions, failure, because: "nothing can be published")]
        case .success(let found): trials = found
        }
        let refused = trials.filter { $0.refusal != nil }
        if refused.isEmpty {
            return [.ok(.permissions, "The user \(user) may do what `announce run` does on the \(adapter) wire.")]
        }
        if let trial = refused.first(where: { $0.purpose == .publishing }), let error = trial.refusal {
            return [publishingRefused(trial, error)]
        }
        return refused.first.map { [tokensRefused(refused, $0)] } ?? []
    }

    private func publishingRefused(_ trial: PermissionTrial, _ error: RedisError) -> Finding {
        guard error.code == .permission else {
            return .problem(
                .permissions,
                CommandFailure(
                    "\(trial.command) is refused: \(error.message)",
                    exitCode: CommandFailure(error).exitCode
                ),
                because: "Redis refuses what publishes"
            )
        }
        return .problem(
            .permissions,
            "The user \(user) may not \(trial.command).",
            "Grant it: ACL SETUSER \(user) \(publishingRules).",
            because: "Redis' user may not publish",
            exitCode: CommandFailure.permission
        )
    }

    /// Without tokens `auto` publishes all the same where they are refused for good.
    private func tokensRefused(_ refused: [PermissionTrial], _ first: PermissionTrial) -> Finding {
        let error = first.refusal
        let isForbidden = error?.code == .permission
        let commands = list(refused.map { $0.command.split(separator: " ").first.map(String.init) ?? "" })
        let what =
            isForbidden
            ? "The user \(user) may not keep the tokens of batches (\(commands) on announce:once:*)"
            : "Redis does not keep the tokens of batches"
        let why = isForbidden ? "" : ": \(Finding.split(error?.message ?? "").message.dropLast())"
        let remedy =
            isForbidden
            ? "Grant it: ACL SETUSER \(user) ~announce:once:* +eval +evalsha +set +get."
            : Finding.split(error?.message ?? "").remedy
        let isLasting = error.map { [.permission, .outOfMemory, .refused].contains($0.code) } ?? false
        if publishOnce == .auto, isLasting {
            return .warning(.permissions, "\(what)\(why), so a crash or a lost reply can repeat some.", remedy)
        }
        return .problem(
            .permissions,
            "\(what)\(why), and without them nothing is published (publish-once: \(publishOnce.rawValue)).",
            remedy,
            because: "Redis does not keep the tokens of batches",
            exitCode: isForbidden ? CommandFailure.permission : CommandFailure.unavailable
        )
    }

    /// The rules of an ACL by which its user may publish (docs/wire.md).
    private var publishingRules: String {
        switch wire {
        case .classic(let wire): "'&\(wire.prefix)#*' +publish"
        case .sharded(let wire): "'&\(wire.prefix)#*' +spublish"
        case .streams(let wire): "'~\(wire.streamName)\(wire.streamCount > 1 ? "-*" : "")' +xadd"
        case .python(let wire): "'&\(wire.channel)' +publish"
        }
    }
}

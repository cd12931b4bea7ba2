import SocketIOEmitter

/// Who listens, and what is most likely wrong where nobody does.
extension DoctorFacts {
    /// Whose wire it is.
    var adapter: ServerSurvey.Adapter {
        switch wire {
        case .classic: .classic
        case .sharded: .sharded
        case .streams: .streams
        case .python: .python
        }
    }

    /// The prefix; of python-socketio the channel.
    private var prefix: String {
        switch wire {
        case .classic(let wire): wire.prefix
        case .sharded(let wire): wire.prefix
        case .streams(let wire): wire.channelPrefix
        case .python(let wire): wire.channel
        }
    }

    /// How many servers would take an announcement; nil where it cannot be known.
    ///
    /// Where Redis may not be asked who subscribes, what was published to find out about permissions was counted.
    func servers(_ site: Site) -> Int? {
        guard case .success(let survey) = site.survey else { return nil }
        if let servers = survey.servers { return servers }
        guard case .success(let trials) = site.permissions else { return nil }
        return trials.compactMap(\.receivers).first
    }

    func serverFindings(_ site: Site, _ servers: Int?) -> [Finding] {
        let survey: ServerSurvey
        switch site.survey {
        case .failure(let failure):
            return [.problem(.servers, failure, because: "it cannot be seen who listens")]
        case .success(let found): survey = found
        }
        var findings: [Finding] = []
        switch servers {
        case nil:
            let message =
                adapter == .streams
                ? "Whether a server reads the stream cannot be known: those of adapters before 0.3 are not to be counted, and this "
                    + "user may not ask for clients (CLIENT LIST)."
                : "Whether a server listens cannot be known: this user may not ask (PUBSUB)."
            findings.append(
                .problem(
                    .servers,
                    message,
                    "Run doctor once as a user who may: give its URL with --redis, or +pubsub and +client|list to this one.",
                    because: "it cannot be known whether a server listens",
                    exitCode: CommandFailure.permission
                )
            )
        case 0?:
            let cause = cause(survey)
            findings.append(.problem(.servers, cause.message, cause.remedy, because: cause.reason))
        case let number?:
            findings.append(heard(by: number, survey))
            findings += otherServers(survey)
        }
        return findings + listenerFindings(survey)
    }

    private func heard(by number: Int, _ survey: ServerSurvey) -> Finding {
        let head = "\(count(number, "server")) \(number == 1 ? "listens" : "listen") on the \(adapter) wire:"
        // What was published to find out is received by whoever reads the channel.
        let among =
            survey.servers == nil ? " `announce listen` would be among them: this user may not ask more (PUBSUB)." : ""
        if case .python = wire { return .ok(.servers, "\(head) channel \(prefix).\(among)") }
        let asked = survey.groups.filter { $0.adapter == adapter && $0.namespace == namespace }
        if case .streams(let streams) = wire {
            let name = (try? streams.stream(of: namespace)) ?? streams.streamName
            var message = "\(head) stream \(name), namespace \(namespace)."
            if !survey.streams.contains(where: { $0.database == survey.database && $0.name == name }) {
                message += " Whether they read a stream of this name shows when it is first written to."
            }
            guard let other = asked.first?.prefix, !asked.contains(where: { $0.prefix == prefix }) else {
                return .ok(.servers, message)
            }
            message += " Their prefix is \(other), and what asks them (audience, --ack) goes to the prefix \(prefix)."
            return .warning(.servers, message, "Give the servers' own: --prefix \(other).")
        }
        let message = "\(head) prefix \(prefix), namespace \(namespace).\(among)"
        if adapter == .sharded, let stream = survey.streams.first {
            return .warning(
                .servers,
                "\(message) The stream \(stream.name) has entries of the streams adapter, whose servers look the same with "
                    + "useShardedPubSub.",
                "If they are such, give --wire streams\(stream.name == "socket.io" ? "" : " --stream \(stream.name)")."
            )
        }
        return .ok(.servers, message)
    }

    private func listenerFindings(_ survey: ServerSurvey) -> [Finding] {
        guard let listeners = survey.listeners, listeners > 0 else { return [] }
        return [
            .warning(
                .listeners,
                "`announce listen` has \(count(listeners, "connection")) here. It is no server, but Redis counts it: what no server "
                    + "hears is recorded as published.",
                "End it when you have seen enough."
            )
        ]
    }

    /// Servers on the same Redis that would hear nothing of it.
    private func otherServers(_ survey: ServerSurvey) -> [Finding] {
        let others = survey.groups.filter { $0.adapter != adapter || ($0.prefix != prefix && adapter != .streams) }
        guard !others.isEmpty else { return [] }
        var message = "Not reached on this wire and prefix: \(list(others.map(describeWithWire), limit: 3))."
        let isHarmful =
            survey.groups.contains { $0.adapter == .classic && $0.prefix == prefix }
            && survey.groups.contains { $0.adapter == .streams && $0.prefix == prefix }
        if isHarmful {
            message +=
                " Servers of the classic and of the streams adapter share a prefix: a question among the latter ends the former."
        }
        let remedy =
            isHarmful
            ? "Give the two kinds different prefixes."
            : "If they are of the same site, run a dispatcher with a database of its own for each kind."
        return [.warning(.otherServers, message, remedy)]
    }

    // MARK: Why nobody

    private struct Cause {
        let message: String
        let remedy: String
        let reason: String
    }

    /// The likeliest cause, and what else to try where servers are there in several ways.
    private func cause(_ survey: ServerSurvey) -> Cause {
        if let cause = otherDatabase(survey) ?? otherStream(survey) ?? otherNamespace(survey) { return cause }
        let isSamePlace = survey.groups.contains { $0.prefix == prefix && $0.namespace == namespace }
        let causes = [otherPrefix(survey), otherWire(survey)].compactMap { $0 }
        guard let first = isSamePlace ? causes.last : causes.first else {
            return olderStreams(survey) ?? nobody(survey)
        }
        guard causes.count == 2, let second = isSamePlace ? causes.first : causes.last else { return first }
        let other = second.remedy.replacing("Give the servers' own:", with: "Or else:", maxReplacements: 1)
        return Cause(
            message: "\(first.message) \(second.message)",
            remedy: "\(first.remedy) \(other)",
            reason: first.reason
        )
    }

    private func otherNamespace(_ survey: ServerSurvey) -> Cause? {
        let groups = survey.groups.filter {
            $0.adapter == adapter && $0.namespace != nil && ($0.prefix == prefix || adapter == .streams)
        }
        guard !groups.isEmpty, !groups.contains(where: { $0.namespace == namespace }) else { return nil }
        let names = groups.compactMap(\.namespace)
        let place = adapter == .streams ? "" : " with prefix \(prefix)"
        let who = list(groups.map { "\($0.namespace ?? "") has \(count($0.servers, "server"))" })
        return Cause(
            message: "No server has namespace \(namespace): on the \(adapter) wire\(place), \(who).",
            remedy: "Give --namespace \(names[0]) to what announces, or let the servers make io.of(\"\(namespace)\").",
            reason: "the servers have \(names.count == 1 ? "another namespace" : "other namespaces"): \(list(names))"
        )
    }

    /// Streams are in a database, whereas the channels on which servers are counted are everywhere.
    private func otherDatabase(_ survey: ServerSurvey) -> Cause? {
        guard case .streams(let wire) = wire, survey.readers?[survey.database, default: 0] ?? 0 == 0 else { return nil }
        let read = (survey.readers ?? [:]).filter { $0.key != survey.database && $0.value > 0 }.map(\.key).sorted()
        let written = survey.streams.filter { $0.database != survey.database && $0.name.hasPrefix(wire.streamName) }
        guard let database = (read + written.map(\.database)).first else { return nil }
        return Cause(
            message: "No server reads streams in database \(survey.database) of this Redis; "
                + (read.isEmpty
                    ? "the stream is in database \(database)."
                    : "\(count(survey.readers?[database] ?? 0, "client")) "
                        + "\(survey.readers?[database] == 1 ? "reads" : "read") some in database \(database)."),
            remedy: "Give the number in the Redis URL: redis://HOST:PORT/\(database) (or ?db=\(database)).",
            reason: "the servers read database \(database), and announcements go to \(survey.database)"
        )
    }

    private func otherStream(_ survey: ServerSurvey) -> Cause? {
        guard case .streams(let wire) = wire else { return nil }
        let here = survey.streams.filter { $0.database == survey.database }
        guard !here.isEmpty, !here.contains(where: { $0.name.hasPrefix(wire.streamName) }) else { return nil }
        return Cause(
            message:
                "The stream \(wire.streamName) is not there; entries of the streams adapter are in \(list(here.map(\.name))).",
            remedy: "Give the servers' streamName: --stream \(here[0].name).",
            reason: "the servers read the stream \(here[0].name) and not \(wire.streamName)"
        )
    }

    private func otherPrefix(_ survey: ServerSurvey) -> Cause? {
        let groups = survey.groups.filter { $0.adapter == adapter && $0.prefix != prefix }
        guard let best = groups.first(where: { $0.namespace == namespace }) ?? groups.first else { return nil }
        let word = adapter == .python ? "channel" : "prefix"
        let other = best.namespace.map { $0 == namespace ? "" : " --namespace \($0)" } ?? ""
        let certainly =
            adapter == .python && !best.prefix.lowercased().contains("socketio") ? ", if that is theirs" : ""
        return Cause(
            message:
                "No server listens with the \(word) \(prefix). On the \(adapter) wire there is \(list(groups.map(describe))).",
            remedy: "Give the servers' own: --prefix \(best.prefix)\(other)\(certainly).",
            reason: "the servers have the \(word) \(best.prefix) and not \(prefix)"
        )
    }

    private func otherWire(_ survey: ServerSurvey) -> Cause? {
        let groups = survey.groups.filter { $0.adapter != adapter }
        guard let best = groups.first(where: { $0.namespace == namespace }) ?? groups.first else { return nil }
        let usual = best.adapter == .python ? "socketio" : "socket.io"
        let isPrefixNeeded = best.prefix != usual || (prefix != usual && best.adapter != .python)
        let options = isPrefixNeeded ? " --prefix \(best.prefix)" : ""
        let other = best.namespace.map { $0 == namespace ? "" : " --namespace \($0)" } ?? ""
        return Cause(
            message:
                "No server listens on the \(adapter) wire. On others there is \(list(groups.map(describeWithWire))).",
            remedy: "Give the servers' own: --wire \(best.adapter)\(options)\(other).",
            reason: "the servers are on the \(best.adapter) wire and not on the \(adapter) wire"
        )
    }

    /// Servers of the streams adapter before 0.3 are seen by their stream only.
    private func olderStreams(_ survey: ServerSurvey) -> Cause? {
        guard adapter != .streams, let stream = survey.streams.first else { return nil }
        let database = stream.database == survey.database ? "" : " in database \(stream.database)"
        return Cause(
            message:
                "No server listens on the \(adapter) wire; the stream \(stream.name)\(database) has entries of the streams adapter.",
            remedy: "Give --wire streams\(stream.name == "socket.io" ? "" : " --stream \(stream.name)")"
                + (database.isEmpty ? "." : ", and /\(stream.database) at the end of the Redis URL."),
            reason: "the servers are most likely on the streams wire and not on the \(adapter) wire"
        )
    }

    private func nobody(_ survey: ServerSurvey) -> Cause {
        let command =
            adapter == .sharded
            ? "`redis-cli PUBSUB SHARDCHANNELS '*'`"
            : adapter == .streams ? "`redis-cli CLIENT LIST`" : "`redis-cli PUBSUB CHANNELS '*'`"
        let only = survey.listeners ?? 0 > 0 ? " but `announce listen`" : ""
        return Cause(
            message: "Nobody\(only) listens on this Redis for anything of Socket.IO.",
            remedy:
                "Most likely the servers use another Redis, or have no Redis adapter: look at their settings, and with "
                + "\(command) on their Redis.",
            reason: "no Socket.IO server listens on this Redis"
        )
    }

    private func describe(_ group: ServerSurvey.Group) -> String {
        let place = group.namespace.map { "prefix \(group.prefix), namespace \($0)" } ?? "channel \(group.prefix)"
        return "\(place) (\(count(group.servers, "server")))"
    }

    private func describeWithWire(_ group: ServerSurvey.Group) -> String {
        let place = group.namespace.map { "prefix \(group.prefix), namespace \($0)" } ?? "channel \(group.prefix)"
        return "\(count(group.servers, "server")) on the \(group.adapter) wire (\(place))"
    }
}

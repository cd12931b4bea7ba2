extension Emitter {
    /// Looks who listens on this Redis for what Socket.IO's emitters send: on this emitter's wire, prefix and
    /// namespace, and otherwise.
    ///
    /// It asks Redis, never the servers, and changes nothing. In a cluster it asks every node. What the user may not
    /// ask is nil in the survey and no error.
    ///
    /// Streams are looked for where they matter: on the wire of streams, where no server was found on another, and where
    /// servers of the sharded adapter may be such of streams with `useShardedPubSub`, whose channels look alike. The
    /// first 10,000 keys of a database are looked through, and at most 16 databases.
    ///
    /// - Parameter databases: the numbers of the databases that have keys, as ``RedisServerReport/databases`` tells
    ///   them.
    /// - Returns: what was found.
    /// - Throws: `.redis` when Redis cannot be reached; `.unsupported` where the wire cannot publish in the namespace.
    public func survey(databases: [Int]? = nil) async throws(EmitterError) -> ServerSurvey {
        do throws(RedisError) {
            try await redis.pingOrRefusal()
        } catch {
            throw EmitterError(error)
        }
        let namespace = Broadcast.withLeadingSlash(namespace)
        var sightings = Sightings()
        sightings.clients = await texts(RedisCommand("CLIENT", "LIST"), replicas: true).map { answers in
            answers.flatMap { $0.split(whereSeparator: \.isNewline).map(Sightings.Client.init) }
        }
        sightings.channels = await channels()
        sightings.shardChannels = await shardChannels()
        var survey = ServerSurvey(
            listeners: sightings.clients.map { $0.count(where: \.isListener) },
            groups: sightings.groups(wire),
            readers: sightings.readers,
            database: redis.database
        )
        let isCounted = (wire.adapter == .sharded ? sightings.shardChannels : sightings.channels) != nil
        survey.servers = isCounted ? survey.servers(of: wire, in: namespace) : nil
        if case .streams(let streams) = wire {
            let stream = try streams.stream(of: namespace)
            survey.streams = await self.streams(databases ?? [], survey.readers, named: stream)
            survey.servers = survey.servers(reading: stream, asked: survey.servers)
        } else if survey.servers == 0 || (wire.adapter == .sharded && survey.readers?.isEmpty == false) {
            survey.streams = await self.streams(databases ?? [], survey.readers, named: "socket.io")
        }
        return survey
    }

    // MARK: Channels

    /// So many channels are counted with one command, and at most so many in all.
    private static let countedAtOnce = 500
    private static let mostCounted = 5_000

    private func channels() async -> [String: Int]? {
        var patterns = ["*#/*", "*[Ss][Oo][Cc][Kk][Ee][Tt][Ii][Oo]*"]
        if case .python(let wire) = wire {
            // Any channel can be one of python-socketio; the one that was named may have wildcards in its name.
            patterns = ["*", Wire.literal(wire.channel)]
        }
        var names: Set<String> = []
        for pattern in patterns {
            guard let found = await subscribed(RedisCommand("PUBSUB", "CHANNELS", pattern), replicas: true) else {
                return nil
            }
            names.formUnion(found)
        }
        return await counts(of: names, by: "NUMSUB", replicas: true)
    }

    private func shardChannels() async -> [String: Int]? {
        guard let names = await subscribed(RedisCommand("PUBSUB", "SHARDCHANNELS", "*#/*"), replicas: false) else {
            return nil
        }
        return await counts(of: names, by: "SHARDNUMSUB", replicas: false)
    }

    private func subscribed(_ command: RedisCommand, replicas: Bool) async -> Set<String>? {
        await replies(command, replicas: replicas).map { Set($0.flatMap(\.texts)) }
    }

    /// The subscribers of channels; those of rooms and of answers, which can be very many, are not counted: somebody
    /// has each.
    private func counts(of names: Set<String>, by command: String, replicas: Bool) async -> [String: Int]? {
        let isCounted = { (name: String) in ChannelName(name)?.rest.isEmpty ?? true }
        var counts: [String: Int] = [:]
        for name in names where !isCounted(name) { counts[name] = 1 }
        var rest = names.filter(isCounted).sorted().prefix(Self.mostCounted)
        while !rest.isEmpty {
            let words = ["PUBSUB", command] + rest.prefix(Self.countedAtOnce)
            rest = rest.dropFirst(Self.countedAtOnce)
            let question = RedisCommand(arguments: words.map { Array($0.utf8) })
            guard let answers = await replies(question, replicas: replicas) else { return nil }
            for case .array(let pairs) in answers {
                for place in stride(from: 0, to: pairs.count - 1, by: 2) {
                    guard let name = pairs[place].text, case .integer(let count) = pairs[place + 1] else { continue }
                    counts[name, default: 0] += Int(count)
                }
            }
        }
        return counts
    }

    /// The replies of all nodes; nil where one of them did not give one, or refused.
    private func replies(_ command: RedisCommand, replicas: Bool) async -> [RedisReply]? {
        let replies = try? await replicas ? redis.sendToNodes(command) : redis.sendToMasters(command)
        guard let replies else { return nil }
        return replies.contains { if case .error = $0 { true } else { false } } ? nil : replies
    }

    private func texts(_ command: RedisCommand, replicas: Bool) async -> [String]? {
        await replies(command, replicas: replicas).map { $0.compactMap(\.text) }
    }

    // MARK: Streams

    private func streams(_ databases: [Int], _ readers: [Int: Int]?, named name: String) async -> [ServerSurvey.Stream]
    {
        let own = redis.database
        var found = await streams(redis, named: name)
        let others = Set(databases).union((readers ?? [:]).keys).subtracting([own])
        for database in others.sorted().prefix(16) {
            let client = redis.another(database: database)
            found += await streams(client, named: name)
            await client.close()
        }
        return found
    }

    private func streams(_ client: RedisClient, named name: String) async -> [ServerSurvey.Stream] {
        var names: Set<String> = [name]
        let scan = RedisCommand("SCAN", "0", "COUNT", "10000", "TYPE", "stream")
        for case .array(let parts) in (try? await client.sendToMasters(scan)) ?? [] where parts.count == 2 {
            names.formUnion(parts[1].texts)
        }
        var streams: [ServerSurvey.Stream] = []
        for name in names.sorted().prefix(100) {
            let last = try? await client.send(RedisCommand("XREVRANGE", name, "+", "-", "COUNT", "20"))
            let namespaces = last.map(Self.namespaces) ?? []
            if namespaces.isEmpty { continue }
            streams.append(ServerSurvey.Stream(name, database: client.database, namespaces: namespaces))
        }
        return streams
    }

    /// The namespaces of a stream's entries; none where they are not those of the streams adapter.
    private static func namespaces(_ entries: RedisReply) -> [String] {
        guard case .array(let entries) = entries else { return [] }
        var namespaces: Set<String> = []
        for case .array(let parts) in entries where parts.count == 2 {
            let words = parts[1].texts
            let fields = stride(from: 0, to: words.count - 1, by: 2).map { (words[$0], words[$0 + 1]) }
            guard fields.contains(where: { $0.0 == "type" }), let namespace = fields.first(where: { $0.0 == "nsp" })
            else { continue }
            namespaces.insert(namespace.1)
        }
        return namespaces.sorted()
    }
}

extension ServerSurvey {
    /// How many servers have a namespace on a wire.
    ///
    /// The prefix of the streams adapter is that of its questions; announcements go to the stream, whatever it is.
    func servers(of wire: Wire, in namespace: String) -> Int {
        let groups = groups.filter { $0.adapter == wire.adapter && ($0.namespace ?? namespace) == namespace }
        let own = groups.filter { $0.prefix == wire.prefix }
        return (own.isEmpty && wire.adapter == .streams ? groups : own).reduce(0) { $0 + $1.servers }
    }

    /// How many servers read a stream of the emitter's database, as far as it can be known.
    ///
    /// Adapters from 0.3 on have a channel for each namespace, which says nothing of their database; who reads streams
    /// in which database stands in `CLIENT LIST`. What earlier adapters have is known by what they write.
    ///
    /// - Parameters:
    ///   - stream: the stream that the emitter writes to.
    ///   - asked: how many servers have the namespace, in any database; nil where that may not be asked.
    /// - Returns: how many; nil where it cannot be known.
    func servers(reading stream: String, asked: Int?) -> Int? {
        let here = streams.filter { $0.database == database }
        let isThere = here.contains { $0.name == stream }
        // Whoever reads streams may read another than that which is written to.
        let isElsewhere = !isThere && !streams.isEmpty
        if let readers {
            let number = readers[database] ?? 0
            if number == 0 || (isElsewhere && !here.isEmpty) { return 0 }
            if let asked, asked > 0 { return asked }
            // Before 0.3 adapters have no channels, and write to the stream that they read; with `useShardedPubSub`
            // their channels are as those of the sharded adapter.
            let adapters = groups.map(\.adapter)
            return !adapters.contains(.streams) && (isThere || adapters.contains(.sharded)) ? number : asked
        }
        if isElsewhere { return 0 }
        return asked == 0 && isThere ? nil : asked
    }
}

extension RedisClient {
    /// Throws when Redis cannot be reached; what it says to `PING` does not matter.
    fileprivate func pingOrRefusal() async throws(RedisError) {
        _ = try await sendToMasters(RedisCommand("PING"))
    }
}

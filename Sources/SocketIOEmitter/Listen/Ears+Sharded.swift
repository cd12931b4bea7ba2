extension Ears {
    private enum Step {
        /// It is time to look for further channels.
        case look
        /// A connection has ended.
        case ended
    }

    /// Subscribes to the channels that servers listen to, and to further ones as they come: of namespaces, rooms, and answers.
    ///
    /// Sharded channels have no patterns. A room's channel is there while a server has a socket in the room, and is found
    /// within a second.
    func listen(sharded wire: ShardedWire) async throws {
        var known = Set<[UInt8]>()
        var subscriptions: [RedisConfiguration.Endpoint?: RedisSubscription] = [:]
        let first = listener.namespaces.isEmpty ? ["/"] : listener.namespaces
        var found = first.map(wire.channel(of:))
        try await withThrowingTaskGroup(of: Step.self) { tasks in
            var isFirst = true
            repeat {
                found += try await channels(of: wire)
                let fresh = found.filter { wants(channel: $0, of: wire) && known.insert(Array($0.utf8)).inserted }
                for (node, channels) in try await byNode(fresh) {
                    if let subscription = subscriptions[node] {
                        subscription.add(shardChannels: channels)
                    } else {
                        let messages = try await redis.subscribe(shardChannels: channels)
                        subscriptions[node] = messages
                        tasks.addTask {
                            try await self.read(messages)
                            return .ended
                        }
                    }
                }
                if isFirst { listening(to: fresh) }
                isFirst = false
                found = []
                tasks.addTask {
                    try await self.redis.sleep(for: .seconds(1))
                    return .look
                }
            } while try await tasks.next() == .look
            tasks.cancelAll()
        }
    }

    /// The channels with the prefix that anybody listens to.
    private func channels(of wire: ShardedWire) async throws -> [String] {
        let command = RedisCommand("PUBSUB", "SHARDCHANNELS", Wire.literal(wire.prefix) + "#*")
        return try await redis.sendToMasters(command).flatMap { reply throws(RedisError) -> [String] in
            switch reply {
            case .error(let text): throw RedisError(errorReply: text)
            case .array(let names):
                return names.compactMap { name in
                    if case .string(let name) = name { String(decoding: name, as: UTF8.self) } else { nil }
                }
            default: return []
            }
        }
    }

    private func wants(channel: String, of wire: ShardedWire) -> Bool {
        listener.namespaces.isEmpty
            || listener.namespaces.contains { channel.utf8.starts(with: wire.channel(of: $0).utf8) }
    }

    private func byNode(_ channels: [String]) async throws -> [RedisConfiguration.Endpoint?: [String]] {
        var nodes: [RedisConfiguration.Endpoint?: [String]] = [:]
        for channel in channels { nodes[try await redis.owner(ofShardChannel: channel), default: []].append(channel) }
        return nodes
    }
}

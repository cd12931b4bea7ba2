extension Ears {
    /// Reads the streams, and the channels on which adapters since 0.3 ask and answer.
    func listen(streams wire: StreamsWire) async throws {
        let patterns = listener.wire.patterns
        let messages = try await redis.subscribe(patterns: patterns)
        let streams = wire.streams
        for stream in streams { try await findPlace(in: stream) }
        listening(to: streams + patterns)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await self.read(messages) }
            for stream in streams { tasks.addTask { try await self.read(stream: stream) } }
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    /// Where to read on: after what was read before, or at the stream's end.
    private func findPlace(in stream: String) async throws {
        let reply = try await redis.send(RedisCommand("XREVRANGE", stream, "+", "-", "COUNT", "1"))
        if case .error(let text) = reply { throw RedisError(errorReply: text) }
        let last = Self.entries(reply).first?.id ?? "0-0"
        // A Redis that was emptied may number its entries from below what was read.
        if let read = entry(of: stream), Self.number(read) <= Self.number(last) { return }
        remember(last, of: stream)
    }

    /// A blocking read keeps a connection busy, so each stream has its own.
    private func read(stream: String) async throws {
        let client = redis.another()
        let block = min(1000, redis.commandTimeout.wholeMilliseconds / 2)
        do {
            while !Task.isCancelled {
                let after = entry(of: stream) ?? "0-0"
                let reply = try await client.send(
                    RedisCommand("XREAD", "BLOCK", String(block), "COUNT", "100", "STREAMS", stream, after)
                )
                try tell(reply, of: stream)
            }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }

    private func tell(_ reply: RedisReply, of stream: String) throws {
        switch reply {
        case .error(let text): throw RedisError(errorReply: text)
        case .array(let streams):
            for case .array(let pair) in streams where pair.count == 2 {
                for entry in Self.entries(pair[1]) {
                    remember(entry.id, of: stream)
                    tell { () throws(EmitterError) in
                        try ClusterMessage.decode(stream: stream, id: entry.id, fields: entry.fields)
                    }
                }
            }
        default: return
        }
    }

    private static func entries(_ reply: RedisReply) -> [(id: String, fields: [RedisReply])] {
        guard case .array(let entries) = reply else { return [] }
        return entries.compactMap { entry in
            guard case .array(let parts) = entry, parts.count == 2, case .string(let id) = parts[0] else { return nil }
            // An entry that was deleted while it was still to be read has null for its fields.
            guard case .array(let fields) = parts[1] else { return nil }
            return (String(decoding: id, as: UTF8.self), fields)
        }
    }

    /// The two numbers of an entry's id.
    private static func number(_ id: String) -> (UInt64, UInt64) {
        let parts = id.split(separator: "-").map { UInt64($0) ?? 0 }
        return (parts.first ?? 0, parts.count > 1 ? parts[1] : 0)
    }
}

extension StreamsWire {
    /// All the streams that servers read.
    var streams: [String] {
        streamCount > 1 ? (0..<streamCount).map { "\(streamName)-\($0)" } : [streamName]
    }
}

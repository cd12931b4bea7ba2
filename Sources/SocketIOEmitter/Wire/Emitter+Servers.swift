extension Emitter {
    /// How many servers have this emitter's namespace.
    ///
    /// Other subscribers of the same channel count too. On the wire of python-socketio it is the number of all servers; on that
    /// of streams servers before 0.3 do not count.
    ///
    /// - Returns: the number, in a cluster summed over its nodes.
    /// - Throws: `.redis` when Redis cannot be asked.
    public func serverCount() async throws(EmitterError) -> Int {
        try await serverCount(of: namespace)
    }

    func serverCount(of namespace: String) async throws(EmitterError) -> Int {
        try await count(wire.countCommand(of: namespace))
    }

    /// The number in the replies to a `PUBSUB NUMSUB`, summed over the nodes of a cluster.
    func count(_ command: RedisCommand) async throws(EmitterError) -> Int {
        let replies: [RedisReply]
        do throws(RedisError) {
            // A channel's listeners may be at any node, those of a sharded one are at its slot's master.
            if case .sharded = wire {
                replies = try await redis.sendToMasters(command)
            } else {
                replies = try await redis.sendToNodes(command)
            }
        } catch {
            throw EmitterError(error)
        }
        var sum = 0
        for reply in replies {
            switch reply {
            case .array(let pair) where pair.count == 2:
                if case .integer(let count) = pair[1] { sum += Int(count) }
            case .error(let text):
                throw EmitterError(RedisError(errorReply: text))
            default:
                break
            }
        }
        return sum
    }
}

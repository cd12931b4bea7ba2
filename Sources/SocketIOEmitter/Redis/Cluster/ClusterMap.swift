/// Which master of a cluster has which slots, and which replicas there are.
struct ClusterMap: Equatable {
    typealias Endpoint = RedisConfiguration.Endpoint

    /// The masters that have slots, in the order of their first slot.
    private(set) var masters: [Endpoint]
    /// The replicas of them that are up.
    private(set) var replicas: Set<Endpoint> = []
    /// For every slot the number of its master, from 1 on; 0 for none.
    private var owners: [UInt16]

    /// Reads the answer to `CLUSTER SLOTS`.
    ///
    /// - Parameters:
    ///   - reply: what a node answered: entries of a first slot, a last slot, the master as host, port and more, and
    ///     replicas in the same way.
    ///   - asked: the node that was asked; its host is meant where the answer leaves one out.
    /// - Throws: the error that was replied; `.unavailable` when the node knows no slots; `.protocol` for what is no map.
    init(slots reply: RedisReply, asked: Endpoint) throws(RedisError) {
        if case .error(let text) = reply { throw RedisError(errorReply: text) }
        guard case .array(let entries) = reply else { throw Self.unreadable }
        guard !entries.isEmpty else {
            throw RedisError(
                code: .unavailable,
                message: "The node \(asked) knows of no slots: it belongs to no cluster, or to one that is not set up. "
                    + "Join it to the cluster, or name another node in the Redis URL."
            )
        }
        masters = []
        owners = Array(repeating: 0, count: HashSlot.count)
        for entry in entries {
            guard case .array(let parts) = entry, parts.count >= 3, case .integer(let first) = parts[0],
                case .integer(let last) = parts[1], first >= 0, first <= last, last < HashSlot.count
            else { throw Self.unreadable }
            let number = number(of: try Self.endpoint(parts[2], asked: asked))
            for slot in Int(first)...Int(last) { owners[slot] = number }
            for replica in parts.dropFirst(3) { replicas.insert(try Self.endpoint(replica, asked: asked)) }
        }
    }

    /// The master that has a slot; nil when none has.
    func owner(of slot: Int) -> Endpoint? {
        let number = Int(owners[slot])
        return number == 0 ? nil : masters[number - 1]
    }

    /// A node said who has a slot.
    mutating func move(_ slot: Int, to endpoint: Endpoint) {
        guard owners.indices.contains(slot) else { return }
        owners[slot] = number(of: endpoint)
    }

    private mutating func number(of endpoint: Endpoint) -> UInt16 {
        if let index = masters.firstIndex(of: endpoint) { return UInt16(index + 1) }
        masters.append(endpoint)
        return UInt16(masters.count)
    }

    private static func endpoint(_ node: RedisReply, asked: Endpoint) throws(RedisError) -> Endpoint {
        guard case .array(let parts) = node, parts.count >= 2, case .integer(let port) = parts[1],
            (1...65535).contains(port)
        else { throw unreadable }
        // Null or `?` for a host that the node does not know (Redis 7.0 `cluster-preferred-endpoint-type`).
        guard case .string(let bytes) = parts[0], !bytes.isEmpty, bytes != [UInt8(ascii: "?")] else {
            return asked.withPort(Int(port))
        }
        return .tcp(host: String(decoding: bytes, as: UTF8.self), port: Int(port))
    }

    private static let unreadable = RedisError(
        code: .protocol,
        message:
            "The answer to CLUSTER SLOTS cannot be read. Check that it is a Redis Cluster, and for a proxy on the way."
    )
}

extension RedisConfiguration.Endpoint {
    /// The same host with another port.
    func withPort(_ port: Int) -> Self {
        if case .tcp(let host, _) = self { .tcp(host: host, port: port) } else { self }
    }
}

/// Decides which node gets which commands of a batch, and what becomes of those that a node did not take.
///
/// Ask it for ``errands(_:)``, run them, tell it how each ended, and ask again until nothing is pending.
struct ClusterBatch {
    typealias Endpoint = RedisConfiguration.Endpoint

    /// Commands for one node.
    struct Errand {
        let endpoint: Endpoint
        /// What to send, in order.
        let commands: [RedisCommand]
        /// The places in the batch that the replies belong to; nil for the reply to `ASKING`.
        fileprivate let places: [Int?]
    }

    private struct Item {
        /// Where a node sent it, and whether `ASKING` goes before it.
        var redirection: Redirection?
        /// How often it was sent already.
        var attempts = 0
        /// The nodes that it could not be sent to, and why.
        var gone: [Endpoint: RedisError] = [:]
        var result: Result<RedisReply, RedisError>?
    }

    /// How often a command is sent at most.
    static let attemptLimit = 6

    private let commands: [RedisCommand]
    private var items: [Item]
    private var unfinished: Int

    init(_ commands: [RedisCommand]) {
        self.commands = commands
        items = Array(repeating: Item(), count: commands.count)
        unfinished = commands.count
    }

    /// Whether there is something left to send.
    var isPending: Bool { unfinished > 0 }

    /// What became of each command; complete when nothing is pending.
    var results: [Result<RedisReply, RedisError>] {
        items.map { $0.result ?? .failure(Self.rearranging) }
    }

    /// What to send now, at most one errand for each node.
    mutating func errands(_ map: ClusterMap) -> [Errand] {
        var order: [Endpoint] = []
        var parts: [Endpoint: (commands: [RedisCommand], places: [Int?])] = [:]
        for index in items.indices where items[index].result == nil {
            guard let endpoint = endpoint(for: index, map) else { continue }
            if parts[endpoint] == nil { order.append(endpoint) }
            if items[index].redirection?.isOnce == true {
                parts[endpoint, default: ([], [])].commands.append(Self.asking)
                parts[endpoint, default: ([], [])].places.append(nil)
            }
            parts[endpoint, default: ([], [])].commands.append(commands[index])
            parts[endpoint, default: ([], [])].places.append(index)
            items[index].attempts += 1
            items[index].redirection = nil
        }
        return order.compactMap { endpoint in
            parts[endpoint].map { Errand(endpoint: endpoint, commands: $0.commands, places: $0.places) }
        }
    }

    /// A node replied.
    ///
    /// - Returns: where the cluster said that slots are now.
    mutating func received(_ replies: [RedisReply], for errand: Errand) -> [Redirection] {
        var moves: [Redirection] = []
        var refusedAsking: RedisReply?
        for (place, reply) in zip(errand.places, replies) {
            guard let place else {
                if case .error = reply { refusedAsking = reply }
                continue
            }
            if let refusal = refusedAsking {
                // An ACL without +asking: that is what stands in the way, not the slot.
                refusedAsking = nil
                finish(place, .success(refusal))
                continue
            }
            guard case .error(let text) = reply, let redirection = Redirection(text, from: errand.endpoint) else {
                finish(place, .success(reply))
                continue
            }
            if !redirection.isOnce { moves.append(redirection) }
            if items[place].attempts < Self.attemptLimit {
                items[place].redirection = redirection
            } else {
                finish(place, .failure(Self.rearranging))
            }
        }
        return moves
    }

    /// A node did not reply.
    mutating func failed(_ error: RedisError, for errand: Errand) {
        for place in errand.places {
            guard let place else { continue }
            if Self.mayGoElsewhere(error), items[place].attempts < Self.attemptLimit {
                items[place].gone[errand.endpoint] = error
            } else {
                finish(place, .failure(error))
            }
        }
    }

    /// Nothing more can be sent.
    mutating func giveUp(_ error: RedisError) {
        for index in items.indices where items[index].result == nil {
            finish(index, .failure(items[index].gone.values.first ?? error))
        }
    }

    /// The node for a command; nil when there is none left, and that is its result.
    private mutating func endpoint(for index: Int, _ map: ClusterMap) -> Endpoint? {
        if let redirection = items[index].redirection { return redirection.endpoint }
        let gone = items[index].gone
        // A slot that nobody has: any node answers CLUSTERDOWN.
        guard let owner = commands[index].slot.flatMap(map.owner(of:)) else {
            if let master = map.masters.first(where: { gone[$0] == nil }) { return master }
            finish(index, .failure(gone.values.first ?? Self.rearranging))
            return nil
        }
        guard let error = gone[owner] else { return owner }
        finish(index, .failure(error))
        return nil
    }

    private mutating func finish(_ index: Int, _ result: Result<RedisReply, RedisError>) {
        items[index].result = result
        unfinished -= 1
    }

    /// Whether nothing was sent because the node is gone, so that another one may have its slots by now.
    private static func mayGoElsewhere(_ error: RedisError) -> Bool {
        !error.mayHaveExecuted && [.unreachable, .connectionLost, .timeout].contains(error.code)
    }

    private static let asking = RedisCommand("ASKING")

    private static let rearranging = RedisError(
        code: .unavailable,
        message:
            "The cluster sent a command from node to node and none took it. It is being rearranged: try again shortly."
    )
}

extension ClusterBatch {
    /// The replies of a batch that got them all.
    ///
    /// - Throws: the failure of the first command without a reply; it may have been executed when any of the batch may.
    static func replies(_ results: [Result<RedisReply, RedisError>]) throws(RedisError) -> [RedisReply] {
        var replies: [RedisReply] = []
        replies.reserveCapacity(results.count)
        var first: RedisError?
        var mayHaveExecuted = false
        for result in results {
            switch result {
            case .success(let reply):
                replies.append(reply)
            case .failure(let error):
                first = first ?? error
                mayHaveExecuted = mayHaveExecuted || error.mayHaveExecuted
            }
        }
        guard let first else { return replies }
        throw mayHaveExecuted || !replies.isEmpty ? first.afterWriting() : first
    }
}

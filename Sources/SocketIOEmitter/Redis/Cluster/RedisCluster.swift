import Synchronization

/// The connections to a cluster's masters; carries out what ``ClusterBatch`` and ``ClusterTopology`` decide.
final class RedisCluster: Sendable {
    typealias Endpoint = RedisConfiguration.Endpoint

    private struct State {
        var topology: ClusterTopology
        var nodes: [Endpoint: RedisNode] = [:]
        /// Those who wait for the map; nil while nobody asks for it.
        var waiting: [Pending<ClusterMap>]?
        var isClosed = false
    }

    private let configuration: RedisConfiguration
    private let surroundings: RedisSurroundings
    private let state: Mutex<State>

    init(_ configuration: RedisConfiguration, seeds: [Endpoint], _ surroundings: RedisSurroundings) {
        self.configuration = configuration
        self.surroundings = surroundings
        self.state = Mutex(State(topology: ClusterTopology(seeds: seeds)))
    }

    // MARK: Sending

    /// Sends each command to the owner of its slot, and tells what became of each, in order.
    func sendEach(_ commands: [RedisCommand]) async -> [Result<RedisReply, RedisError>] {
        // Before anything is sent, as everywhere.
        guard !commands.contains(where: \.isNameless) else {
            return commands.map { _ in .failure(CommandFormatter.nameless) }
        }
        var batch = ClusterBatch(commands)
        while batch.isPending {
            let map: ClusterMap
            do throws(RedisError) {
                map = try await self.map()
            } catch {
                batch.giveUp(error)
                break
            }
            for (errand, outcome) in await run(batch.errands(map)) {
                switch outcome {
                case .success(let replies):
                    let moves = batch.received(replies, for: errand)
                    state.withLock { $0.topology.moved(moves) }
                case .failure(let error):
                    batch.failed(error, for: errand)
                    state.withLock { $0.topology.failed(errand.endpoint, error) }
                }
            }
        }
        return batch.results
    }

    /// Sends a command to every master that the cluster has now, and perhaps to their replicas.
    func sendToAll(_ command: RedisCommand, replicas: Bool) async throws(RedisError) -> [RedisReply] {
        state.withLock { $0.topology.doubt() }
        let map = try await map()
        let nodes = map.masters + (replicas ? map.replicas.subtracting(map.masters) : [])
        let errands = nodes.map { ($0, [command]) }
        var replies: [RedisReply] = []
        for (endpoint, outcome) in await run(errands, { $0 }) {
            switch outcome {
            case .success(let reply):
                replies += reply
            case .failure(let error):
                state.withLock { $0.topology.failed(endpoint, error) }
                throw error
            }
        }
        return replies
    }

    private typealias Outcome = Result<[RedisReply], RedisError>

    private func run(_ errands: [ClusterBatch.Errand]) async -> [(ClusterBatch.Errand, Outcome)] {
        let outcomes = await run(errands) { ($0.endpoint, $0.commands) }
        return zip(errands, outcomes).map { ($0, $1.1) }
    }

    /// Sends to several nodes at once; the outcomes come in the order of the errands.
    private func run<Errand: Sendable>(
        _ errands: [Errand],
        _ parts: @Sendable (Errand) -> (Endpoint, [RedisCommand])
    ) async -> [(Endpoint, Outcome)] {
        if errands.count == 1, let only = errands.first.map(parts) {
            return [(only.0, await send(only.1, to: only.0))]
        }
        return await withTaskGroup(of: (Int, Endpoint, Outcome).self) { group in
            for (index, errand) in errands.enumerated() {
                let (endpoint, commands) = parts(errand)
                group.addTask { (index, endpoint, await self.send(commands, to: endpoint)) }
            }
            var outcomes: [(Int, Endpoint, Outcome)] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes.sorted { $0.0 < $1.0 }.map { ($0.1, $0.2) }
        }
    }

    private func send(_ commands: [RedisCommand], to endpoint: Endpoint) async -> Outcome {
        do throws(RedisError) {
            return .success(try await node(endpoint).send(commands))
        } catch {
            return .failure(error)
        }
    }

    private func node(_ endpoint: Endpoint) throws(RedisError) -> RedisNode {
        let node: RedisNode? = state.withLock { state in
            guard !state.isClosed else { return nil }
            if let node = state.nodes[endpoint] { return node }
            let node = RedisNode(configuration.at(endpoint), surroundings)
            state.nodes[endpoint] = node
            return node
        }
        guard let node else {
            throw RedisError(code: .closed, message: "The Redis client was closed. Make a new one.")
        }
        return node
    }

    // MARK: The map

    /// The map that is known, or else a new one; whoever wants one meanwhile waits for the same.
    private func map() async throws(RedisError) -> ClusterMap {
        let pending = Pending<ClusterMap>(cancelled: Self.cancelled)
        let (known, isFirst): (ClusterMap?, Bool) = state.withLock { state in
            if let map = state.topology.trusted { return (map, false) }
            let isFirst = state.waiting == nil
            state.waiting = (state.waiting ?? []) + [pending]
            return (nil, isFirst)
        }
        if let known { return known }
        if isFirst {
            // A task of its own: it goes on for the others when the one who asked first is cancelled. It ends when the
            // last node was asked, each within its timeouts.
            Task { await learnMap() }
        }
        return try await pending.value().get()
    }

    private func learnMap() async {
        var result: Result<ClusterMap, RedisError> = .failure(
            RedisError(code: .invalidURL, message: "The cluster has no nodes. Name at least one in the Redis URL.")
        )
        for endpoint in state.withLock({ $0.topology.candidates }) {
            result = await askForMap(endpoint)
            // An old connection that has just ended says nothing about the node; asking twice does no harm.
            if case .failure(let error) = result, error.code == .connectionLost { result = await askForMap(endpoint) }
            if case .success = result { break }
        }
        let waiting = state.withLock { state in
            if case .success(let map) = result {
                state.topology.learned(map)
                // Seeds go by other names than nodes. Whoever is sending there keeps the connection until then.
                state.nodes = state.nodes.filter { map.masters.contains($0.key) || map.replicas.contains($0.key) }
            }
            defer { state.waiting = nil }
            return state.waiting ?? []
        }
        for pending in waiting { pending.fill(result) }
    }

    private func askForMap(_ endpoint: Endpoint) async -> Result<ClusterMap, RedisError> {
        do throws(RedisError) {
            let reply = try await node(endpoint).send([RedisCommand("CLUSTER", "SLOTS")])[0]
            return .success(try ClusterMap(slots: reply, asked: endpoint))
        } catch {
            return .failure(error)
        }
    }

    // MARK: Subscribing

    /// The master that has a channel's slot.
    func owner(ofShardChannel channel: String) async throws(RedisError) -> Endpoint? {
        try await map().owner(of: HashSlot.slot(of: Array(channel.utf8)))
    }

    /// Subscribes at the owner of the shard channels' slots, else at any master.
    func subscribe(_ wanted: SubscriptionRequest) async throws(RedisError) -> RedisSubscription {
        let slots = Set(wanted.shardChannels.map { HashSlot.slot(of: Array($0.utf8)) })
        var gone: [Endpoint: RedisError] = [:]
        for _ in 1..<ClusterBatch.attemptLimit {
            let map = try await map()
            let owners = Set(slots.map(map.owner(of:)))
            guard owners.count <= 1 else {
                throw RedisError(
                    code: .invalidCommand,
                    message:
                        "The shard channels belong to \(owners.count) nodes of the cluster. Subscribe to those of each "
                        + "node on their own, or give their names one {tag}."
                )
            }
            let endpoint = slots.isEmpty ? map.masters.first { gone[$0] == nil } : owners.first.flatMap { $0 }
            guard let endpoint, gone[endpoint] == nil else { break }
            do throws(RedisError) {
                return try await RedisSubscription.open(configuration.at(endpoint), wanted, surroundings)
            } catch {
                switch error.code {
                case .moved: state.withLock { $0.topology.doubt() }
                case .unreachable, .connectionLost, .timeout:
                    gone[endpoint] = error
                    state.withLock { $0.topology.failed(endpoint, error) }
                default: throw error
                }
            }
        }
        throw gone.values.first
            ?? RedisError(
                code: .unavailable,
                message: "No node of the cluster takes the subscription: it is being rearranged. Try again shortly."
            )
    }

    // MARK: Closing

    func close() async {
        let nodes = state.withLock { state in
            state.isClosed = true
            defer { state.nodes = [:] }
            return Array(state.nodes.values)
        }
        await withTaskGroup(of: Void.self) { group in
            for node in nodes { group.addTask { await node.close() } }
        }
    }

    private static let cancelled = RedisError(
        code: .cancelled,
        message: "The task was cancelled before its commands were sent. Nothing was done; send them again if needed."
    )
}

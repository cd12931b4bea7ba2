/// What is known of a cluster, and which node to ask when it is not known well enough.
struct ClusterTopology {
    typealias Endpoint = RedisConfiguration.Endpoint

    private let seeds: [Endpoint]
    private(set) var map: ClusterMap?
    private var isStale = false
    private var suspects: Set<Endpoint> = []

    init(seeds: [Endpoint]) {
        self.seeds = seeds
    }

    /// The map, unless it must be asked for first.
    var trusted: ClusterMap? { isStale ? nil : map }

    /// The nodes to ask for the map, in order: known masters, then the seeds, then those that failed lately.
    var candidates: [Endpoint] {
        var seen: Set<Endpoint> = []
        let all = ((map?.masters ?? []) + seeds).filter { seen.insert($0).inserted }
        return all.filter { !suspects.contains($0) } + all.filter { suspects.contains($0) }
    }

    /// A node told the map.
    mutating func learned(_ map: ClusterMap) {
        self.map = map
        isStale = false
        suspects = []
    }

    /// A node told where slots have moved: that is followed now, and the whole map asked for before the next batch.
    mutating func moved(_ moves: [Redirection]) {
        guard !moves.isEmpty else { return }
        for move in moves { map?.move(move.slot, to: move.endpoint) }
        isStale = true
    }

    /// A node did not answer.
    mutating func failed(_ endpoint: Endpoint, _ error: RedisError) {
        guard [.unreachable, .connectionLost, .timeout].contains(error.code) else { return }
        suspects.insert(endpoint)
        isStale = true
    }

    /// The map must be asked for again.
    mutating func doubt() {
        isStale = true
    }
}

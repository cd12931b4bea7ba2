import NIOCore

/// Decides which sentinels are asked for the master, and what their answers mean.
struct SentinelSearch {
    private let master: String
    private var rest: ArraySlice<RedisConfiguration.Endpoint>
    private let sentinels: [RedisConfiguration.Endpoint]
    private var lastError: RedisError?
    private var someoneAnswered = false

    /// Begins a search for a connection attempt.
    ///
    /// Every attempt begins with another sentinel, because one that is cut off from the others goes on telling the
    /// master of before.
    init(_ sentinels: [RedisConfiguration.Endpoint], master: String, attempt: Int) {
        let start = sentinels.isEmpty ? 0 : (max(1, attempt) - 1) % sentinels.count
        self.master = master
        self.sentinels = sentinels
        self.rest = (sentinels[start...] + sentinels[..<start])[...]
    }

    /// The question to each of them.
    var question: RedisCommand { RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master) }

    /// The sentinel to ask next.
    ///
    /// - Throws: why no sentinel told the master, when none is left.
    mutating func next() throws(RedisError) -> RedisConfiguration.Endpoint {
        if let sentinel = rest.popFirst() { return sentinel }
        let asked = sentinels.map(\.description).joined(separator: ", ")
        if !someoneAnswered, let lastError {
            throw RedisError(
                code: lastError.code,
                message: "No sentinel told where the master \"\(master)\" is (asked: \(asked)). \(lastError.message)",
                cause: lastError
            )
        }
        throw RedisError(
            code: .refused,
            message: "No sentinel knows a master named \"\(master)\" (asked: \(asked)). Correct its name in the Redis "
                + "URL; SENTINEL MASTERS lists those that a sentinel watches."
        )
    }

    /// A sentinel answered: where the master is, or nil when it does not know.
    mutating func received(_ reply: RedisReply) -> RedisConfiguration.Endpoint? {
        switch reply {
        case .array(let parts):
            guard parts.count == 2, case .string(let host) = parts[0], case .string(let text) = parts[1],
                let port = Int(String(decoding: text, as: UTF8.self)), (1...65535).contains(port), !host.isEmpty
            else { return nil }
            someoneAnswered = true
            return .tcp(host: String(decoding: host, as: UTF8.self), port: port)
        case .error(let text):
            lastError = RedisError(errorReply: text)
            return nil
        default:
            someoneAnswered = true
            return nil
        }
    }

    /// A sentinel could not be asked.
    mutating func failed(_ error: RedisError) {
        lastError = error
    }
}

extension RedisConfiguration {
    /// How to speak to one of its sentinels: each has its share of the time, so that there is some left to connect.
    func sentinel(_ endpoint: Endpoint, of count: Int) -> RedisConfiguration {
        var one = at(endpoint)
        one.username = sentinelUsername
        one.password = sentinelPassword
        one.database = 0
        one.connectTimeout = connectTimeout / (count + 1)
        one.commandTimeout = one.connectTimeout
        return one
    }

    /// The server that a connection attempt goes to: the one there is, or the master that the sentinels tell now.
    func locate(
        attempt: Int,
        _ surroundings: RedisSurroundings
    ) -> EventLoopFuture<RedisConfiguration.Endpoint> {
        let eventLoop = surroundings.eventLoop
        switch topology {
        case .standalone(let endpoint):
            return eventLoop.makeSucceededFuture(endpoint)
        case .cluster(let seeds):
            // A cluster connects to its nodes one by one; each of them is `at` an endpoint.
            return eventLoop.makeCompletedFuture {
                guard let seed = seeds.first else {
                    throw RedisError(code: .invalidURL, message: "The cluster has no nodes. Name at least one.")
                }
                return seed
            }
        case .sentinel(let sentinels, let master):
            return eventLoop.makeFutureWithTask {
                var search = SentinelSearch(sentinels, master: master, attempt: attempt)
                while true {
                    let sentinel = try search.next()
                    let node = RedisNode(self.sentinel(sentinel, of: sentinels.count), surroundings)
                    do throws(RedisError) {
                        if let place = search.received(try await node.send([search.question])[0]) { return place }
                    } catch {
                        search.failed(error)
                    }
                }
            }
        }
    }
}

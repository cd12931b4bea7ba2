import Announce

/// A Redis that carries out each token once, and remembers what was heard of whom.
final class SimulatedRedis {
    /// A call that was written and is not carried out yet.
    struct Call {
        let token: String?
        let texts: [String]
    }

    /// How many servers listen.
    var servers = 2
    /// Whether each message is refused with this probability, in percent.
    var refusal = 0
    /// Calls whose senders do not wait for them any more; they may be carried out at any time, or never.
    var late: [Call] = []
    /// How often each message was heard.
    private(set) var heard: [String: Int] = [:]
    private var tokens: [String: BatchOutcome] = [:]

    func carryOut(_ call: Call, chance: () -> Int) -> BatchOutcome {
        if let token = call.token, let known = tokens[token] { return known }
        let results = call.texts.map { text -> PublishResult in
            if chance() < refusal { return .refused("ERR refused") }
            if servers > 0 { heard[text, default: 0] += 1 }
            return .taken(receivers: servers)
        }
        let outcome = BatchOutcome.carriedOut(results)
        if let token = call.token { tokens[token] = outcome }
        return outcome
    }

    func outcome(of token: String) -> BatchOutcome {
        if let known = tokens[token] { return known }
        tokens[token] = .void()
        return .void()
    }
}

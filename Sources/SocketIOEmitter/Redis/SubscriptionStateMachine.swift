/// What a subscription listens to.
struct SubscriptionRequest {
    let channels: [String]
    let patterns: [String]
    let shardChannels: [String]

    /// How many subscriptions it is.
    var count: Int { channels.count + patterns.count + shardChannels.count }

    /// The commands that ask for it; one for every shard channel, because a cluster refuses those of two slots in one.
    var commands: [RedisCommand] {
        let plain = [("SUBSCRIBE", channels), ("PSUBSCRIBE", patterns)].compactMap { name, names in
            names.isEmpty ? nil : RedisCommand(arguments: [Array(name.utf8)] + names.map { Array($0.utf8) })
        }
        return plain + Self.commands(forShardChannels: shardChannels)
    }

    static func commands(forShardChannels channels: [String]) -> [RedisCommand] {
        channels.map { RedisCommand(arguments: [Array("SSUBSCRIBE".utf8), Array($0.utf8)]) }
    }
}

/// Decides what a subscribing connection does, from its first command to its end.
struct SubscriptionStateMachine {
    /// What has to be done now.
    enum Action {
        case nothing
        /// Send these in one write.
        case send([RedisCommand])
        /// Every subscription is confirmed: hand the sequence over.
        case open
        /// Hand over a message.
        case deliver(RedisMessage)
        /// Opening failed, or the open sequence ends with this error; close the connection.
        case end(RedisError)
    }

    private enum Phase {
        case connecting
        case shakingHands(Handshake)
        case subscribing(missing: Int)
        case open
        case ended
    }

    private let configuration: RedisConfiguration
    private let wanted: SubscriptionRequest
    private var phase = Phase.connecting

    init(_ configuration: RedisConfiguration, _ wanted: SubscriptionRequest) {
        self.configuration = configuration
        self.wanted = wanted
    }

    /// The connection was made.
    mutating func connected() -> Action {
        let handshake = Handshake(configuration)
        phase = .shakingHands(handshake)
        return .send(handshake.commands)
    }

    /// A reply or a message arrived.
    mutating func received(_ reply: RedisReply) -> Action {
        switch phase {
        case .connecting, .ended:
            return .nothing
        case .shakingHands(var handshake):
            switch handshake.received(reply) {
            case .more:
                phase = .shakingHands(handshake)
                return .nothing
            case .done:
                phase = .subscribing(missing: wanted.count)
                return .send(wanted.commands)
            case .failed(let error):
                return failed(error)
            }
        case .subscribing(let missing):
            return receivedWhileSubscribing(reply, missing: missing)
        case .open:
            if let message = Self.message(reply) { return .deliver(message) }
            return Self.isConfirmation(reply) ? .nothing : unexpected(reply)
        }
    }

    /// Asks for further shard channels of the same node once the subscription is open; it is not waited for.
    mutating func add(shardChannels: [String]) -> Action {
        guard case .open = phase else { return .nothing }
        return .send(SubscriptionRequest.commands(forShardChannels: shardChannels))
    }

    /// The connection could not be made, or it broke.
    mutating func failed(_ error: RedisError) -> Action {
        if case .ended = phase { return .nothing }
        phase = .ended
        return .end(error)
    }

    private mutating func receivedWhileSubscribing(_ reply: RedisReply, missing: Int) -> Action {
        // A channel that is confirmed may speak before the others are; nobody is listening yet.
        if Self.message(reply) != nil { return .nothing }
        guard Self.isConfirmation(reply) else { return unexpected(reply) }
        phase = missing == 1 ? .open : .subscribing(missing: missing - 1)
        return missing == 1 ? .open : .nothing
    }

    private mutating func unexpected(_ reply: RedisReply) -> Action {
        if case .error(let text) = reply { return failed(RedisError(errorReply: text)) }
        if case .array(let parts) = reply, case .string(let kind)? = parts.first, kind == Self.shardEnd {
            // Redis takes shard channels away when it gives their slot to another node.
            return failed(
                RedisError(
                    code: .connectionLost,
                    message: "The cluster moved the subscription's channel to another node. Subscribe again; what was "
                        + "published meanwhile is missing."
                )
            )
        }
        return failed(
            RedisError(
                code: .protocol,
                message: "Redis sent something other than a message to a subscription. Look for a proxy on the way."
            )
        )
    }

    private static func isConfirmation(_ reply: RedisReply) -> Bool {
        guard case .array(let parts) = reply, case .string(let kind)? = parts.first else { return false }
        return confirmations.contains(kind)
    }

    private static func message(_ reply: RedisReply) -> RedisMessage? {
        guard case .array(let parts) = reply, case .string(let kind)? = parts.first else { return nil }
        if parts.count == 3, kind == Self.messageKind || kind == Self.shardMessageKind,
            case .string(let channel) = parts[1], case .string(let payload) = parts[2]
        {
            return RedisMessage(channel: String(decoding: channel, as: UTF8.self), payload: payload)
        }
        if parts.count == 4, kind == Self.patternMessageKind,
            case .string(let pattern) = parts[1], case .string(let channel) = parts[2],
            case .string(let payload) = parts[3]
        {
            return RedisMessage(
                channel: String(decoding: channel, as: UTF8.self),
                pattern: String(decoding: pattern, as: UTF8.self),
                payload: payload
            )
        }
        return nil
    }

    private static let confirmations = ["subscribe", "psubscribe", "ssubscribe"].map { Array($0.utf8) }
    private static let messageKind = Array("message".utf8)
    private static let shardMessageKind = Array("smessage".utf8)
    private static let shardEnd = Array("sunsubscribe".utf8)
    private static let patternMessageKind = Array("pmessage".utf8)
}

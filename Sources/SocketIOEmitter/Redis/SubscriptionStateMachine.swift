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
    private let channels: [String]
    private let patterns: [String]
    private var phase = Phase.connecting

    init(_ configuration: RedisConfiguration, channels: [String], patterns: [String]) {
        self.configuration = configuration
        self.channels = channels
        self.patterns = patterns
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
                phase = .subscribing(missing: channels.count + patterns.count)
                return .send(subscribeCommands)
            case .failed(let error):
                return failed(error)
            }
        case .subscribing(let missing):
            return receivedWhileSubscribing(reply, missing: missing)
        case .open:
            if let message = Self.message(reply) { return .deliver(message) }
            return unexpected(reply)
        }
    }

    /// The connection could not be made, or it broke.
    mutating func failed(_ error: RedisError) -> Action {
        if case .ended = phase { return .nothing }
        phase = .ended
        return .end(error)
    }

    private var subscribeCommands: [RedisCommand] {
        [("SUBSCRIBE", channels), ("PSUBSCRIBE", patterns)].compactMap { name, arguments in
            arguments.isEmpty ? nil : RedisCommand(arguments: [Array(name.utf8)] + arguments.map { Array($0.utf8) })
        }
    }

    private mutating func receivedWhileSubscribing(_ reply: RedisReply, missing: Int) -> Action {
        // A channel that is confirmed may speak before the others are; nobody is listening yet.
        if Self.message(reply) != nil { return .nothing }
        guard case .array(let parts) = reply, case .string(let kind)? = parts.first,
            kind == Array("subscribe".utf8) || kind == Array("psubscribe".utf8)
        else { return unexpected(reply) }
        phase = missing == 1 ? .open : .subscribing(missing: missing - 1)
        return missing == 1 ? .open : .nothing
    }

    private mutating func unexpected(_ reply: RedisReply) -> Action {
        if case .error(let text) = reply { return failed(RedisError(errorReply: text)) }
        return failed(
            RedisError(
                code: .protocol,
                message: "Redis sent something other than a message to a subscription. Look for a proxy on the way."
            )
        )
    }

    private static func message(_ reply: RedisReply) -> RedisMessage? {
        guard case .array(let parts) = reply, case .string(let kind)? = parts.first else { return nil }
        if parts.count == 3, kind == Self.messageKind,
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

    private static let messageKind = Array("message".utf8)
    private static let patternMessageKind = Array("pmessage".utf8)
}

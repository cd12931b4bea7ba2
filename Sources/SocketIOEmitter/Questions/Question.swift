import Payload

/// A question that every server of a namespace answers for itself.
struct Question: Sendable {
    /// What is asked.
    enum Kind: Sendable {
        /// Which sockets a target reaches.
        case sockets(rooms: [String], except: [String])
        /// That a broadcast be sent, and that its clients acknowledge it.
        case acknowledgements(Broadcast)
    }

    let kind: Kind
    let namespace: String
    /// Who asks; the answers go to a channel of this name.
    let asker: String
    /// Which question it is, so that the answers to another are not taken for its own.
    let id: String

    init(_ kind: Kind, namespace: String, asker: String, id: String) {
        self.kind = kind
        self.namespace = namespace
        self.asker = asker
        self.id = id
    }

    /// 16 hexadecimal digits, as servers name themselves.
    static func name(_ random: inout some RandomNumberGenerator) -> String {
        let digits = String(UInt64.random(in: .min ... .max, using: &random), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// How a question is put to servers over a wire.
struct Asking: Sendable {
    /// Where the answers come, on ordinary and on sharded channels; to be listened to before anything is asked.
    var channels: [String] = []
    var shardChannels: [String] = []
    /// Tells how many servers there are; its reply is a list of a channel and a number.
    let count: RedisCommand
    /// Must find no subscriber, or asking would do harm: a command like ``count``, and why.
    var mustBeNone: (count: RedisCommand, reason: String)?
    /// Asks.
    let ask: RedisCommand
    /// What to send where no server can be asked and there may be some all the same; nil where there is none then.
    var otherwise: RedisCommand?
}

/// What one server, or one client, has answered.
enum Answer: Hashable, Sendable {
    /// A server has these sockets.
    case sockets([String])
    /// A server has sent a broadcast to so many clients.
    case clientCount(Int)
    /// A client has acknowledged it, with this value.
    case acknowledgement(PayloadValue)
}

extension Wire {
    /// How many servers have a namespace: a command whose reply is a list of a channel and a number.
    func countCommand(of namespace: String) -> RedisCommand {
        switch self {
        case .classic(let wire): RedisCommand("PUBSUB", "NUMSUB", "\(wire.prefix)-request#\(namespace)#")
        case .sharded(let wire): RedisCommand("PUBSUB", "SHARDNUMSUB", wire.channel(of: namespace))
        case .streams(let wire): RedisCommand("PUBSUB", "NUMSUB", "\(wire.channelPrefix)#\(namespace)#")
        case .python(let wire): RedisCommand("PUBSUB", "NUMSUB", wire.channel)
        }
    }

    /// How a question is asked.
    ///
    /// - Throws: ``EmitterError`` `.unsupported` where the servers cannot be asked.
    func asking(_ question: Question) throws(EmitterError) -> Asking {
        if case .acknowledgements(let broadcast) = question.kind { try broadcast.data.check() }
        switch self {
        case .classic(let wire): return try wire.asking(question)
        case .sharded(let wire): return try wire.asking(question)
        case .streams(let wire): return try wire.asking(question)
        case .python:
            throw .unsupported(
                "Servers of python-socketio answer no questions from outside; only how many there are can be known."
            )
        }
    }

    /// The answer in a message, and to which question; nil for anything else.
    func answer(in message: RedisMessage) -> (question: String, answer: Answer)? {
        guard case .response(let response)? = try? decode(message).content, let question = response.requestID else {
            return nil
        }
        switch (response.name, response.value) {
        case ("sockets", .array(let sockets)):
            // Names, or descriptions of sockets with their ids.
            return (question, .sockets(sockets.compactMap { $0.string ?? $0.members["id"]?.string }))
        case ("clientCount", .integer(let count)): return (question, .clientCount(Int(clamping: count)))
        case ("acknowledgement", let value): return (question, .acknowledgement(value))
        default: return nil
        }
    }

    /// The command that asks for acknowledgements of a broadcast, for whoever wants to see it; its ids are new every time.
    ///
    /// - Throws: as ``command(for:)-(Broadcast)``, and `.unsupported` where servers cannot be asked.
    public func acknowledgedCommand(for broadcast: Broadcast) throws(EmitterError) -> RedisCommand {
        var random = SystemRandomNumberGenerator()
        let (asker, id) = (Question.name(&random), Question.name(&random))
        return try asking(
            Question(.acknowledgements(broadcast), namespace: broadcast.namespace, asker: asker, id: id)
        ).ask
    }
}

extension ClassicWire {
    func asking(_ question: Question) throws(EmitterError) -> Asking {
        guard generation == .four else {
            throw .unsupported(
                "Servers of Socket.IO \(generation.rawValue) answer no such question from outside. Say generation 4 where "
                    + "they run it."
            )
        }
        let namespace = question.namespace
        let requests = "\(prefix)-request#\(namespace)#"
        let responses = "\(prefix)-response#\(namespace)#"
        return Asking(
            // Servers answer on the one or the other, by their option publishOnSpecificResponseChannel.
            channels: [responses, "\(responses)\(question.asker)#"],
            count: Wire.classic(self).countCommand(of: namespace),
            ask: RedisCommand("PUBLISH", requests, try request(question))
        )
    }

    /// redis-adapter 8.3.0 `lib/index.ts`: SOCKETS (0), REMOTE_FETCH (5) where some are left out, BROADCAST (7).
    private func request(_ question: Question) throws(EmitterError) -> [UInt8] {
        switch question.kind {
        case .sockets(let rooms, let except):
            var writer = JSONWriter(capacity: 160)
            writer.writeRaw(#"{"uid":"#)
            writer.write(string: question.asker)
            writer.writeRaw(#","requestId":"#)
            writer.write(string: question.id)
            writer.writeRaw(except.isEmpty ? #","type":0,"rooms":"# : #","type":5,"opts":{"rooms":"#)
            writer.write(strings: rooms)
            if !except.isEmpty {
                writer.writeRaw(#","except":"#)
                writer.write(strings: except)
                writer.writeRaw("}")
            }
            writer.writeRaw("}")
            return writer.bytes
        case .acknowledgements(let broadcast):
            try check(broadcast)
            var writer = MessagePackWriter(capacity: 256)
            writer.dates = dates
            writer.beginMap(count: 5)
            writer.write(string: "uid")
            writer.write(string: question.asker)
            writer.write(string: "requestId")
            writer.write(string: question.id)
            writer.write(string: "type")
            writer.write(integer: 7)
            writer.writePacketAndOptions(of: broadcast, namespace: broadcast.namespace, order: .roomsExceptFlags)
            return writer.bytes
        }
    }
}

extension ShardedWire {
    func asking(_ question: Question) throws(EmitterError) -> Asking {
        let channel = channel(of: question.namespace)
        return Asking(
            shardChannels: ["\(channel)\(question.asker)#"],
            count: Wire.sharded(self).countCommand(of: question.namespace),
            ask: try ShardedWire(prefix: prefix, sender: question.asker).command(for: question)
        )
    }

    private func command(for question: Question) throws(EmitterError) -> RedisCommand {
        switch question.kind {
        case .sockets(let rooms, let except):
            return try jsonCommand(.fetchSockets, question.namespace) { writer in
                writer.writeRaw(#"{"opts":{"rooms":"#)
                writer.write(strings: rooms)
                writer.writeRaw(#","except":"#)
                writer.write(strings: except)
                writer.writeRaw(#","flags":{}},"requestId":"#)
                writer.write(string: question.id)
                writer.writeRaw("}")
            }
        case .acknowledgements(let broadcast) where broadcast.data.hasBinary:
            return messagePackCommand(.broadcast, question.namespace) { $0.write(broadcast, requestID: question.id) }
        case .acknowledgements(let broadcast):
            return try jsonCommand(.broadcast, question.namespace) { (writer) throws(EmitterError) in
                writer.writeRaw(#"{"requestId":"#)
                writer.write(string: question.id)
                writer.writeRaw(",")
                try writer.writePacketAndOptions(of: broadcast, namespace: nil, order: .roomsExceptFlags)
                writer.writeRaw("}")
            }
        }
    }
}

extension StreamsWire {
    /// Adapter 0.3 takes questions by pub/sub, as MessagePack.
    func asking(_ question: Question) throws(EmitterError) -> Asking {
        try Wire.check(prefix: channelPrefix)
        guard !question.namespace.utf8.contains(UInt8(ascii: "#")) else {
            throw .unsupported(
                "Servers of the streams adapter cannot be asked in a namespace with # in its name, such as \"\(question.namespace)\": "
                    + "its channel reads as one of a room of the classic adapter. Rename the namespace."
            )
        }
        let channel = "\(channelPrefix)#\(question.namespace)#"
        var writer = MessagePackWriter(capacity: 256)
        writer.dates = .texts
        writer.encoder = .msgpackJavaScript
        writer.beginMap(count: 4)
        writer.write(string: "type")
        switch question.kind {
        case .sockets(let rooms, let except):
            writer.write(integer: ClusterMessage.MessageType.fetchSockets.rawValue)
            writer.write(string: "data")
            writer.beginMap(count: 2)
            writer.write(string: "opts")
            writer.writeOptions(rooms: rooms, except: except, flags: [], order: .roomsExceptFlags)
            writer.write(string: "requestId")
            writer.write(string: question.id)
        case .acknowledgements(let broadcast):
            writer.write(integer: ClusterMessage.MessageType.broadcast.rawValue)
            writer.write(string: "data")
            writer.write(broadcast, requestID: question.id)
        }
        writer.write(string: "uid")
        writer.write(string: question.asker)
        writer.write(string: "nsp")
        writer.write(string: question.namespace)
        var otherwise: RedisCommand?
        // Adapters before 0.3 cannot be counted or asked; they read the stream.
        if case .acknowledgements(let broadcast) = question.kind { otherwise = try command(for: broadcast) }
        let classic = Wire.classic(ClassicWire(prefix: channelPrefix))
        return Asking(
            channels: ["\(channel)\(question.asker)#"],
            count: Wire.streams(self).countCommand(of: question.namespace),
            mustBeNone: (
                classic.countCommand(of: question.namespace),
                "Servers of the classic adapter listen on this Redis with the prefix \(channelPrefix), and a question to "
                    + "servers of the streams adapter would end their processes. Give the two kinds different prefixes."
            ),
            ask: RedisCommand("PUBLISH", channel, writer.bytes),
            otherwise: otherwise
        )
    }
}

extension MessagePackWriter {
    /// The data of a broadcast that asks for acknowledgements.
    fileprivate mutating func write(_ broadcast: Broadcast, requestID: String) {
        beginMap(count: 3)
        write(string: "requestId")
        write(string: requestID)
        writePacketAndOptions(of: broadcast, namespace: nil, order: .roomsExceptFlags)
    }
}

extension PayloadValue {
    fileprivate var string: String? { if case .string(let text) = self { text } else { nil } }
}

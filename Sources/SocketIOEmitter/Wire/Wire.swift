import Payload

/// How a cluster of Socket.IO servers is spoken to over Redis: one of the four formats that its adapters know.
///
/// A wire is a pure function from a ``Broadcast`` or a ``SocketRequest`` to one Redis command. What it, or the servers'
/// generation, cannot do is refused with the reason and never left out: a room that should be excluded and is not is a
/// wrong delivery.
///
/// ```swift
/// let wire = Wire.sharded(ShardedWire())
/// try wire.command(for: Broadcast(rooms: ["lobby"], data: hello))   // SPUBLISH socket.io#/# {"type":3,...}
/// ```
public enum Wire: Hashable, Sendable {
    /// @socket.io/redis-adapter over pub/sub, and socket.io-redis before it.
    case classic(ClassicWire)
    /// The sharded adapter of @socket.io/redis-adapter, over sharded pub/sub of Redis 7.
    case sharded(ShardedWire)
    /// @socket.io/redis-streams-adapter.
    case streams(StreamsWire)
    /// python-socketio with its `RedisManager`.
    case python(PythonWire)

    /// The command that makes the servers send a broadcast.
    ///
    /// - Throws: ``EmitterError`` `.reservedEvent`; `.payload` where the arguments cannot be written; `.unsupported` for what
    ///   the wire cannot do.
    public func command(for broadcast: Broadcast) throws(EmitterError) -> RedisCommand {
        switch self {
        case .classic(let wire): try wire.command(for: broadcast)
        case .sharded(let wire): try wire.command(for: broadcast)
        case .streams(let wire): try wire.command(for: broadcast)
        case .python(let wire): try wire.command(for: broadcast)
        }
    }

    /// The same as ``command(for:)-(Broadcast)``, made with less where a message before it went to the same target.
    ///
    /// - Parameters:
    ///   - broadcast: the message.
    ///   - envelope: what the messages before it have left; nil at first.
    /// - Returns: the command.
    /// - Throws: as ``command(for:)-(Broadcast)``.
    func command(
        for broadcast: Broadcast,
        in envelope: inout ClassicEnvelope?
    ) throws(EmitterError) -> RedisCommand {
        let command = try enveloped(broadcast, &envelope) { (envelope) throws(EmitterError) in
            try envelope.command(for: broadcast)
        }
        if let command { return command }
        return try self.command(for: broadcast)
    }

    /// Appends the command of a broadcast to others, as ``command(for:in:)`` makes it.
    func append(
        _ broadcast: Broadcast,
        to commands: inout CommandGroups,
        in envelope: inout ClassicEnvelope?
    ) throws(EmitterError) {
        let isAppended = try enveloped(broadcast, &envelope) { (envelope) throws(EmitterError) in
            try envelope.append(broadcast, to: &commands) ? true : nil
        }
        if isAppended == nil { commands.append(try command(for: broadcast)) }
    }

    /// Calls the body with the envelope of the messages before, and where that is none for this one, with its own.
    ///
    /// - Returns: what the body returns; nil where the message is in no envelope.
    private func enveloped<Value>(
        _ broadcast: Broadcast,
        _ envelope: inout ClassicEnvelope?,
        _ body: (ClassicEnvelope) throws(EmitterError) -> Value?
    ) throws(EmitterError) -> Value? {
        if let envelope, let value = try body(envelope) { return value }
        guard case .classic(let wire) = self else { return nil }
        envelope = try ClassicEnvelope(wire, of: broadcast)
        guard let envelope else { return nil }
        return try body(envelope)
    }

    /// The command that makes the servers do something with sockets, or tells them something.
    ///
    /// - Throws: ``EmitterError`` `.reservedEvent`; `.payload` where the arguments cannot be written; `.unsupported` for what
    ///   the wire cannot do.
    public func command(for request: SocketRequest) throws(EmitterError) -> RedisCommand {
        switch self {
        case .classic(let wire): try wire.command(for: request)
        case .sharded(let wire): try wire.command(for: request)
        case .streams(let wire): try wire.command(for: request)
        case .python(let wire): try wire.command(for: request)
        }
    }

    /// Refuses a prefix or channel that reads as a channel of the classic adapter with a shorter prefix: its servers would
    /// take what is published there for their own, and end at what they cannot read.
    static func check(prefix: String) throws(EmitterError) {
        guard prefix.utf8.hasPair("#/") else { return }
        throw .unsupported(
            "With #/ in it, \"\(prefix)\" reads as a channel of a namespace of the classic adapter, whose servers would read the "
                + "messages and could end. Choose another prefix or channel."
        )
    }

    /// Whether Redis' reply to a command of this wire is the number of servers that took it.
    var countsReceivers: Bool { if case .streams = self { false } else { true } }

    /// What Redis' reply to a command of this wire says: how many servers took it, or which stream entry it became.
    ///
    /// - Returns: nil for a reply that such a command does not have.
    func receipt(_ reply: RedisReply) -> Receipt? {
        switch (self, reply) {
        case (.streams, .string(let id)): Receipt(receivers: nil, entryID: String(decoding: id, as: UTF8.self))
        case (.streams, _): nil
        case (_, .integer(let receivers)): Receipt(receivers: Int(receivers))
        default: nil
        }
    }
}

extension EmitterError {
    /// The refusal of what a wire cannot do.
    static func unsupported(_ message: String) -> EmitterError {
        EmitterError(code: .unsupported, message: message)
    }

    static func payload(_ error: PayloadError) -> EmitterError {
        EmitterError(code: .payload, message: error.message, cause: error)
    }
}

extension EventData {
    /// Refuses an event that belongs to Socket.IO itself, and arguments that receivers cannot take: clients that received
    /// them would disconnect, or servers end.
    ///
    /// - Returns: the most bytes that it is as MessagePack.
    /// - Throws: `.reservedEvent`, `.payload`.
    @discardableResult
    func check() throws(EmitterError) -> Int {
        if Self.isReserved(event) {
            throw EmitterError(
                code: .reservedEvent,
                message: "\"\(event)\" is an event of Socket.IO itself. Choose another event name."
            )
        }
        return try checkEncodable()
    }

    /// Refuses arguments that receivers cannot take.
    ///
    /// - Returns: the most bytes that it is as MessagePack.
    /// - Throws: `.payload`.
    func checkEncodable() throws(EmitterError) -> Int {
        do {
            return try measure()
        } catch {
            throw .payload(error)
        }
    }
}

extension String.UTF8View {
    /// Whether two characters follow each other somewhere.
    fileprivate func hasPair(_ pair: StaticString) -> Bool {
        let pair = pair.withUTF8Buffer { Array($0) }
        return zip(self, dropFirst()).contains { $0 == pair[0] && $1 == pair[1] }
    }
}

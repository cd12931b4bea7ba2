import Payload

/// The wire of @socket.io/redis-adapter (pub/sub): how a broadcast becomes one `PUBLISH`.
///
/// Messages are byte for byte those of @socket.io/redis-emitter 5.1.0, so servers need no change:
///
///     let wire = ClassicWire()
///     let hello = Broadcast(rooms: ["lobby"], data: EventData(event: "hello", arguments: [1]))
///     wire.channel(for: hello)          // "socket.io#/#lobby#"
///     try wire.command(for: hello)      // PUBLISH socket.io#/#lobby# <MessagePack>
public struct ClassicWire: Hashable, Sendable {
    /// How a message is written.
    public enum Encoding: Hashable, Sendable {
        /// MessagePack as notepack.io writes it: what servers expect unless told otherwise.
        case messagePack
        /// JSON, for servers whose adapter was given JSON as its `parser` (redis-adapter 8.0.0 and later). No binary.
        case json
    }

    /// The servers' `key` option; the first part of every channel.
    public var prefix: String
    /// How messages are written.
    public var encoding: Encoding

    /// Makes a wire; the defaults are those of Socket.IO.
    public init(prefix: String = "socket.io", encoding: Encoding = .messagePack) {
        self.prefix = prefix
        self.encoding = encoding
    }

    /// The channel that a broadcast is published on.
    ///
    /// Exactly one room has a channel of its own, so that servers without that room need not decode the message;
    /// everything else goes to the namespace's channel. Names are put in as they are (redis-emitter 5.1.0
    /// `lib/index.ts` BroadcastOperator.emit).
    public func channel(for broadcast: Broadcast) -> String {
        if broadcast.rooms.count == 1 {
            "\(prefix)#\(broadcast.namespace)#\(broadcast.rooms[0])#"
        } else {
            "\(prefix)#\(broadcast.namespace)#"
        }
    }

    /// The `PUBLISH` command of a broadcast.
    ///
    /// - Throws: `.reservedEvent`, or `.payload` where the arguments cannot be written.
    public func command(for broadcast: Broadcast) throws(EmitterError) -> RedisCommand {
        let payload = try payload(for: broadcast)
        return RedisCommand(arguments: [Self.publish, Array(channel(for: broadcast).utf8), payload])
    }

    /// The message of a broadcast: `[uid, packet, opts]` with the keys in the order of redis-emitter 5.1.0.
    ///
    /// - Throws: `.reservedEvent`, or `.payload` where the arguments cannot be written.
    public func payload(for broadcast: Broadcast) throws(EmitterError) -> [UInt8] {
        let event = broadcast.data.event
        guard !EventData.reservedNames.contains(event) else {
            throw EmitterError(
                code: .reservedEvent,
                message: "\"\(event)\" is an event of Socket.IO itself. Choose another event name."
            )
        }
        switch encoding {
        case .messagePack: return messagePack(broadcast)
        case .json: return try json(broadcast)
        }
    }

    private func messagePack(_ broadcast: Broadcast) -> [UInt8] {
        let data = broadcast.data.messagePack()
        var writer = MessagePackWriter(capacity: data.count + 64 + broadcast.namespace.utf8.count)
        writer.writeRaw(Self.messagePackHead)
        writer.writeRaw(data)
        writer.writeRaw(Self.messagePackNamespaceKey)
        writer.write(string: broadcast.namespace)
        writer.beginMap(count: 3)
        writer.write(string: "rooms")
        writer.write(strings: broadcast.rooms)
        writer.write(string: "flags")
        writer.beginMap(count: broadcast.flags.count)
        for flag in broadcast.flags {
            writer.write(string: flag.name)
            writer.write(bool: flag.value)
        }
        writer.write(string: "except")
        writer.write(strings: broadcast.except)
        return writer.bytes
    }

    private func json(_ broadcast: Broadcast) throws(EmitterError) -> [UInt8] {
        let data: [UInt8]
        do {
            data = try broadcast.data.json()
        } catch {
            throw EmitterError(code: .payload, message: error.message, cause: error)
        }
        var writer = JSONWriter(capacity: data.count + 96)
        writer.writeRaw(#"["emitter",{"type":2,"data":"#)
        writer.writeRaw(data)
        writer.writeRaw(#","nsp":"#)
        writer.write(string: broadcast.namespace)
        writer.writeRaw(#"},{"rooms":"#)
        writer.write(strings: broadcast.rooms)
        writer.writeRaw(#","flags":{"#)
        for (index, flag) in broadcast.flags.enumerated() {
            if index > 0 { writer.writeRaw(",") }
            writer.write(string: flag.name)
            writer.writeRaw(flag.value ? ":true" : ":false")
        }
        writer.writeRaw(#"},"except":"#)
        writer.write(strings: broadcast.except)
        writer.writeRaw("}]")
        return writer.bytes
    }

    private static let publish = Array("PUBLISH".utf8)

    /// `["emitter", {type: 2, data:` up to where the data begins; the same in every message.
    private static let messagePackHead: [UInt8] = {
        var writer = MessagePackWriter(capacity: 32)
        writer.beginArray(count: 3)
        writer.write(string: "emitter")
        writer.beginMap(count: 3)
        writer.write(string: "type")
        writer.write(integer: 2)
        writer.write(string: "data")
        return writer.bytes
    }()

    private static let messagePackNamespaceKey: [UInt8] = {
        var writer = MessagePackWriter(capacity: 8)
        writer.write(string: "nsp")
        return writer.bytes
    }()
}

extension MessagePackWriter {
    fileprivate mutating func write(strings: [String]) {
        beginArray(count: strings.count)
        for string in strings {
            write(string: string)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func write(strings: [String]) {
        writeRaw("[")
        for (index, string) in strings.enumerated() {
            if index > 0 { writeRaw(",") }
            write(string: string)
        }
        writeRaw("]")
    }
}

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
        ///
        /// Every server of the prefix must have that parser: one that reads MessagePack ends at the first message.
        case json
    }

    /// The servers' `key` option; the first part of every channel.
    public var prefix: String
    /// How messages are written.
    public var encoding: Encoding
    /// What the servers run.
    public var generation: ServerGeneration
    /// How moments among the arguments are written; texts are shown alike by every server.
    public var dates = MessagePackWriter.Dates.texts

    /// Makes a wire; the defaults are those of Socket.IO.
    public init(
        prefix: String = "socket.io",
        encoding: Encoding = .messagePack,
        generation: ServerGeneration = .four
    ) {
        self.prefix = prefix
        self.encoding = encoding
        self.generation = generation
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
    /// - Throws: `.reservedEvent`; `.payload` where the arguments cannot be written; `.unsupported` for what servers of the
    ///   generation would not heed.
    public func command(for broadcast: Broadcast) throws(EmitterError) -> RedisCommand {
        try check(broadcast)
        return RedisCommand("PUBLISH", channel(for: broadcast), try payload(for: broadcast))
    }

    /// The message of a broadcast: `[uid, packet, opts]` with the keys in the order of redis-emitter 5.1.0.
    ///
    /// - Throws: `.reservedEvent`, or `.payload` where the arguments cannot be written.
    public func payload(for broadcast: Broadcast) throws(EmitterError) -> [UInt8] {
        let most = try broadcast.data.check()
        switch encoding {
        case .messagePack: return messagePack(broadcast, dataAtMost: most)
        case .json: return try json(broadcast)
        }
    }

    /// How MessagePack is written.
    var form: MessagePackForm { MessagePackForm(dates: dates) }

    private func messagePack(_ broadcast: Broadcast, dataAtMost: Int) -> [UInt8] {
        let head = Self.head(type: packetType(of: broadcast))
        let form = form
        let most = head.count + dataAtMost + Self.mostOfEnd(of: broadcast)
        return [UInt8](atMost: most, form) { cursor in
            head.withUnsafeBufferPointer { cursor.writeRaw($0) }
            broadcast.data.write(to: &cursor)
            Self.writeEnd(of: broadcast, to: &cursor)
        }
    }

    /// What stands before the data of a broadcast in MessagePack, and what stands after them.
    func surroundings(of broadcast: Broadcast) -> (head: [UInt8], tail: [UInt8]) {
        let tail = [UInt8](atMost: Self.mostOfEnd(of: broadcast), form) { Self.writeEnd(of: broadcast, to: &$0) }
        return (Self.head(type: packetType(of: broadcast)), tail)
    }

    private static func mostOfEnd(of broadcast: Broadcast) -> Int {
        MessagePackCursor.most(of: "nsp") + MessagePackCursor.most(of: broadcast.namespace)
            + MessagePackCursor.mostOfOptions(
                rooms: broadcast.rooms,
                except: broadcast.except,
                flags: broadcast.flags
            )
    }

    private static func writeEnd(of broadcast: Broadcast, to cursor: inout MessagePackCursor) {
        cursor.write(string: "nsp")
        cursor.write(string: broadcast.namespace)
        cursor.writeOptions(
            rooms: broadcast.rooms,
            except: broadcast.except,
            flags: broadcast.flags,
            order: .roomsFlagsExcept
        )
    }

    private func json(_ broadcast: Broadcast) throws(EmitterError) -> [UInt8] {
        var writer = JSONWriter(capacity: 192)
        writer.writeRaw(#"["emitter",{"type":2,"data":"#)
        try writer.write(event: broadcast.data)
        writer.writeRaw(#","nsp":"#)
        writer.write(string: broadcast.namespace)
        writer.writeRaw(#"},{"rooms":"#)
        writer.write(strings: broadcast.rooms)
        writer.writeRaw(#","flags":"#)
        writer.write(broadcast.flags)
        writer.writeRaw(#","except":"#)
        writer.write(strings: broadcast.except)
        writer.writeRaw("}]")
        return writer.bytes
    }

    /// EVENT, or BINARY_EVENT where a parser does not look for binary data itself (socket.io-parser 3.2 to 3.4).
    private func packetType(of broadcast: Broadcast) -> Int {
        generation == .two && broadcast.data.hasBinary ? 5 : 2
    }

    /// `["emitter", {type: 2, data:` up to where the data begins.
    private static func head(type: Int) -> [UInt8] { type == 2 ? eventHead : binaryEventHead }
    private static let eventHead = makeHead(type: 2)
    private static let binaryEventHead = makeHead(type: 5)

    private static func makeHead(type: Int64) -> [UInt8] {
        var writer = MessagePackWriter(capacity: 32)
        writer.beginArray(count: 3)
        writer.write(string: "emitter")
        writer.beginMap(count: 3)
        writer.write(string: "type")
        writer.write(integer: type)
        writer.write(string: "data")
        return writer.bytes
    }
}

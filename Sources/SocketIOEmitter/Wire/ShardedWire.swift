import Payload

/// The wire of the sharded adapter of @socket.io/redis-adapter, over sharded pub/sub of Redis 7: one `SPUBLISH`.
///
/// Everything goes to the channel of the namespace, which the servers of all three subscription modes (`dynamic`,
/// `dynamic-private`, `static`) read, with the rooms in the message; the channel of a room is read in some modes only, and its
/// reply would say nothing about servers. The reply of the command is the number of servers.
///
/// ```swift
/// let wire = ShardedWire()
/// try wire.command(for: Broadcast(rooms: ["lobby"], data: EventData(event: "hello", arguments: [1])))
/// // SPUBLISH socket.io#/# {"type":3,"data":{"packet":{"type":2,"data":["hello",1]},"opts":{"rooms":["lobby"],...
/// ```
///
/// Messages are those that a server sends itself (@socket.io/redis-adapter 8.3.0 `lib/sharded-adapter.ts`): JSON, or
/// MessagePack where there is binary data inside.
public struct ShardedWire: Hashable, Sendable {
    /// The servers' `channelPrefix` option; the first part of every channel.
    public var prefix: String

    /// Who a message says that it comes from: no server, so that every server heeds it.
    let sender: String

    /// Makes a wire; the default is that of Socket.IO.
    public init(prefix: String = "socket.io") {
        self.init(prefix: prefix, sender: "emitter")
    }

    init(prefix: String, sender: String) {
        self.prefix = prefix
        self.sender = sender
    }

    /// The channel that the servers of a namespace read.
    public func channel(of namespace: String) -> String { "\(prefix)#\(namespace)#" }

    /// The `SPUBLISH` command of a broadcast.
    ///
    /// - Throws: `.reservedEvent`; `.payload` where the arguments cannot be written.
    public func command(for broadcast: Broadcast) throws(EmitterError) -> RedisCommand {
        try broadcast.data.check()
        if broadcast.data.hasBinary {
            return messagePackCommand(.broadcast, broadcast.namespace) { writer in
                writer.write(broadcast, namespace: nil, order: .roomsExceptFlags)
            }
        }
        return try jsonCommand(.broadcast, broadcast.namespace) { (writer) throws(EmitterError) in
            try writer.write(broadcast, namespace: nil, order: .roomsExceptFlags)
        }
    }

    /// The `SPUBLISH` command of a request.
    ///
    /// - Throws: `.reservedEvent`; `.payload` where the arguments cannot be written; `.unsupported` for a `serverSideEmit` to
    ///   rooms.
    public func command(for request: SocketRequest) throws(EmitterError) -> RedisCommand {
        try request.check()
        let type = ClusterMessage.type(of: request)
        if case .serverSideEmit(let data) = request.action, data.hasBinary {
            return messagePackCommand(type, request.namespace) { $0.write(serverSideEmit: data) }
        }
        return try jsonCommand(type, request.namespace) { (writer) throws(EmitterError) in try writer.write(request) }
    }

    /// `{"type","data","uid","nsp"}` as JSON.
    func jsonCommand(
        _ type: ClusterMessage.MessageType,
        _ namespace: String,
        _ data: (inout JSONWriter) throws(EmitterError) -> Void
    ) throws(EmitterError) -> RedisCommand {
        var writer = JSONWriter(capacity: 192)
        writer.writeRaw(#"{"type":"#)
        writer.write(integer: type.rawValue)
        writer.writeRaw(#","data":"#)
        try data(&writer)
        writer.writeRaw(#","uid":"#)
        writer.write(string: sender)
        writer.writeRaw(#","nsp":"#)
        writer.write(string: namespace)
        writer.writeRaw("}")
        return RedisCommand("SPUBLISH", channel(of: namespace), writer.bytes)
    }

    /// The same as MessagePack.
    func messagePackCommand(
        _ type: ClusterMessage.MessageType,
        _ namespace: String,
        _ data: (inout MessagePackWriter) -> Void
    ) -> RedisCommand {
        var writer = MessagePackWriter(capacity: 192)
        writer.dates = .texts
        writer.beginMap(count: 4)
        writer.write(string: "type")
        writer.write(integer: type.rawValue)
        writer.write(string: "data")
        data(&writer)
        writer.write(string: "uid")
        writer.write(string: sender)
        writer.write(string: "nsp")
        writer.write(string: namespace)
        return RedisCommand("SPUBLISH", channel(of: namespace), writer.bytes)
    }
}

import Payload

/// The wire of @socket.io/redis-streams-adapter 0.1 to 0.3: one `XADD` to the stream that all servers read.
///
/// Entries are byte for byte those of @socket.io/redis-streams-emitter 0.1.1, but that a missing leading slash of a namespace
/// is added: without it nobody would receive.
///
/// ```swift
/// let wire = StreamsWire()
/// try wire.command(for: Broadcast(data: EventData(event: "hello", arguments: [1])))
/// // XADD socket.io MAXLEN ~ 10000 * uid emitter nsp / type 3 data {"packet":{"type":2,"data":["hello",1],"nsp":"/"},...
/// ```
///
/// The reply is the entry's id: how many servers read it cannot be known from it.
public struct StreamsWire: Hashable, Sendable {
    /// The servers' `streamName` option.
    public var streamName: String
    /// The stream's length, about which Redis trims it: the servers' `maxLen` option.
    public var maximumLength: Int
    /// Over how many streams the servers spread their namespaces: their `streamCount` option (adapter 0.3).
    public var streamCount: Int
    /// The servers' `channelPrefix` option: where they take questions (adapter 0.3).
    public var channelPrefix: String

    /// Who an entry says that it comes from.
    ///
    /// Adapters before 0.3 count every other sender as a server, and wait for its answers in vain.
    let sender: String

    /// Makes a wire; the defaults are those of the adapter.
    public init(
        streamName: String = "socket.io",
        maximumLength: Int = 10_000,
        streamCount: Int = 1,
        channelPrefix: String = "socket.io"
    ) {
        self.init(
            streamName: streamName,
            maximumLength: maximumLength,
            streamCount: streamCount,
            channelPrefix: channelPrefix,
            sender: "emitter"
        )
    }

    init(
        streamName: String,
        maximumLength: Int,
        streamCount: Int,
        channelPrefix: String = "socket.io",
        sender: String
    ) {
        self.channelPrefix = channelPrefix
        self.streamName = streamName
        self.maximumLength = maximumLength
        self.streamCount = streamCount
        self.sender = sender
    }

    /// The stream of a namespace.
    ///
    /// With several streams, servers 0.3.1 take the namespace's hash modulo their number, and write to a stream with a
    /// negative number, which none of them reads, where the hash is negative (`lib/adapter.ts`, `hashCode`).
    ///
    /// - Throws: `.unsupported` for a namespace that falls on such a stream.
    public func stream(of namespace: String) throws(EmitterError) -> String {
        guard streamCount > 1 else { return streamName }
        var hash: Int32 = 0
        for unit in namespace.utf16 { hash = hash &* 31 &+ Int32(unit) }
        let number = Int(hash) % streamCount
        guard number >= 0 else {
            throw .unsupported(
                "With \(streamCount) streams, servers of the streams adapter send \"\(namespace)\" to the stream "
                    + "\(streamName)-\(number), which none of them reads. Rename the namespace, or change their streamCount."
            )
        }
        return "\(streamName)-\(number)"
    }

    /// The `XADD` command of a broadcast.
    ///
    /// - Throws: `.reservedEvent`; `.payload` where the arguments cannot be written; `.unsupported` as
    ///   ``stream(of:)`` does.
    public func command(for broadcast: Broadcast) throws(EmitterError) -> RedisCommand {
        try broadcast.data.check()
        if broadcast.data.hasBinary {
            return try command(
                .broadcast,
                broadcast.namespace,
                base64: { writer in
                    writer.write(broadcast, namespace: broadcast.namespace, order: .roomsFlagsExcept)
                }
            )
        }
        var writer = JSONWriter(capacity: 192)
        try writer.write(broadcast, namespace: broadcast.namespace, order: .roomsFlagsExcept)
        return try command(.broadcast, broadcast.namespace, data: writer.bytes)
    }

    /// The `XADD` command of a request.
    ///
    /// - Throws: `.reservedEvent`; `.payload` where the arguments cannot be written; `.unsupported` for a `serverSideEmit` to
    ///   rooms, and as ``stream(of:)`` does.
    public func command(for request: SocketRequest) throws(EmitterError) -> RedisCommand {
        try request.check()
        let type = ClusterMessage.type(of: request)
        if case .serverSideEmit(let data) = request.action, data.hasBinary {
            return try command(type, request.namespace, base64: { $0.write(serverSideEmit: data) })
        }
        var writer = JSONWriter(capacity: 128)
        try writer.write(request)
        return try command(type, request.namespace, data: writer.bytes)
    }

    private func command(
        _ type: ClusterMessage.MessageType,
        _ namespace: String,
        base64 data: (inout MessagePackWriter) -> Void
    ) throws(EmitterError) -> RedisCommand {
        var writer = MessagePackWriter(capacity: 192)
        writer.dates = .texts
        writer.encoder = .msgpackJavaScript
        data(&writer)
        return try command(type, namespace, data: Base64.encoded(writer.bytes))
    }

    private func command(
        _ type: ClusterMessage.MessageType,
        _ namespace: String,
        data: [UInt8]
    ) throws(EmitterError) -> RedisCommand {
        guard maximumLength > 0 else {
            throw .unsupported(
                "A stream of at most \(maximumLength) entries holds none, so that no server reads any. Give the servers' maxLen."
            )
        }
        let head = [
            "XADD", try stream(of: namespace), "MAXLEN", "~", String(maximumLength), "*", "uid", sender, "nsp",
            namespace,
            "type", String(type.rawValue), "data",
        ]
        return RedisCommand(arguments: head.map { Array($0.utf8) } + [data])
    }
}

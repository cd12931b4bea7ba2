import Logging
import Payload
import SocketIOEmitter
import Synchronization

/// A ``SocketIOPeer`` on a real Redis; it stops when it goes.
///
/// ```swift
/// let server = try await SocketIOServer(redis.url, .classic(), sockets: ["a1": ["lobby"]])
/// try await eventually("it is there") { server.peer.received["a1"] == [SocketIOPeer.Event("hello", 1)] }
/// ```
public final class SocketIOServer: Sendable {
    private final class Shared: Sendable {
        let client: RedisClient
        let peer: Mutex<SocketIOPeer>
        let late = Mutex<[SocketIOPeer.Answer]>([])

        init(_ client: RedisClient, _ peer: SocketIOPeer) {
            self.client = client
            self.peer = Mutex(peer)
        }

        /// Lets the peer take something, and sends what it answers.
        func take(_ message: (inout SocketIOPeer) -> [SocketIOPeer.Answer]) async throws {
            let answers: [SocketIOPeer.Answer] = peer.withLock { peer in
                guard peer.crash == nil else { return [] }
                let answers = message(&peer)
                return peer.isMute ? [] : answers
            }
            late.withLock { $0 += answers.filter(\.isLate) }
            for answer in answers where !answer.isLate { try await send(answer) }
        }

        func send(_ answer: SocketIOPeer.Answer) async throws {
            let words = [Array(answer.command.utf8), Array(answer.channel.utf8), answer.payload]
            _ = try await client.send(RedisCommand(arguments: words))
        }
    }

    private let shared: Shared
    private let tasks: [Task<Void, any Error>]

    /// Starts a server, which listens when this returns.
    ///
    /// - Parameters:
    ///   - url: the URL of its Redis.
    ///   - adapter: its adapter.
    ///   - uid: its own name in messages.
    ///   - prefix: the adapter's `key` or `channelPrefix`.
    ///   - namespace: the namespace that it has.
    ///   - sockets: its sockets and the rooms of each.
    ///   - acknowledging: when clients acknowledge; at once unless said otherwise.
    ///   - isMute: whether it takes requests and never answers.
    ///   - stream: the stream of the streams adapter.
    /// - Throws: when Redis cannot be reached.
    public init(
        _ url: String,
        _ adapter: SocketIOPeer.Adapter = .classic(),
        uid: String = "peer",
        prefix: String = "socket.io",
        namespace: String = "/",
        sockets: [String: Set<String>],
        acknowledging: [String: SocketIOPeer.Acknowledging] = [:],
        isMute: Bool = false,
        stream: String = "socket.io"
    ) async throws {
        let configuration = try RedisConfiguration(url: url)
        let logger = Logger(label: "server") { _ in SwiftLogNoOpLogHandler() }
        let client = RedisClient(configuration: configuration, logger: logger)
        var peer = SocketIOPeer(adapter, uid: uid, prefix: prefix, namespace: namespace, sockets: sockets)
        peer.acknowledging = acknowledging
        peer.isMute = isMute
        let shared = Shared(client, peer)
        self.shared = shared
        var tasks: [Task<Void, any Error>] = []
        // Unstructured: whoever made the server goes on beside it, and its end ends them.
        switch adapter {
        case .classic:
            let pattern = "\(prefix)#\(namespace)#*"
            let messages = try await client.subscribe(channels: peer.classicChannels, patterns: [pattern])
            tasks.append(
                Task {
                    for try await message in messages {
                        try await shared.take { $0.receiveClassic(channel: message.channel, payload: message.payload) }
                    }
                }
            )
        case .sharded:
            // In a cluster each channel can be at another node.
            for channel in peer.clusterChannels {
                let messages = try await client.subscribe(shardChannels: [channel])
                tasks.append(Self.reading(messages, shared))
            }
        case .streams:
            tasks.append(Self.reading(try await client.subscribe(channels: peer.clusterChannels), shared))
            let reader = RedisClient(configuration: configuration, logger: logger)
            let last = try await reader.send(RedisCommand("XREVRANGE", stream, "+", "-", "COUNT", "1"))
            let begin = Self.entries(last).first?.id ?? "0-0"
            tasks.append(Task { try await Self.read(stream, after: begin, reader, shared) })
        }
        self.tasks = tasks
    }

    deinit {
        stop()
    }

    /// The server and its clients as they are now.
    public var peer: SocketIOPeer { shared.peer.withLock { $0 } }

    /// How many acknowledgements are kept back.
    public var lateCount: Int { shared.late.withLock { $0.count } }

    /// Stops listening.
    public func stop() {
        for task in tasks { task.cancel() }
    }

    /// Sends the acknowledgements of the clients that are late.
    public func acknowledgeLate() async throws {
        for answer in shared.late.withLock({ late in
            defer { late = [] }
            return late
        }) { try await shared.send(answer) }
    }

    private static func reading(_ messages: RedisSubscription, _ shared: Shared) -> Task<Void, any Error> {
        Task {
            for try await message in messages { try await shared.take { $0.receiveCluster(payload: message.payload) } }
        }
    }

    private static func read(
        _ stream: String,
        after begin: String,
        _ client: RedisClient,
        _ shared: Shared
    ) async throws {
        var last = begin
        while !Task.isCancelled {
            let reply = try await client.send(
                RedisCommand("XREAD", "BLOCK", "500", "COUNT", "100", "STREAMS", stream, last)
            )
            guard case .array(let streams) = reply else { continue }
            for case .array(let pair) in streams where pair.count == 2 {
                for entry in entries(pair[1]) {
                    last = entry.id
                    try await shared.take { $0.receive(entry: entry.fields) }
                }
            }
        }
    }

    private static func entries(_ reply: RedisReply) -> [(id: String, fields: [String: [UInt8]])] {
        guard case .array(let entries) = reply else { return [] }
        return entries.compactMap { entry in
            guard case .array(let parts) = entry, parts.count == 2, case .string(let id) = parts[0],
                case .array(let words) = parts[1]
            else { return nil }
            let texts = words.compactMap { if case .string(let bytes) = $0 { bytes } else { nil } }
            var fields: [String: [UInt8]] = [:]
            for index in stride(from: 0, to: texts.count - 1, by: 2) {
                fields[String(decoding: texts[index], as: UTF8.self)] = texts[index + 1]
            }
            return (String(decoding: id, as: UTF8.self), fields)
        }
    }
}

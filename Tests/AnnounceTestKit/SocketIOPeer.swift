import Payload

/// A Socket.IO server of a Node.js adapter and its clients, as a value: messages go in, answers come out.
///
/// It is written from what the adapters' sources do and what was seen of them (@socket.io/redis-adapter 8.3.0 `lib/index.ts` and
/// `lib/sharded-adapter.ts`, socket.io-adapter 2.5.8 `lib/cluster-adapter.ts`, @socket.io/redis-streams-adapter 0.3.1), not from
/// the code under test.
public struct SocketIOPeer: Sendable {
    /// Which adapter the server has.
    public enum Adapter: Hashable, Sendable {
        /// Pub/sub; the generation of Socket.IO, and whether it has `publishOnSpecificResponseChannel`.
        case classic(generation: Int = 4, onSpecificChannel: Bool = false)
        /// Sharded pub/sub, in one of the subscription modes.
        case sharded(Mode = .dynamic)
        /// The streams adapter 0.3.
        case streams
    }

    /// The subscription modes of the sharded adapter.
    public enum Mode: Hashable, Sendable, CaseIterable {
        /// A channel for each room but not for socket ids.
        case dynamic
        /// A channel for each room and each socket id.
        case dynamicPrivate
        /// The namespace's channel only.
        case `static`
    }

    /// When a client acknowledges what asks for it.
    public enum Acknowledging: Hashable, Sendable {
        /// At once.
        case atOnce
        /// When the test says so.
        case late
        /// Never.
        case never
    }

    /// What a client got.
    public struct Event: Hashable, Sendable {
        /// The event's name.
        public let name: String
        /// Its arguments.
        public let arguments: [PayloadValue]

        /// Makes an event.
        public init(_ name: String, _ arguments: PayloadValue...) {
            self.init(name, arguments)
        }

        /// Makes an event of a list.
        public init(_ name: String, _ arguments: [PayloadValue]) {
            self.name = name
            self.arguments = arguments
        }
    }

    /// What the server publishes in answer.
    public struct Answer: Hashable, Sendable {
        /// `PUBLISH` or `SPUBLISH`.
        public let command: String
        /// The channel.
        public let channel: String
        /// The message.
        public let payload: [UInt8]
        /// Whether it is kept back until the test says so.
        public let isLate: Bool
    }

    /// The adapter.
    public let adapter: Adapter
    /// The server's own name in messages.
    public let uid: String
    /// The adapter's `key` or `channelPrefix`.
    public let prefix: String
    /// The namespace that it has.
    public let namespace: String
    /// The rooms of each connected socket, that of its own id among them.
    public internal(set) var rooms: [String: Set<String>]
    /// When each client acknowledges; at once unless said otherwise.
    public var acknowledging: [String: Acknowledging] = [:]
    /// Whether the server takes requests and never answers.
    public var isMute = false
    /// What each client got.
    public internal(set) var received: [String: [Event]] = [:]
    /// The events for servers.
    public internal(set) var serverEvents: [Event] = []
    /// Why clients were disconnected.
    public internal(set) var disconnected: [String: String] = [:]
    /// What ended the process, or stopped it from reading on.
    public internal(set) var crash: String?

    /// Makes a server.
    ///
    /// - Parameters:
    ///   - adapter: its adapter.
    ///   - uid: its own name in messages.
    ///   - prefix: the adapter's `key` or `channelPrefix`.
    ///   - namespace: the namespace that it has.
    ///   - sockets: its sockets and the rooms of each.
    public init(
        _ adapter: Adapter,
        uid: String = "peer",
        prefix: String = "socket.io",
        namespace: String = "/",
        sockets: [String: Set<String>]
    ) {
        self.adapter = adapter
        self.uid = uid
        self.prefix = prefix
        self.namespace = namespace
        rooms = sockets.reduce(into: [:]) { $0[$1.key] = $1.value.union([$1.key]) }
    }

    /// Takes a command as Redis would hand it to the server's subscriptions.
    ///
    /// - Parameter command: the words of `PUBLISH`, `SPUBLISH` or `XADD`.
    /// - Returns: what the server publishes in answer.
    public mutating func receive(_ command: [[UInt8]]) -> [Answer] {
        let words = command.map { String(decoding: $0, as: UTF8.self) }
        guard crash == nil, words.count > 2, let payload = command.last else { return [] }
        switch (adapter, words[0]) {
        case (.classic, "PUBLISH"):
            let isHeard = RedisGlob.matches("\(prefix)#\(namespace)#*", words[1])
            return isHeard || classicChannels.contains(words[1])
                ? receiveClassic(channel: words[1], payload: payload) : []
        case (.sharded, "SPUBLISH"), (.streams, "PUBLISH"):
            return clusterChannels.contains(words[1]) ? receiveCluster(payload: payload) : []
        case (.streams, "XADD") where words[1] == "socket.io":
            guard let id = words.firstIndex(of: "*") else { return [] }
            var entry: [String: [UInt8]] = [:]
            for index in stride(from: id + 1, to: words.count - 1, by: 2) { entry[words[index]] = command[index + 1] }
            return receive(entry: entry)
        default: return []
        }
    }

    // MARK: Sockets

    /// The sockets that a message's options select, in the order of their ids.
    func selected(_ options: PayloadValue?) -> [String] {
        let wanted = options?["rooms"]?.elements.compactMap(\.text) ?? []
        let except = Set(options?["except"]?.elements.compactMap(\.text) ?? [])
        return rooms.keys.sorted().filter { id in
            guard let own = rooms[id] else { return false }
            let isOut = exceptsIdsOnly ? except.contains(id) : !own.isDisjoint(with: except)
            return !isOut && (wanted.isEmpty || !own.isDisjoint(with: wanted))
        }
    }

    /// socket.io-redis before 6.1 compares what is to be left out with socket ids.
    private var exceptsIdsOnly: Bool {
        if case .classic(let generation, _) = adapter { generation < 4 } else { false }
    }

    private var generation: Int {
        if case .classic(let generation, _) = adapter { generation } else { 4 }
    }

    /// Gives a packet to sockets, as their clients' parsers take it.
    mutating func deliver(_ packet: PayloadValue, to sockets: [String]) {
        for socket in sockets {
            switch packet["type"] {
            case .integer(2)?,
                .integer(5)? where generation == 2:
                guard let event = Self.event(packet["data"]) else { fallthrough }
                received[socket, default: []].append(event)
            case .integer(1)?: disconnect(socket, "io server disconnect")
            default: disconnect(socket, "parse error")
            }
        }
    }

    mutating func disconnect(_ socket: String, _ reason: String) {
        disconnected[socket] = reason
        rooms[socket] = nil
    }

    private static let reserved = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    /// What a client's parser makes of a packet's data; nil for what makes it disconnect.
    static func event(_ data: PayloadValue?) -> Event? {
        guard case .array(let list)? = data, let name = list.first else { return nil }
        switch name {
        case .string(let text) where !reserved.contains(text): return Event(text, Array(list.dropFirst()))
        case .integer(let number): return Event("\(number)", Array(list.dropFirst()))
        default: return nil
        }
    }

    /// Emits an event on the server's namespace; whether its process is still there.
    mutating func take(serverEvent event: Event) -> Bool {
        // Node.js throws an "error" that nobody listens for, and applications take a "connection" for a socket.
        if ["error", "connect", "connection"].contains(event.name) { crash = "the event \(event.name)" }
        serverEvents.append(event)
        return crash == nil
    }

    /// Makes sockets enter or leave rooms.
    mutating func move(_ sockets: [String], to names: PayloadValue?, enter: Bool) {
        let names = names?.elements.compactMap(\.text) ?? []
        for socket in sockets {
            if enter { rooms[socket]?.formUnion(names) } else { rooms[socket]?.subtract(names) }
        }
    }

    /// What a client answers to what asks for an acknowledgement.
    static func acknowledgement(of socket: String) -> PayloadValue { .string("got it, \(socket)") }
}

extension PayloadValue {
    var text: String? { if case .string(let text) = self { text } else { nil } }
    var elements: [PayloadValue] { if case .array(let elements) = self { elements } else { [] } }
    subscript(key: String) -> PayloadValue? { if case .object(let object) = self { object[key] } else { nil } }

    /// JSON where the first byte says so, else MessagePack; nil for anything else.
    init?(message payload: [UInt8]) {
        let isJSON = payload.first == UInt8(ascii: "{")
        guard let value = isJSON ? try? PayloadValue(json: payload) : try? PayloadValue(messagePack: payload) else {
            return nil
        }
        self = value
    }

    /// The text as JSON; nothing that a peer answers cannot be written so.
    var json: [UInt8] { (try? jsonBytes()) ?? [] }
}

/// Who listens on a Redis for what Socket.IO's emitters send, on any wire.
///
/// It is what can be seen from outside: channels that somebody is subscribed to, clients that read streams, and
/// streams with entries of the streams adapter.
public struct ServerSurvey: Hashable, Sendable {
    /// Which adapter servers have: the four wires.
    public enum Adapter: String, Hashable, Sendable, CaseIterable {
        /// @socket.io/redis-adapter, socket.io-redis.
        case classic
        /// The sharded adapter of @socket.io/redis-adapter.
        case sharded
        /// @socket.io/redis-streams-adapter from 0.3 on.
        case streams
        /// python-socketio.
        case python
    }

    /// Servers that have the same namespace in the same way.
    public struct Group: Hashable, Sendable {
        /// Their adapter.
        public let adapter: Adapter
        /// Their prefix; of python-socketio the channel.
        public let prefix: String
        /// The namespace; nil for python-socketio, where one channel serves all.
        public let namespace: String?
        /// How many they are.
        public let servers: Int

        /// Makes a group.
        public init(_ adapter: Adapter, prefix: String, namespace: String?, servers: Int) {
            self.adapter = adapter
            self.prefix = prefix
            self.namespace = namespace
            self.servers = servers
        }
    }

    /// A stream with entries of the streams adapter or of its emitters.
    public struct Stream: Hashable, Sendable {
        /// Its key.
        public let name: String
        /// The number of the database that it is in.
        public let database: Int
        /// The namespaces of its last entries.
        public let namespaces: [String]

        /// Makes a stream.
        public init(_ name: String, database: Int, namespaces: [String]) {
            self.name = name
            self.database = database
            self.namespaces = namespaces
        }
    }

    /// How many servers would take a broadcast of the emitter; nil where it cannot be known.
    public var servers: Int?
    /// How many clients of Redis are listeners of ``Listener/clientName``, and no servers; nil where that cannot be
    /// known.
    public var listeners: Int?
    /// The servers that were found, on all wires and in all namespaces.
    public var groups: [Group]
    /// The streams that were found, where it was looked for them.
    public var streams: [Stream]
    /// How many clients read streams, by the number of their database; nil where that cannot be known.
    public var readers: [Int: Int]?
    /// The database that the emitter writes to.
    public var database: Int

    /// Makes a survey; by default nothing was found.
    public init(
        servers: Int? = 0,
        listeners: Int? = 0,
        groups: [Group] = [],
        streams: [Stream] = [],
        readers: [Int: Int]? = [:],
        database: Int = 0
    ) {
        self.servers = servers
        self.listeners = listeners
        self.groups = groups
        self.streams = streams
        self.readers = readers
        self.database = database
    }
}

/// What Redis has told, before anything is concluded from it.
struct Sightings {
    /// A client in the answer to `CLIENT LIST`.
    struct Client: Hashable {
        let name: String
        let database: Int
        let command: String

        /// Reads a line of fields such as `name=worker db=0 cmd=xread`.
        init(_ line: Substring) {
            var fields: [Substring: Substring] = [:]
            for field in line.split(separator: " ") {
                guard let equals = field.firstIndex(of: "=") else { continue }
                fields[field[..<equals]] = field[field.index(after: equals)...]
            }
            name = String(fields["name"] ?? "")
            database = fields["db"].flatMap { Int($0) } ?? 0
            command = String(fields["cmd"] ?? "")
        }

        var isListener: Bool { name.hasPrefix(Wire.listenerName) }
    }

    /// The subscribers of each channel; nil where that may not be asked.
    var channels: [String: Int]?
    /// The subscribers of each sharded channel; nil where that may not be asked, or Redis has none.
    var shardChannels: [String: Int]?
    /// The clients; nil where they may not be asked for.
    var clients: [Client]?

    /// How many clients read streams, by database.
    var readers: [Int: Int]? {
        clients.map { clients in
            clients.reduce(into: [:]) {
                if $1.command == "xread" && !$1.isListener { $0[$1.database, default: 0] += 1 }
            }
        }
    }

    /// The servers that the channels speak of.
    ///
    /// - Parameter wire: the wire that was asked for: any channel can be that of python-socketio.
    /// - Returns: the groups, in the order of adapters, prefixes and namespaces.
    func groups(_ wire: Wire) -> [ServerSurvey.Group] {
        let plain = channels ?? [:]
        var groups: [ServerSurvey.Group] = []
        for (name, count) in plain where count > 0 {
            guard let channel = ChannelName(name) else {
                if Self.isPython(name, wire) {
                    groups.append(.init(.python, prefix: name, namespace: nil, servers: count))
                }
                continue
            }
            guard channel.rest.isEmpty else { continue }
            if let prefix = channel.prefix(before: "-request") {
                groups.append(.init(.classic, prefix: prefix, namespace: channel.namespace, servers: count))
            } else if channel.prefix(before: "-response") == nil,
                // Servers of socket.io-redis before 5 read the channel of the namespace itself.
                plain["\(channel.prefix)-request#\(channel.namespace)#", default: 0] == 0
            {
                groups.append(.init(.streams, prefix: channel.prefix, namespace: channel.namespace, servers: count))
            }
        }
        groups += shardedGroups
        return groups.sorted {
            ($0.adapter.rawValue, $0.prefix, $0.namespace ?? "") < ($1.adapter.rawValue, $1.prefix, $1.namespace ?? "")
        }
    }

    private static func isPython(_ channel: String, _ wire: Wire) -> Bool {
        if channel.lowercased().contains("socketio") { return true }
        if case .python = wire { return !channel.contains("#") && !channel.hasPrefix("__") }
        return false
    }

    /// A listener of the sharded wire subscribes as servers do; what tells them apart is its name, or where names are
    /// not to be had, that each server has a channel for answers.
    private var shardedGroups: [ServerSurvey.Group] {
        let names = (shardChannels ?? [:]).compactMap { name, count in ChannelName(name).map { ($0, count) } }
        return names.compactMap { channel, count in
            guard channel.rest.isEmpty, count > 0 else { return nil }
            let servers: Int
            if let clients {
                let wire = Wire.sharded(ShardedWire(prefix: channel.prefix))
                servers = count - clients.count { wire.isListener($0.name, in: channel.namespace) }
            } else {
                let answers = names.filter {
                    $0.0.prefix == channel.prefix && $0.0.namespace == channel.namespace && $0.0.isOfServer
                }
                servers = min(count, answers.count)
            }
            guard servers > 0 else { return nil }
            return .init(.sharded, prefix: channel.prefix, namespace: channel.namespace, servers: servers)
        }
    }
}

/// A channel of Socket.IO: a prefix, a namespace, and perhaps a room or a server.
struct ChannelName: Hashable {
    let prefix: String
    let namespace: String
    /// What follows the namespace, without the last `#`.
    let rest: String

    /// Reads `prefix#/namespace#` or `prefix#/namespace#rest#`.
    init?(_ name: String) {
        guard let slash = name.firstRange(of: "#/"), name.hasSuffix("#") else { return nil }
        let after = name[name.index(after: slash.lowerBound)...].dropLast()
        prefix = String(name[..<slash.lowerBound])
        let end = after.firstIndex(of: "#") ?? after.endIndex
        namespace = String(after[..<end])
        rest = String(after[end...].dropFirst())
    }

    /// The prefix without an ending, where it has it.
    func prefix(before ending: String) -> String? {
        prefix.hasSuffix(ending) ? String(prefix.dropLast(ending.count)) : nil
    }

    /// Whether it is the channel for answers to one server: 16 hexadecimal digits (socket.io-adapter 2.5.8,
    /// `randomId`).
    var isOfServer: Bool { rest.utf8.count == 16 && rest.allSatisfy { $0.isHexDigit && !$0.isUppercase } }
}

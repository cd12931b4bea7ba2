/// Where Redis is, who connects, and how long to wait.
///
///     var redis = try RedisConfiguration(url: "redis://app:s3cret@redis.internal:6379/2")
///     redis.commandTimeout = .seconds(2)
///     redis.description    // redis://app:***@redis.internal:6379/2
///
/// Neither its description nor a dump of it shows a password.
public struct RedisConfiguration: Hashable, Sendable {
    /// What to connect to.
    public enum Endpoint: Hashable, Sendable {
        /// A host name or IP address (IPv6 without brackets), and a port.
        case tcp(host: String, port: Int)
        /// The path of a Unix domain socket.
        case unix(path: String)
    }

    /// Which servers there are, and which of them is spoken to.
    public enum Topology: Hashable, Sendable {
        /// One server.
        case standalone(Endpoint)
        /// The master of this name, which the sentinels tell; they are asked in turn before every connection.
        case sentinel(sentinels: [Endpoint], master: String)
        /// A Redis Cluster of which these nodes are known; they tell the others.
        case cluster(seeds: [Endpoint])
    }

    /// Which servers there are.
    public var topology: Topology
    /// The user of Redis 6 and later; nil for the default user.
    public var username: String?
    /// The password; nil where none is needed.
    public var password: String?
    /// The user of the sentinels themselves; nil for their default user.
    public var sentinelUsername: String?
    /// The password of the sentinels themselves; nil where they need none.
    public var sentinelPassword: String?
    /// The number of the database to select; 0 in a cluster, which has no other.
    ///
    /// Pub/sub ignores it: channels are shared by all databases.
    public var database: Int
    /// How connections are encrypted, those to sentinels and every node of a cluster too; nil for not at all.
    ///
    /// Connections through a Unix socket never are.
    public var tls: RedisTLS?
    /// The longest wait for a connection, including name lookup, sentinels, TLS, password and database selection; 5 s
    /// by default.
    public var connectTimeout: Duration = .seconds(5)
    /// The longest wait for a batch's last reply; 5 s by default.
    ///
    /// It counts from when the batch was handed to the connection. A script or a slow network must fit in it.
    public var commandTimeout: Duration = .seconds(5)
    /// The name that `CLIENT LIST` shows for the connection, without spaces; nil for none.
    public var clientName: String?

    /// Makes a configuration from its parts.
    public init(
        topology: Topology,
        username: String? = nil,
        password: String? = nil,
        database: Int = 0,
        tls: RedisTLS? = nil
    ) {
        self.topology = topology
        self.username = username
        self.password = password
        self.database = database
        self.tls = tls
    }

    /// Makes a configuration for one server.
    public init(
        endpoint: Endpoint,
        username: String? = nil,
        password: String? = nil,
        database: Int = 0,
        tls: RedisTLS? = nil
    ) {
        self.init(
            topology: .standalone(endpoint),
            username: username,
            password: password,
            database: database,
            tls: tls
        )
    }

    /// Reads a URL.
    ///
    /// - `redis://host`, `redis://host:port/database`, `redis://[::1]:6380`, `redis://host?db=1`
    /// - `redis://:password@host`, `redis://user:password@host`
    /// - `unix:///run/redis.sock`, `unix://user:password@/run/redis.sock?db=1`
    /// - `redis+sentinel://user:password@host1,host2:26379/master?db=1`, with `sentinel-user=…` and
    ///   `sentinel-password=…` in the query where the sentinels want their own
    /// - `redis+cluster://user:password@host1:port,host2:port`
    /// - the same with `rediss` for TLS, as ``RedisTLS/init(caFile:certificateFile:keyFile:serverName:verification:)``
    ///   makes it by default
    ///
    /// The port is 6379 (a sentinel's 26379) and the database 0 where they are left out. Any part may be
    /// percent-encoded; `:`, `/`, `?`, `#` and `%` in a user name or password must be, and `&` in a query.
    ///
    /// - Throws: `.invalidURL`.
    public init(url: String) throws(RedisError) {
        self = try RedisURL.parse(url)
    }

    /// The servers as they stand in messages: `host:port`, the socket's path, or what there is of several.
    var place: String {
        switch topology {
        case .standalone(let endpoint): "\(endpoint)"
        case .sentinel(let sentinels, let master): "the master \"\(master)\" of the sentinels \(Self.list(sentinels))"
        case .cluster(let seeds): "the cluster of \(Self.list(seeds))"
        }
    }

    /// The same for one of its servers.
    func at(_ endpoint: Endpoint) -> RedisConfiguration {
        var one = self
        one.topology = .standalone(endpoint)
        return one
    }

    fileprivate static func list(_ endpoints: [Endpoint]) -> String {
        endpoints.map(\.description).joined(separator: ",")
    }
}

extension RedisConfiguration.Endpoint: CustomStringConvertible {
    /// `host:port`, with an IPv6 address in brackets, or the socket's path.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL, with `***` for the password.
    public var description: String {
        let user = password == nil ? (username ?? "") : "\(username ?? ""):***"
        let authority = user.isEmpty ? "" : user + "@"
        let scheme = tls == nil ? "redis" : "rediss"
        switch topology {
        case .standalone(.unix(let path)):
            return "unix://\(authority)\(path)?db=\(database)"
        case .standalone(let endpoint):
            return "\(scheme)://\(authority)\(endpoint)/\(database)"
        case .sentinel(let sentinels, let master):
            let user = sentinelUsername.map { "&sentinel-user=\($0)" } ?? ""
            let password = sentinelPassword == nil ? "" : "&sentinel-password=***"
            let list = Self.list(sentinels)
            return "\(scheme)+sentinel://\(authority)\(list)/\(master)?db=\(database)\(user)\(password)"
        case .cluster(let seeds):
            return "\(scheme)+cluster://\(authority)\(Self.list(seeds))"
        }
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// A mirror without the passwords.
    public var customMirror: Mirror {
        let children: KeyValuePairs<String, Any> = [
            "url": description,
            "tls": tls as Any,
            "connectTimeout": connectTimeout,
            "commandTimeout": commandTimeout,
            "clientName": clientName as Any,
        ]
        return Mirror(self, children: children)
    }
}

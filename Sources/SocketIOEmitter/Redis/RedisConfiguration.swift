/// Where Redis is, who connects, and how long to wait.
///
///     var redis = try RedisConfiguration(url: "redis://app:s3cret@redis.internal:6379/2")
///     redis.commandTimeout = .seconds(2)
///     redis.description    // redis://app:***@redis.internal:6379/2
///
/// Neither its description nor a dump of it shows the password.
public struct RedisConfiguration: Hashable, Sendable {
    /// What to connect to.
    public enum Endpoint: Hashable, Sendable {
        /// A host name or IP address (IPv6 without brackets), and a port.
        case tcp(host: String, port: Int)
        /// The path of a Unix domain socket.
        case unix(path: String)
    }

    /// What to connect to.
    public var endpoint: Endpoint
    /// The user of Redis 6 and later; nil for the default user.
    public var username: String?
    /// The password; nil where none is needed.
    public var password: String?
    /// The number of the database to select.
    ///
    /// Pub/sub ignores it: channels are shared by all databases.
    public var database: Int
    /// The longest wait for a connection, including name lookup, password and database selection; 5 s by default.
    public var connectTimeout: Duration = .seconds(5)
    /// The longest wait for a batch's last reply; 5 s by default.
    ///
    /// It counts from when the batch was handed to the connection. A script or a slow network must fit in it.
    public var commandTimeout: Duration = .seconds(5)
    /// The name that `CLIENT LIST` shows for the connection, without spaces; nil for none.
    public var clientName: String?

    /// Makes a configuration from its parts.
    public init(endpoint: Endpoint, username: String? = nil, password: String? = nil, database: Int = 0) {
        self.endpoint = endpoint
        self.username = username
        self.password = password
        self.database = database
    }

    /// Reads a URL.
    ///
    /// - `redis://host`, `redis://host:port/database`, `redis://[::1]:6380`, `redis://host?db=1`
    /// - `redis://:password@host`, `redis://user:password@host`
    /// - `unix:///run/redis.sock`, `unix://user:password@/run/redis.sock?db=1`
    ///
    /// The port is 6379 and the database 0 where they are left out. Any part may be percent-encoded; `:`, `/`, `?`,
    /// `#` and `%` in a user name or password must be.
    ///
    /// - Throws: `.invalidURL`, or `.unsupported` for `rediss://`, `redis+sentinel://` and `redis+cluster://`.
    public init(url: String) throws(RedisError) {
        self = try RedisURL.parse(url)
    }

    /// The endpoint as it stands in messages: `host:port` or the socket's path.
    var place: String {
        switch endpoint {
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
        switch endpoint {
        case .tcp: return "redis://\(authority)\(place)/\(database)"
        case .unix: return "unix://\(authority)\(place)?db=\(database)"
        }
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// A mirror without the password.
    public var customMirror: Mirror {
        let children: KeyValuePairs<String, Any> = [
            "url": description,
            "connectTimeout": connectTimeout,
            "commandTimeout": commandTimeout,
            "clientName": clientName as Any,
        ]
        return Mirror(self, children: children)
    }
}

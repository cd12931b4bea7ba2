/// Reads Redis URLs.
///
/// No error repeats the URL: it may hold a password.
enum RedisURL {
    /// Which servers a scheme speaks of.
    private enum Kind {
        case server
        case socket
        case sentinel
        case cluster
    }

    /// The parts of a URL behind its scheme, still encoded.
    private struct Parts {
        let userInfo: Substring?
        let hosts: Substring
        let path: Substring
        let query: Substring?
    }

    static func parse(_ url: String) throws(RedisError) -> RedisConfiguration {
        guard let colon = url.firstRange(of: "://") else {
            throw invalid("has no scheme", "Write it as redis://host:6379 or unix:///path/to/redis.sock.")
        }
        let (kind, isEncrypted) = try scheme(url[..<colon.lowerBound].lowercased())
        let parts = try split(url[colon.upperBound...])
        var configuration = RedisConfiguration(topology: try topology(kind, parts))
        configuration.tls = isEncrypted ? RedisTLS() : nil
        if let userInfo = parts.userInfo {
            let credentials = try credentials(userInfo)
            configuration.username = credentials.username
            configuration.password = credentials.password
        }
        try readDatabase(kind, parts, into: &configuration)
        return configuration
    }

    private static func scheme(_ scheme: String) throws(RedisError) -> (Kind, isEncrypted: Bool) {
        switch scheme {
        case "redis": return (.server, false)
        case "rediss": return (.server, true)
        case "unix": return (.socket, false)
        case "redis+sentinel": return (.sentinel, false)
        case "rediss+sentinel": return (.sentinel, true)
        case "redis+cluster": return (.cluster, false)
        case "rediss+cluster": return (.cluster, true)
        default:
            throw invalid(
                "has an unknown scheme",
                "Begin it with redis://, rediss:// (TLS), unix://, redis+sentinel:// or redis+cluster://."
            )
        }
    }

    private static func split(_ rest: Substring) throws(RedisError) -> Parts {
        guard !rest.contains("#") else {
            throw invalid("has a #", "Write %23 where a password or path holds one.")
        }
        let (address, query) = rest.split(atFirst: "?")
        let slash = address.firstIndex(of: "/") ?? address.endIndex
        let authority = address[..<slash]
        guard let at = authority.lastIndex(of: "@") else {
            return Parts(userInfo: nil, hosts: authority, path: address[slash...], query: query)
        }
        return Parts(
            userInfo: authority[..<at],
            hosts: authority[authority.index(after: at)...],
            path: address[slash...],
            query: query
        )
    }

    // MARK: Who connects

    private static func credentials(_ text: Substring) throws(RedisError) -> (username: String?, password: String) {
        let (user, password) = text.split(atFirst: ":")
        guard let password else {
            throw invalid(
                "has a user name or a password before the @, but no colon that tells which",
                "Write :PASSWORD@ or USER:PASSWORD@."
            )
        }
        guard !password.isEmpty else {
            throw invalid("has an empty password", "Leave out everything up to the @ where none is needed.")
        }
        return (user.isEmpty ? nil : try decoded(user, "user name"), try decoded(password, "password"))
    }

    // MARK: Where to

    private static func topology(_ kind: Kind, _ parts: Parts) throws(RedisError) -> RedisConfiguration.Topology {
        switch kind {
        case .server:
            guard !parts.hosts.contains(",") else {
                throw invalid("names several hosts", "Write redis+sentinel:// or redis+cluster:// for more than one.")
            }
            return .standalone(try tcpEndpoint(parts.hosts, port: 6379))
        case .socket:
            return .standalone(try unixEndpoint(host: parts.hosts, path: parts.path))
        case .sentinel:
            let master = try decoded(parts.path.dropFirst().split(atFirst: "/").0, "name of the master")
            guard !master.isEmpty else {
                throw invalid(
                    "names no master",
                    "Write its name, as the sentinels know it, after the hosts: redis+sentinel://host/mymaster."
                )
            }
            return .sentinel(sentinels: try tcpEndpoints(parts.hosts, port: 26379), master: master)
        case .cluster:
            return .cluster(seeds: try tcpEndpoints(parts.hosts, port: 6379))
        }
    }

    private static func tcpEndpoints(
        _ text: Substring,
        port: Int
    ) throws(RedisError) -> [RedisConfiguration.Endpoint] {
        var endpoints: [RedisConfiguration.Endpoint] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            endpoints.append(try tcpEndpoint(part, port: port))
        }
        return endpoints
    }

    private static func tcpEndpoint(
        _ text: Substring,
        port defaultPort: Int
    ) throws(RedisError) -> RedisConfiguration.Endpoint {
        var host = text
        var port: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else {
                throw invalid("has a [ without a ]", "Write an IPv6 address as [::1].")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.first == ":" else {
                throw invalid("has something other than a port after the ]", "Write it as redis://[::1]:6379.")
            }
            port = after.isEmpty ? nil : after.dropFirst()
        } else {
            (host, port) = text.split(atFirst: ":")
            guard port?.contains(":") != true else {
                throw invalid(
                    "has more than one colon in its host and port",
                    "Write an IPv6 address in brackets, and %3A or %2F for a : or / in a password."
                )
            }
        }
        guard !host.isEmpty else {
            throw invalid("has no host", "Write it as redis://host:6379.")
        }
        return .tcp(host: try decoded(host, "host"), port: try port.map(self.port) ?? defaultPort)
    }

    private static func port(_ text: Substring) throws(RedisError) -> Int {
        guard let port = decimal(text), (1...65535).contains(port) else {
            throw invalid(
                "has a port that is no number from 1 to 65535",
                "Mend it, or write %2F where a password holds a /."
            )
        }
        return port
    }

    private static func unixEndpoint(
        host: Substring,
        path: Substring
    ) throws(RedisError) -> RedisConfiguration.Endpoint {
        guard host.isEmpty, path.count > 1 else {
            throw invalid("has no absolute socket path", "Write it with three slashes: unix:///path/to/redis.sock.")
        }
        let path = try decoded(path, "path")
        // sun_path of Linux holds 108 bytes with the closing NUL, that of macOS 104.
        guard path.utf8.count <= 103, !path.utf8.contains(0) else {
            throw invalid("has a socket path over 103 bytes or with a NUL", "Move the socket to a shorter path.")
        }
        return .unix(path: path)
    }

    // MARK: The database, and what else is in the query

    private static func readDatabase(
        _ kind: Kind,
        _ parts: Parts,
        into configuration: inout RedisConfiguration
    ) throws(RedisError) {
        let inPath: Substring? =
            switch kind {
            case .socket: nil
            case .server, .cluster: parts.path.dropFirst()
            case .sentinel: parts.path.dropFirst().split(atFirst: "/").1
            }
        var database: Int?
        if let inPath, !inPath.isEmpty { database = try number(inPath) }
        for item in parts.query?.split(separator: "&", omittingEmptySubsequences: false) ?? [] {
            let (key, value) = item.split(atFirst: "=")
            switch (key, value) {
            case ("db", let value?):
                guard database == nil else {
                    throw invalid("gives the database twice", "Keep either /NUMBER or ?db=NUMBER.")
                }
                database = try number(value)
            case ("sentinel-user", let value?) where kind == .sentinel:
                configuration.sentinelUsername = try decoded(value, "user name of the sentinels")
            case ("sentinel-password", let value?) where kind == .sentinel:
                configuration.sentinelPassword = try decoded(value, "password of the sentinels")
            default:
                throw invalid(
                    kind == .sentinel
                        ? "has a query other than db, sentinel-user and sentinel-password"
                        : "has a query other than db=NUMBER",
                    "Leave the rest out, or write %3F where a password holds a ?."
                )
            }
        }
        guard kind != .cluster || (database ?? 0) == 0 else {
            throw invalid("asks for a database of a cluster, which has only 0", "Leave the database out.")
        }
        guard configuration.sentinelUsername == nil || configuration.sentinelPassword != nil else {
            throw invalid("has a user of the sentinels without a password", "Add &sentinel-password=PASSWORD.")
        }
        configuration.database = database ?? 0
    }

    private static func number(_ text: Substring) throws(RedisError) -> Int {
        guard let database = decimal(text), database <= Int(Int32.max) else {
            throw invalid(
                "has a database that is no number",
                "Write it as redis://host/0, or %2F for a / in a password."
            )
        }
        return database
    }

    private static func decimal(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    private static func decoded(_ text: Substring, _ what: String) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                throw invalid("has a % without two hexadecimal digits in its \(what)", "Write %25 for a % sign.")
            }
            bytes.append(high << 4 | low)
        }
        guard let result = String(validating: bytes, as: UTF8.self) else {
            throw invalid("has a \(what) that is not UTF-8", "Percent-encode its UTF-8 bytes.")
        }
        return result
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
    }

    private static func invalid(_ what: String, _ remedy: String) -> RedisError {
        RedisError(code: .invalidURL, message: "The Redis URL \(what). \(remedy)")
    }
}

extension StringProtocol where SubSequence == Substring {
    /// The text before the first separator, and the text after it if there is one.
    fileprivate func split(atFirst separator: Character) -> (Substring, Substring?) {
        guard let index = firstIndex(of: separator) else { return (self[...], nil) }
        return (self[..<index], self[self.index(after: index)...])
    }
}

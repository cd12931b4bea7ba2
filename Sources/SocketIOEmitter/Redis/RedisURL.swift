/// Reads Redis URLs.
///
/// No error repeats the URL: it may hold a password.
enum RedisURL {
    static func parse(_ url: String) throws(RedisError) -> RedisConfiguration {
        guard let colon = url.firstRange(of: "://") else {
            throw invalid("has no scheme", "Write it as redis://host:6379 or unix:///path/to/redis.sock.")
        }
        let scheme = url[..<colon.lowerBound].lowercased()
        let rest = url[colon.upperBound...]
        switch scheme {
        case "redis", "unix":
            return try parse(rest: rest, isUnix: scheme == "unix")
        case "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster":
            throw RedisError(
                code: .unsupported,
                message: "Redis URLs with \(scheme):// are not supported yet. Use redis:// or unix://."
            )
        default:
            throw invalid("has an unknown scheme", "Begin it with redis:// or unix://.")
        }
    }

    private static func parse(rest: Substring, isUnix: Bool) throws(RedisError) -> RedisConfiguration {
        guard !rest.contains("#") else {
            throw invalid("has a #", "Write %23 where a password or path holds one.")
        }
        let (address, query) = rest.split(atFirst: "?")
        let slash = address.firstIndex(of: "/") ?? address.endIndex
        let authority = address[..<slash]
        let path = address[slash...]
        let at = authority.lastIndex(of: "@")
        let credentials = try at.map { index throws(RedisError) in try Self.credentials(authority[..<index]) }
        let host = at.map { authority[authority.index(after: $0)...] } ?? authority

        var configuration = RedisConfiguration(
            endpoint: isUnix ? try unixEndpoint(host: host, path: path) : try tcpEndpoint(host),
            username: credentials?.username,
            password: credentials?.password
        )
        let pathDatabase = isUnix ? "" : path.dropFirst()
        if !pathDatabase.isEmpty {
            configuration.database = try database(pathDatabase)
        }
        if let query {
            guard pathDatabase.isEmpty else {
                throw invalid("gives the database twice", "Keep either /NUMBER or ?db=NUMBER.")
            }
            configuration.database = try database(query: query)
        }
        return configuration
    }

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

    private static func tcpEndpoint(_ text: Substring) throws(RedisError) -> RedisConfiguration.Endpoint {
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
        return .tcp(host: try decoded(host, "host"), port: try port.map(self.port) ?? 6379)
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
    ) throws(RedisError)
        -> RedisConfiguration.Endpoint
    {
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

    private static func database(query: Substring) throws(RedisError) -> Int {
        let (key, value) = query.split(atFirst: "=")
        guard key == "db", let value else {
            throw invalid(
                "has a query other than db=NUMBER",
                "Leave the rest out, or write %3F where a password holds a ?."
            )
        }
        return try database(value)
    }

    private static func database(_ text: Substring) throws(RedisError) -> Int {
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

import SocketIOEmitter

/// How the connection to Redis is encrypted; a word that is no file name stands for each default.
struct TLSSettings: Equatable {
    static let system = "system"
    static let none = "none"
    static let url = "url"

    /// The file of trusted authorities, or `system`.
    var ca = Self.system
    /// The client's certificate and its key, or `none`.
    var certificate = Self.none
    var key = Self.none
    /// The name that the server's certificate is for, or `url`: the one in the URL.
    var serverName = Self.url
    /// Whether the server is not verified.
    var isInsecure = false

    /// A configuration for a URL.
    ///
    /// - Throws: ``RedisError`` for a URL that cannot be read, a certificate without its key, or a URL without TLS where a
    ///   setting asks for it: a forgotten `s` must not send everything in the clear.
    func configuration(url: String) throws(RedisError) -> RedisConfiguration {
        var configuration = try RedisConfiguration(url: url)
        guard configuration.tls != nil else {
            guard self == TLSSettings() else {
                throw RedisError(
                    code: .invalidURL,
                    message: "There are TLS settings, but the Redis URL asks for no TLS. Begin it with rediss:// (or "
                        + "rediss+sentinel://, rediss+cluster://), or leave the TLS settings out."
                )
            }
            return configuration
        }
        guard (certificate == Self.none) == (key == Self.none) else {
            throw RedisError(
                code: .tls,
                message: "A client certificate and its key belong together. Give both `cert` and `key`, or neither."
            )
        }
        configuration.tls = RedisTLS(
            caFile: ca == Self.system ? nil : ca,
            certificateFile: certificate == Self.none ? nil : certificate,
            keyFile: key == Self.none ? nil : key,
            serverName: serverName == Self.url ? nil : serverName,
            verification: isInsecure ? .none : .full
        )
        return configuration
    }
}

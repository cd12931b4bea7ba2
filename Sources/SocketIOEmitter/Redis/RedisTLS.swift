/// How a connection is encrypted, and whom it trusts.
///
///     var redis = try RedisConfiguration(url: "rediss://redis.internal:6380")
///     redis.tls = RedisTLS(caFile: "/etc/announce/ca.pem")
///
/// The files are PEM, and are read for every connection, so that renewed certificates need no restart. TLS 1.2 is the
/// oldest version that is spoken.
public struct RedisTLS: Hashable, Sendable {
    /// What is checked about the server's certificate; new kinds may be added.
    public struct Verification: Hashable, Sendable {
        private let isFull: Bool

        /// That a trusted authority issued it for the server's name or address, and that it is valid now.
        public static let full = Verification(isFull: true)
        /// Nothing, for tests.
        ///
        /// Whoever sits on the way can read and change everything.
        public static let none = Verification(isFull: false)
    }

    /// The certificates of the authorities to trust, instead of those that the system trusts; nil for the system's.
    public var caFile: String?
    /// The certificate that tells the server who connects, followed by its intermediates; nil for none.
    public var certificateFile: String?
    /// The key of ``certificateFile``, not encrypted.
    public var keyFile: String?
    /// The host name that the server's certificate is for; nil for the host that is connected to.
    ///
    /// It is asked for (SNI) and verified; a certificate for the very address that is connected to is right as well.
    /// Sentinel and cluster announce addresses: this is for certificates that hold one name for all of their servers.
    public var serverName: String?
    /// What is checked about the server's certificate.
    public var verification: Verification

    /// Makes settings; the default trusts what the system trusts and verifies everything.
    public init(
        caFile: String? = nil,
        certificateFile: String? = nil,
        keyFile: String? = nil,
        serverName: String? = nil,
        verification: Verification = .full
    ) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.serverName = serverName
        self.verification = verification
    }
}

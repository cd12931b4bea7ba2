import Glibc
import NIOCore
import NIOSSL

/// Makes the handler that encrypts a connection, from files that may be missing.
enum TLSSetup {
    /// A handler for a connection to a host.
    ///
    /// A name is asked for and verified; an address can only be verified.
    ///
    /// - Throws: `.tls`, with the file that cannot be used.
    static func handler(_ tls: RedisTLS, host: String) throws(RedisError) -> NIOSSLClientHandler {
        let name = tls.serverName ?? (isAddress(host) ? nil : host)
        do {
            return try NIOSSLClientHandler(context: try context(tls), serverHostname: name)
        } catch let error as RedisError {
            throw error
        } catch {
            throw RedisError(
                code: .tls,
                message: "TLS cannot ask for a server named \"\(name ?? host)\". Give the host name that the server's "
                    + "certificate is for, and no address.",
                cause: error
            )
        }
    }

    private static func isAddress(_ host: String) -> Bool {
        (try? SocketAddress(ipAddress: host, port: 0)) != nil
    }

    private static func context(_ tls: RedisTLS) throws(RedisError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if tls.verification == .none { configuration.certificateVerification = .none }
        if let file = tls.caFile {
            configuration.trustRoots = .certificates(try certificates(file, "CA"))
        }
        if let file = tls.certificateFile {
            configuration.certificateChain = try certificates(file, "client certificate").map { .certificate($0) }
        }
        if let file = tls.keyFile {
            configuration.privateKey = .privateKey(try key(file))
        }
        guard (tls.certificateFile == nil) == (tls.keyFile == nil) else {
            throw RedisError(
                code: .tls,
                message: "A client certificate and its key belong together. Give both files, or neither."
            )
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            // The files were read: what does not fit is one to the other.
            throw RedisError(
                code: .tls,
                message: "The client certificate \(tls.certificateFile ?? "") and the key \(tls.keyFile ?? "") cannot "
                    + "be used together: \(error). Give the key that the certificate was made for.",
                cause: error
            )
        }
    }

    private static func certificates(_ file: String, _ what: String) throws(RedisError) -> [NIOSSLCertificate] {
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(file)
        } catch {
            throw unusable(what, file, error, "It must hold PEM certificates.")
        }
        guard !certificates.isEmpty else {
            throw unusable(what, file, nil, "It must hold PEM certificates.")
        }
        return certificates
    }

    private static func key(_ file: String) throws(RedisError) -> NIOSSLPrivateKey {
        do {
            return try NIOSSLPrivateKey(file: file, format: .pem)
        } catch {
            throw unusable(
                "key",
                file,
                error,
                "It must hold one PEM key without a passphrase (`openssl pkey` takes it off)."
            )
        }
    }

    private static func unusable(
        _ what: String,
        _ file: String,
        _ error: (any Error)?,
        _ content: String
    ) -> RedisError {
        // The library does not say why a file could not be read.
        let reason = access(file, R_OK) == 0 ? 0 : errno
        let problem =
            switch reason {
            case ENOENT, ENOTDIR: "does not exist. Correct its path in the TLS settings."
            case EACCES: "may not be read by this user. Give this user or its group access to it."
            default: "cannot be used. \(content)"
            }
        return RedisError(code: .tls, message: "The \(what) file \(file) \(problem)", cause: error)
    }
}

import Glibc
import NIOCore
import NIOSSL

/// Says in plain words why an encrypted connection did not come about.
enum TLSFailure {
    /// The error for a failure of the TLS library.
    ///
    /// - Parameters:
    ///   - error: what the channel reported.
    ///   - context: the channel, which still knows the server's certificate.
    ///   - configuration: the one server that was connected to.
    /// - Returns: an error of code `.tls` with a remedy; nil when it was something else.
    static func explain(
        _ error: any Error,
        _ context: ChannelHandlerContext,
        _ configuration: RedisConfiguration
    ) -> RedisError? {
        let certificate = try? context.channel.pipeline.syncOperations.nioSSL_peerCertificate()
        guard let (problem, remedy) = explain(error, certificate, configuration.tls) else { return nil }
        return RedisError(code: .tls, message: "Redis at \(configuration.place) \(problem). \(remedy)", cause: error)
    }

    private static func explain(
        _ error: any Error,
        _ certificate: NIOSSLCertificate?,
        _ tls: RedisTLS?
    ) -> (problem: String, remedy: String)? {
        switch error {
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return (
                "has a certificate for other names\(certificate.map { " (\(names(of: $0)))" } ?? "")",
                "Write one of them in the Redis URL, or give it as the server name of the TLS settings."
            )
        case NIOSSLError.handshakeFailed(let reason):
            return explain("\(reason)", certificate, tls)
        case is BoringSSLError:
            return explain("\(error)", certificate, tls)
        default:
            return nil
        }
    }

    /// What BoringSSL's names for reasons and alerts mean (`ssl/ssl.errordata`, RFC 8446 6.2).
    private static func explain(
        _ reason: String,
        _ certificate: NIOSSLCertificate?,
        _ tls: RedisTLS?
    ) -> (problem: String, remedy: String) {
        func says(_ words: String...) -> Bool { words.contains { reason.contains($0) } }
        if says("CERTIFICATE_VERIFY_FAILED") {
            return refused(certificate, tls)
        }
        if says("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNEXPECTED_RECORD", "UNEXPECTED_MESSAGE") {
            return ("does not speak TLS on this port", "Write the port that does, or redis:// for none.")
        }
        if says("EOF during handshake") {
            return (
                "closed the connection instead of speaking TLS",
                "Check that this port speaks it (else write redis://), and look at the server's log."
            )
        }
        if says("ALERT_CERTIFICATE_REQUIRED", "ALERT_HANDSHAKE_FAILURE") {
            return tls?.certificateFile == nil
                ? ("wants a client certificate", "Give one and its key in the TLS settings.")
                : ("refuses this client's certificate", "Give one that its own CA (`tls-ca-cert-file`) issued.")
        }
        if says("ALERT_UNKNOWN_CA", "ALERT_BAD_CERTIFICATE", "ALERT_CERTIFICATE", "ALERT_DECRYPT") {
            return (
                "refuses this client's certificate (\(alert(in: reason)))",
                "Give one that is valid now and that its own CA (`tls-ca-cert-file`) issued."
            )
        }
        if says("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL") {
            return ("speaks no version of TLS from 1.2 on", "Allow TLSv1.2 or TLSv1.3 in its `tls-protocols`.")
        }
        return ("failed to set up TLS (\(reason))", "Check the TLS settings here, and look at the server's log.")
    }

    private static func refused(
        _ certificate: NIOSSLCertificate?,
        _ tls: RedisTLS?
    ) -> (problem: String, remedy: String) {
        let validity = certificate.map { ", valid from \(date($0.notValidBefore)) to \(date($0.notValidAfter))" } ?? ""
        let trusted = tls?.caFile.map { "\($0) does not hold the CA that issued it" }
        return (
            "has a certificate that is not trusted\(validity)",
            "Renew it if that time is over; otherwise "
                + (trusted.map { "\($0): give the file that does." }
                    ?? "the system does not know the CA that issued it: give that CA's file in the TLS settings.")
        )
    }

    /// The names of a certificate; its description holds them (`…;common_name=a;alternative_names=b,c>`).
    private static func names(of certificate: NIOSSLCertificate) -> String {
        let text = "\(certificate)"
        let start = text.firstRange(of: "alternative_names=") ?? text.firstRange(of: "common_name=")
        guard let start else { return "none" }
        // Whoever sits at the other end wrote them: nothing of it may break a line of the log.
        return String(text[start.upperBound...].dropLast().filter { $0.isASCII && !$0.isNewline && $0 != "\u{1B}" })
    }

    /// The day of a time of the Unix clock, in UTC.
    private static func date(_ time: Int) -> String {
        var time = time
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "?" }
        func padded(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
    }

    /// The alert in a reason of BoringSSL, such as `TLSV1_ALERT_UNKNOWN_CA`.
    private static func alert(in reason: String) -> String {
        guard let range = reason.firstRange(of: "ALERT_") else { return reason }
        let name = reason[range.upperBound...].prefix { $0.isUppercase || $0 == "_" }
        return name.lowercased().replacing("_", with: " ")
    }
}

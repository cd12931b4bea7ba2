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
    ///   - now: the wall clock, in milliseconds since 1970 UTC, where there is one.
    /// - Returns: an error of code `.tls` with a remedy; nil when it was something else.
    static func explain(
        _ error: any Error,
        _ context: ChannelHandlerContext,
        _ configuration: RedisConfiguration,
        now: Int64?
    ) -> RedisError? {
        let certificate = try? context.channel.pipeline.syncOperations.nioSSL_peerCertificate()
        guard let (problem, remedy) = explain(error, Facts(certificate: certificate, tls: configuration.tls, now: now))
        else { return nil }
        return RedisError(code: .tls, message: "Redis at \(configuration.place) \(problem). \(remedy)", cause: error)
    }

    private struct Facts {
        let certificate: NIOSSLCertificate?
        let tls: RedisTLS?
        let now: Int64?
    }

    private static func explain(
        _ error: any Error,
        _ facts: Facts
    ) -> (problem: String, remedy: String)? {
        switch error {
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return (
                "has a certificate for other names\(facts.certificate.map { " (\(names(of: $0)))" } ?? "")",
                "Write one of them in the Redis URL, or give it as the server name of the TLS settings."
            )
        case NIOSSLError.handshakeFailed(let reason):
            return explain("\(reason)", facts)
        case is BoringSSLError:
            return explain("\(error)", facts)
        default:
            return nil
        }
    }

    /// What BoringSSL's names for reasons and alerts mean (`ssl/ssl.errordata`, RFC 8446 6.2).
    private static func explain(
        _ reason: String,
        _ facts: Facts
    ) -> (problem: String, remedy: String) {
        func says(_ words: String...) -> Bool { words.contains { reason.contains($0) } }
        if says("CERTIFICATE_VERIFY_FAILED") {
            return refused(facts)
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
            return facts.tls?.certificateFile == nil
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
        return (
            "failed to set up TLS (\(words(in: reason)))", "Check the TLS settings here, and look at the server's log."
        )
    }

    /// The names in a reason of BoringSSL, such as `NO_SHARED_CIPHER`, without its numbers and places.
    private static func words(in reason: String) -> String {
        let words = reason.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
        let names = words.filter { $0.count > 5 && $0.contains("_") && $0.allSatisfy { $0.isUppercase || $0 == "_" } }
        return names.isEmpty ? "no reason was given" : names.joined(separator: ", ")
    }

    /// A certificate that was not accepted: the library does not say why, so its dates are looked at.
    private static func refused(_ facts: Facts) -> (problem: String, remedy: String) {
        let unknown =
            facts.tls?.caFile.map { "\($0) does not hold the CA that issued it: give the file that does." }
            ?? "The system does not know the CA that issued it: give that CA's file in the TLS settings."
        guard let certificate = facts.certificate else { return ("has a certificate that is not trusted", unknown) }
        let (from, to) = (date(certificate.notValidBefore), date(certificate.notValidAfter))
        guard let now = facts.now.map({ $0 / 1000 }) else {
            let what = "has a certificate that is not trusted, valid from \(from) to \(to)"
            return (what, "If that time is over, renew it there. If not: \(unknown)")
        }
        if now > certificate.notValidAfter {
            return ("has a certificate that expired on \(to)", "Renew it there, and check this machine's clock.")
        }
        if now < certificate.notValidBefore {
            return ("has a certificate that is only valid from \(from) on", "Check the clocks of both machines.")
        }
        return ("has a certificate that is not trusted", unknown)
    }

    /// The names of a certificate; its description holds them (`…;common_name=a;alternative_names=b,c>`).
    private static func names(of certificate: NIOSSLCertificate) -> String {
        let text = "\(certificate)"
        let start = text.firstRange(of: "alternative_names=") ?? text.firstRange(of: "common_name=")
        guard let start else { return "none" }
        // Whoever sits at the other end wrote them: nothing of it may break a line of the log.
        return String(text[start.upperBound...].dropLast().filter { (" "..."~").contains($0) })
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

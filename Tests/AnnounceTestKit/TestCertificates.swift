import Foundation

/// Certificates of an authority of a test's own, made by `openssl`; they go with the value.
///
///     let certificates = try await TestCertificates()
///     try await withRedisServer(.init(tls: .init(certificates))) { server in … }
public final class TestCertificates: Sendable {
    private let folder: TemporaryFolder

    /// Makes the authorities `ca` and `other`, and what `ca` has issued: `server` (for `localhost` and 127.0.0.1),
    /// `elsewhere` (for `redis.example`), `expired` (in 2020), `client`.
    public init() async throws {
        folder = try TemporaryFolder()
        let script = try file("make.sh", Self.script)
        let done = folder.file("done")
        let openssl = try GuardedProcess(["/bin/sh", script, folder.path])
        try await eventually("openssl has made the certificates") { FileManager.default.fileExists(atPath: done) }
        openssl.end("TERM")
    }

    /// The path of a certificate.
    public func certificate(_ name: String) -> String { folder.file(name + ".pem") }

    /// The path of a certificate's key.
    public func key(_ name: String) -> String { folder.file(name + ".key") }

    /// What is in the file of a certificate.
    public func text(_ name: String) throws -> String {
        try String(contentsOfFile: certificate(name), encoding: .utf8)
    }

    /// Writes a file beside them and returns its path.
    public func file(_ name: String, _ text: String) throws -> String {
        let path = folder.file(name)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private static let script = """
        set -eu
        cd "$1"
        curve='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
        printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index\\nserial=serial\\nnew_certs_dir=.\\ndefault_md=sha256\\n' >ca.cnf
        printf 'policy=p\\n[p]\\ncommonName=supplied\\n' >>ca.cnf
        : >index
        echo 1000 >serial
        for name in ca other; do
            openssl req -x509 $curve -keyout $name.key -out $name.pem -subj "/CN=$name" -days 2
        done
        # issue NAME FIRST-DAY LAST-DAY NAMES
        issue() {
            openssl req $curve -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
            echo "subjectAltName=$4" >"$1.ext"
            openssl ca -batch -config ca.cnf -in "$1.csr" -cert ca.pem -keyfile ca.key -notext -out "$1.pem" \\
                -startdate "$2" -enddate "$3" -extfile "$1.ext"
        }
        issue server 20200101000000Z 20990101000000Z DNS:localhost,IP:127.0.0.1
        issue elsewhere 20200101000000Z 20990101000000Z DNS:redis.example
        issue expired 20200101000000Z 20200201000000Z DNS:localhost,IP:127.0.0.1
        issue client 20200101000000Z 20990101000000Z DNS:client
        touch done
        """
}

import AnnounceTestKit
import Payload
import Testing

/// The settings of TLS, from every place that they can be given in.
@Suite(.serialized) struct TLSTests {
    private let certificates: TestCertificates
    private let announce: Program

    init() async throws {
        certificates = try await TestCertificates()
        announce = try Program()
    }

    private let send = ["send", "--all", "x", "--allow-unheard"]

    @Test("Options, environment and file each encrypt, with the client's certificate")
    func encrypts() async throws {
        let (ca, cert) = (certificates.certificate("ca"), certificates.certificate("client"))
        let key = certificates.key("client")
        try await withRedisServer(.init(tls: .init(certificates, asksClients: true))) { redis in
            let options = ["--redis", redis.url, "--tls-ca", ca, "--tls-cert", cert, "--tls-key", key]
            let byOptions = try await announce.run(send + options)
            #expect(byOptions.status == 0, "\(byOptions.stderr)")
            #expect(byOptions.stderr == "")
            let byEnvironment = try await announce.run(
                send,
                with: [
                    "ANNOUNCE_REDIS_URL": redis.url, "ANNOUNCE_REDIS_TLS_CA": ca, "ANNOUNCE_REDIS_TLS_CERT": cert,
                    "ANNOUNCE_REDIS_TLS_KEY": key,
                ]
            )
            #expect(byEnvironment.status == 0, "\(byEnvironment.stderr)")
            let text = "redis:\n  url: \(redis.url)\n  tls:\n    ca: \(ca)\n    cert: \(cert)\n    key: \(key)\n"
            let file = try announce.write(text, to: "tls.yaml")
            let byFile = try await announce.run(send + ["--config", file], with: ["ANNOUNCE_REDIS_URL": nil])
            #expect(byFile.status == 0, "\(byFile.stderr)")
        }
    }

    @Test("A server that is not trusted is refused with what to do (77); insecure goes on and warns")
    func verifies() async throws {
        try await withRedisServer(.init(tls: .init(certificates))) { redis in
            let refused = try await announce.run(send + ["--redis", redis.url])
            expect(refused, refusedWith: 77, says: ["is not trusted", "CA"])
            let insecure = try await announce.run(send + ["--redis", redis.url, "--tls-insecure"])
            #expect(insecure.status == 0, "\(insecure.stderr)")
            #expect(insecure.stderr.contains("does not verify"))
            let inEnvironment = ["ANNOUNCE_REDIS_TLS_INSECURE": "true"]
            let other = try await announce.run(send + ["--redis", redis.url], with: inEnvironment)
            #expect(other.status == 0, "\(other.stderr)")
        }
    }

    @Test("An expired certificate is called so (77)")
    func expires() async throws {
        try await withRedisServer(.init(tls: .init(certificates, name: "expired"))) { redis in
            let words = send + ["--redis", redis.url, "--tls-ca", certificates.certificate("ca")]
            expect(try await announce.run(words), refusedWith: 77, says: ["expired on 2020-02-01"])
        }
    }

    @Test("A certificate for one name of many servers is accepted under that name")
    func hasName() async throws {
        try await withRedisServer(.init(tls: .init(certificates, name: "elsewhere"))) { redis in
            let words = send + ["--redis", redis.url, "--tls-ca", certificates.certificate("ca")]
            expect(try await announce.run(words), refusedWith: 77, says: ["other names (redis.example)"])
            let named = try await announce.run(words, with: ["ANNOUNCE_REDIS_TLS_SERVER_NAME": "redis.example"])
            #expect(named.status == 0, "\(named.stderr)")
        }
    }

    @Test("A certificate without its key is refused before anything is opened", arguments: ["--tls-cert", "--tls-key"])
    func needsBoth(_ option: String) async throws {
        let words = send + ["--redis", "rediss://127.0.0.1:1", option, certificates.certificate("client")]
        expect(try await announce.run(words), refusedWith: 65, says: ["belong together"])
    }

    @Test("TLS settings with a URL without TLS are refused: 65 as options, 78 as settings")
    func needsURL() async throws {
        let option = try await announce.run(send + ["--tls-ca", certificates.certificate("ca")])
        expect(option, refusedWith: 65, says: ["rediss://"])
        let setting = try await announce.run(send, with: ["ANNOUNCE_REDIS_TLS_INSECURE": "true"])
        expect(setting, refusedWith: 78, says: ["rediss://"])
    }

    @Test("The dispatcher says at once that TLS is refused, stays ready, and sends when it is mended")
    func recovers() async throws {
        let file = try certificates.file("trusted.pem", try certificates.text("other"))
        try await withRedisServer(.init(tls: .init(certificates))) { redis in
            let settings = ["--redis", redis.url, "--tls-ca", file]
            _ = try await announce.run(["add", "--all", "--in", "0s", "--allow-unheard", "x"])
            let dispatcher = try announce.start(["run"] + settings)
            try await eventually("it is ready and says what is wrong; it said \(dispatcher.stderr)") {
                dispatcher.stdout.contains("ready") && dispatcher.stderr.contains("is not trusted")
            }
            _ = try certificates.file("trusted.pem", try certificates.text("ca"))
            try await eventually(timeout: .seconds(30), "it is published") {
                try await announce.deliveries().first?["outcome"] == "published"
            }
        }
    }
}

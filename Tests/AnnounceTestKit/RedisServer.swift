import Foundation
import Synchronization

/// A real, private redis-server for one test: on a free port of 127.0.0.1, or on a Unix socket in a folder of its own.
///
///     try await withRedisServer { server in
///         let client = RedisClient(configuration: try RedisConfiguration(url: server.url), logger: logger)
///     }
///
/// It keeps nothing on disk and ends with the test: it ends even when the test process is killed.
public final class RedisServer: Sendable {
    /// Where the server listens.
    public enum Endpoint: Hashable, Sendable {
        /// A port of 127.0.0.1.
        case tcp(port: UInt16)
        /// The path of a socket.
        case unix(path: String)
    }

    /// What the server asks of its users.
    public struct Options: Sendable {
        /// Listens on a Unix socket and no port.
        public var unixSocket = false
        /// The default user's password (`requirepass`).
        public var password: String?
        /// Lines of an ACL file after `user`, such as `app on >secret ~* &* +@all`.
        public var users: [String] = []
        /// The certificates of a server whose port speaks TLS; nil for one that does not.
        public var tls: TLS?
        /// Further settings, such as `["maxclients", "10"]`.
        public var settings: [[String]] = []

        /// Makes options.
        public init(
            unixSocket: Bool = false,
            password: String? = nil,
            users: [String] = [],
            tls: TLS? = nil,
            settings: [[String]] = []
        ) {
            self.tls = tls
            self.unixSocket = unixSocket
            self.password = password
            self.users = users
            self.settings = settings
        }
    }

    /// The certificates of a server.
    public struct TLS: Sendable {
        let certificates: TestCertificates
        let name: String
        let asksClients: Bool

        /// Serves with a certificate of a test, and perhaps asks clients for one of the same authority.
        public init(_ certificates: TestCertificates, name: String = "server", asksClients: Bool = false) {
            self.certificates = certificates
            self.name = name
            self.asksClients = asksClients
        }
    }

    /// A server that did not start.
    public struct Failure: Error, CustomStringConvertible {
        /// What went wrong.
        public let description: String
    }

    /// Where it listens; the same after a restart.
    public let endpoint: Endpoint
    private let options: Options
    private let folder: URL
    private let running = Mutex<GuardedProcess?>(nil)

    /// Chooses a free place; nothing runs yet.
    public init(_ options: Options = Options()) throws {
        self.options = options
        // Short, because the path of a socket may have little more than 100 bytes.
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("redis-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if options.unixSocket {
            endpoint = .unix(path: folder.appendingPathComponent("redis.sock").path)
        } else {
            endpoint = .tcp(port: try freePort())
        }
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The URL of the server without user and password, such as `redis://127.0.0.1:40123`.
    public var url: String {
        switch endpoint {
        case .tcp(let port): "\(options.tls == nil ? "redis" : "rediss")://127.0.0.1:\(port)"
        case .unix(let path): "unix://\(path)"
        }
    }

    /// Starts the server and returns when it answers.
    public func start() async throws {
        let process = try GuardedProcess(["redis-server"] + arguments())
        running.withLock { $0 = process }
        try await eventually("redis-server answers at \(url)") {
            // Without its password it answers NOAUTH, which is an answer too.
            guard let answer = try self.ask("PING\r\n") else { return false }
            return answer.hasPrefix("+PONG") || answer.hasPrefix("-NOAUTH") || answer.hasPrefix("-NOPERM")
        }
    }

    /// Ends the server in an orderly way.
    public func stop() {
        end("TERM")
    }

    /// Ends the server at once; its connections break.
    public func kill() {
        end("KILL")
    }

    /// Starts the server again in the same place, empty.
    public func restart() async throws {
        kill()
        try await start()
    }

    /// Stops the process without ending it: connections stay open, nothing answers.
    public func pause() {
        signal(SIGSTOP)
    }

    /// Lets a paused process go on.
    public func resume() {
        signal(SIGCONT)
    }

    /// Sends one line of the inline protocol and returns what comes back first, as text.
    ///
    /// For tests that must look at the server without the code under test: `ask("CLIENT LIST\r\n")`.
    public func ask(_ line: String) throws -> String? {
        let socket = try ClientSocket(options.tls == nil ? endpoint : .unix(path: sideDoor))
        return try socket.exchange(line)
    }

    /// The socket of a server whose port speaks TLS only.
    private var sideDoor: String { folder.appendingPathComponent("redis.sock").path }

    private func arguments() throws -> [String] {
        var arguments = ["--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", folder.path]
        switch endpoint {
        case .tcp(let port):
            arguments += [options.tls == nil ? "--port" : "--tls-port", "\(port)", "--bind", "127.0.0.1"]
        case .unix(let path): arguments += ["--port", "0", "--unixsocket", path]
        }
        if let tls = options.tls {
            arguments += ["--port", "0", "--unixsocket", sideDoor]
            arguments += ["--tls-cert-file", tls.certificates.certificate(tls.name)]
            arguments += ["--tls-key-file", tls.certificates.key(tls.name)]
            arguments += ["--tls-ca-cert-file", tls.certificates.certificate("ca")]
            arguments += ["--tls-auth-clients", tls.asksClients ? "yes" : "no"]
        }
        if let password = options.password { arguments += ["--requirepass", password] }
        if !options.users.isEmpty {
            let file = folder.appendingPathComponent("users.acl")
            let text = options.users.map { "user \($0)\n" }.joined()
            try text.write(to: file, atomically: true, encoding: .utf8)
            arguments += ["--aclfile", file.path]
        }
        for setting in options.settings {
            arguments.append("--\(setting[0])")
            arguments += setting.dropFirst()
        }
        return arguments
    }

    private func signal(_ number: CInt) {
        running.withLock { $0?.signal(number) }
    }

    private func end(_ signalName: String) {
        let process = running.withLock { running in
            defer { running = nil }
            return running
        }
        process?.end(signalName)
    }
}

/// Runs a body with a server that has started, and ends the server afterwards.
public func withRedisServer<Value>(
    _ options: RedisServer.Options = .init(),
    _ body: (RedisServer) async throws -> Value
) async throws -> Value {
    let server = try RedisServer(options)
    try await server.start()
    defer { server.kill() }
    return try await body(server)
}

import Foundation

/// A real master with a replica, and sentinels that watch them; all end with the test.
///
/// One sentinel's word is enough for a failover, and a master that is gone for half a second counts as gone.
public final class RedisSentinel: Sendable {
    /// The two servers, the first master first.
    public let servers: [RedisServer]
    /// The ports of the sentinels.
    public let ports: [UInt16]
    private let options: RedisServer.Options
    private let processes: [GuardedProcess]
    private let folder: TemporaryFolder

    /// Starts everything, and returns when the sentinels know the replica.
    ///
    /// - Parameters:
    ///   - options: of the two servers.
    ///   - sentinels: how many sentinels.
    ///   - password: what the sentinels themselves ask for.
    /// - Throws: when one of them does not start or does not find the others.
    public init(_ options: RedisServer.Options = .init(), sentinels: Int = 1, password: String? = nil) async throws {
        folder = try TemporaryFolder()
        var options = options
        options.settings.append(["repl-diskless-sync-delay", "0"])
        if options.tls != nil { options.settings.append(["tls-replication", "yes"]) }
        self.options = options
        let master = try RedisServer(options)
        try await master.start()
        var replicaOptions = options
        let masterPort = try master.port
        replicaOptions.settings.append(["replicaof", "127.0.0.1", "\(masterPort)"])
        let replica = try RedisServer(replicaOptions)
        try await replica.start()
        servers = [master, replica]
        try await eventually("the replica has synced") {
            try replica.ask("INFO replication\r\n")?.contains("master_link_status:up") == true
        }
        var ports: [UInt16] = []
        var processes: [GuardedProcess] = []
        for _ in 0..<sentinels {
            let port = try freePort()
            let file = folder.file("sentinel-\(port).conf")
            let text = """
                \(Self.listen(port, options.tls))
                bind 127.0.0.1
                unixsocket \(folder.file("\(port).sock"))
                \(password.map { "requirepass \($0)" } ?? "")
                sentinel monitor site 127.0.0.1 \(masterPort) 1
                sentinel down-after-milliseconds site 500
                sentinel failover-timeout site 2000
                """
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            processes.append(try GuardedProcess(["redis-server", file, "--sentinel"]))
            ports.append(port)
        }
        self.ports = ports
        self.processes = processes
        for port in ports {
            try await eventually("the sentinel knows the replica") {
                // Otherwise it takes 8 s to tell an old master; sentinels before 7.0 know no better.
                _ = try ask(port, "SENTINEL DEBUG INFO-PERIOD 300 PUBLISH-PERIOD 200\r\n", password)
                // Otherwise it does nothing for 30 s once the machine has kept it waiting for two.
                _ = try ask(port, "SENTINEL DEBUG TILT-TRIGGER 60000\r\n", password)
                return try ask(port, "SENTINEL REPLICAS site\r\n", password)?
                    .contains("master-link-status\r\n$2\r\nok\r\n") == true
            }
        }
    }

    deinit {
        for process in processes { process.end("KILL") }
    }

    /// The hosts of the sentinels, as they stand in a URL.
    public var hosts: String { ports.map { "127.0.0.1:\($0)" }.joined(separator: ",") }

    /// The URL of the master that the sentinels know.
    public var url: String { "\(options.tls == nil ? "redis" : "rediss")+sentinel://\(hosts)/site" }

    /// Lets the first sentinel watch a server under this name, whatever that server is.
    public func monitor(_ name: String, port: UInt16) throws {
        _ = try ask(try firstPort, "SENTINEL REMOVE \(name)\r\n", nil)
        _ = try ask(try firstPort, "SENTINEL MONITOR \(name) 127.0.0.1 \(port) 1\r\n", nil)
    }

    /// Tells the first sentinel to make the replica the master.
    public func failover() throws {
        _ = try ask(try firstPort, "SENTINEL FAILOVER site\r\n", nil)
    }

    /// The port of the master that the first sentinel tells.
    public var masterPort: UInt16? {
        get throws {
            let answer = try ask(try firstPort, "SENTINEL GET-MASTER-ADDR-BY-NAME site\r\n", nil)
            return answer?.split(separator: "\r\n").last.flatMap { UInt16($0) }
        }
    }

    /// Whether the replica is the master now, in its own words.
    public var hasFailedOver: Bool {
        get throws { try servers[1].ask("INFO replication\r\n")?.contains("role:master") == true }
    }

    private var firstPort: UInt16 {
        get throws {
            guard let port = ports.first else { throw RedisServer.Failure(description: "there is no sentinel") }
            return port
        }
    }

    private func ask(_ port: UInt16, _ line: String, _ password: String?) throws -> String? {
        let socket = try ClientSocket(.unix(path: folder.file("\(port).sock")))
        if let password { _ = try socket.exchange("AUTH \(password)\r\n") }
        return try socket.exchange(line)
    }

    /// The lines of the settings that say where a sentinel listens.
    private static func listen(_ port: UInt16, _ tls: RedisServer.TLS?) -> String {
        guard let tls else { return "port \(port)" }
        return """
            port 0
            tls-port \(port)
            tls-replication yes
            tls-auth-clients no
            tls-cert-file \(tls.certificates.certificate(tls.name))
            tls-key-file \(tls.certificates.key(tls.name))
            tls-ca-cert-file \(tls.certificates.certificate("ca"))
            """
    }
}

extension RedisServer {
    /// Its port.
    public var port: UInt16 {
        get throws {
            guard case .tcp(let port) = endpoint else { throw Failure(description: "it listens on a socket") }
            return port
        }
    }
}

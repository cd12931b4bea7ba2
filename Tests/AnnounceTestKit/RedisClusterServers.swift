import Foundation

/// A real Redis Cluster of three masters on free ports of 127.0.0.1; it ends with the test.
public final class RedisClusterServers: Sendable {
    /// The first and last slot of each master.
    public static let slots = [0...5460, 5461...10922, 10923...16383]

    /// The masters.
    public let servers: [RedisServer]
    /// Further nodes, which begin as masters without slots.
    public let spares: [RedisServer]

    private let isEncrypted: Bool

    /// Starts the nodes, joins them, and returns when all of them call the cluster whole.
    ///
    /// - Parameters:
    ///   - options: of every node.
    ///   - spares: how many nodes without slots.
    /// - Throws: when one of them does not start or does not find the others.
    public init(_ options: RedisServer.Options = .init(), spares: Int = 0) async throws {
        var options = options
        options.settings += [["cluster-enabled", "yes"], ["cluster-node-timeout", "1000"]]
        options.settings += [["repl-diskless-sync-delay", "0"], ["repl-ping-replica-period", "1"]]
        if options.tls != nil { options.settings += [["tls-cluster", "yes"], ["tls-replication", "yes"]] }
        isEncrypted = options.tls != nil
        var nodes: [RedisServer] = []
        for _ in 0..<(3 + spares) {
            var own = options
            own.settings.append(["cluster-port", "\(try freePort())"])
            let node = try RedisServer(own)
            try await node.start()
            nodes.append(node)
        }
        self.servers = Array(nodes[..<3])
        self.spares = Array(nodes[3...])
        for (server, slots) in zip(servers, Self.slots) {
            _ = try server.ask("CLUSTER ADDSLOTSRANGE \(slots.lowerBound) \(slots.upperBound)\r\n")
        }
        for node in nodes.dropFirst() {
            let port = try node.port
            let bus = try node.busPort
            _ = try nodes[0].ask("CLUSTER MEET 127.0.0.1 \(port) \(bus)\r\n")
        }
        for node in nodes {
            try await eventually("the cluster is whole") {
                let info = try node.ask("CLUSTER INFO\r\n") ?? ""
                return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:\(nodes.count)")
                    && info.contains("cluster_size:3")
            }
        }
    }

    /// The URL of the cluster, with all masters.
    public var url: String {
        get throws {
            (isEncrypted ? "rediss" : "redis") + "+cluster://"
                + (try servers.map { "127.0.0.1:\(try $0.port)" }.joined(separator: ","))
        }
    }

    /// The id of a node.
    public func id(_ node: RedisServer) throws -> String {
        let answer = try node.ask("CLUSTER MYID\r\n") ?? ""
        return String(answer.split(separator: "\r\n").last ?? "")
    }

    /// Makes a node the replica of a master, and returns when all masters tell of it.
    public func replicate(_ master: RedisServer, by node: RedisServer) async throws {
        let id = try id(master)
        try await eventually("the node knows the master") {
            try node.ask("CLUSTER REPLICATE \(id)\r\n")?.hasPrefix("+OK") == true
        }
        let replica = try self.id(node)
        for server in servers {
            try await eventually("the replica is known") {
                try server.ask("CLUSTER SLOTS\r\n")?.contains(replica) == true
            }
        }
    }

    /// Begins to move a slot: what is not at the old owner is asked for at the new one.
    public func beginMove(_ slot: Int, from old: RedisServer, to new: RedisServer) throws {
        _ = try new.ask("CLUSTER SETSLOT \(slot) IMPORTING \(try id(old))\r\n")
        _ = try old.ask("CLUSTER SETSLOT \(slot) MIGRATING \(try id(new))\r\n")
    }

    /// Gives a slot to another node, and tells all masters.
    public func endMove(_ slot: Int, to new: RedisServer) throws {
        let id = try id(new)
        for node in [new] + servers { _ = try node.ask("CLUSTER SETSLOT \(slot) NODE \(id)\r\n") }
    }
}

extension RedisServer {
    fileprivate var busPort: String {
        get throws {
            let answer = try ask("CONFIG GET cluster-port\r\n") ?? ""
            return String(answer.split(separator: "\r\n").last ?? "")
        }
    }
}

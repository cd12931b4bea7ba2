import Logging
import NIOCore
import NIOPosix

/// A Redis client with one connection, which is made when it is first needed and again after it was lost.
///
///     let client = RedisClient(configuration: try RedisConfiguration(url: "redis://localhost"), logger: logger)
///     let reply = try await client.send(RedisCommand("PUBLISH", "news", "hello"))
///     await client.close()
///
/// Any number of tasks may send at once; they share the connection, and their commands are pipelined. The client
/// repeats nothing by itself that Redis may have executed: when the connection fails, everybody who waits is told, and
/// the next command makes a new one. ``RedisError/mayHaveExecuted`` says whether repeating a command can execute it
/// twice.
///
/// **Sentinel.** The sentinels are asked before every connection, and the connection is left when its server says that
/// it is a master no longer; so the next command after a failover goes to the new master.
///
/// **Cluster.** There is one connection to every master that is needed. Each command goes to the owner of its key's
/// slot; one without a key to any master. What a node refuses with MOVED or ASK, and what could not be sent because its
/// node was gone, is sent to the node that has the slot now. Replies come in the order of their commands; commands for
/// different nodes are executed in any order.
///
/// **Memory.** At most 4 MiB of commands and one batch more are on their way at once (to each master of a cluster);
/// further senders wait their turn, in order, without their commands being copied. When the connection fails, they are
/// told too.
///
/// **Cancellation** ends the waiting and not the work: `send` throws `.cancelled` at once, and what was handed over
/// is sent and executed all the same.
public final class RedisClient: Sendable {
    private enum Servers {
        case one(RedisNode)
        case cluster(RedisCluster)
    }

    private let configuration: RedisConfiguration
    private let surroundings: RedisSurroundings

    /// Where the connection lives, and whose clock measures how long.
    var eventLoop: any EventLoop { surroundings.eventLoop }
    private let servers: Servers

    /// Makes a client; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - configuration: where Redis is, who connects, and how long to wait.
    ///   - eventLoopGroup: where the connection lives; it takes one of its loops.
    ///   - now: the wall clock, in milliseconds since 1970 UTC. It is only looked at after a certificate was refused, to say
    ///     whether it has expired; without it that error gives the dates.
    ///   - logger: gets connections made (`debug`) and lost while nobody waited (`notice`).
    public convenience init(
        configuration: RedisConfiguration,
        eventLoopGroup: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup,
        now: (@Sendable () -> Int64)? = nil,
        logger: Logger
    ) {
        self.init(
            configuration: configuration,
            RedisSurroundings(eventLoop: eventLoopGroup.next(), logger: logger, now: now)
        )
    }

    private init(configuration: RedisConfiguration, _ surroundings: RedisSurroundings) {
        self.configuration = configuration
        self.surroundings = surroundings
        self.servers =
            if case .cluster(let seeds) = configuration.topology {
                .cluster(RedisCluster(configuration, seeds: seeds, surroundings))
            } else {
                .one(RedisNode(configuration, surroundings))
            }
    }

    /// Whether it speaks to a cluster.
    ///
    /// There the reply to `PUBLISH` counts the listeners at one node, whereas the message reaches those at all nodes.
    public var isCluster: Bool {
        if case .cluster = servers { true } else { false }
    }

    /// Sends one command and waits for its reply.
    ///
    /// An error reply is returned, not thrown. Not for commands that change how replies come (`SUBSCRIBE`, `MONITOR`,
    /// `CLIENT REPLY`): those would put replies out of step.
    ///
    /// - Throws: what ``send(_:)-([RedisCommand])`` throws.
    public func send(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        try await send([command])[0]
    }

    /// Sends many commands in one write and waits for all their replies, which come in the same order.
    ///
    /// Error replies are elements, not thrown errors: one refused command says nothing about the others.
    ///
    /// - Throws: why there are no replies: `.unreachable`, `.timeout`, `.connectionLost`, `.authentication`,
    ///   `.permission`, `.tls`, `.unavailable`, `.refused`, `.protocol`, `.cancelled`, `.closed`; `.invalidCommand`
    ///   before anything is sent. In a cluster it throws when any of the commands got no reply; ``sendEach(_:)`` tells
    ///   of each.
    public func send(_ commands: [RedisCommand]) async throws(RedisError) -> [RedisReply] {
        guard !commands.isEmpty else { return [] }
        switch servers {
        case .one(let node): return try await node.send(commands)
        case .cluster(let cluster): return try ClusterBatch.replies(await cluster.sendEach(commands))
        }
    }

    /// Sends many commands and tells of each what became of it, in the same order.
    ///
    /// In a cluster one master can be gone while the others answer.
    ///
    /// - Returns: a reply, or why there is none, for every command.
    public func sendEach(_ commands: [RedisCommand]) async -> [Result<RedisReply, RedisError>] {
        await start(commands).value()
    }

    /// Hands commands over, so that others can be made while Redis executes these.
    ///
    /// A cluster is waited for: its commands can have to be sent to another node.
    func start(_ commands: [RedisCommand]) async -> SentCommands {
        guard !commands.isEmpty else { return .done([]) }
        switch servers {
        case .cluster(let cluster):
            return .done(await cluster.sendEach(commands))
        case .one(let node):
            do throws(RedisError) {
                return .pending(try await node.start(commands), count: commands.count)
            } catch {
                return .refused(error, count: commands.count)
            }
        }
    }

    /// Sends one command to every master, for what only all of them know together, such as `PUBSUB SHARDNUMSUB`.
    ///
    /// A cluster is asked anew which masters it has: a sum over those of yesterday would not cover everyone.
    ///
    /// - Returns: one reply for each master of a cluster; the one reply of a single server.
    /// - Throws: what ``send(_:)-([RedisCommand])`` throws, when any of them did not answer.
    public func sendToMasters(_ command: RedisCommand) async throws(RedisError) -> [RedisReply] {
        switch servers {
        case .one(let node): try await node.send([command])
        case .cluster(let cluster): try await cluster.sendToAll(command, replicas: false)
        }
    }

    /// Sends one command to every node, masters and replicas, for what only all of them know, such as `PUBSUB NUMSUB`.
    ///
    /// A subscriber of an ordinary channel may be at any node: ioredis takes one by chance, replicas not excepted
    /// (`selectSubscriber` in its `lib/cluster/ClusterSubscriber.ts`).
    ///
    /// - Returns: one reply for each node of a cluster that is up; the one reply of a single server.
    /// - Throws: what ``send(_:)-([RedisCommand])`` throws, when any of them did not answer.
    public func sendToNodes(_ command: RedisCommand) async throws(RedisError) -> [RedisReply] {
        switch servers {
        case .one(let node): try await node.send([command])
        case .cluster(let cluster): try await cluster.sendToAll(command, replicas: true)
        }
    }

    /// Asks the server, or every master of a cluster, for a sign of life.
    ///
    /// - Throws: why one of them cannot be used: what ``send(_:)-([RedisCommand])`` throws, or what the server itself says, such
    ///   as `.unavailable` while it loads its data.
    public func ping() async throws(RedisError) {
        for reply in try await sendToMasters(RedisCommand("PING")) {
            if case .error(let text) = reply { throw RedisError(errorReply: text) }
        }
    }

    /// Subscribes on a connection of its own, and returns once Redis has confirmed every subscription.
    ///
    /// What is published after it returned is received. See ``RedisSubscription`` for how it ends.
    ///
    /// - Parameters:
    ///   - channels: names of channels.
    ///   - patterns: glob patterns of channels, such as `socket.io#/#*`.
    ///   - shardChannels: names of channels that `SPUBLISH` publishes on (Redis 7). In a cluster one node must have all their
    ///     slots; it is connected to.
    /// - Returns: the messages, in the order in which Redis sends them.
    /// - Throws: as ``send(_:)-([RedisCommand])``; `.invalidCommand` when there is nothing to subscribe to, or shard
    ///   channels of several nodes in a cluster.
    public func subscribe(
        channels: [String] = [],
        patterns: [String] = [],
        shardChannels: [String] = []
    ) async throws(RedisError) -> RedisSubscription {
        let wanted = SubscriptionRequest(channels: channels, patterns: patterns, shardChannels: shardChannels)
        guard wanted.count > 0 else {
            throw RedisError(
                code: .invalidCommand,
                message: "A subscription needs a channel. Name at least one channel or pattern."
            )
        }
        switch servers {
        case .one: return try await RedisSubscription.open(configuration, wanted, surroundings)
        case .cluster(let cluster): return try await cluster.subscribe(wanted)
        }
    }

    /// The node of a cluster that has a channel's slot; nil for a single server, which has them all.
    func owner(ofShardChannel channel: String) async throws(RedisError) -> RedisConfiguration.Endpoint? {
        switch servers {
        case .one: nil
        case .cluster(let cluster): try await cluster.owner(ofShardChannel: channel)
        }
    }

    /// A client of its own for the same servers, whose blocking commands keep nobody else waiting.
    func another() -> RedisClient {
        RedisClient(configuration: configuration, surroundings)
    }

    /// The same for another database.
    func another(database: Int) -> RedisClient {
        var configuration = configuration
        configuration.database = database
        return RedisClient(configuration: configuration, surroundings)
    }

    /// The number of the database.
    var database: Int { configuration.database }

    /// How long a command may take.
    var commandTimeout: Duration { configuration.commandTimeout }

    /// Refuses new commands, waits for the replies of those that were accepted, and closes the connection.
    ///
    /// It takes no longer than `connectTimeout` and `commandTimeout` together. Subscriptions have connections of their
    /// own and go on.
    public func close() async {
        switch servers {
        case .one(let node): await node.close()
        case .cluster(let cluster): await cluster.close()
        }
    }
}

import Payload

/// Emits events to Socket.IO clients from any process, through Redis.
///
/// It reads like Socket.IO's own server. Each step returns a new value, so a half-made target can be kept and used
/// from many tasks at once:
///
///     let io = Emitter(redis: client)
///     let ops = io.of("/admin").to("ops")
///     let receipt = try await ops.except(socketID).volatile.emit("alert", "disk full", 97, ["host": "db-1"])
///     if receipt.receivers == 0 { /* no Socket.IO server listens there */ }
public struct Emitter: Sendable {
    let redis: RedisClient
    let wire: Wire
    private(set) var namespace = "/"
    private(set) var rooms: [String] = []
    private(set) var excepted: [String] = []
    private(set) var exceptedSockets: [String] = []
    private var flags: [Broadcast.Flag] = []

    /// Makes an emitter to everybody in the namespace `/`.
    public init(redis: RedisClient, wire: Wire = .classic(ClassicWire())) {
        self.redis = redis
        self.wire = wire
    }

    /// The same target in another namespace; a missing leading slash is added.
    public func of(_ namespace: String) -> Emitter {
        changed { $0.namespace = namespace }
    }

    /// Adds rooms or socket ids; a client that is in several of them gets the event once.
    public func to(_ rooms: String...) -> Emitter {
        to(rooms)
    }

    /// Adds rooms or socket ids; an empty list changes nothing, so that without other rooms everybody is meant.
    public func to(_ rooms: [String]) -> Emitter {
        changed { $0.rooms += rooms }
    }

    /// The same as ``to(_:)-(String...)``.
    public func `in`(_ rooms: String...) -> Emitter {
        to(rooms)
    }

    /// The same as ``to(_:)-([String])``.
    public func `in`(_ rooms: [String]) -> Emitter {
        to(rooms)
    }

    /// Leaves out the clients in any of these rooms, or with these socket ids.
    public func except(_ rooms: String...) -> Emitter {
        except(rooms)
    }

    /// Leaves out the clients in any of these rooms, or with these socket ids.
    public func except(_ rooms: [String]) -> Emitter {
        changed { $0.excepted += rooms }
    }

    /// Leaves out the sockets with these ids, whatever they look like; ``except(_:)-(String...)`` does it too where a wire
    /// can leave out rooms, or the ids have the usual form.
    public func exceptSockets(_ ids: [String]) -> Emitter {
        changed { $0.exceptedSockets += ids }
    }

    /// Lets clients that cannot receive right now miss the event.
    public var volatile: Emitter {
        changed { $0.flags.append(.volatile) }
    }

    /// Says whether servers shall compress the event for transports that can.
    public func compress(_ compress: Bool) -> Emitter {
        changed { $0.flags.append(.compress(compress)) }
    }

    /// The broadcast that ``emit(_:_:)`` would send.
    public func broadcast(_ event: String, _ arguments: [PayloadValue]) -> Broadcast {
        Broadcast(
            namespace: namespace,
            rooms: rooms,
            except: excepted,
            exceptSockets: exceptedSockets,
            flags: flags,
            data: EventData(event: event, arguments: arguments)
        )
    }

    /// Emits an event and returns once Redis has taken it.
    ///
    /// - Throws: `.reservedEvent`, `.payload`, or `.redis`, whose ``EmitterError/redis`` tells whether it may have been
    ///   published all the same.
    @discardableResult
    public func emit(_ event: String, _ arguments: PayloadValue...) async throws(EmitterError) -> Receipt {
        try await emit([broadcast(event, arguments)])[0].get()
    }

    /// Emits many broadcasts one after the other, and returns what became of each, in order.
    ///
    /// The broadcasts' own targets count, not this emitter's. One that cannot be encoded, or that Redis refuses, is a
    /// failure in its place; the others go on. They are handed over in portions: Redis publishes the first while the others are
    /// still being encoded. When the connection fails in between, those without an answer are failures in their places.
    ///
    /// - Throws: `.redis` when there was no answer to any of them.
    public func emit(_ broadcasts: [Broadcast]) async throws(EmitterError) -> [Result<Receipt, EmitterError>] {
        var unencodable: [Int: EmitterError] = [:]
        var sent: [SentCommands] = []
        var envelope: ClassicEnvelope?
        // A cluster is sent all at once: of each part it would be waited for.
        let portion = redis.isCluster ? max(1, broadcasts.count) : Self.portion
        for start in stride(from: 0, to: broadcasts.count, by: portion) {
            let places = start..<min(start + portion, broadcasts.count)
            var commands: [RedisCommand] = []
            commands.reserveCapacity(places.count)
            for place in places {
                do {
                    commands.append(try wire.command(for: broadcasts[place], in: &envelope))
                } catch {
                    unencodable[place] = error
                }
            }
            if commands.isEmpty { continue }
            if let error = sent.last?.obstacle {
                sent.append(.refused(error, count: commands.count))
            } else {
                sent.append(await redis.start(commands))
            }
        }
        var replies: [Result<RedisReply, RedisError>] = []
        replies.reserveCapacity(broadcasts.count)
        for commands in sent { replies += await commands.value() }
        try Self.check(replies)
        let servers =
            redis.isCluster ? await serversOfCluster(for: Set(broadcasts.map { ExactName($0.namespace) })) : nil
        var next = replies.makeIterator()
        return broadcasts.indices.map { index in
            if let error = unencodable[index] {
                return .failure(error)
            }
            return receipt(next.next(), in: broadcasts[index].namespace, servers)
        }
    }

    /// How many broadcasts are handed over at a time: enough that to do so costs little of what it takes to encode them.
    private static let portion = 256

    /// The replies, each by itself where one master of a cluster can be gone while the others answer.
    func replies(
        to commands: [RedisCommand]
    ) async throws(EmitterError) -> [Result<RedisReply, RedisError>] {
        let replies = await redis.sendEach(commands)
        try Self.check(replies)
        return replies
    }

    /// Throws where nothing is known of any command.
    private static func check(_ replies: [Result<RedisReply, RedisError>]) throws(EmitterError) {
        if case .failure(let error)? = replies.first, !replies.contains(where: { (try? $0.get()) != nil }) {
            throw EmitterError(error)
        }
    }

    /// How many servers each namespace has in a cluster, where the reply to `PUBLISH` counts one node only; nil where the
    /// reply says it, and for streams.
    ///
    /// What cannot be counted is left out and throws nothing: the messages are out.
    func serversOfCluster(for namespaces: Set<ExactName>) async -> [ExactName: Int]? {
        guard redis.isCluster else { return nil }
        switch wire {
        case .sharded, .streams: return nil
        case .classic, .python: break
        }
        var servers: [ExactName: Int] = [:]
        for namespace in namespaces { servers[namespace] = try? await serverCount(of: namespace.text) }
        return servers
    }

    /// What the reply to a command of the wire says; no reply is one that such a command does not have.
    func receipt(
        _ result: Result<RedisReply, RedisError>?,
        in namespace: String,
        _ servers: [ExactName: Int]?
    ) -> Result<Receipt, EmitterError> {
        let reply: RedisReply?
        switch result {
        case .failure(let error)?: return .failure(EmitterError(error))
        case .success(.error(let text))?: return .failure(EmitterError(RedisError(errorReply: text)))
        case .success(let other)?: reply = other
        case nil: reply = nil
        }
        if let receipt = reply.flatMap(wire.receipt) {
            return .success(servers.map { Receipt(receivers: $0[ExactName(namespace)]) } ?? receipt)
        }
        let error = RedisError(
            code: .protocol,
            message: "Redis gave an answer that this command does not have. Check what is at that address.",
            mayHaveExecuted: true
        )
        return .failure(EmitterError(error))
    }

    // MARK: Sockets and servers

    /// Makes the target's sockets enter rooms.
    ///
    /// - Returns: once Redis has taken it, how many servers were told; they do not answer.
    /// - Throws: as ``emit(_:_:)``, and `.unsupported` where the wire cannot do it.
    @discardableResult
    public func socketsJoin(_ rooms: String...) async throws(EmitterError) -> Receipt {
        try await request(.join(rooms))
    }

    /// Makes the target's sockets leave rooms.
    ///
    /// - Returns: once Redis has taken it, how many servers were told; they do not answer.
    /// - Throws: as ``emit(_:_:)``, and `.unsupported` where the wire cannot do it.
    @discardableResult
    public func socketsLeave(_ rooms: String...) async throws(EmitterError) -> Receipt {
        try await request(.leave(rooms))
    }

    /// Disconnects the target's sockets from the namespace.
    ///
    /// - Parameter close: whether to close their connections, and with them their other namespaces.
    /// - Returns: once Redis has taken it, how many servers were told; they do not answer.
    /// - Throws: as ``emit(_:_:)``, and `.unsupported` where the wire cannot do it.
    @discardableResult
    public func disconnectSockets(close: Bool = false) async throws(EmitterError) -> Receipt {
        try await request(.disconnect(close: close))
    }

    /// Emits an event to the servers of the namespace themselves, not to their clients.
    ///
    /// - Returns: once Redis has taken it, how many servers were told.
    /// - Throws: as ``emit(_:_:)``, and `.unsupported` where the wire cannot do it or a room was named.
    @discardableResult
    public func serverSideEmit(_ event: String, _ arguments: PayloadValue...) async throws(EmitterError) -> Receipt {
        try await request(.serverSideEmit(EventData(event: event, arguments: arguments)))
    }

    private func request(_ action: SocketRequest.Action) async throws(EmitterError) -> Receipt {
        let rooms = (self.rooms, excepted + exceptedSockets)
        let request = SocketRequest(action, namespace: namespace, rooms: rooms.0, except: rooms.1)
        let command = try wire.command(for: request)
        let reply: RedisReply
        do {
            reply = try await redis.send(command)
        } catch {
            throw EmitterError(error)
        }
        return try receipt(.success(reply), in: namespace, await serversOfCluster(for: [ExactName(namespace)])).get()
    }

    private func changed(_ change: (inout Emitter) -> Void) -> Emitter {
        var copy = self
        change(&copy)
        return copy
    }
}

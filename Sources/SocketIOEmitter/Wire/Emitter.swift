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
    private let redis: RedisClient
    private let wire: ClassicWire
    private var namespace = "/"
    private var rooms: [String] = []
    private var exceptRooms: [String] = []
    private var flags: [Broadcast.Flag] = []

    /// Makes an emitter to everybody in the namespace `/`.
    public init(redis: RedisClient, wire: ClassicWire = ClassicWire()) {
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

    /// Adds rooms or socket ids; an empty list changes nothing.
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
        changed { $0.exceptRooms += rooms }
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
            except: exceptRooms,
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

    /// Emits many broadcasts in one write, and returns what became of each, in order.
    ///
    /// The broadcasts' own targets count, not this emitter's. One that cannot be encoded, or that Redis refuses, is a
    /// failure in its place; the others go on.
    ///
    /// - Throws: `.redis` when the connection failed as a whole: nothing is known of any of them.
    public func emit(_ broadcasts: [Broadcast]) async throws(EmitterError) -> [Result<Receipt, EmitterError>] {
        var commands: [RedisCommand] = []
        commands.reserveCapacity(broadcasts.count)
        var unencodable: [Int: EmitterError] = [:]
        for (index, broadcast) in broadcasts.enumerated() {
            do {
                commands.append(try wire.command(for: broadcast))
            } catch {
                unencodable[index] = error
            }
        }
        let replies: [RedisReply]
        do {
            replies = try await redis.send(commands)
        } catch {
            throw EmitterError(error)
        }
        var next = replies.makeIterator()
        return broadcasts.indices.map { index in
            if let error = unencodable[index] {
                return .failure(error)
            }
            return Self.receipt(next.next())
        }
    }

    private static func receipt(_ reply: RedisReply?) -> Result<Receipt, EmitterError> {
        switch reply {
        case .integer(let receivers):
            return .success(Receipt(receivers: Int(receivers)))
        case .error(let text):
            return .failure(EmitterError(RedisError(errorReply: text)))
        default:
            let error = RedisError(
                code: .protocol,
                message: "Redis answered PUBLISH with something other than a number. Check what is at that address.",
                mayHaveExecuted: true
            )
            return .failure(EmitterError(error))
        }
    }

    private func changed(_ change: (inout Emitter) -> Void) -> Emitter {
        var copy = self
        change(&copy)
        return copy
    }
}

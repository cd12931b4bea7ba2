import Payload

/// Which sockets a target reaches at the moment.
public struct Audience: Hashable, Sendable {
    /// How many servers have the namespace.
    public let servers: Int
    /// How many of them have answered in time.
    public let answered: Int
    /// The ids of the sockets that these have named, each once.
    public let sockets: Set<String>

    /// Whether every server has answered, so that no socket is missing.
    public var isComplete: Bool { answered >= servers }
}

/// What became of a broadcast whose clients were asked to acknowledge it.
public struct Acknowledgements: Hashable, Sendable {
    /// How many servers have the namespace.
    public let servers: Int
    /// How many of them have said to how many clients they have sent it.
    public let answered: Int
    /// How many clients these have sent it to.
    public let addressed: Int
    /// What those clients that have acknowledged it have answered, in the order in which the answers came.
    public let answers: [PayloadValue]

    /// How many clients have acknowledged it.
    public var acknowledged: Int { answers.count }

    /// Whether every server and every client has answered.
    public var isComplete: Bool { answered >= servers && acknowledged >= addressed }
}

extension Emitter {
    /// Asks the servers which sockets this emitter's target reaches.
    ///
    /// Servers that are slow, old or silent are waited for no longer than `timeout`; what is known then is the answer.
    ///
    /// - Parameter timeout: how long to wait for the last server.
    /// - Returns: the sockets, and how many servers have answered.
    /// - Throws: `.unsupported` where servers cannot be asked; `.redis` when Redis fails.
    public func audience(within timeout: Duration = .seconds(5)) async throws(EmitterError) -> Audience {
        let kind = Question.Kind.sockets(rooms: rooms, except: excepted + exceptedSockets)
        let inquiry = try await ask(kind, in: namespace, within: timeout)
        return Audience(servers: inquiry.servers, answered: inquiry.answered, sockets: inquiry.sockets)
    }

    /// Emits an event and waits for the clients to acknowledge it.
    ///
    /// - Parameters:
    ///   - event: the event's name.
    ///   - arguments: its arguments.
    ///   - timeout: how long to wait for the last client; what is known then is the answer.
    /// - Returns: how many clients were addressed, and what those have answered that did.
    /// - Throws: as ``emit(_:_:)``, and `.unsupported` where servers cannot be asked.
    public func emitWithAck(
        _ event: String,
        _ arguments: PayloadValue...,
        within timeout: Duration
    ) async throws(EmitterError) -> Acknowledgements {
        try await emitWithAck(broadcast(event, arguments), within: timeout)
    }

    /// Sends a broadcast, whose own target counts, and waits for the clients to acknowledge it.
    ///
    /// - Parameters:
    ///   - broadcast: what to send.
    ///   - timeout: how long to wait for the last client; what is known then is the answer.
    /// - Returns: how many clients were addressed, and what those have answered that did.
    /// - Throws: as ``emit(_:_:)``, and `.unsupported` where servers cannot be asked.
    public func emitWithAck(
        _ broadcast: Broadcast,
        within timeout: Duration
    ) async throws(EmitterError) -> Acknowledgements {
        Acknowledgements(try await ask(.acknowledgements(broadcast), in: broadcast.namespace, within: timeout))
    }

    /// Listens, counts the servers, asks, and reads until all have answered or the time is over.
    private func ask(
        _ kind: Question.Kind,
        in namespace: String,
        within timeout: Duration
    ) async throws(EmitterError) -> Inquiry {
        let question = try await AnswerDesk(self).open(kind, in: namespace)
        guard let command = question.command else { return Inquiry(servers: 0) }
        do throws(RedisError) {
            if case .error(let text) = try await redis.send(command) { throw RedisError(errorReply: text) }
        } catch {
            throw EmitterError(error)
        }
        return await question.answers(within: timeout)
    }
}

extension Acknowledgements {
    init(_ inquiry: Inquiry) {
        self.init(
            servers: inquiry.servers,
            answered: inquiry.answered,
            addressed: inquiry.addressed,
            answers: inquiry.acknowledgements
        )
    }
}

import NIOCore
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
        var random = SystemRandomNumberGenerator()
        let kind = Question.Kind.sockets(rooms: rooms, except: excepted + exceptedSockets)
        var inquiry = Inquiry(Question(kind, namespace: namespace, using: &random))
        try await ask(&inquiry, within: timeout)
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
        var random = SystemRandomNumberGenerator()
        let question = Question(.acknowledgements(broadcast), namespace: broadcast.namespace, using: &random)
        var inquiry = Inquiry(question)
        try await ask(&inquiry, within: timeout)
        return Acknowledgements(
            servers: inquiry.servers,
            answered: inquiry.answered,
            addressed: inquiry.addressed,
            answers: inquiry.acknowledgements
        )
    }

    /// Listens, counts the servers, asks, and reads until all have answered or the time is over.
    private func ask(_ inquiry: inout Inquiry, within timeout: Duration) async throws(EmitterError) {
        let asking = try wire.asking(inquiry.question)
        if let (command, reason) = asking.mustBeNone, try await count(command) > 0 { throw .unsupported(reason) }
        inquiry.servers = try await count(asking.count)
        if inquiry.servers == 0 { return }
        do {
            let answers = try await redis.subscribe(channels: asking.channels, shardChannels: asking.shardChannels)
            if case .error(let text) = try await redis.send(asking.ask) { throw RedisError(errorReply: text) }
            let (wire, start) = (wire, inquiry)
            inquiry = try await redis.within(timeout, start) { inquiry in
                for try await message in answers {
                    let isComplete = inquiry.withLock { inquiry in
                        if let answer = wire.answer(in: message, to: inquiry.question) { inquiry.receive(answer) }
                        return inquiry.isComplete
                    }
                    if isComplete { return }
                }
            }
        } catch let error as RedisError {
            throw EmitterError(error)
        } catch {
            throw EmitterError(code: .redis, message: "The answers could not be read: \(error).", cause: error)
        }
    }
}

/// What is known so far of the answers to a question; it does nothing itself.
struct Inquiry: Sendable {
    let question: Question
    /// How many servers were there when it was asked.
    var servers = 0
    private(set) var answered = 0
    private(set) var addressed = 0
    private(set) var sockets: Set<String> = []
    private(set) var acknowledgements: [PayloadValue] = []

    init(_ question: Question) {
        self.question = question
    }

    mutating func receive(_ answer: Answer) {
        switch answer {
        case .sockets(let names):
            answered += 1
            sockets.formUnion(names)
        case .clientCount(let count):
            answered += 1
            addressed += count
        case .acknowledgement(let value):
            acknowledgements.append(value)
        }
    }

    /// Whether nothing more is to come.
    var isComplete: Bool { answered >= servers && acknowledgements.count >= addressed }
}

/// A broadcast on its way, and how long its clients' acknowledgements are waited for.
public struct Emission: Sendable {
    /// What to send, and to whom.
    public let broadcast: Broadcast
    /// How long to wait for acknowledgements; nil where none are asked for.
    public let acknowledgeWithin: Duration?

    /// Makes an emission.
    public init(_ broadcast: Broadcast, acknowledgeWithin: Duration? = nil) {
        self.broadcast = broadcast
        self.acknowledgeWithin = acknowledgeWithin
    }
}

/// What became of an emission.
public struct Emitted: Sendable {
    /// What Redis said.
    public let receipt: Receipt
    /// The acknowledgements that are to come; nil where none were asked for, and where there was no server to ask.
    public let acknowledgements: PendingAcknowledgements?
}

/// The acknowledgements of a broadcast, which are collected until this goes.
public final class PendingAcknowledgements: Sendable {
    private let question: AnswerDesk.OpenQuestion
    private let timeout: Duration

    init(_ question: AnswerDesk.OpenQuestion, within timeout: Duration) {
        self.question = question
        self.timeout = timeout
    }

    /// Waits until all have answered or the time is over, which begins with this call.
    ///
    /// - Returns: what is known then; when the waiting task is cancelled, what is known at that moment.
    public func value() async -> Acknowledgements {
        Acknowledgements(await question.answers(within: timeout))
    }
}

/// Emits broadcasts with and without acknowledgements in one write, and collects the acknowledgements without holding up what
/// follows.
///
/// ```swift
/// let collector = AckCollector(Emitter(redis: client))
/// let hello = Broadcast(rooms: ["lobby"], data: EventData(event: "hello", arguments: [1]))
/// let emitted = try await collector.emit([Emission(hello, acknowledgeWithin: .seconds(5))])[0].get()
/// // … other work …
/// let acknowledgements = await emitted.acknowledgements?.value()
/// ```
///
/// The answers arrive on one further connection for each namespace, which is there for as long as anybody waits.
public final class AckCollector: Sendable {
    private let emitter: Emitter
    private let desk: AnswerDesk

    /// Makes a collector for an emitter's Redis and wire; the target of the emitter does not count.
    public init(_ emitter: Emitter) {
        self.emitter = emitter
        desk = AnswerDesk(emitter)
    }

    /// Sends broadcasts in one write, and returns what became of each, in order, once Redis has taken them.
    ///
    /// What asks for acknowledgements where no server is listening is not sent; its receipt has 0 receivers. Servers of the
    /// streams adapter before 0.3 cannot be asked: where no other can, the broadcast is sent without asking.
    ///
    /// - Throws: `.redis` when the connection failed as a whole: nothing is known of any of them.
    public func emit(_ emissions: [Emission]) async throws(EmitterError) -> [Result<Emitted, EmitterError>] {
        guard emissions.contains(where: { $0.acknowledgeWithin != nil }) else {
            return try await emitter.emit(emissions.map(\.broadcast)).map { result in
                result.map { Emitted(receipt: $0, acknowledgements: nil) }
            }
        }
        var prepared: [Prepared] = []
        var servers: [ExactName: Int] = [:]
        for emission in emissions { prepared.append(try await prepare(emission, &servers)) }
        let commands = prepared.compactMap(\.command)
        let replies = try await emitter.replies(to: commands)
        let plain = emissions.filter { $0.acknowledgeWithin == nil }.map { ExactName($0.broadcast.namespace) }
        let counts = await emitter.serversOfCluster(for: Set(plain))
        var next = replies.makeIterator()
        var results: [Result<Emitted, EmitterError>] = []
        for (emission, prepared) in zip(emissions, prepared) {
            let reply = prepared.command == nil ? nil : next.next()
            results.append(result(of: emission, prepared, reply, counts))
        }
        return results
    }

    private enum Prepared {
        case refused(EmitterError)
        case plain(RedisCommand)
        case question(AnswerDesk.OpenQuestion)

        var command: RedisCommand? {
            switch self {
            case .refused: nil
            case .plain(let command): command
            case .question(let question): question.command
            }
        }
    }

    /// Makes the command of an emission.
    ///
    /// - Parameters:
    ///   - emission: what is to be sent.
    ///   - servers: how many there are in the namespaces that were asked about before.
    /// - Returns: the command, or why this one cannot be sent.
    /// - Throws: what keeps all the others from being sent too, so that none of them waits for the same again.
    private func prepare(
        _ emission: Emission,
        _ servers: inout [ExactName: Int]
    ) async throws(EmitterError) -> Prepared {
        let broadcast = emission.broadcast
        do throws(EmitterError) {
            guard emission.acknowledgeWithin != nil else { return .plain(try emitter.wire.command(for: broadcast)) }
            let known = servers[ExactName(broadcast.namespace)]
            let question = try await desk.open(.acknowledgements(broadcast), in: broadcast.namespace, servers: known)
            servers[ExactName(broadcast.namespace)] = question.servers
            return .question(question)
        } catch {
            switch error.redis?.code {
            case nil, .permission?, .refused?, .outOfMemory?: return .refused(error)
            default: throw error
            }
        }
    }

    private func result(
        of emission: Emission,
        _ prepared: Prepared,
        _ reply: Result<RedisReply, RedisError>?,
        _ servers: [ExactName: Int]?
    ) -> Result<Emitted, EmitterError> {
        switch prepared {
        case .refused(let error):
            return .failure(error)
        case .plain:
            return emitter.receipt(reply, in: emission.broadcast.namespace, servers).map {
                Emitted(receipt: $0, acknowledgements: nil)
            }
        case .question(let question):
            switch reply {
            case .failure(let error)?: return .failure(EmitterError(error))
            case .success(.error(let text))?: return .failure(EmitterError(RedisError(errorReply: text)))
            default: break
            }
            guard question.servers > 0, let time = emission.acknowledgeWithin else {
                let receipt = reply.flatMap { try? $0.get() }.flatMap(emitter.wire.receipt)
                return .success(Emitted(receipt: receipt ?? Receipt(receivers: 0), acknowledgements: nil))
            }
            return .success(
                Emitted(
                    receipt: Receipt(receivers: question.servers),
                    acknowledgements: PendingAcknowledgements(question, within: time)
                )
            )
        }
    }
}

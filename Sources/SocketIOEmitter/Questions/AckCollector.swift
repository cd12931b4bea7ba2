import Payload

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

    /// What asks for acknowledgements where nobody is there who could be asked.
    static let unasked = Emitted(receipt: Receipt(receivers: 0), acknowledgements: nil)
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
    let emitter: Emitter
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
        let prepared = try await prepare(emissions)
        var results: [Result<Emitted, EmitterError>?] = Array(repeating: nil, count: emissions.count)
        var commands: [RedisCommand] = []
        var places: [Int] = []
        var envelope: ClassicEnvelope?
        for place in emissions.indices {
            do throws(EmitterError) {
                guard let command = try prepared.command(at: place, emitter.wire, &envelope) else {
                    results[place] = .success(.unasked)
                    continue
                }
                commands.append(command)
                places.append(place)
            } catch {
                results[place] = .failure(error)
            }
        }
        let replies = try await emitter.replies(to: commands)
        for (place, result) in zip(places, await self.results(of: prepared, places, replies)) {
            results[place] = result
        }
        return results.compactMap { $0 }
    }

    /// Makes ready what is asked: counts the servers, and listens for their answers.
    ///
    /// - Throws: what keeps all of them from being sent.
    func prepare(_ emissions: [Emission]) async throws(EmitterError) -> Prepared {
        var questions: [Int: Result<Asked, EmitterError>] = [:]
        var servers: [ExactName: Int] = [:]
        for (place, emission) in emissions.enumerated() where emission.acknowledgeWithin != nil {
            questions[place] = try await prepare(emission, &servers)
        }
        return Prepared(emissions: emissions, questions: questions)
    }

    /// What the replies say to those at some places, which were sent.
    func results(
        of prepared: Prepared,
        _ places: [Int],
        _ replies: [Result<RedisReply, RedisError>]
    ) async -> [Result<Emitted, EmitterError>] {
        var counts: [ExactName: Int]?
        if emitter.redis.isCluster {
            let plain = places.lazy.filter { prepared.questions[$0] == nil }
            counts = await emitter.serversOfCluster(for: Set(plain.map { prepared.namespace(at: $0) }))
        }
        return zip(places, replies).map { place, reply in
            if case .success(let question)? = prepared.questions[place] { return result(of: question, reply) }
            return emitter.receipt(reply, in: prepared.emissions[place].broadcast.namespace, counts).map {
                Emitted(receipt: $0, acknowledgements: nil)
            }
        }
    }

    /// Broadcasts that are ready to be sent.
    struct Prepared: Sendable {
        let emissions: [Emission]
        /// By place what asks for acknowledgements, or why it cannot.
        fileprivate let questions: [Int: Result<Asked, EmitterError>]

        /// Whether any of them asks for acknowledgements.
        var asks: Bool { !questions.isEmpty }

        /// The command of the broadcast at a place.
        ///
        /// - Returns: nil where nobody is there who could be asked.
        /// - Throws: why it cannot be sent.
        func command(
            at place: Int,
            _ wire: Wire,
            _ envelope: inout ClassicEnvelope?
        ) throws(EmitterError) -> RedisCommand? {
            guard let question = questions[place] else {
                return try wire.command(for: emissions[place].broadcast, in: &envelope)
            }
            return try question.get().open.command
        }

        /// The same, appended to others.
        ///
        /// - Returns: false where nobody is there who could be asked.
        /// - Throws: why it cannot be sent.
        func append(
            at place: Int,
            to commands: inout CommandGroups,
            _ wire: Wire,
            _ envelope: inout ClassicEnvelope?
        ) throws(EmitterError) -> Bool {
            guard asks, let question = questions[place] else {
                try wire.append(emissions[place].broadcast, to: &commands, in: &envelope)
                return true
            }
            guard let command = try question.get().open.command else { return false }
            commands.append(command)
            return true
        }

        fileprivate func namespace(at place: Int) -> ExactName { ExactName(emissions[place].broadcast.namespace) }
    }

    /// What asks for acknowledgements, and how long they are waited for.
    fileprivate struct Asked: Sendable {
        let open: AnswerDesk.OpenQuestion
        let timeout: Duration
    }

    /// Makes the command of an emission that asks for acknowledgements.
    ///
    /// - Parameters:
    ///   - emission: what is to be sent.
    ///   - servers: how many there are in the namespaces that were asked about before.
    /// - Returns: the command, or why this one cannot be sent.
    /// - Throws: what keeps all the others from being sent too, so that none of them waits for the same again.
    private func prepare(
        _ emission: Emission,
        _ servers: inout [ExactName: Int]
    ) async throws(EmitterError) -> Result<Asked, EmitterError> {
        let broadcast = emission.broadcast
        do throws(EmitterError) {
            let known = servers[ExactName(broadcast.namespace)]
            let question = try await desk.open(.acknowledgements(broadcast), in: broadcast.namespace, servers: known)
            servers[ExactName(broadcast.namespace)] = question.servers
            return .success(Asked(open: question, timeout: emission.acknowledgeWithin ?? .zero))
        } catch {
            switch error.redis?.code {
            case nil, .permission?, .refused?, .outOfMemory?: return .failure(error)
            default: throw error
            }
        }
    }

    private func result(
        of question: Asked,
        _ reply: Result<RedisReply, RedisError>
    ) -> Result<Emitted, EmitterError> {
        // Without servers it is the plain command; a question's own reply is not that of the wire.
        guard question.open.servers > 0 else {
            return emitter.receipt(reply, in: "", nil).map { Emitted(receipt: $0, acknowledgements: nil) }
        }
        switch reply {
        case .failure(let error): return .failure(EmitterError(error))
        case .success(.error(let text)): return .failure(EmitterError(RedisError(errorReply: text)))
        case .success:
            return .success(
                Emitted(
                    receipt: Receipt(receivers: question.open.servers),
                    acknowledgements: PendingAcknowledgements(question.open, within: question.timeout)
                )
            )
        }
    }
}

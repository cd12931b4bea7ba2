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
        let sent = prepared.filter { $0.command != nil }
        let replies = try await emitter.replies(to: sent.compactMap(\.command))
        var results = await results(of: sent, replies).makeIterator()
        return prepared.map { item in
            item.command == nil ? item.resultWithoutSending : results.next() ?? item.resultWithoutSending
        }
    }

    /// Makes the commands of broadcasts: counts the servers of those that ask, and listens for their answers.
    ///
    /// - Throws: what keeps all of them from being sent.
    func prepare(_ emissions: [Emission]) async throws(EmitterError) -> [Prepared] {
        var prepared: [Prepared] = []
        prepared.reserveCapacity(emissions.count)
        var servers: [ExactName: Int] = [:]
        var envelope: ClassicEnvelope?
        for emission in emissions {
            if emission.acknowledgeWithin == nil {
                prepared.append(prepare(emission.broadcast, &envelope))
            } else {
                prepared.append(try await prepare(emission, &servers))
            }
        }
        return prepared
    }

    /// What the replies say to those that were sent.
    func results(
        of sent: [Prepared],
        _ replies: [Result<RedisReply, RedisError>]
    ) async -> [Result<Emitted, EmitterError>] {
        let counts =
            emitter.redis.isCluster ? await emitter.serversOfCluster(for: Set(sent.compactMap(\.plainNamespace))) : nil
        return zip(sent, replies).map { result(of: $0, $1, counts) }
    }

    /// A broadcast that is ready to be sent, or why it is not.
    enum Prepared: Sendable {
        case refused(EmitterError)
        case plain(RedisCommand, namespace: String)
        case question(AnswerDesk.OpenQuestion, within: Duration)

        /// What is sent; nil where nothing is.
        var command: RedisCommand? {
            switch self {
            case .refused: nil
            case .plain(let command, _): command
            case .question(let question, _): question.command
            }
        }

        /// The result of one without a command: refused, or nobody is there who could be asked.
        var resultWithoutSending: Result<Emitted, EmitterError> {
            if case .refused(let error) = self { return .failure(error) }
            return .success(Emitted(receipt: Receipt(receivers: 0), acknowledgements: nil))
        }

        /// The namespace whose servers have to be counted in a cluster.
        fileprivate var plainNamespace: ExactName? {
            if case .plain(_, let namespace) = self { ExactName(namespace) } else { nil }
        }
    }

    /// Makes the command of a broadcast that asks for nothing, in the envelope of the one before it where that fits.
    private func prepare(_ broadcast: Broadcast, _ envelope: inout ClassicEnvelope?) -> Prepared {
        do throws(EmitterError) {
            return .plain(try emitter.wire.command(for: broadcast, in: &envelope), namespace: broadcast.namespace)
        } catch {
            return .refused(error)
        }
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
    ) async throws(EmitterError) -> Prepared {
        let broadcast = emission.broadcast
        do throws(EmitterError) {
            let known = servers[ExactName(broadcast.namespace)]
            let question = try await desk.open(.acknowledgements(broadcast), in: broadcast.namespace, servers: known)
            servers[ExactName(broadcast.namespace)] = question.servers
            return .question(question, within: emission.acknowledgeWithin ?? .zero)
        } catch {
            switch error.redis?.code {
            case nil, .permission?, .refused?, .outOfMemory?: return .refused(error)
            default: throw error
            }
        }
    }

    private func result(
        of sent: Prepared,
        _ reply: Result<RedisReply, RedisError>,
        _ servers: [ExactName: Int]?
    ) -> Result<Emitted, EmitterError> {
        switch sent {
        case .refused(let error):
            return .failure(error)
        case .plain(_, let namespace):
            return emitter.receipt(reply, in: namespace, servers).map { Emitted(receipt: $0, acknowledgements: nil) }
        case .question(let question, let time):
            // Without servers it is the plain command; a question's own reply is not that of the wire.
            guard question.servers > 0 else {
                return emitter.receipt(reply, in: "", nil).map { Emitted(receipt: $0, acknowledgements: nil) }
            }
            switch reply {
            case .failure(let error): return .failure(EmitterError(error))
            case .success(.error(let text)): return .failure(EmitterError(RedisError(errorReply: text)))
            case .success:
                return .success(
                    Emitted(
                        receipt: Receipt(receivers: question.servers),
                        acknowledgements: PendingAcknowledgements(question, within: time)
                    )
                )
            }
        }
    }
}

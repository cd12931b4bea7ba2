import NIOCore
import Payload
import Synchronization

/// Emits broadcasts in batches that Redis carries out once each, whoever asks it to however often.
///
/// A batch has a token, a key in Redis. To emit is three steps, so that the token can be kept before anything is sent:
/// ``prepare(_:lifetime:)``, keeping the tokens, ``send(_:)``. Where no answer came, ``outcome(of:namespaces:)`` tells what became of
/// a batch, from this process or another; what was not carried out by then never will be.
///
/// ```swift
/// let once = OnceEmitter(AckCollector(emitter))
/// for batch in try await once.prepare(emissions, lifetime: .seconds(7200)).batches {
///     // keep batch.token and what is in it
///     switch try await once.send(batch) { … }
/// }
/// ```
public final class OnceEmitter: Sendable {
    /// What to do where Redis cannot keep tokens: scripts are forbidden, or memory is out.
    public enum Policy: String, Sendable, CaseIterable {
        /// Publish plainly, and say so: a crash or a lost reply can repeat it.
        case auto
        /// Publish nothing until it can.
        case require
        /// Publish plainly always.
        case off
    }

    /// Broadcasts that go out together; in a cluster all by one node.
    public struct Batch: Sendable {
        /// The key; nil where it is published plainly.
        public let token: String?
        /// The places of its broadcasts among those that were prepared.
        public let places: [Int]
        /// How much its commands are on the wire, in bytes.
        public let bytes: Int
        fileprivate let once: OnceBatch
        fileprivate let prepared: AckCollector.Prepared
    }

    /// Broadcasts that are ready to be sent.
    public struct Preparation: Sendable {
        /// What is to be sent.
        public let batches: [Batch]
        /// What is known without sending, by the place of the broadcast: it can never be sent, or there is nobody to ask.
        public let results: [Int: Result<Emitted, EmitterError>]
    }

    /// What became of a batch.
    public enum Outcome: Sendable {
        /// Redis has carried it out; what it said to each broadcast. `plainly` says why it was published without its token, where
        /// it was.
        case carriedOut(Results, plainly: EmitterError? = nil)
        /// It was not carried out, and never will be. `plainly` says why that is not sure, where it is not.
        case void(plainly: EmitterError? = nil)
        /// Redis ended in the middle of it: nobody knows which broadcasts are out.
        case interrupted
    }

    /// What Redis said to each broadcast of a batch, in order.
    public struct Results: RandomAccessCollection, Sendable {
        private enum Storage {
            /// All were taken, and nothing was asked.
            case receivers([Int])
            case each([Result<Emitted, EmitterError>])
        }

        private let storage: Storage

        /// To how many servers each went, where that is all that there is to say; nil where any was not taken, or was asked for
        /// acknowledgements.
        public var receivers: [Int]? { if case .receivers(let counts) = storage { counts } else { nil } }

        init(receivers counts: [Int]) { storage = .receivers(counts) }

        init(_ results: [Result<Emitted, EmitterError>]) { storage = .each(results) }

        /// The place of the first.
        public var startIndex: Int { 0 }

        /// The place behind the last.
        public var endIndex: Int {
            switch storage {
            case .receivers(let counts): counts.count
            case .each(let results): results.count
            }
        }

        /// What Redis said to the broadcast at a place.
        public subscript(place: Int) -> Result<Emitted, EmitterError> {
            switch storage {
            case .receivers(let counts):
                .success(Emitted(receipt: Receipt(receivers: counts[place]), acknowledgements: nil))
            case .each(let results): results[place]
            }
        }
    }

    /// For so long nothing is tried that was refused a moment ago.
    private static let memory = TimeAmount.seconds(10)

    private let collector: AckCollector
    private let policy: Policy
    /// Why tokens cannot be kept, and until when not to try again.
    private let refusal = Mutex<(error: EmitterError, until: NIODeadline)?>(nil)

    private var emitter: Emitter { collector.emitter }

    /// Makes an emitter to the Redis and over the wire of a collector.
    public init(_ collector: AckCollector, policy: Policy = .auto) {
        self.collector = collector
        self.policy = policy
    }

    /// Encodes broadcasts and divides them into batches; nothing is sent, but servers are counted and their answers listened to
    /// where acknowledgements are asked for.
    ///
    /// - Parameters:
    ///   - emissions: what is to be sent.
    ///   - lifetime: how long Redis remembers the tokens: longer than anybody could send or ask.
    /// - Returns: the batches, one for each slot of a cluster that the commands belong to.
    /// - Throws: `.redis` when what has to be asked first cannot be.
    public func prepare(_ emissions: [Emission], lifetime: Duration) async throws(EmitterError) -> Preparation {
        let prepared = try await collector.prepare(emissions)
        var results: [Int: Result<Emitted, EmitterError>] = [:]
        let groups =
            emitter.redis.isCluster
            ? bySlot(prepared, &results) : [inOneWrite(prepared, &results)].filter { !$0.places.isEmpty }
        var random = SystemRandomNumberGenerator()
        let batches = groups.map { group in
            let token = OnceBatch.token(slot: group.slot, using: &random)
            return Batch(
                token: policy == .off ? nil : token,
                places: group.places,
                bytes: group.commands.bytes,
                once: OnceBatch(token: token, commands: group.commands, lifetime: lifetime),
                prepared: prepared
            )
        }
        return Preparation(batches: batches, results: results)
    }

    /// What goes to one node.
    private struct Group {
        var slot: Int?
        var places: [Int] = []
        var commands = CommandGroups()
    }

    private func inOneWrite(
        _ prepared: AckCollector.Prepared,
        _ results: inout [Int: Result<Emitted, EmitterError>]
    ) -> Group {
        var group = Group()
        group.places.reserveCapacity(prepared.emissions.count)
        var envelope: ClassicEnvelope?
        for place in prepared.emissions.indices {
            do throws(EmitterError) {
                if try prepared.append(at: place, to: &group.commands, emitter.wire, &envelope) {
                    group.places.append(place)
                    if group.places.count == 1 { group.commands.reserveCapacity(commands: prepared.emissions.count) }
                } else {
                    results[place] = .success(.unasked)
                }
            } catch {
                results[place] = .failure(error)
            }
        }
        return group
    }

    private func bySlot(
        _ prepared: AckCollector.Prepared,
        _ results: inout [Int: Result<Emitted, EmitterError>]
    ) -> [Group] {
        var groups: [Int?: Group] = [:]
        var envelope: ClassicEnvelope?
        for place in prepared.emissions.indices {
            do throws(EmitterError) {
                guard let command = try prepared.command(at: place, emitter.wire, &envelope) else {
                    results[place] = .success(.unasked)
                    continue
                }
                groups[command.slot, default: Group()].places.append(place)
                groups[command.slot]?.commands.append(command)
            } catch {
                results[place] = .failure(error)
            }
        }
        return groups.map { slot, group in
            var group = group
            // What has no slot goes to any node, each time another.
            group.slot = slot ?? .random(in: 0..<HashSlot.count)
            return group
        }
        .sorted { $0.places[0] < $1.places[0] }
    }

    /// Sends a batch, once; it is not to be sent a second time.
    ///
    /// - Throws: `.redis` when there is no answer, or none that tells what became of it; its `mayHaveExecuted` says whether it
    ///   may have been carried out.
    public func send(_ batch: Batch) async throws(EmitterError) -> Outcome {
        if batch.token == nil { return .carriedOut(try await plainly(batch)) }
        if let error = present(refusal) { return .carriedOut(try await plainly(batch), plainly: error) }
        let reply = try await reply(to: batch.once)
        if case .error(let text) = reply {
            let error = EmitterError(RedisError(errorReply: text))
            guard policy == .auto, error.refusesTokens else { throw error }
            refusal.withLock { $0 = (error, .now() + Self.memory) }
            return .carriedOut(try await plainly(batch), plainly: error)
        }
        refusal.withLock { $0 = nil }
        if let counts = receivers(batch, reply) { return .carriedOut(Results(receivers: counts)) }
        switch try OnceBatch.Outcome(reply: reply) {
        case .void: return .void()
        case .interrupted: return .interrupted
        case .carriedOut(let replies):
            guard replies.count == batch.places.count else { throw EmitterError(OnceBatch.Outcome.strange) }
            let results = await collector.results(of: batch.prepared, batch.places, replies.map { .success($0) })
            return .carriedOut(Results(results))
        }
    }

    /// Tells what became of a batch, and makes it void where it was not carried out.
    ///
    /// - Parameters:
    ///   - token: its token.
    ///   - namespaces: those of its broadcasts, in order; nil for one that does not matter any more.
    /// - Returns: what became of it; acknowledgements that came meanwhile are lost.
    /// - Throws: `.redis` when it cannot be told.
    public func outcome(of token: String, namespaces: [String?]) async throws(EmitterError) -> Outcome {
        let replies: [RedisReply]
        do {
            replies = try await emitter.redis.send(OnceBatch.voiding(token, lifetime: OnceBatch.voidLifetime))
        } catch {
            throw EmitterError(error)
        }
        // The key may be there although it cannot be set, and then it says what became of the batch.
        if case .error(let text) = replies[0], replies[1].isNullOrError {
            let error = EmitterError(RedisError(errorReply: text))
            guard policy != .require, error.refusesTokens else { throw error }
            return .void(plainly: error)
        }
        switch try OnceBatch.Outcome(reply: replies[1]) {
        case .void: return .void()
        case .interrupted: return .interrupted
        case .carriedOut(let replies):
            guard replies.count == namespaces.count else { throw EmitterError(OnceBatch.Outcome.strange) }
            let servers = await emitter.serversOfCluster(for: Set(namespaces.compactMap { $0.map(ExactName.init) }))
            return .carriedOut(Results(zip(namespaces, replies).map { result(of: $1, in: $0, servers) }))
        }
    }

    /// What a reply says that was kept with a token: the command may have been that of the wire, or a question.
    private func result(
        of reply: RedisReply,
        in namespace: String?,
        _ servers: [ExactName: Int]?
    ) -> Result<Emitted, EmitterError> {
        if case .error(let text) = reply { return .failure(EmitterError(RedisError(errorReply: text))) }
        let said = emitter.wire.receipt(reply) ?? Receipt(receivers: nil)
        let receipt = servers.map { Receipt(receivers: $0[ExactName(namespace ?? "/")]) } ?? said
        return .success(Emitted(receipt: receipt, acknowledgements: nil))
    }

    // MARK: Parts

    /// The reply to the script call, of a Redis that may not have the script yet.
    private func reply(to batch: OnceBatch) async throws(EmitterError) -> RedisReply {
        do {
            let reply = try await emitter.redis.send(batch.call(scriptHash: OnceBatch.scriptHash))
            guard case .error(let text) = reply, text.hasPrefix("NOSCRIPT") else { return reply }
            return try await emitter.redis.send(batch.call)
        } catch {
            throw EmitterError(error)
        }
    }

    /// To how many servers each broadcast went, where the reply says that and no more.
    private func receivers(_ batch: Batch, _ reply: RedisReply) -> [Int]? {
        guard !emitter.redis.isCluster, emitter.wire.countsReceivers, !batch.prepared.asks,
            let counts = OnceBatch.Outcome.counts(reply), counts.count == batch.places.count
        else { return nil }
        return counts
    }

    private func plainly(_ batch: Batch) async throws(EmitterError) -> Results {
        let replies = try await emitter.replies(to: batch.once.commands.commands)
        return Results(await collector.results(of: batch.prepared, batch.places, replies))
    }

    private func present(_ refusal: borrowing Mutex<(error: EmitterError, until: NIODeadline)?>) -> EmitterError? {
        refusal.withLock { $0.flatMap { $0.until > .now() ? $0.error : nil } }
    }
}

extension OnceBatch.Outcome {
    /// Reads a reply as an emitter tells of it.
    fileprivate init(reply: RedisReply) throws(EmitterError) {
        do throws(RedisError) {
            self = try Self(reply)
        } catch {
            throw EmitterError(error)
        }
    }
}

extension RedisReply {
    fileprivate var isNullOrError: Bool {
        switch self {
        case .null, .error: true
        default: false
        }
    }
}

extension EmitterError {
    /// Whether Redis has said that it cannot keep a token, or not run the script, and will not as long as nobody mends it.
    fileprivate var refusesTokens: Bool {
        guard let redis else { return false }
        return [.permission, .outOfMemory, .refused].contains(redis.code)
    }
}

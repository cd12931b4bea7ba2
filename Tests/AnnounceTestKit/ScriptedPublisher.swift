import Announce
import Payload
import Synchronization

/// A publisher that notes what it is given and answers as a test wants; it carries out each token once, as Redis does.
public final class ScriptedPublisher: Sendable {
    /// What it does with the next batch.
    public enum Answer: Sendable {
        /// Takes every message, for so many servers.
        case takes(receivers: Int?)
        /// Answers each message with this.
        case each(PublishResult)
        /// Fails as a whole; where the error says that it may have happened, it has not.
        case fails(PublishError)
        /// Takes every message, and its answer is lost.
        case loses(PublishError)
    }

    /// How it sends: under tokens, or without.
    private let isOnce: Bool
    private let answer: Mutex<Answer>
    private let answerToQuestions = Mutex<PublishError?>(nil)
    private let signOfLife = Mutex<(error: PublishError?, asked: Int)>((nil, 0))
    private let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let batches = Mutex<[[String]]>([])
    private let tokens = Mutex<(count: Int, outcomes: [String: BatchOutcome])>((0, [:]))

    /// Makes a publisher that takes everything for one server.
    public init(_ answer: Answer = .takes(receivers: 1), once isOnce: Bool = true) {
        self.answer = Mutex(answer)
        self.isOnce = isOnce
        (stream, continuation) = AsyncStream.makeStream(of: String.self)
    }

    /// What it does from now on.
    public func set(_ answer: Answer) {
        self.answer.withLock { $0 = answer }
    }

    /// Makes it fail to tell what became of batches; nil ends that.
    public func failQuestions(_ error: PublishError?) {
        answerToQuestions.withLock { $0 = error }
    }

    /// Makes it give no sign of life, for this reason; nil ends that.
    public func failProbes(_ error: PublishError?) {
        signOfLife.withLock { $0.error = error }
    }

    /// How often it was asked for a sign of life.
    public var probes: Int { signOfLife.withLock { $0.asked } }

    /// The texts of the batches that it was given, those that it failed included.
    public var given: [[String]] {
        batches.withLock { $0 }
    }

    /// The first `count` texts that it took and that were not returned before.
    public func taken(_ count: Int) async -> [String] {
        var texts: [String] = []
        for await text in stream {
            texts.append(text)
            if texts.count == count { break }
        }
        return texts
    }

    /// The publisher to hand to a dispatcher.
    public var publisher: Publisher {
        Publisher { (messages, _) async throws(PublishError) -> PreparedMessages in
            let texts = messages.map { Self.text($0.data) }
            let token = self.tokens.withLock { tokens in
                tokens.count += 1
                return "token \(tokens.count)"
            }
            let batch = PreparedMessages.Batch(
                token: self.isOnce ? token : nil,
                places: Array(messages.indices),
                bytes: texts.reduce(0) { $0 + $1.utf8.count }
            ) { () async throws(PublishError) -> BatchOutcome in try self.send(texts, under: token) }
            return PreparedMessages(batches: [batch])
        } resolve: { (token, _) async throws(PublishError) -> BatchOutcome in
            if let error = self.answerToQuestions.withLock({ $0 }) { throw error }
            return self.tokens.withLock { tokens in
                let outcome = tokens.outcomes[token] ?? .void()
                tokens.outcomes[token] = outcome
                return outcome
            }
        } probe: { () async throws(PublishError) in
            let error = self.signOfLife.withLock { sign in
                sign.asked += 1
                return sign.error
            }
            if let error { throw error }
        }
    }

    private func send(_ texts: [String], under token: String) throws(PublishError) -> BatchOutcome {
        batches.withLock { $0.append(texts) }
        if let known = tokens.withLock({ $0.outcomes[token] }) { return known }
        switch answer.withLock({ $0 }) {
        case .takes(let receivers):
            return take(texts, receivers, token)
        case .each(let result):
            return .carriedOut(texts.map { _ in result })
        case .fails(let error):
            throw error
        case .loses(let error):
            _ = take(texts, 1, token)
            throw error
        }
    }

    private func take(_ texts: [String], _ receivers: Int?, _ token: String) -> BatchOutcome {
        let outcome = BatchOutcome.carriedOut(texts.map { _ in .taken(receivers: receivers) })
        tokens.withLock { $0.outcomes[token] = outcome }
        for text in texts { continuation.yield(text) }
        return outcome
    }

    private static func text(_ data: EventData) -> String {
        guard case .string(let text)? = try? data.arguments().first else { return data.event }
        return text
    }
}

extension Publisher {
    /// A publisher without tokens that sends by a function.
    public init(
        plainly send: @escaping @Sendable ([Outgoing]) async throws(PublishError) -> [PublishResult]
    ) {
        self.init { (messages, _) async throws(PublishError) -> PreparedMessages in
            let batch = PreparedMessages.Batch(token: nil, places: Array(messages.indices), bytes: 0) {
                () async throws(PublishError) -> BatchOutcome in .carriedOut(try await send(messages))
            }
            return PreparedMessages(batches: [batch])
        } resolve: { (_, _) async throws(PublishError) -> BatchOutcome in
            .void()
        } probe: { () async throws(PublishError) in
        }
    }
}

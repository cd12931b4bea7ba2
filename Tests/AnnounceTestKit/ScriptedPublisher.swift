import Announce
import Payload
import Synchronization

/// A publisher that notes what it is given and answers as a test wants.
public final class ScriptedPublisher: Sendable {
    /// What it does with the next batch.
    public enum Answer: Sendable {
        /// Takes every message, for so many servers.
        case takes(receivers: Int?)
        /// Answers each message with this.
        case each(PublishResult)
        /// Fails as a whole.
        case fails(PublishError)
    }

    private let answer: Mutex<Answer>
    private let stream: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let batches = Mutex<[[String]]>([])

    /// Makes a publisher that takes everything for one server.
    public init(_ answer: Answer = .takes(receivers: 1)) {
        self.answer = Mutex(answer)
        (stream, continuation) = AsyncStream.makeStream(of: String.self)
    }

    /// What it does from now on.
    public func set(_ answer: Answer) {
        self.answer.withLock { $0 = answer }
    }

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
        Publisher { (messages) async throws(PublishError) -> [PublishResult] in
            let texts = messages.map { Self.text($0.data) }
            self.batches.withLock { $0.append(texts) }
            switch self.answer.withLock({ $0 }) {
            case .takes(let receivers):
                for text in texts { self.continuation.yield(text) }
                return texts.map { _ in .taken(receivers: receivers) }
            case .each(let result):
                return texts.map { _ in result }
            case .fails(let error):
                throw error
            }
        }
    }

    private static func text(_ data: EventData) -> String {
        guard case .string(let text)? = try? data.arguments().first else { return data.event }
        return text
    }
}

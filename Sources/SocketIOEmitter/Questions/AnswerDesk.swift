import NIOCore
import Payload
import Synchronization

/// Where the answers to questions arrive: one connection for each namespace that is asked about, for as long as anybody waits.
///
/// To ask is three steps, so that many can be asked in one write and nobody has to wait before the next:
/// ``open(_:in:)``, sending the command, ``OpenQuestion/answers(within:)``.
final class AnswerDesk: Sendable {
    /// A question that is to be asked, and whose answers are kept from now on until it goes.
    final class OpenQuestion: Sendable {
        /// Asks, or sends the broadcast where nobody can be asked; nil where there is no server.
        let command: RedisCommand?
        /// How many servers there are that can be asked.
        let servers: Int
        private let id: String
        private let reader: Reader?
        private let desk: AnswerDesk

        fileprivate init(_ id: String, _ asking: Asking, _ reader: Reader?, servers: Int, at desk: AnswerDesk) {
            self.id = id
            command = servers > 0 ? asking.ask : asking.otherwise
            self.reader = reader
            self.servers = servers
            self.desk = desk
        }

        deinit {
            desk.close(id, reader)
        }

        /// What is known when all have answered, when the time is over, or when the waiting task is cancelled.
        func answers(within timeout: Duration) async -> Inquiry {
            await desk.answers(to: id, within: timeout) ?? Inquiry(servers: servers)
        }
    }

    /// The connection on which the answers about one namespace arrive.
    fileprivate final class Reader: Sendable {
        let namespace: ExactName
        let opened: EventLoopPromise<Void>
        let task = Mutex<Task<Void, Never>?>(nil)

        init(_ namespace: ExactName, on eventLoop: any EventLoop) {
            self.namespace = namespace
            opened = eventLoop.makePromise()
        }
    }

    private struct Waiting {
        var inquiry: Inquiry
        let done: EventLoopPromise<Void>
    }

    private struct State {
        var waiting: [String: Waiting] = [:]
        var readers: [ExactName: (reader: Reader, users: Int)] = [:]
    }

    private let emitter: Emitter
    private let asker: String
    private let state = Mutex(State())

    private var redis: RedisClient { emitter.redis }

    /// Makes a desk for an emitter's Redis and wire.
    init(_ emitter: Emitter) {
        self.emitter = emitter
        var random = SystemRandomNumberGenerator()
        asker = Question.name(&random)
    }

    /// Prepares a question: counts the servers, and listens for their answers before anything is asked.
    ///
    /// - Parameters:
    ///   - kind: what is asked.
    ///   - namespace: whose servers are asked.
    ///   - known: how many they are, where that was counted for another question just now.
    /// - Returns: the question, whose command is to be sent.
    /// - Throws: ``EmitterError`` where servers cannot be asked, or when Redis fails.
    func open(
        _ kind: Question.Kind,
        in namespace: String,
        servers known: Int? = nil
    ) async throws(EmitterError) -> OpenQuestion {
        var random = SystemRandomNumberGenerator()
        let question = Question(kind, namespace: namespace, asker: asker, id: Question.name(&random))
        let asking = try emitter.wire.asking(question)
        let servers = if let known { known } else { try await count(asking) }
        let reader = servers > 0 ? try await reader(of: asking, ExactName(namespace)) : nil
        let waiting = Waiting(inquiry: Inquiry(servers: servers), done: redis.eventLoop.makePromise())
        state.withLock { $0.waiting[question.id] = waiting }
        return OpenQuestion(question.id, asking, reader, servers: servers, at: self)
    }

    private func count(_ asking: Asking) async throws(EmitterError) -> Int {
        if let (command, reason) = asking.mustBeNone, try await emitter.count(command) > 0 {
            throw EmitterError(code: .conflict, message: reason)
        }
        return try await emitter.count(asking.count)
    }

    private func answers(to id: String, within timeout: Duration) async -> Inquiry? {
        guard let waiting = state.withLock({ $0.waiting[id] }) else { return nil }
        if !waiting.inquiry.isComplete {
            let timer = redis.eventLoop.scheduleTask(in: TimeAmount(timeout)) { waiting.done.succeed(()) }
            await withTaskCancellationHandler {
                try? await waiting.done.futureResult.get()
            } onCancel: {
                waiting.done.succeed(())
            }
            timer.cancel()
        }
        return state.withLock { $0.waiting[id]?.inquiry }
    }

    private func close(_ id: String, _ reader: Reader?) {
        let (waiting, unused) = state.withLock { state in
            (state.waiting.removeValue(forKey: id), reader.flatMap { Self.release($0, &state) })
        }
        // A promise has to be kept before it goes.
        waiting?.done.succeed(())
        unused?.task.withLock { $0 }?.cancel()
    }

    /// Counts one user less of a reader.
    ///
    /// - Returns: the reader when nobody uses it any more.
    private static func release(_ reader: Reader, _ state: inout State) -> Reader? {
        guard let (current, users) = state.readers[reader.namespace], current === reader else { return nil }
        state.readers[reader.namespace] = users > 1 ? (current, users - 1) : nil
        return users > 1 ? nil : current
    }

    // MARK: Reading

    private func reader(of asking: Asking, _ namespace: ExactName) async throws(EmitterError) -> Reader {
        let (reader, isNew): (Reader, Bool) = state.withLock { state in
            if let (reader, users) = state.readers[namespace] {
                state.readers[namespace] = (reader, users + 1)
                return (reader, false)
            }
            let reader = Reader(namespace, on: redis.eventLoop)
            state.readers[namespace] = (reader, 1)
            return (reader, true)
        }
        // Unstructured: it serves everybody who asks about the namespace, and ends when the last of them has gone.
        if isNew { reader.task.withLock { $0 = Task { await read(reader, asking) } } }
        do {
            try await reader.opened.futureResult.get()
            return reader
        } catch let error as RedisError {
            throw EmitterError(error)
        } catch {
            throw EmitterError(code: .redis, message: "The answers cannot be listened to: \(error).", cause: error)
        }
    }

    private func read(_ reader: Reader, _ asking: Asking) async {
        do {
            let messages = try await redis.subscribe(channels: asking.channels, shardChannels: asking.shardChannels)
            reader.opened.succeed(())
            for try await message in messages {
                if let (id, answer) = emitter.wire.answer(in: message) { receive(answer, to: id) }
            }
        } catch {
            // Whoever waits has what has come until now; whoever asks next gets a new connection.
            reader.opened.fail(error)
        }
        state.withLock { state in
            if state.readers[reader.namespace]?.reader === reader { state.readers[reader.namespace] = nil }
        }
    }

    private func receive(_ answer: Answer, to id: String) {
        let complete: EventLoopPromise<Void>? = state.withLock { state in
            state.waiting[id]?.inquiry.receive(answer)
            guard let waiting = state.waiting[id], waiting.inquiry.isComplete else { return nil }
            return waiting.done
        }
        complete?.succeed(())
    }
}

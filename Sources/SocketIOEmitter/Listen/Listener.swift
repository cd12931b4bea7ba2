import Payload
import Synchronization

/// Hears what Socket.IO servers and emitters send each other over Redis, and decodes it.
///
/// ```swift
/// try await Listener(redis: client, wire: .classic(ClassicWire())).listen { event in
///     if case .heard(let message) = event { logger.info("heard", metadata: ["channel": "\(message.channel)"]) }
/// }
/// ```
///
/// Redis counts it as a receiver of what it hears. Servers of the classic, streams and python wires do not: it subscribes by
/// pattern. Sharded channels have no patterns, so there servers that ask each other wait for an answer from it in vain, until
/// their timeout.
public struct Listener: Sendable {
    /// What happens while it listens.
    public enum Event: Sendable {
        /// It listens, at first and again after an interruption; to what, in words of Redis.
        case listening([String])
        /// A message was heard.
        case heard(HeardMessage)
        /// A message was heard that servers cannot read either, or that is none of theirs.
        case unreadable(EmitterError)
        /// The connection was lost; it listens again as soon as Redis is back. Except for streams, what is sent meanwhile is
        /// not heard.
        case interrupted(RedisError)
    }

    let redis: RedisClient
    let wire: Wire
    let namespaces: [String]
    private let waits: ClosedRange<Duration> = .milliseconds(100)...(.seconds(5))

    /// Makes a listener.
    ///
    /// - Parameters:
    ///   - redis: the client of the servers' Redis; the listener has connections of its own.
    ///   - wire: what the servers speak.
    ///   - namespaces: which namespaces' messages are told; none for those of all. On the sharded wire, where channels have to
    ///     be found, those of these namespaces are heard from the start.
    public init(redis: RedisClient, wire: Wire, namespaces: [String] = []) {
        self.redis = redis
        self.wire = wire
        self.namespaces = namespaces.map(Broadcast.withLeadingSlash)
    }

    /// Listens until its task is cancelled.
    ///
    /// - Parameter handle: is told of everything, one event at a time from each connection; while it works, nothing more is
    ///   read from that one.
    /// - Throws: ``RedisError`` when Redis cannot be reached at first, and when it refuses for a reason that only a person can
    ///   mend.
    public func listen(_ handle: @escaping @Sendable (Event) -> Void) async throws(RedisError) {
        let ears = Ears(self, handle)
        var wait = waits.lowerBound
        while !Task.isCancelled {
            let heardBefore = ears.rounds
            let error: RedisError
            do {
                try await ears.listen()
                return
            } catch let failure as RedisError {
                error = failure
            } catch {
                return
            }
            // A connection that stood was worth something: the next attempt comes soon again.
            if ears.rounds > heardBefore {
                wait = waits.lowerBound
                handle(.interrupted(error))
            }
            guard ears.rounds > 0, error.passes else { throw error }
            do { try await redis.sleep(for: wait) } catch { return }
            wait = min(wait * 2, waits.upperBound)
        }
    }

    /// Whether a message's namespace is among those that were asked for.
    func wants(_ namespace: String) -> Bool {
        namespaces.isEmpty || namespaces.contains { $0.isExactly(namespace) }
    }
}

extension RedisError {
    /// Whether trying again helps without a person.
    fileprivate var passes: Bool {
        switch code {
        case .unreachable, .timeout, .connectionLost, .unavailable, .moved, .outOfMemory: true
        default: false
        }
    }
}

/// The connections of a listener, and what they know from one to the next.
final class Ears: Sendable {
    private struct State {
        /// How often everything was being listened to.
        var rounds = 0
        /// The last entry that was read of each stream.
        var entries: [String: String] = [:]
    }

    let listener: Listener
    private let handle: @Sendable (Listener.Event) -> Void
    private let state = Mutex(State())

    var redis: RedisClient { listener.redis }
    var rounds: Int { state.withLock { $0.rounds } }

    init(_ listener: Listener, _ handle: @escaping @Sendable (Listener.Event) -> Void) {
        self.listener = listener
        self.handle = handle
    }

    /// Listens until a connection fails or the task is cancelled.
    ///
    /// - Throws: ``RedisError``, or `CancellationError`.
    func listen() async throws {
        switch listener.wire {
        case .classic, .python:
            let patterns = listener.wire.patterns
            let messages = try await redis.subscribe(patterns: patterns)
            listening(to: patterns)
            try await read(messages)
        case .sharded(let wire):
            try await listen(sharded: wire)
        case .streams(let wire):
            try await listen(streams: wire)
        }
    }

    func listening(to places: [String]) {
        state.withLock { $0.rounds += 1 }
        handle(.listening(places))
    }

    /// Tells of every message of a subscription, until it ends.
    func read(_ messages: RedisSubscription) async throws {
        for try await message in messages {
            tell { () throws(EmitterError) in try listener.wire.decode(message) }
        }
    }

    func tell(_ decode: () throws(EmitterError) -> HeardMessage) {
        do throws(EmitterError) {
            let message = try decode()
            if listener.wants(message.namespace) { handle(.heard(message)) }
        } catch {
            handle(.unreadable(error))
        }
    }

    func entry(of stream: String) -> String? { state.withLock { $0.entries[stream] } }

    func remember(_ entry: String, of stream: String) {
        state.withLock { $0.entries[stream] = entry }
    }
}

import Announce
import Recurrence
import Synchronization

/// A clock that stands still until a test moves it; who sleeps on it wakes when its time has come.
public final class ManualClock: WallClock {
    /// A moment of the monotonic clock.
    public struct Instant: InstantProtocol {
        let sinceStart: Swift.Duration

        /// The moment so much later.
        public func advanced(by duration: Swift.Duration) -> Instant {
            Instant(sinceStart: sinceStart + duration)
        }

        /// How much later another moment is.
        public func duration(to other: Instant) -> Swift.Duration {
            other.sinceStart - sinceStart
        }

        /// Whether one moment is before another.
        public static func < (left: Instant, right: Instant) -> Bool {
            left.sinceStart < right.sinceStart
        }
    }

    private struct Sleeper {
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var wall: Timestamp
        var now = Instant(sinceStart: .zero)
        var sleepers: [Int: Sleeper] = [:]
        var nextSleeper = 0

        mutating func takeDue() -> [Sleeper] {
            // In the order in which they fell asleep, so that a run can be repeated.
            let due = sleepers.filter { $0.value.deadline <= now }.sorted { $0.key < $1.key }
            for (id, _) in due { sleepers[id] = nil }
            return due.map(\.value)
        }
    }

    private let state: Mutex<State>

    /// Makes a clock whose wall clock shows `wall`.
    public init(wall: Timestamp) {
        state = Mutex(State(wall: wall))
    }

    /// The moment by the monotonic clock.
    public var now: Instant { state.withLock { $0.now } }

    /// When the first of those who sleep wakes; nil when nobody sleeps.
    public var nextWake: Instant? { state.withLock { $0.sleepers.values.map(\.deadline).min() } }

    /// As fine as can be.
    public var minimumResolution: Swift.Duration { .nanoseconds(1) }

    /// Both clocks.
    public func reading() -> ClockReading<Instant> {
        state.withLock { ClockReading(wall: $0.wall, monotonic: $0.now) }
    }

    /// Lets time pass: both clocks go on.
    public func advance(by duration: Swift.Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let (seconds, attoseconds) = duration.components
            state.wall = state.wall + (seconds * 1000 + attoseconds / 1_000_000_000_000_000)
            return state.takeDue()
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Steps the wall clock, as an operator or a time server does; the monotonic clock does not notice.
    public func step(wall: Timestamp) {
        state.withLock { $0.wall = wall }
    }

    /// Sleeps until a test has moved the clock there.
    public func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        let id = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if deadline <= state.now { return .success(()) }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}

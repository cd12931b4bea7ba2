import Synchronization

/// Where a task waits for the replies of its batch: filled once, by the event loop or by the task's cancellation.
///
/// Cancelling ends the waiting only. The batch is sent and answered all the same, because a `PUBLISH` cannot be taken
/// back.
final class PendingReplies: Sendable {
    typealias Value = Result<[RedisReply], RedisError>

    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case filled(Value)
    }

    private let state = Mutex(State.empty)

    /// Gives the value; only the first one counts.
    func fill(_ value: Value) {
        let waiter: CheckedContinuation<Value, Never>? = state.withLock { state in
            switch state {
            case .empty:
                state = .filled(value)
                return nil
            case .waiting(let continuation):
                state = .filled(value)
                return continuation
            case .filled:
                return nil
            }
        }
        waiter?.resume(returning: value)
    }

    /// Waits for the value; to be called once.
    func value() async -> Value {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let value: Value? = state.withLock { state in
                    if case .filled(let value) = state { return value }
                    state = .waiting(continuation)
                    return nil
                }
                if let value { continuation.resume(returning: value) }
            }
        } onCancel: {
            fill(.failure(Self.cancelled))
        }
    }

    private static let cancelled = RedisError(
        code: .cancelled,
        message: "The task that waited for Redis was cancelled; its commands go on. Ask Redis what became of them.",
        mayHaveExecuted: true
    )
}

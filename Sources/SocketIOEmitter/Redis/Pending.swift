import Synchronization

/// Where a task waits for something: filled once, by whoever has it or by the task's cancellation.
///
/// Cancelling ends the waiting only. A batch is sent and answered all the same, because a `PUBLISH` cannot be taken
/// back.
final class Pending<Success: Sendable>: Sendable {
    typealias Value = Result<Success, RedisError>

    private enum State {
        case empty
        case waiting(CheckedContinuation<Value, Never>)
        case filled(Value)
    }

    private let cancelled: RedisError
    private let state = Mutex(State.empty)

    /// Begins empty.
    ///
    /// - Parameter cancelled: what a cancelled task is told.
    init(cancelled: RedisError) {
        self.cancelled = cancelled
    }

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

    /// Why there will be no success; nil as long as that is not known.
    var failure: RedisError? {
        state.withLock { state in
            if case .filled(.failure(let error)) = state { error } else { nil }
        }
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
            fill(.failure(cancelled))
        }
    }
}

/// Where a task waits for the replies of its batch.
typealias PendingReplies = Pending<[RedisReply]>

extension PendingReplies {
    /// A place for the replies of a batch that is on its way.
    convenience init() {
        self.init(cancelled: Self.cancelledOnTheWay)
    }

    private static var cancelledOnTheWay: RedisError {
        RedisError(
            code: .cancelled,
            message: "The task that waited for Redis was cancelled; its commands go on. Ask Redis what became of them.",
            mayHaveExecuted: true
        )
    }
}

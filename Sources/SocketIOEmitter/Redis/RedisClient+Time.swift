import NIOCore
import Synchronization

extension RedisClient {
    /// Lets a body work on a value until it returns or a time is over, by the monotonic clock of the event loop.
    ///
    /// - Parameters:
    ///   - time: how long.
    ///   - value: what the body works on.
    ///   - body: is cancelled when the time is over.
    /// - Returns: the value as it is then.
    /// - Throws: what the body throws before.
    func within<Value: Sendable>(
        _ time: Duration,
        _ value: Value,
        _ body: @escaping @Sendable (borrowing Mutex<Value>) async throws -> Void
    ) async throws -> Value {
        let state = Shared(value)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await body(state.value) }
            tasks.addTask { try? await self.sleep(for: time) }
            _ = try await tasks.next()
            tasks.cancelAll()
        }
        return state.value.withLock { $0 }
    }

    private final class Shared<Value: Sendable>: Sendable {
        let value: Mutex<Value>

        init(_ value: Value) {
            self.value = Mutex(value)
        }
    }

    /// Returns when a time is over; throws at once when its task is cancelled.
    func sleep(for time: Duration) async throws {
        let promise = eventLoop.makePromise(of: Void.self)
        let timer = eventLoop.scheduleTask(in: TimeAmount(time)) { promise.succeed(()) }
        try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            timer.cancel()
            promise.fail(CancellationError())
        }
    }
}

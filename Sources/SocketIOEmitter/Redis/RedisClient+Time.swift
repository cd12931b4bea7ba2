import NIOCore

extension RedisClient {
    /// Returns when a time is over, by the monotonic clock of the event loop; throws at once when its task is cancelled.
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

extension Duration {
    /// In whole milliseconds.
    var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

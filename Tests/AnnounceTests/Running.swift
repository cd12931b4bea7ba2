import Announce
import AnnounceTestKit

/// Runs a dispatcher while the body does, from when it is ready, and stops it.
func running(
    _ dispatcher: (@escaping @Sendable () -> Void) -> Dispatcher<ManualClock>,
    _ body: () async throws -> Void
) async throws {
    let (ready, signal) = AsyncStream.makeStream(of: Void.self)
    let dispatcher = dispatcher { signal.finish() }
    // Unstructured, because the body has to go on while it runs.
    let task = Task { try await dispatcher.run() }
    for await _ in ready {}
    do {
        try await body()
    } catch {
        task.cancel()
        throw error
    }
    task.cancel()
    try await task.value
}

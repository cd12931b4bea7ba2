import Announce
import ArgumentParser

/// Shows something again and again.
struct WatchOptions: ParsableArguments {
    @Flag(help: "Show it again whenever it changes, until Ctrl-C.")
    var watch = false

    /// So often it is shown although nobody has changed anything: time passes, and the dispatcher works.
    private static let interval = Duration.seconds(2)

    /// Shows something once, or again and again.
    func show(
        _ store: any AnnouncementStore,
        _ clock: SystemClock,
        _ body: @Sendable () async throws -> Void
    ) async throws {
        guard watch else { return try await body() }
        let (ticks, tick) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let changes = try await store.changes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in changes { tick.yield() }
            }
            group.addTask {
                while true {
                    try await clock.sleep(for: Self.interval)
                    tick.yield()
                }
            }
            Terminal.clear()
            try await body()
            for await _ in ticks {
                Terminal.clear()
                try await body()
            }
        }
    }
}

import Announce
import Glibc
import NIOCore
import NIOPosix
import Recurrence

/// The machine's clocks; made once, in the composition root.
struct SystemClock: WallClock {
    private let monotonic = ContinuousClock()
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.any()

    var now: ContinuousClock.Instant { monotonic.now }

    var minimumResolution: Duration { monotonic.minimumResolution }

    /// Sleeps by a timer that counts from when it is set.
    ///
    /// `Task.sleep` gives the kernel an absolute time, which never comes under a clock that a library has changed, such as
    /// libfaketime; SwiftNIO gives it a distance.
    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        while true {
            try Task.checkCancellation()
            let left = monotonic.now.duration(to: deadline)
            if left <= .zero { return }
            let promise = eventLoop.makePromise(of: Void.self)
            let timer = eventLoop.scheduleTask(in: TimeAmount(left)) { promise.succeed() }
            try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                timer.cancel()
                promise.fail(CancellationError())
            }
        }
    }

    func reading() -> ClockReading<ContinuousClock.Instant> {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let nanoseconds = Int64(time.tv_nsec)
        return ClockReading(
            wall: Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + nanoseconds / 1_000_000),
            fraction: .nanoseconds(nanoseconds % 1_000_000),
            monotonic: monotonic.now
        )
    }
}

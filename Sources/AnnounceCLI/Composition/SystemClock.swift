import Announce
import Glibc
import Recurrence

/// The machine's clocks; made once, in the composition root.
struct SystemClock: WallClock {
    private let monotonic = ContinuousClock()

    var now: ContinuousClock.Instant { monotonic.now }

    var minimumResolution: Duration { monotonic.minimumResolution }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try await monotonic.sleep(until: deadline, tolerance: tolerance)
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

import AnnounceTestKit
import Recurrence
import Testing

@testable import Announce

/// What is told when time does not pass as it should.
@Suite struct ClockWatchTests {
    private let clock = ManualClock(wall: .morning)

    private func reading(wall: Int64, monotonic: Duration) -> ClockReading<ManualClock.Instant> {
        ClockReading(wall: .morning + wall, monotonic: clock.now.advanced(by: monotonic))
    }

    @Test("Time that passes alike on both clocks is no event, nor is slewing")
    func alike() {
        var watch = ClockWatch<ManualClock>()
        #expect(watch.observe(reading(wall: 0, monotonic: .zero)) == nil)
        watch.sleeps(until: clock.now.advanced(by: .seconds(5)))
        #expect(watch.observe(reading(wall: 5_000, monotonic: .seconds(5))) == nil)
        #expect(watch.observe(reading(wall: 10_999, monotonic: .seconds(10))) == nil)
    }

    @Test("A step either way is told with its size", arguments: [3_600_000, -7_200_000, 1_000] as [Int64])
    func stepped(step: Int64) {
        var watch = ClockWatch<ManualClock>()
        _ = watch.observe(reading(wall: 0, monotonic: .zero))
        #expect(watch.observe(reading(wall: 100 + step, monotonic: .milliseconds(100))) == .stepped(by: step))
        #expect(watch.observe(reading(wall: 200 + step, monotonic: .milliseconds(200))) == nil)
    }

    @Test("A sleep that ended long after its end is told; work that took long is not")
    func stoodStill() {
        var watch = ClockWatch<ManualClock>()
        _ = watch.observe(reading(wall: 0, monotonic: .zero))
        watch.sleeps(until: clock.now.advanced(by: .seconds(5)))
        #expect(watch.observe(reading(wall: 65_000, monotonic: .seconds(65))) == .stoodStill(for: 60_000))
        #expect(watch.observe(reading(wall: 165_000, monotonic: .seconds(165))) == nil)
    }
}

import Announce
import AnnounceTestKit
import Recurrence
import Testing

@Suite struct LeaseWatchTests {
    private typealias Watch = LeaseWatch<ManualClock.Instant>
    private let clock = ManualClock(wall: .morning)

    private func lease(term: Int64 = 1, counter: Int64 = 0, holder: String? = "a") -> Lease {
        Lease(term: term, counter: counter, holder: holder, renewed: .morning)
    }

    @Test func `A free lease is taken at once`() {
        var watch = Watch(patience: .seconds(4))
        #expect(watch.observe(lease(holder: nil), at: clock.now) == .take)
    }

    @Test func `A holder that is known to be gone is not waited for`() {
        var watch = Watch(patience: .seconds(4))
        #expect(watch.observe(lease(), at: clock.now) { $0 == "a" } == .take)
    }

    @Test func `A counter that stands still for the whole patience loses the lease`() {
        var watch = Watch(patience: .seconds(4))
        let deadline = clock.now.advanced(by: .seconds(4))
        #expect(watch.observe(lease(), at: clock.now) == .wait(until: deadline))
        clock.advance(by: .milliseconds(3_999))
        #expect(watch.observe(lease(), at: clock.now) == .wait(until: deadline))
        clock.advance(by: .milliseconds(1))
        #expect(watch.observe(lease(), at: clock.now) == .take)
    }

    @Test("A counter or a term that moves begins the patience anew", arguments: [(1, 1), (2, 0)] as [(Int64, Int64)])
    func moving(term: Int64, counter: Int64) {
        var watch = Watch(patience: .seconds(4))
        _ = watch.observe(lease(), at: clock.now)
        clock.advance(by: .seconds(4))
        let verdict = watch.observe(lease(term: term, counter: counter), at: clock.now)
        #expect(verdict == .wait(until: clock.now.advanced(by: .seconds(4))))
    }

    @Test func `A stepped wall clock does not matter`() {
        var watch = Watch(patience: .seconds(4))
        _ = watch.observe(lease(), at: clock.now)
        clock.step(wall: .morning + 86_400_000)
        #expect(watch.observe(lease(), at: clock.now) != .take)
    }
}

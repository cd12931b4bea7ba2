import AnnounceTestKit
import Recurrence
import Testing

@testable import Announce

/// When old records are removed.
@Suite struct UpkeepTests {
    private let clock = ManualClock(wall: .morning)

    private func upkeep() -> Upkeep<ManualClock> {
        let upkeep = Upkeep<ManualClock>(at: clock.now)
        #expect(upkeep.step(at: clock.reading(), due: nil) == nil)
        clock.advance(by: .seconds(5))
        return upkeep
    }

    @Test("A step is taken while nothing is due soon, and waited with otherwise")
    func clearance() {
        let upkeep = upkeep()
        #expect(upkeep.step(at: clock.reading(), due: nil) == 500)
        #expect(upkeep.step(at: clock.reading(), due: clock.wall + 200) == 500)
        #expect(upkeep.step(at: clock.reading(), due: clock.wall + 199) == nil)
        #expect(upkeep.step(at: clock.reading(), due: clock.wall - 1) == nil)
    }

    @Test("Where something is due soon always, small steps are taken after a while, to the end of the look")
    func busy() {
        var upkeep = upkeep()
        clock.advance(by: .seconds(10))
        for _ in 1...50 {
            #expect(upkeep.step(at: clock.reading(), due: clock.wall + 10) == 100)
            upkeep.took(Pruned(deliveries: 100, announcements: 0, next: 7), at: clock.now)
            #expect(upkeep.step(at: clock.reading(), due: nil) == nil, "others get at the store")
            clock.advance(by: .milliseconds(50))
        }
        upkeep.took(Pruned(deliveries: 0, announcements: 0, next: nil), at: clock.now)
        clock.advance(by: .seconds(600))
        #expect(upkeep.step(at: clock.reading(), due: clock.wall + 10) == nil)
        #expect(upkeep.step(at: clock.reading(), due: clock.wall + 1_000) == 500)
    }

    @Test("A step that failed is taken again later, from the beginning")
    func failure() {
        var upkeep = upkeep()
        upkeep.took(Pruned(deliveries: 9, announcements: 0, next: 7), at: clock.now)
        #expect(upkeep.position == 7)
        upkeep.failed(at: clock.now)
        #expect(upkeep.position == nil)
        clock.advance(by: .seconds(599))
        #expect(upkeep.step(at: clock.reading(), due: nil) == nil)
        clock.advance(by: .seconds(1))
        #expect(upkeep.step(at: clock.reading(), due: nil) == 500)
    }
}

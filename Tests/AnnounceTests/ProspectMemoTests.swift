import AnnounceTestKit
import Recurrence
import Testing

@testable import Announce

/// What is remembered of plans while a burst goes out.
@Suite struct ProspectMemoTests {
    private static let loader = ZoneLoader.system(environment: [:])

    @Test("What is remembered is what would be found again, for each plan, notice and zone")
    func remembered() throws {
        let plans = try ["0 9 * * *", "0 9 1 6,12 *"].map {
            SharedPlan(Plan(rules: [.cron(try CronExpression($0))], timezone: "Z"))
        }
        // In winter their clocks show the same.
        let zones = [Zone.utc, try Self.loader.zone(named: "Europe/London")]
        let daily = NoticePlan(plans[0].plan, in: .utc, zones: Self.loader)
        let first = try #require(daily.first(after: .morning - 86_400_000))
        let second = try #require(daily.next(after: first))
        let memo = ProspectMemo()
        var following: Set<PlannedNotice> = []
        for _ in 0..<2 {
            for (plan, zone) in zones.flatMap({ zone in plans.map { ($0, zone) } }) {
                for planned in [first, second] {
                    let expected = NoticePlan(plan.plan, in: zone, zones: Self.loader).next(after: planned)
                    let found = memo.prospect(of: plan, at: planned, in: zone, zones: Self.loader, now: .morning)
                    #expect(found.next == expected && found.end == nil && !found.isBurst)
                    if let expected { following.insert(expected) }
                }
            }
        }
        // They do not all agree, so that to mix them up would be seen.
        #expect(following.count >= 4)
    }

    @Test("It is found once within a second, and anew after that")
    func lifetime() throws {
        let plan = SharedPlan(Plan(rules: [.cron(try CronExpression("0 9 * * *"))], timezone: "UTC"))
        let first = try #require(NoticePlan(plan.plan, in: .utc, zones: Self.loader).first(after: .morning))
        let memo = ProspectMemo()
        func prospect(at now: Timestamp) -> Prospect {
            memo.prospect(of: plan, at: first, in: .utc, zones: Self.loader, now: now)
        }
        let made = prospect(at: .morning)
        #expect(prospect(at: .morning + 1_000) === made)
        #expect(prospect(at: .morning + 1_001) !== made)
        let again = prospect(at: .morning + 1_002)
        #expect(prospect(at: .morning) !== again, "the clock was set back")
    }
}

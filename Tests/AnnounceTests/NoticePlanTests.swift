import Announce
import AnnounceTestKit
import Recurrence
import Testing

/// The notices of plans, compared with those that a slow enumeration finds.
@Suite struct NoticePlanTests {
    private static let loader = ZoneLoader.system(environment: [:])
    private static let zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]
    private static let crons = [
        "0 9 * * *", "30 2 * * *", "*/20 * * * *", "0 9 * * MON-FRI", "15 1,2,3 * * SUN", "0 0 L * *",
    ]
    private static let spans = ["1d", "1h", "15m", "5m", "90s", "1w", "2h", "36h"]

    private static func plan(_ random: inout SeededGenerator, _ zone: String) throws -> Plan {
        func span() throws -> TimeSpan { try TimeSpan(spans.randomElement(using: &random) ?? "1h") }
        var rules: [Rule] = []
        for _ in 0...Int.random(in: 0...1, using: &random) {
            switch Int.random(in: 0...2, using: &random) {
            case 0: rules.append(.cron(try CronExpression(crons.randomElement(using: &random) ?? crons[0])))
            case 1:
                let every = Int64.random(in: 1_800...200_000, using: &random) * 1000
                rules.append(.interval(try Interval(every: every, anchor: .morning)))
            default: rules.append(.instant(.morning + Int64.random(in: 0...400_000_000, using: &random)))
            }
        }
        var plan = Plan(rules: rules, timezone: zone)
        for _ in 0..<Int.random(in: 0...3, using: &random) { plan.leads.append(try span()) }
        if Bool.random(using: &random) { plan.length = try span() }
        if Int.random(in: 0...3, using: &random) == 0 {
            plan.count = Int.random(in: 1...6, using: &random)
            plan.start = .instant(.morning)
        }
        return plan
    }

    /// Every notice between two instants, found by listing all occurrences.
    private static func all(_ plan: Plan, _ zone: Zone, from: Timestamp, to: Timestamp) -> [Timestamp: Set<String>] {
        var found: [Timestamp: Set<String>] = [:]
        let reach: Int64 = 10 * 86_400_000
        for anchor in plan.schedule(in: zone, zones: loader).occurrences(after: from - reach) {
            if anchor > to + reach { break }
            var notices = plan.leads.map { ($0.subtracted(from: anchor, in: zone), "lead \($0.compactDescription)") }
            notices.append((anchor, "start"))
            if let length = plan.length { notices.append((length.added(to: anchor, in: zone), "end")) }
            for (at, phase) in notices where at > from && at <= to { found[at, default: []].insert(phase) }
        }
        return found
    }

    @Test(
        "Notices come in order, each once, and none is left out",
        arguments: [1, 2, UInt64.random(in: 0 ... .max)]
    )
    func chain(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for round in 0..<50 {
            let name = Self.zones.randomElement(using: &random) ?? "UTC"
            let zone = try Self.loader.zone(named: name)
            let plan = try Self.plan(&random, name)
            let notices = NoticePlan(plan, in: zone, zones: Self.loader)
            // From the first change of clocks after the morning on, as often as not.
            let around = Bool.random(using: &random) ? zone.nextTransition(after: .morning) ?? .morning : .morning
            let from = around - Int64.random(in: 0...200_000_000, using: &random)
            let to = from + 4 * 86_400_000
            let expected = Self.all(plan, zone, from: from, to: to)
            var last: Notice?
            var found: [Timestamp: Set<String>] = [:]
            var planned = notices.first(after: from)
            while let current = planned, current.notice.at <= to {
                let notice = current.notice
                #expect(notice.at > from)
                if let last { #expect(last.at <= notice.at, "seed \(seed), round \(round)") }
                found[notice.at, default: []].insert(notice.phase.rawValue)
                // The same zone plans the same notice again.
                #expect(notices.replanned(current)?.notice == notice, "seed \(seed), round \(round): \(plan)")
                last = notice
                planned = notices.next(after: current)
            }
            #expect(Set(found.keys) == Set(expected.keys), "seed \(seed), round \(round): \(plan)")
            // Of leads of one occurrence that fall on one instant, one is enough.
            for (at, phases) in found { #expect(phases.isSubset(of: expected[at] ?? [])) }
        }
    }

    @Test("A lead of a week to a time of the hour that is left out does not hide another one")
    func disorder() throws {
        let zone = try Self.loader.zone(named: "America/New_York")
        let anchor = try CivilDateTime("2027-03-21T03:00:13")
        let rules: [Rule] = [.cron(try CronExpression("15 1,2,3 * * SUN")), .wall(anchor)]
        let plan = Plan(rules: rules, timezone: "X", leads: [try TimeSpan("7d"), try TimeSpan("90s")])
        let notices = NoticePlan(plan, in: zone, zones: Self.loader)
        let from = zone.instants(of: try CivilDateTime("2027-03-14T03:00:00")).resolved - 1
        var planned = notices.first(after: from)
        var times: [String] = []
        while let current = planned, times.count < 4 {
            times.append("\(zone.civil(at: current.notice.at).time) \(current.notice.phase)")
            planned = notices.next(after: current)
        }
        #expect(times == ["03:00:00 start", "03:00:13 lead 7d", "03:13:30 lead 1m30s", "03:15:00 start"])
    }

    @Test("In the second pass of an overlap the first one is not planned again")
    func secondPass() throws {
        let zone = try Self.loader.zone(named: "America/New_York")
        let rules: [Rule] = [.cron(try CronExpression("*/20 * * * *")), .cron(try CronExpression("30 1 * * *"))]
        let notices = NoticePlan(Plan(rules: rules, timezone: "X"), in: zone, zones: Self.loader)
        let first = try #require(
            notices.first(from: try TimeExpression("2027-11-07T06:20:00Z").resolve(now: .min, in: .utc).at)
        )
        let planned = try #require(notices.next(after: first))
        #expect(zone.civil(at: planned.handled.at).time.description == "01:20:00")
        #expect(notices.replanned(planned) == planned)
    }

    @Test("A day before 09:00 is 09:00, across the change of clocks")
    func calendarDays() throws {
        let berlin = try Self.loader.zone(named: "Europe/Berlin")
        let plan = Plan(
            rules: [.wall(try CivilDateTime("2027-03-28T09:00:00"))],
            timezone: "Europe/Berlin",
            leads: [try TimeSpan("1d"), try TimeSpan("24h")]
        )
        let notices = NoticePlan(plan, in: berlin, zones: Self.loader)
        var planned = notices.first(from: .morning)
        var texts: [String] = []
        while let current = planned {
            texts.append("\(current.notice.phase) \(current.notice.at.rfc3339(in: berlin))")
            planned = notices.next(after: current)
        }
        #expect(
            texts == [
                "lead 24h 2027-03-27T08:00:00.000+01:00", "lead 1d 2027-03-27T09:00:00.000+01:00",
                "start 2027-03-28T09:00:00.000+02:00",
            ]
        )
    }

    @Test("New rules of a zone move what is to come to the same wall time, and repeat none")
    func replanned() throws {
        let (old, new) = (try Self.loader.zone(named: "Europe/Berlin"), try Self.loader.zone(named: "Asia/Tokyo"))
        let plan = Plan(rules: [.cron(try CronExpression("0 9 * * *"))], timezone: "X", leads: [try TimeSpan("15m")])
        let before = NoticePlan(plan, in: old, zones: Self.loader)
        let after = NoticePlan(plan, in: new, zones: Self.loader)
        // In Berlin it is 10:00 and in Tokyo 18:00 of the 1st; the next is the morning of the 2nd, in both.
        let first = try #require(before.first(from: .morning))
        #expect(first.notice.at.rfc3339(in: old) == "2026-12-02T08:45:00.000+01:00")
        let moved = try #require(after.replanned(first))
        #expect(moved.notice.at.rfc3339(in: new) == "2026-12-02T08:45:00.000+09:00")
        let start = try #require(after.next(after: moved))
        #expect(start.notice.at.rfc3339(in: new) == "2026-12-02T09:00:00.000+09:00")
        // The start of the 2nd is handled by the old rules, and the new ones go on with the 3rd although their 09:00 of the
        // 2nd is long over.
        let handled = try #require(before.next(after: first).flatMap(before.next(after:)))
        #expect(after.replanned(handled)?.notice.at.rfc3339(in: new) == "2026-12-03T08:45:00.000+09:00")
    }
}

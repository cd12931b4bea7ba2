import Announce
import AnnounceTestKit
import Payload
import Recurrence
import Testing

/// Two years of virtual time in every zone: what is due is judged and settled as the dispatcher does, and a checker that knows
/// every target accepts exactly one record for each.
@Suite struct TwoYearsTests {
    private static let loader = ZoneLoader.system(environment: [:])
    private static let start = Timestamp.morning
    private static let end = start + 731 * 86_400_000

    /// A schedule, and the targets that the rules of TIME.md give it, found day by day.
    private struct Scenario {
        let plan: Plan
        let targets: (Zone) -> [Timestamp]
    }

    private static func days(_ zone: Zone, at time: CivilTime, _ choose: (LocalInstants) -> Timestamp?) -> [Timestamp] {
        var found: [Timestamp] = []
        var day = zone.civil(at: start).date.adding(days: -1)
        while day <= zone.civil(at: end).date {
            if let at = choose(zone.instants(of: CivilDateTime(date: day, time: time))), at >= start, at <= end {
                found.append(at)
            }
            day = day.adding(days: 1)
        }
        return found
    }

    /// Cron: once at the end of a gap of up to three hours, the first time in an overlap.
    private static func cron(_ instants: LocalInstants) -> Timestamp? {
        switch instants {
        case .one(let at): at
        case .overlap(let first, _): first
        case .gap(let before, let after, let end): before - after > 3 * 3_600_000 ? nil : end
        }
    }

    private static func scenarios() throws -> [Scenario] {
        func time(_ hour: Int, _ minute: Int) throws -> CivilTime {
            try #require(CivilTime(hour: hour, minute: minute))
        }
        let (two, midnight) = (try time(2, 30), try time(0, 0))
        let rule = AnchoredRule(try RecurrenceRule("FREQ=DAILY"), start: try CivilDateTime("2026-11-01T02:30:00"))
        let interval = try Interval(every: 36 * 3_600_000, anchor: start + 1)
        return [
            Scenario(plan: Plan(rules: [.cron(try CronExpression("30 2 * * *"))], timezone: "Z")) {
                days($0, at: two, cron)
            },
            Scenario(plan: Plan(rules: [.cron(try CronExpression("@midnight"))], timezone: "Z")) {
                days($0, at: midnight, cron)
            },
            Scenario(plan: Plan(rules: [.recurrence(rule)], timezone: "Z")) { zone in
                days(zone, at: two) { instants in
                    if case .gap(let before, let after, _) = instants, before - after > 3 * 3_600_000 { return nil }
                    return instants.resolved
                }
            },
            Scenario(plan: Plan(rules: [.interval(interval)], timezone: "Z")) { _ in
                stride(from: start.milliseconds + 1, through: end.milliseconds, by: 36 * 3_600_000)
                    .map(Timestamp.init(milliseconds:))
            },
        ]
    }

    static let zones = loader.zoneNames()

    @Test(
        "Each target has one record, in order; without an outage all are published",
        arguments: [1, UInt64.random(in: 0 ... .max)]
    )
    func targets(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        #expect(Self.zones.count > 100)
        let scenarios = try Self.scenarios()
        for (index, name) in Self.zones.enumerated() {
            let zone = try Self.loader.zone(named: name)
            let scenario = scenarios[(index + Int(seed % 4)) % scenarios.count]
            let hasOutages = index.isMultiple(of: 3)
            let records = try Self.run(scenario.plan, in: zone, outages: hasOutages ? 12 : 0, &random)
            let targets = scenario.targets(zone)
            let nominal = records.map(\.occurrence.nominal).filter { $0 <= Self.end }
            let known = Set(targets)
            #expect(nominal == known.sorted(), "seed \(seed), \(name), \(scenario.plan.rules)")
            for record in records where record.outcome == .published {
                #expect(record.lateness >= 0 && record.lateness <= Judge.longestGrace, "seed \(seed), \(name)")
            }
            if !hasOutages { #expect(records.allSatisfy { $0.outcome == .published }, "seed \(seed), \(name)") }
        }
    }

    /// Judges and settles what falls due until the end, each a few seconds late, with outages of up to three days.
    private static func run(
        _ plan: Plan,
        in zone: Zone,
        outages: Int,
        _ random: inout SeededGenerator
    ) throws -> [Delivery] {
        let judge = Judge(zones: ZoneSource(zone: { _ in zone }, loader: loader))
        let notices = NoticePlan(plan, in: zone, zones: loader)
        var entry = notices.first(from: start).map { QueueEntry(announcement: 1, planned: $0, priority: 3) }
        var starts = (0..<outages).map { _ in start + Int64.random(in: 0...(731 * 86_400_000), using: &random) }
            .sorted()
        var now = start
        var records: [Delivery] = []
        while let current = entry, current.due <= end {
            now = max(now, current.due + Int64.random(in: 0...3_000, using: &random))
            if let outage = starts.first, outage <= now {
                starts.removeFirst()
                now = now + Int64.random(in: 0...(3 * 86_400_000), using: &random)
            }
            let due = DueOccurrence(
                entry: current,
                data: EventData(event: "e", arguments: []),
                target: Target(audience: .everyone),
                allowUnheard: false,
                plan: plan
            )
            let settlement: Settlement
            switch judge.judge(due, at: now) {
            case .settle(let settled): settlement = settled
            case .send(let approved): settlement = judge.settle(approved, .taken(receivers: 1), at: now, using: &random)
            }
            records += settlement.deliveries
            entry = settlement.queued.first
        }
        return records
    }
}

import Foundation
import Recurrence
import Testing

struct ScheduleTests {
    @Test func `an interval counts from its anchor, however far ahead one asks`() throws {
        let anchor = try instant("2026-01-01T00:00:00Z")
        let interval = try Interval(every: 900_000, anchor: anchor)
        #expect(interval.next(after: anchor - 1) == anchor)
        #expect(interval.next(after: .min) == anchor)
        #expect(interval.next(after: anchor) == anchor + 900_000)
        #expect(interval.next(after: anchor + 899_999) == anchor + 900_000)
        #expect(interval.next(after: try instant("9000-01-01T00:07:00Z")) == (try instant("9000-01-01T00:15:00Z")))
        #expect(interval.next(after: .max) == nil)
        #expect(interval.next(after: .max - 1) == nil)
        #expect(try Interval(every: .max, anchor: anchor).next(after: anchor) == nil)
        #expect(throws: TimeExpressionError.self) { try Interval(every: 999, anchor: anchor) }
    }

    @Test(
        arguments: [
            ("15m", 900_000), ("36h", 129_600_000), ("1d", 86_400_000), ("1w", 604_800_000), ("1s", 1000),
            ("P1DT1S", 86_401_000),
        ] as [(String, Int64)]
    )
    func `an interval's length is elapsed time`(text: String, milliseconds: Int64) throws {
        #expect(try Interval.parse(text) == milliseconds)
    }

    @Test(arguments: [
        ("1mo", TimeExpressionError.Code.notElapsed, "Use days"), ("1y 1d", .notElapsed, "Use days"),
        ("999ms", .tooShort, "1s or more"),
        ("0s", .tooShort, "1s or more"), ("day", .malformed, "10m"),
    ])
    func `an interval that cannot be kept is refused`(text: String, code: TimeExpressionError.Code, advice: String) {
        #expect { try Interval.parse(text) } throws: { error in
            (error as? TimeExpressionError)?.code == code && "\(error)".contains(advice)
        }
    }

    @Test func `what is excluded is leapt over, however often the rules name it`() throws {
        let berlin = try zone("Europe/Berlin")
        let start = try instant("2026-12-24T12:00:00Z")
        let everySecond = Rule.interval(try Interval(every: 1000, anchor: start))
        let days = (24...31).compactMap { CivilDate(year: 2026, month: 12, day: $0) }.map(Exclusion.day)
        let schedule = Schedule(rules: [everySecond], zone: berlin, exclusions: days)
        #expect(schedule.next(after: start) == (try instant("2026-12-31T23:00:00Z")))
        #expect(schedule.searchLimit(after: start) == nil)

        let text =
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101T000000Z\nDTEND:20260401T000000Z\n"
            + "END:VEVENT\nEND:VCALENDAR\n"
        let source = try CalendarSource(name: "closed.ics", text: text)
        let closed = Schedule(
            rules: [.interval(try Interval(every: 1000, anchor: .min))],
            zone: berlin,
            exclusions: [.calendar(source)]
        )
        #expect(closed.next(after: try instant("2026-01-01T00:00:00Z")) == (try instant("2026-04-01T00:00:00Z")))
    }

    @Test func `an excluded day ends with its clocks, also where they are set back at midnight`() throws {
        // In Havana 01:00 became 00:00 on 1 November 2026: the first hour of the day is shown twice.
        let havana = try zone("America/Havana")
        let rule = Rule.interval(try Interval(every: 600_000, anchor: try instant("2026-11-01T03:00:00Z")))
        let day = try #require(CivilDate(year: 2026, month: 11, day: 1))
        let schedule = Schedule(rules: [rule], zone: havana, exclusions: [.day(day)])
        for occurrence in schedule.occurrences(after: .min).prefix(200) {
            #expect(havana.civil(at: occurrence).date != day)
        }
        let all = Schedule(rules: [rule], zone: havana).occurrences(after: .min).prefix(200)
        let kept = all.filter { havana.civil(at: $0).date != day }
        #expect(Array(schedule.occurrences(after: .min).prefix(kept.count)) == kept)
    }

    @Test func `a search that meets nothing but what is excluded ends and says so`() throws {
        let text =
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY\n"
            + "END:VEVENT\nEND:VCALENDAR\n"
        let source = try CalendarSource(name: "always.ics", text: text)
        let schedule = Schedule(
            rules: [.cron(try CronExpression("0 9 * * *"))],
            zone: .utc,
            exclusions: [.calendar(source)]
        )
        let now = try instant("2026-03-01T00:00:00Z")
        #expect(schedule.next(after: now) == nil)
        let last = try #require(schedule.searchLimit(after: now))
        #expect(last > (try instant("2290-01-01T00:00:00Z")))
        // Where nothing is left to look at, there is no such limit.
        let once = Schedule(rules: [.instant(now)], zone: .utc, exclusions: [.instant(now)])
        #expect(once.next(after: .min) == nil && once.searchLimit(after: .min) == nil)
    }

    @Test func `an interval does not feel daylight saving`() throws {
        let newYork = try zone("America/New_York")
        let interval = try Interval(every: 1_800_000, anchor: try instant("2026-11-01T00:30:00-04:00"))
        let schedule = Schedule(rules: [.interval(interval)], zone: newYork)
        let clock = schedule.occurrences(after: interval.anchor - 1).prefix(6).map {
            newYork.civil(at: $0).time.description
        }
        #expect(clock == ["00:30:00", "01:00:00", "01:30:00", "01:00:00", "01:30:00", "02:00:00"])
    }

    @Test func `an interval's occurrences in an overlap are noted, and no other`() throws {
        let hourly = try Interval(every: 3_600_000, anchor: try instant("2027-10-30T23:00:00Z"))
        let schedule = Schedule(rules: [.interval(hourly)], zone: try zone("Europe/Berlin"))
        let marks = (0..<4).map { schedule.mark(of: hourly.anchor + $0 * 3_600_000, after: nil) }
        #expect(marks == [nil, .doubled(secondPass: false), .doubled(secondPass: true), nil])
        #expect(schedule.mark(of: hourly.anchor + 3_600_001, after: nil) == nil)
    }

    @Test func `rules are united and a shared instant comes once`() throws {
        let anchor = try instant("2026-03-01T12:00:00Z")
        let schedule = Schedule(
            rules: [
                .instant(try instant("2026-03-01T15:00:00Z")), .wall(try CivilDateTime("2026-03-01T10:00:00")),
                .instant(anchor + 3_600_000), .interval(try Interval(every: 7_200_000, anchor: anchor)),
            ],
            zone: try zone("America/New_York")
        )
        let hours = schedule.occurrences(after: .min).prefix(5).map { ($0 - anchor) / 3_600_000 }
        #expect(hours == [0, 1, 2, 3, 4])
    }

    @Test func `a one-shot is over after its instant`() throws {
        let once = try instant("2026-03-01T12:00:00Z")
        let schedule = Schedule(rules: [.instant(once)], zone: .utc)
        #expect(Array(schedule.occurrences(after: once - 1)) == [once])
        #expect(schedule.next(after: once) == nil)
        #expect(Schedule(rules: [], zone: .utc).next(after: .min) == nil)
    }

    @Test func `a shifted wall time is noted and no other`() throws {
        let wall = Rule.wall(try CivilDateTime("2026-03-08T02:30:00"))
        let plain = Rule.wall(try CivilDateTime("2026-03-09T02:30:00"))
        let schedule = Schedule(rules: [plain, wall], zone: try zone("America/New_York"))
        let occurrences = Array(schedule.occurrences(after: .min))
        #expect(occurrences == [try instant("2026-03-08T03:30:00-04:00"), try instant("2026-03-09T02:30:00-04:00")])
        #expect(occurrences.map { schedule.mark(of: $0, after: nil) } == [.shifted, nil])
        #expect(schedule.mark(of: .min, after: nil) == nil)
    }
}

/// The invariants that hold for every schedule.
struct SchedulePropertyTests {
    private static let zones = [
        "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "Africa/Casablanca", "Pacific/Apia",
        "Europe/Dublin", "UTC",
    ]

    /// A random schedule near the changes of a random zone, from 2000 to 2040.
    private static func schedule(_ random: inout SeededGenerator) throws -> Schedule {
        let zone = try zone(zones[Int.random(in: 0..<zones.count, using: &random)])
        let rules = try (0..<Int.random(in: 1...6, using: &random)).map { _ in
            let moment = nearChange(of: zone, &random)
            switch Int.random(in: 0...2, using: &random) {
            case 0: return Rule.instant(moment)
            case 1:
                let distance = Int64.random(in: -10_800_000...10_800_000, using: &random)
                return .wall(zone.civil(at: moment + distance))
            default:
                return .interval(
                    try Interval(every: Int64.random(in: 1000...90_000_000, using: &random), anchor: moment)
                )
            }
        }
        return Schedule(rules: rules, zone: zone)
    }

    private static func nearChange(of zone: Zone, _ random: inout SeededGenerator) -> Timestamp {
        let start = Timestamp(seconds: Int64.random(in: 946_684_800...2_208_988_800, using: &random))
        return (zone.nextTransition(after: start) ?? start) + Int64.random(in: -7_200_000...7_200_000, using: &random)
    }

    @Test(arguments: seeds)
    func `the next occurrence is later, and the same for every instant before it`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let schedule = try Self.schedule(&random)
            let start = Self.nearChange(of: schedule.zone, &random)
            guard let next = schedule.next(after: start) else { continue }
            #expect(next > start)
            for _ in 0..<8 {
                let between = start + Int64.random(in: 0..<(next - start), using: &random)
                #expect(schedule.next(after: between) == next, "seed \(seed), from \(start)")
            }
            #expect(schedule.next(after: next - 1) == next)
        }
    }

    @Test(arguments: seeds)
    func `occurrences strictly increase and belong to a rule`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let schedule = try Self.schedule(&random)
            var last = Self.nearChange(of: schedule.zone, &random)
            for occurrence in schedule.occurrences(after: last).prefix(20) {
                #expect(occurrence > last, "seed \(seed)")
                let isOwn = schedule.rules.contains { rule in
                    switch rule {
                    case .instant(let only): only == occurrence
                    case .wall(let wall): schedule.zone.instants(of: wall).resolved == occurrence
                    case .interval(let interval):
                        occurrence >= interval.anchor && (occurrence - interval.anchor) % interval.every == 0
                    case .cron(let expression):
                        expression.next(after: occurrence - 1, in: schedule.zone) == occurrence
                    case .recurrence(let rule):
                        rule.next(after: occurrence - 1, in: schedule.zone) == occurrence
                    }
                }
                #expect(isOwn, "seed \(seed)")
                last = occurrence
            }
        }
    }

    @Test(arguments: seeds)
    func `a wall time maps back to itself unless it lies in a gap`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let zone = try zone(Self.zones[Int.random(in: 0..<Self.zones.count, using: &random)])
            let moment = Self.nearChange(of: zone, &random)
            let shown = zone.civil(at: moment)
            switch zone.instants(of: shown) {
            case .one(let only): #expect(only == moment, "seed \(seed)")
            case .overlap(let first, let second): #expect(first == moment || second == moment, "seed \(seed)")
            case .gap: Issue.record("seed \(seed): \(zone) shows \(shown) at \(moment)")
            }
            let wall = CivilDateTime(
                localMilliseconds: shown.localMilliseconds + Int64.random(in: -5_000_000...5_000_000, using: &random)
            )
            if case .gap(let before, let after, let end) = zone.instants(of: wall) {
                #expect(after < end && end <= before, "seed \(seed)")
                #expect(zone.civil(at: before) > wall && zone.civil(at: after) < wall, "seed \(seed)")
            } else {
                #expect(zone.civil(at: zone.instants(of: wall).resolved) == wall, "seed \(seed)")
            }
        }
    }

    @Test func `the answer does not depend on the host's zone or locale`() async {
        // In a process of its own, because the environment belongs to the whole process.
        await #expect(processExitsWith: .success) {
            let newYork = try fixtureZones.zone(named: "America/New_York")
            let now = Timestamp(seconds: 1_772_971_200)
            var answers: Set<String> = []
            for (host, locale) in [("UTC", "C"), ("Asia/Tokyo", "de_DE.UTF-8"), ("America/Los_Angeles", "ar_EG.UTF-8")]
            {
                setenv("TZ", host, 1)
                setenv("LC_ALL", locale, 1)
                tzset()
                setlocale(LC_ALL, "")
                let resolved = try TimeExpression("friday 5:45 PM").resolve(now: now, in: newYork)
                answers.insert(
                    "\(resolved) \(describe(resolved.at, in: newYork)) \(distance(from: now, to: resolved.at))"
                )
            }
            guard answers.count == 1 else { exit(1) }
        }
    }
}

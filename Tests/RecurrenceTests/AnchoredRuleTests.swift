import Foundation
import Testing

@testable import Recurrence

struct AnchoredRuleTests {
    private func rule(_ text: String, _ start: String) throws -> AnchoredRule {
        AnchoredRule(try RecurrenceRule(text), start: try CivilDateTime(start))
    }

    private func walls(_ rule: AnchoredRule, _ name: String, _ most: Int = 4) throws -> [String] {
        let zone = try zone(name)
        return rule.occurrences(after: .min, in: zone).prefix(most).map { zone.civil(at: $0).description }
    }

    @Test(arguments: [
        // The examples of RFC 5545 §3.8.5.3 that are most easily read wrongly.
        ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19 09:00", "1997-05-19,1998-05-18,1999-05-17"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12 09:00", "1997-05-12,1998-05-11,1999-05-17"),
        ("FREQ=YEARLY;BYWEEKNO=20", "1997-05-12 09:00", "1997-05-12,1998-05-11,1999-05-17"),
        (
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05 09:00",
            "1996-11-05,2000-11-07,2004-11-02"
        ),
        ("FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3;COUNT=3", "1997-09-04 09:00", "1997-09-04,1997-10-07,1997-11-06"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29 09:00", "1997-09-29,1997-10-30,1997-11-27"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=3", "2007-01-15 09:00", "2007-01-15,2007-01-30,2007-02-15"),
        ("FREQ=YEARLY;INTERVAL=3;COUNT=3;BYYEARDAY=1,100,200", "1997-01-01 09:00", "1997-01-01,1997-04-10,1997-07-19"),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28 09:00", "1997-09-28,1997-10-29,1997-11-28"),
        // DTSTART that does not match is not an occurrence, and a plain weekday unites with a numbered one.
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02 09:00", "1998-02-13,1998-03-13,1998-11-13"),
        ("FREQ=MONTHLY;BYDAY=MO,2WE", "2026-01-12 09:00", "2026-01-12,2026-01-14,2026-01-19"),
        // The first week's set of BYSETPOS begins before DTSTART.
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2", "2026-01-08 09:00", "2026-01-14,2026-01-21,2026-01-28"),
        ("FREQ=YEARLY;UNTIL=19990514", "1997-05-14 09:00", "1997-05-14,1998-05-14,1999-05-14"),
    ])
    func `a rule occurs on these days first`(text: String, start: String, expected: String) throws {
        let days = try walls(try rule(text, start), "UTC", 3).map { String($0.prefix(10)) }
        #expect(days.joined(separator: ",") == expected)
    }

    @Test(arguments: [
        ("FREQ=DAILY;UNTIL=20260310T013000Z", 2), ("FREQ=DAILY;UNTIL=20260310T062959Z", 2),
        ("FREQ=DAILY;UNTIL=20260310T063000Z", 3), ("FREQ=DAILY;UNTIL=20260310T023000", 3),
        ("FREQ=DAILY;UNTIL=20260310T022959", 2), ("FREQ=DAILY;UNTIL=20260310", 3), ("FREQ=DAILY;UNTIL=20260308", 1),
        ("FREQ=DAILY;UNTIL=20260307", 0), ("FREQ=DAILY;UNTIL=20260308T023000", 1),
        ("FREQ=DAILY;UNTIL=20260308T072959Z", 0),
    ])
    func `UNTIL is included, and a day means its end`(text: String, count: Int) throws {
        // 02:30 on the 8th becomes 03:30 in New York, which is 07:30 in UTC.
        let rule = try rule(text, "2026-03-08 02:30")
        let found = Array(rule.occurrences(after: .min, in: try zone("America/New_York")).prefix(10))
        #expect(found.count == count)
    }

    @Test func `a shifted occurrence takes its place in the order, and one instant comes once`() throws {
        let two = try rule("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,15,45", "2026-03-08 00:00")
        let times = try walls(two, "America/New_York", 4).map { String($0.suffix(14)) }
        #expect(times == ["08T03:00:00", "08T03:15:00", "08T03:45:00", "09T02:00:00"].map { "03-" + $0 })
        let crossed = try rule("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=10,50;BYSETPOS=2,3;COUNT=3", "2026-03-08 00:00")
        #expect(
            try walls(crossed, "America/New_York").map { String($0.suffix(11)) } == [
                "08T03:10:00", "08T03:50:00", "09T02:50:00",
            ]
        )
    }

    @Test(arguments: [
        ("FREQ=HOURLY", "2025-11-02 00:30", "America/New_York", ["00:30", "01:30", "01:30", "02:30"]),
        ("FREQ=HOURLY", "2025-10-05 00:15", "Australia/Lord_Howe", ["00:15", "01:15", "02:45", "03:45"]),
        ("FREQ=HOURLY;BYMINUTE=0,30", "2025-10-05 01:00", "Australia/Lord_Howe", ["01:00", "01:30", "02:30", "03:00"]),
        ("FREQ=HOURLY;BYHOUR=2", "2026-03-07 02:30", "America/New_York", ["02:30", "02:30", "02:30", "02:30"]),
        ("FREQ=HOURLY;INTERVAL=24", "2026-03-07 02:30", "America/New_York", ["02:30", "03:30", "03:30", "03:30"]),
        (
            "FREQ=MINUTELY;INTERVAL=40;BYHOUR=1", "2025-11-02 00:00", "America/New_York",
            ["01:20", "01:00", "01:40", "01:00"]
        ),
        (
            "FREQ=MINUTELY;BYSECOND=10,20;BYSETPOS=-1", "2026-01-01 00:00:15", "UTC",
            ["00:00:20", "00:01:20", "00:02:20", "00:03:20"]
        ),
        ("FREQ=HOURLY;BYYEARDAY=-1;BYHOUR=23", "2026-01-01 00:05", "UTC", ["23:05", "23:05", "23:05", "23:05"]),
    ])
    func `hours, minutes and seconds elapse`(text: String, start: String, name: String, expected: [String]) throws {
        let times = try walls(try rule(text, start), name).map { wall in
            let time = wall.suffix(8)
            return String(time.hasSuffix(":00") ? time.dropLast(3) : time)
        }
        #expect(times == expected)
    }

    @Test func `what lies in a jump of a day does not exist and is not counted`() throws {
        let daily = try rule("FREQ=DAILY;COUNT=3", "2011-12-29 09:00")
        #expect(
            try walls(daily, "Pacific/Apia") == ["2011-12-29T09:00:00", "2011-12-31T09:00:00", "2012-01-01T09:00:00"]
        )
        #expect(
            try walls(try rule("FREQ=DAILY;COUNT=1", "2011-12-30 09:00"), "Pacific/Apia") == ["2011-12-31T09:00:00"]
        )
        let apia = try zone("Pacific/Apia")
        let first = try instant("2011-12-29T09:00:00-10:00")
        let second = try instant("2011-12-31T09:00:00+14:00")
        #expect(daily.mark(of: second, after: first, in: apia) == .dropped([try CivilDateTime("2011-12-30 09:00")]))
        #expect(daily.mark(of: second, after: nil, in: apia) == nil)
        #expect(daily.mark(of: first, after: nil, in: apia) == nil)
    }

    @Test func `marks tell what daylight saving does`() throws {
        let newYork = try zone("America/New_York")
        let spring = try rule("FREQ=DAILY", "2026-03-07 02:30")
        #expect(spring.mark(of: try instant("2026-03-08T03:30:00-04:00"), after: nil, in: newYork) == .shifted)
        #expect(spring.mark(of: try instant("2026-03-09T02:30:00-04:00"), after: nil, in: newYork) == nil)
        let autumn = try rule("FREQ=DAILY", "2026-10-31 01:30")
        let first = try instant("2026-11-01T01:30:00-04:00")
        #expect(autumn.mark(of: first, after: nil, in: newYork) == .doubled(secondPass: false))
        let hourly = try rule("FREQ=HOURLY", "2026-10-31 01:30")
        #expect(hourly.mark(of: first, after: nil, in: newYork) == .doubled(secondPass: false))
        #expect(hourly.mark(of: first + 3_600_000, after: first, in: newYork) == .doubled(secondPass: true))
        let before = try instant("2026-03-08T01:30:00-05:00")
        #expect(hourly.mark(of: before + 3_600_000, after: before, in: newYork) == nil)
        let limited = try rule("FREQ=HOURLY;BYHOUR=2", "2026-03-07 02:30")
        let days = Array(limited.occurrences(after: .min, in: newYork).prefix(2))
        #expect(
            limited.mark(of: days[1], after: days[0], in: newYork) == .dropped([try CivilDateTime("2026-03-08 02:30")])
        )
    }

    @Test func `a re-plan goes on after the last wall time`() throws {
        let daily = try rule("FREQ=DAILY", "2026-03-01 02:30")
        let newYork = try zone("America/New_York")
        let after = { (text: String) in
            try daily.next(afterWall: CivilDateTime(text), in: newYork)?.rfc3339(in: newYork).prefix(16)
        }
        #expect(try after("2026-03-07 02:30") == "2026-03-08T03:30")
        #expect(try after("2026-03-08 02:30") == "2026-03-09T02:30")
        #expect(try after("2026-03-08 03:30") == "2026-03-09T02:30")
        #expect(try after("2026-02-01 00:00") == "2026-03-01T02:30")
        #expect(try after("2026-11-01 01:30") == "2026-11-01T02:30")
        #expect(try after("9999-12-31 02:30") == nil)
        let hourly = try rule("FREQ=HOURLY", "2026-11-01 00:30")
        #expect(hourly.followsElapsedTime && !daily.followsElapsedTime)
        let next = hourly.next(afterWall: try CivilDateTime("2026-11-01 01:30"), in: newYork)
        #expect(next == (try instant("2026-11-01T02:30:00-05:00")))
        let apia = try rule("FREQ=DAILY", "2011-12-01 09:00")
        let samoa = try zone("Pacific/Apia")
        let skipped = apia.next(afterWall: try CivilDateTime("2011-12-29 09:00"), in: samoa)
        #expect(skipped == (try instant("2011-12-31T09:00:00+14:00")))
    }

    @Test(arguments: [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;INTERVAL=2",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=5", "FREQ=MINUTELY;INTERVAL=60;BYMINUTE=30",
        "FREQ=SECONDLY;INTERVAL=60;BYSECOND=30",
        "FREQ=HOURLY;INTERVAL=168;BYDAY=TU", "FREQ=SECONDLY;BYMONTH=4;BYMONTHDAY=31", "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2;BYMONTH=3", "FREQ=YEARLY;BYWEEKNO=20;BYMONTH=1",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
        "FREQ=HOURLY;BYMINUTE=0;BYSETPOS=2", "FREQ=DAILY;BYHOUR=9;BYSETPOS=-2",
        "FREQ=YEARLY;INTERVAL=400;BYMONTHDAY=29;BYMONTH=2",
        "FREQ=SECONDLY;INTERVAL=604801;BYDAY=MO;BYHOUR=0;BYMINUTE=0;BYSECOND=0", "FREQ=DAILY;UNTIL=20200101",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTH=2;BYSETPOS=1",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33,35,37,39,41,43,45,47,49",
        "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=9;BYMINUTE=1", "FREQ=HOURLY;INTERVAL=24;BYHOUR=9;BYMONTH=2;BYMONTHDAY=30",
    ])
    func `a rule that never comes ends its search`(text: String) throws {
        let rule = try rule(text, "2025-01-06 09:00")
        for name in ["UTC", "America/New_York"] { #expect(rule.next(after: .min, in: try zone(name)) == nil) }
    }

    @Test func `an offset of the past does not make a rule come that never does`() throws {
        // Local mean time of Lord Howe was 36 minutes and 20 seconds past the hour.
        let rule = try rule("FREQ=SECONDLY;INTERVAL=33;BYSECOND=4,15", "2010-04-08 10:24:38")
        #expect(rule.next(after: .min, in: try zone("Australia/Lord_Howe")) == nil)
        // Its daylight saving of half an hour does, where the grid meets the minute only then.
        let half = try self.rule("FREQ=MINUTELY;INTERVAL=60;BYMINUTE=30", "2026-07-01 09:00")
        let next = try #require(half.next(after: .min, in: try zone("Australia/Lord_Howe")))
        #expect(next == (try instant("2026-10-04T02:30:00+11:00")))
    }

    @Test func `a grid of elapsed time is followed to the occurrence that it all but never meets`() throws {
        // 86,399 s lose a second a day: 237 years to the same second again, and some rounds to a Monday.
        let rule = try rule(
            "FREQ=SECONDLY;INTERVAL=86399;BYHOUR=9;BYMINUTE=0;BYSECOND=0;BYDAY=MO",
            "2026-01-01 09:00"
        )
        let first = try #require(rule.next(after: .min, in: .utc))
        let grid = (first - (try instant("2026-01-01T09:00:00Z"))) / 1000
        #expect(grid % 86_399 == 0)
        let wall = Zone.utc.civil(at: first)
        #expect(wall.time == CivilTime(hour: 9, minute: 0) && wall.date.weekday == .monday)
        // Every earlier meeting of grid and clock, one each 86,400 periods, is on another day.
        var earlier = try instant("2026-01-01T09:00:00Z")
        while earlier < first {
            #expect(Zone.utc.civil(at: earlier).date.weekday != .monday)
            earlier = earlier + 86_399 * 86_400 * 1000
        }
        #expect(earlier == first)
    }

    @Test func `the ends of the calendar do no harm`() throws {
        for text in [
            "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,SU", "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=HOURLY",
            "FREQ=SECONDLY;BYHOUR=23",
            "FREQ=DAILY;INTERVAL=1000000000", "FREQ=WEEKLY;INTERVAL=1000000000;COUNT=1000000",
            "FREQ=YEARLY;INTERVAL=1000000000;BYDAY=MO;BYSETPOS=-1", "FREQ=HOURLY;INTERVAL=1000000000;COUNT=1000000",
            "FREQ=MONTHLY;BYDAY=-1SU;BYSETPOS=1", "FREQ=WEEKLY;BYDAY=SU,MO;BYSETPOS=-1", "FREQ=DAILY;UNTIL=99991231",
        ] {
            for start in ["0001-01-01 00:00", "9999-12-31 23:59:59.999", "9999-12-01 00:00", "2026-01-01 00:00"] {
                let rule = try rule(text, start)
                for zone in [Zone.utc, try zone("Pacific/Apia"), try zone("America/New_York")] {
                    for moment in [Timestamp.min, .max, .max - 1, .max - 86_400_000, Timestamp(seconds: 0)] {
                        if let next = rule.next(after: moment, in: zone) { #expect(next > moment) }
                        if let next = ZonedRule(rule, in: zone).next(after: moment) { #expect(next > moment) }
                        _ = rule.next(afterWall: zone.civil(at: moment), in: zone)
                        _ = rule.mark(of: moment, after: moment - 1_000_000, in: zone)
                    }
                }
            }
        }
    }

    @Test func `milliseconds of the start are those of every occurrence`() throws {
        for text in ["FREQ=DAILY", "FREQ=HOURLY", "FREQ=SECONDLY;BYSECOND=5"] {
            let rule = try rule(text, "2026-03-07 02:30:05.250")
            var at = Timestamp.min
            for _ in 0..<5 {
                let next = try #require(rule.next(after: at, in: try zone("America/New_York")))
                #expect(next.milliseconds % 1000 == 250)
                #expect(next > at)
                #expect(rule.next(after: next - 1, in: try zone("America/New_York")) == next)
                at = next
            }
        }
    }

    @Test func `rules are equal by what they say`() throws {
        let one = try rule("FREQ=WEEKLY;BYDAY=MO,FR", "2026-01-01 09:00")
        let same = try rule("BYDAY=FR,MO;FREQ=WEEKLY;INTERVAL=1", "2026-01-01 09:00")
        #expect(one == same && one.hashValue == same.hashValue)
        #expect(one != (try rule("FREQ=WEEKLY;BYDAY=MO,FR", "2026-01-02 09:00")))
        #expect("\(one)" == "DTSTART:20260101T090000 RRULE:FREQ=WEEKLY;BYDAY=MO,FR")
    }

    /// Every zone of the system, where there are any, and of the fixtures.
    @Test func `the sequence grows in every zone`() throws {
        let system = ZoneLoader(folders: ZoneLoader.usualFolders)
        var zones = try fixtureZones.zoneNames().map(zone)
        for name in system.zoneNames() { if let zone = try? system.zone(named: name) { zones.append(zone) } }
        let rules = try [
            rule("FREQ=DAILY;BYHOUR=0,1,2,3,23;BYMINUTE=0,30,59", "2004-01-01 00:00"),
            rule("FREQ=HOURLY;BYMINUTE=0,20", "2004-01-01 00:10"),
            rule("FREQ=MONTHLY;BYDAY=-1SU,2SU;BYHOUR=1,2", "2004-01-01 00:30"),
        ]
        for zone in zones {
            for rule in rules {
                var change: Timestamp? = Timestamp(seconds: 1_262_304_000)
                for _ in 0..<6 {
                    change = change.flatMap(zone.nextTransition(after:))
                    guard let change else { break }
                    var at = change - 4 * 3_600_000
                    for _ in 0..<20 {
                        guard let next = rule.next(after: at, in: zone) else { break }
                        if next <= at || rule.next(after: next - 1, in: zone) != next {
                            Issue.record("\(rule) in \(zone) at \(at): \(next)")
                        }
                        at = next
                    }
                }
            }
        }
    }
}

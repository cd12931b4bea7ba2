import Announce
import AnnounceTestKit
import Recurrence
import Testing

struct TemplateTimeTests {
    @Test(
        arguments: [
            (0, "now"), (-1, "now"), (-86_400_000, "now"), (499, "now"), (500, "1 second"), (1_499, "1 second"),
            (1_500, "2 seconds"), (59_499, "59 seconds"), (59_500, "1 minute"), (59_995, "1 minute"),
            (60_000, "1 minute"), (64_999, "1 minute"), (65_000, "1 minute 10 seconds"),
            (90_000, "1 minute 30 seconds"), (85_100, "1 minute 30 seconds"), (100_000, "1 minute 40 seconds"),
            (115_001, "2 minutes"), (294_999, "4 minutes 50 seconds"), (295_000, "5 minutes"),
            (299_990, "5 minutes"), (329_999, "5 minutes"), (330_000, "6 minutes"),
            (895_000, "15 minutes"), (899_993, "15 minutes"), (900_000, "15 minutes"), (929_999, "15 minutes"),
            (3_569_999, "59 minutes"), (3_570_000, "1 hour"), (3_600_000, "1 hour"), (3_630_000, "1 hour 1 minute"),
            (7_500_000, "2 hours 5 minutes"), (7_499_995, "2 hours 5 minutes"), (7_200_000, "2 hours"),
            (86_369_999, "23 hours 59 minutes"), (86_370_000, "1 day"), (86_399_995, "1 day"), (86_400_000, "1 day"),
            (88_199_999, "1 day"), (88_200_000, "1 day 1 hour"), (93_600_000, "1 day 2 hours"),
            (172_799_990, "2 days"), (171_000_000, "2 days"), (864_000_000, "10 days"),
            (31_536_000_000, "365 days"),
        ] as [(Int64, String)]
    )
    func `the time until the start is told in two units at most`(ahead: Int64, expected: String) throws {
        #expect(try rendered("{{startsIn}}", in: .sample(ahead: ahead, zone: .utc)) == expected)
    }

    @Test(
        "Leads say what was set, when they go out up to five seconds late too",
        arguments: [
            (10, "10 seconds", 0), (60, "1 minute", 400), (120, "2 minutes", 5_000),
            (150, "2 minutes 30 seconds", 5_000),
            (300, "5 minutes", 5_000), (900, "15 minutes", 5_000), (3_600, "1 hour", 5_000),
            (5_400, "1 hour 30 minutes", 5_000), (86_400, "1 day", 5_000), (604_800, "7 days", 5_000),
        ] as [(Int64, String, Int64)]
    )
    func lead(seconds: Int64, expected: String, late: Int64) throws {
        for delay in [0, late / 2, late] {
            let context = NoticeContext.sample(ahead: seconds * 1_000 - delay)
            #expect(try rendered("{{startsIn}}", in: context) == expected)
        }
    }

    @Test(
        "A day is one of the wall clock",
        arguments: [
            // The clocks go back on Sun 25 Oct 2026: 25 hours; forward on Sun 29 Mar 2026: 23 hours.
            ("2026-10-24T09:00:00+02:00", "2026-10-25T09:00:00+01:00", "1 day"),
            ("2026-10-24T09:30:00+02:00", "2026-10-25T09:00:00+01:00", "24 hours 30 minutes"),
            ("2026-10-25T01:00:00+02:00", "2026-10-25T09:00:00+01:00", "9 hours"),
            ("2026-03-28T09:00:00+01:00", "2026-03-29T09:00:00+02:00", "1 day"),
            ("2026-03-28T09:30:00+01:00", "2026-03-29T09:00:00+02:00", "22 hours 30 minutes"),
            ("2026-03-29T01:00:00+01:00", "2026-03-29T09:00:00+02:00", "7 hours"),
            ("2026-03-27T09:00:00+01:00", "2026-04-03T10:00:00+02:00", "7 days 1 hour"),
        ]
    )
    func daylightSaving(now: String, start: String, expected: String) throws {
        var context = NoticeContext.sample()
        context.now = try Timestamp(now)
        context.anchor = try Timestamp(start)
        #expect(try rendered("{{startsIn}}", in: context) == expected)
    }

    @Test func `a calendar that loses a day does not make a night of it`() throws {
        var context = NoticeContext.sample(zone: SampleZone.dayLost)
        context.now = try Timestamp("2026-11-30T14:00:00-12:00")
        context.anchor = context.now + 22 * 3_600_000
        #expect(context.zone.offset(at: context.anchor) - context.zone.offset(at: context.now) == 86_400)
        #expect(try rendered("{{startsIn}}", in: context) == "22 hours")
        context.anchor = context.now + 26 * 3_600_000
        #expect(try rendered("{{startsIn}}", in: context) == "1 day 2 hours")
    }

    @Test(
        arguments: [
            ("2026-11-29T01:00:00Z", SampleZone.berlin, "Sun 29 Nov 02:00 CET"),
            ("2026-10-25T00:30:00Z", SampleZone.berlin, "Sun 25 Oct 02:30 CEST"),
            ("2026-10-25T01:30:00Z", SampleZone.berlin, "Sun 25 Oct 02:30 CET"),
            ("2027-01-01T01:00:00Z", SampleZone.berlin, "Fri 1 Jan 2027 02:00 CET"),
            ("2026-12-31T23:00:00Z", SampleZone.berlin, "Fri 1 Jan 2027 00:00 CET"),
            ("2026-12-31T23:00:00Z", Zone.utc, "Thu 31 Dec 23:00 UTC"),
            ("2026-07-04T13:00:05Z", SampleZone.newYork, "Sat 4 Jul 09:00:05 EDT"),
            ("2026-12-01T12:00:00.250Z", SampleZone.saoPaulo, "Tue 1 Dec 09:00 UTC-03"),
            ("2026-12-01T12:00:00Z", Zone(fixedOffset: "+05:30") ?? .utc, "Tue 1 Dec 17:30 UTC+05:30"),
        ]
    )
    func `a moment is told as people read it in the zone`(at: String, zone: Zone, expected: String) throws {
        var context = NoticeContext.sample(zone: zone)
        context.anchor = try Timestamp(at)
        context.end = context.anchor
        #expect(try rendered("{{startsAt}}|{{endsAt}}", in: context) == "\(expected)|\(expected)")
    }

    @Test(
        arguments: [
            (-1, ""), (0, ""), (5_000, ""), (5_001, "5 seconds"), (61_000, "1 minute"), (180_000, "3 minutes"),
            (3_600_000, "1 hour"),
        ] as [(Int64, String)]
    )
    func `lateness is told from five seconds on`(late: Int64, expected: String) throws {
        var context = NoticeContext.sample()
        context.now = context.nominal + late
        #expect(try rendered("{{lateBy}}", in: context) == expected)
        let text = try rendered("{{#lateBy}}({{lateBy}} late){{/lateBy}}{{^lateBy}}on time{{/lateBy}}", in: context)
        #expect(text == (expected.isEmpty ? "on time" : "(\(expected) late)"))
    }

    @Test(arguments: [Timestamp.min, .max, .morning], [Timestamp.min, .max, .morning])
    func `the ends of time can be told`(anchor: Timestamp, now: Timestamp) throws {
        for zone in [Zone.utc, SampleZone.berlin, SampleZone.newYork] {
            var context = NoticeContext.sample(zone: zone)
            (context.anchor, context.now, context.end, context.nominal) = (anchor, now, anchor, anchor)
            let style = MessageStyle(form: .maintenance, isWindow: true)
            let renderer = try MessageRenderer(
                .init(event: "e", arguments: ["{{startsIn}}{{startsAt}}{{lateBy}}"]),
                style
            )
            #expect(throws: Never.self) { try renderer.render(in: context) }
        }
    }
}

import Recurrence
import Testing

/// What daylight saving does to single occurrences, and plans that are made anew.
struct CronMarkTests {
    /// The occurrence that follows an instant, with its mark.
    private func next(_ text: String, _ from: String, in name: String) throws -> (String, String?) {
        let (expression, zone, start) = (try CronExpression(text), try zone(name), try instant(from))
        guard let next = expression.next(after: start, in: zone) else { throw TestFailure(description: "none") }
        return (next.rfc3339(in: zone), expression.mark(of: next, after: start, in: zone)?.description)
    }

    @Test(arguments: [
        ("30 2 * * *", "2026-03-07T12:00:00-05:00", "2026-03-08T03:00:00.000-04:00", "shifted by daylight saving"),
        ("0,30 2 * * *", "2026-03-07T12:00:00-05:00", "2026-03-08T03:00:00.000-04:00", "shifted by daylight saving"),
        // 02:00 is 03:00 by its later name, so nothing is shifted.
        ("0 2,3 * * *", "2026-03-07T12:00:00-05:00", "2026-03-08T03:00:00.000-04:00", nil),
        ("15 2,3 * * *", "2026-03-07T12:00:00-05:00", "2026-03-08T03:00:00.000-04:00", "shifted by daylight saving"),
        ("15 2,3 * * *", "2026-03-08T03:00:00-04:00", "2026-03-08T03:15:00.000-04:00", nil),
        (
            "30 1 * * *", "2026-10-31T12:00:00-04:00", "2026-11-01T01:30:00.000-04:00",
            "doubled by daylight saving: the first pass"
        ),
        ("30 1 * * *", "2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00.000-05:00", nil),
        (
            "30 * * * *", "2026-11-01T00:30:00-04:00", "2026-11-01T01:30:00.000-04:00",
            "doubled by daylight saving: the first pass"
        ),
        (
            "30 * * * *", "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00.000-05:00",
            "doubled by daylight saving: the second pass"
        ),
        ("30 * * * *", "2026-11-01T01:30:00-05:00", "2026-11-01T02:30:00.000-05:00", nil),
        // An hour later than the last by the clock that runs on: no hour is silent.
        ("30 * * * *", "2026-03-08T01:30:00-05:00", "2026-03-08T03:30:00.000-04:00", nil),
        (
            "0 */2 * * *", "2026-03-08T00:00:00-05:00", "2026-03-08T04:00:00.000-04:00",
            "dropped by daylight saving before this: 2026-03-08 02:00"
        ),
        (
            "*/20 2 * * *", "2026-03-07T02:40:00-05:00", "2026-03-09T02:00:00.000-04:00",
            "dropped by daylight saving before this: 2026-03-08 02:00, 2026-03-08 02:20, 2026-03-08 02:40"
        ),
        (
            "*/5 2 * * *", "2026-03-07T02:55:00-05:00", "2026-03-09T02:00:00.000-04:00",
            "dropped by daylight saving before this: 2026-03-08 02:00, 2026-03-08 02:05, 2026-03-08 02:10, "
                + "2026-03-08 02:15, 2026-03-08 02:20"
        ),
        ("0 9 * * *", "2026-03-07T12:00:00-05:00", "2026-03-08T09:00:00.000-04:00", nil),
    ])
    func `what daylight saving does in New York is marked`(text: String, from: String, at: String, mark: String?) throws
    {
        let (next, found) = try next(text, from, in: "America/New_York")
        #expect(next == at)
        #expect(found == mark)
    }

    @Test(arguments: [
        (
            "0 9 * * *", "2011-12-29T09:00:00-10:00", "2011-12-31T09:00:00.000+14:00", "Pacific/Apia",
            "dropped by daylight saving before this: 2011-12-30 09:00"
        ),
        (
            "0 9 30 * *", "2011-11-30T09:00:00-10:00", "2012-01-30T09:00:00.000+14:00", "Pacific/Apia",
            "dropped by daylight saving before this: 2011-12-30 09:00"
        ),
        // 24 hours later is the same time of the day that is there, so an hourly one loses nothing.
        ("0 * * * *", "2011-12-29T23:00:00-10:00", "2011-12-31T00:00:00.000+14:00", "Pacific/Apia", nil),
        // Half an hour is not an hour: 02:00 is 02:30 by its later name.
        (
            "0 * * * *", "2025-10-05T01:00:00+10:30", "2025-10-05T03:00:00.000+11:00", "Australia/Lord_Howe",
            "dropped by daylight saving before this: 2025-10-05 02:00"
        ),
        ("*/15 * * * *", "2025-10-05T01:45:00+10:30", "2025-10-05T02:30:00.000+11:00", "Australia/Lord_Howe", nil),
        (
            "30 2 * * *", "2025-03-29T12:00:00Z", "2025-03-30T03:00:00.000+02:00", "Antarctica/Troll",
            "shifted by daylight saving"
        ),
        (
            "59 1 * * *", "2025-10-25T12:00:00Z", "2025-10-26T01:59:00.000+02:00", "Antarctica/Troll",
            "doubled by daylight saving: the first pass"
        ),
    ])
    func `changes of other lengths are marked`(
        text: String,
        from: String,
        at: String,
        name: String,
        mark: String?
    ) throws {
        let (next, found) = try next(text, from, in: name)
        #expect(next == at)
        #expect(found == mark)
    }

    @Test func `without the occurrence before nothing is known to be dropped`() throws {
        let expression = try CronExpression("0 */2 * * *")
        let newYork = try zone("America/New_York")
        let occurrence = try instant("2026-03-08T04:00:00-04:00")
        #expect(expression.mark(of: occurrence, after: nil, in: newYork) == nil)
        #expect(try expression.mark(of: occurrence, after: instant("2026-03-08T03:10:00-04:00"), in: newYork) == nil)
        // What is no occurrence has no mark.
        #expect(expression.mark(of: occurrence + 1, after: nil, in: newYork) == nil)
    }

    @Test func `a mark is found across all years in no time`() throws {
        let expression = try CronExpression("*/20 2 8-14 3 +SUN")
        let newYork = try zone("America/New_York")
        // Always in the gap since 2007.
        #expect(try expression.next(after: instant("2007-01-01T00:00:00Z"), in: newYork) == nil)
        let hourly = try CronExpression("30 * * * *")
        let last = try instant("9999-12-31T00:30:00-05:00")
        #expect(hourly.mark(of: last, after: .min, in: newYork) == nil)
    }

    @Test(arguments: [
        // The clocks of New York as they would be if daylight saving were kept for ever, an hour ahead.
        ("0 9 * * *", "2026-12-01T09:00:00", "2026-12-02T09:00:00-04:00"),
        ("0 9 * * *", "2026-12-01T08:59:59", "2026-12-01T09:00:00-04:00"),
        ("30 1 * * *", "2026-11-01T01:30:00", "2026-11-02T01:30:00-04:00"),
        ("30 1 * * *", "2026-11-01T01:29:00", "2026-11-01T01:30:00-04:00"),
    ])
    func `a plan after new rules goes on after the last wall time`(text: String, wall: String, at: String) throws {
        let next = try CronExpression(text).next(afterWall: CivilDateTime(wall), in: zone("-04:00"))
        #expect(try next == instant(at))
    }

    @Test(arguments: [
        // A jump that the old rules did not have: 02:00 has been handled, 02:30 comes at its end.
        ("0,30 2 * * *", "2026-03-08T02:00:00", "2026-03-08T03:00:00-04:00"),
        ("0,30 2 * * *", "2026-03-08T02:30:00", "2026-03-09T02:00:00-04:00"),
        ("0,30 2 * * *", "2026-03-08T03:00:00", "2026-03-09T02:00:00-04:00"),
        ("30 1 * * *", "2026-11-01T01:10:00", "2026-11-01T01:30:00-04:00"),
        ("30 1 * * *", "2026-11-01T01:30:00", "2026-11-02T01:30:00-05:00"),
        // Elapsed time goes on from the last instant that shows the wall time.
        ("30 * * * *", "2026-11-01T01:30:00", "2026-11-01T02:30:00-05:00"),
        ("30 * * * *", "2026-03-08T02:10:00", "2026-03-08T03:30:00-04:00"),
        ("0 * * * *", "2026-03-08T02:10:00", "2026-03-08T03:00:00-04:00"),
        ("0 * * * *", "2026-06-01T02:00:00", "2026-06-01T03:00:00-04:00"),
    ])
    func `a plan after a wall time heeds the zone's own changes`(text: String, wall: String, at: String) throws {
        let next = try CronExpression(text).next(afterWall: CivilDateTime(wall), in: zone("America/New_York"))
        #expect(try next == instant(at))
    }
}

import Recurrence
import Testing

struct TimeSpanTests {
    @Test(arguments: [
        ("2h30m", 0, 0, 9_000_000), ("90s", 0, 0, 90_000), ("500ms", 0, 0, 500), ("1d", 0, 1, 0), ("2w", 0, 14, 0),
        ("1mo", 1, 0, 0), ("1y", 12, 0, 0), ("1h 30m", 0, 0, 5_400_000), ("10 minutes", 0, 0, 600_000),
        ("PT10M", 0, 0, 600_000), ("P1D", 0, 1, 0), ("P1Y2M3DT4H5M6.5S", 14, 3, 14_706_500), ("P2W", 0, 14, 0),
        ("pt1h", 0, 0, 3_600_000), (" 1 D 2 H ", 0, 1, 7_200_000), ("1.5h", 0, 0, 5_400_000), ("0.25s", 0, 0, 250),
        ("1 year 2 months 1 week 3 days", 14, 10, 0), ("0s", 0, 0, 0), ("P1DT12H", 0, 1, 43_200_000), ("1Mo", 1, 0, 0),
        ("90m", 0, 0, 5_400_000), ("36H", 0, 0, 129_600_000), ("1.5 min", 0, 0, 90_000), ("P1M", 1, 0, 0),
    ])
    func `a duration is understood`(text: String, months: Int, days: Int, milliseconds: Int64) throws {
        let span = try TimeSpan(text)
        #expect(span.months == months)
        #expect(span.days == days)
        #expect(span.milliseconds == milliseconds)
        #expect(span.isElapsed == (months == 0 && days == 0))
        #expect(try TimeSpan(span.description) == span)
    }

    @Test(arguments: [
        ("", TimeExpressionError.Code.malformed, "is empty"), ("10", .malformed, "lacks a unit"),
        ("h", .malformed, "is not a duration"),
        ("10x", .malformed, "unknown unit \"x\""), ("1M", .ambiguous, "mo for months or m for minutes"),
        ("1h1h", .malformed, "one unit twice"), ("1y 1mo 1y", .malformed, "one unit twice"),
        ("-5m", .malformed, "is not a duration"),
        ("1.5d", .malformed, "decimals of a day"), ("0.5mo", .malformed, "decimals of a day"),
        ("0.0005s", .tooPrecise, "millisecond"),
        ("1.s", .malformed, "is not a duration"), ("P", .malformed, "is empty"), ("PT", .malformed, "after the T"),
        ("P1DT", .malformed, "after the T"), ("P1H", .malformed, "ISO 8601"), ("PT1M1H", .malformed, "ISO 8601"),
        ("P1D1D", .malformed, "ISO 8601"), ("P1.5D", .malformed, "decimals of a day"),
        ("PT1H x", .malformed, "ISO 8601"),
        ("9999y", .outOfRange, "too long"), ("99999999999999999999s", .outOfRange, "too long"),
        ("999999999999999w", .outOfRange, "too long"), ("4000000d", .outOfRange, "too long"),
        ("1h,30m", .malformed, "is not a duration"),
    ])
    func `a duration is refused with the reason`(text: String, code: TimeExpressionError.Code, reason: String) {
        #expect { try TimeSpan(text) } throws: { error in
            (error as? TimeExpressionError)?.code == code && "\(error)".contains(reason)
        }
    }

    @Test(arguments: [
        ("2h30m", "2 h 30 min"), ("36h", "36 h"), ("1d", "1 d"), ("14mo", "1 y 2 mo"), ("0s", "0 s"),
        ("500ms", "500 ms"),
        ("6.5s", "6.500 s"), ("1h 1s", "1 h 1 s"), ("P1DT90S", "1 d 1 min 30 s"), ("60s 5ms", "1 min 5 ms"),
    ])
    func `a duration is told in words`(text: String, words: String) throws {
        #expect(try TimeSpan(text).description == words)
    }

    @Test(arguments: [
        // Spring: the night of 8 March 2026 has no 02:30. Autumn: the night of 1 November has 01:30 twice.
        ("2026-03-07T12:00:00-05:00", "1d", "2026-03-08T12:00:00-04:00"),
        ("2026-03-07T12:00:00-05:00", "24h", "2026-03-08T13:00:00-04:00"),
        ("2026-03-07T02:30:00-05:00", "1d", "2026-03-08T03:30:00-04:00"),
        ("2026-10-31T12:00:00-04:00", "1d", "2026-11-01T12:00:00-05:00"),
        ("2026-10-31T12:00:00-04:00", "24h", "2026-11-01T11:00:00-05:00"),
        ("2026-10-31T01:30:00-04:00", "1d", "2026-11-01T01:30:00-04:00"),
        ("2026-11-01T01:30:00-05:00", "1d", "2026-11-02T01:30:00-05:00"),
        ("2026-11-01T01:30:00-04:00", "1h", "2026-11-01T01:30:00-05:00"),
        ("2026-03-07T12:00:00-05:00", "1d2h", "2026-03-08T14:00:00-04:00"),
        ("2026-03-07T01:00:00-05:00", "1d 2h", "2026-03-08T04:00:00-04:00"),
        ("2026-01-31T09:00:00-05:00", "1mo", "2026-02-28T09:00:00-05:00"),
        ("2026-01-31T09:00:00-05:00", "1mo1d", "2026-03-01T09:00:00-05:00"),
        ("2024-02-29T09:00:00-05:00", "1y", "2025-02-28T09:00:00-05:00"),
        ("9999-12-31T00:00:00-05:00", "1y", "9999-12-31T23:59:59.999Z"),
    ])
    func `days keep the wall time and hours elapse`(from: String, span: String, to: String) throws {
        let newYork = try zone("America/New_York")
        #expect(try TimeSpan(span).added(to: instant(from), in: newYork) == instant(to))
    }
}

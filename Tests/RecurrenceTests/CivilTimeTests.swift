import Recurrence
import Testing

struct CivilTimeTests {
    @Test func `days and dates convert both ways over the whole calendar`() {
        var expected = -719_162
        for year in 1...9999 {
            for month in 1...12 {
                for day in [1, CivilDate.daysInMonth(year: year, month: month)] {
                    guard let date = CivilDate(year: year, month: month, day: day) else {
                        Issue.record("\(year)-\(month)-\(day) is missing")
                        return
                    }
                    if date.daysSinceEpoch != expected || CivilDate(daysSinceEpoch: expected) != date {
                        Issue.record("\(date) is day \(date.daysSinceEpoch), not \(expected)")
                        return
                    }
                    expected += day == 1 ? CivilDate.daysInMonth(year: year, month: month) - 1 : 1
                }
            }
        }
        #expect(expected == 2_932_897)
    }

    @Test(arguments: [
        ("1970-01-01", Weekday.thursday), ("2000-02-29", .tuesday), ("2026-12-01", .tuesday), ("0001-01-01", .monday),
        ("9999-12-31", .friday), ("1969-12-31", .wednesday),
    ])
    func `weekdays are known ones`(text: String, weekday: Weekday) throws {
        #expect(try CivilDate(text).weekday == weekday)
    }

    @Test(arguments: [
        ("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2026-03-31", -1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"), ("2026-05-15", -5, "2025-12-15"), ("2026-12-31", 2, "2027-02-28"),
        ("9999-11-30", 2, "9999-12-31"), ("0001-01-31", -1, "0001-01-01"), ("2026-01-01", Int.max, "9999-12-31"),
        ("2026-01-01", Int.min, "0001-01-01"),
    ])
    func `months clamp at month ends and at the ends of the calendar`(from: String, months: Int, to: String) throws {
        #expect(try CivilDate(from).adding(months: months).description == to)
    }

    @Test(arguments: [
        ("2026-12-31", 1, "2027-01-01"), ("2024-03-01", -1, "2024-02-29"), ("9999-12-31", 1, "9999-12-31"),
        ("0001-01-01", -1, "0001-01-01"), ("2026-01-01", Int.max, "9999-12-31"), ("1900-01-01", Int.min, "0001-01-01"),
    ])
    func `days are added across months and stop at the ends of the calendar`(from: String, days: Int, to: String) throws
    {
        #expect(try CivilDate(from).adding(days: days).description == to)
    }

    @Test(arguments: [
        (2025, 2, 29), (1900, 2, 29), (2026, 4, 31), (2026, 13, 1), (2026, 0, 1), (0, 1, 1), (10000, 1, 1),
    ])
    func `days that do not exist are refused`(year: Int, month: Int, day: Int) {
        #expect(CivilDate(year: year, month: month, day: day) == nil)
    }

    @Test(arguments: [(24, 0, 0, 0), (0, 60, 0, 0), (0, 0, 60, 0), (0, 0, 0, 1000), (-1, 0, 0, 0)])
    func `times that do not exist are refused`(hour: Int, minute: Int, second: Int, millisecond: Int) {
        #expect(CivilTime(hour: hour, minute: minute, second: second, millisecond: millisecond) == nil)
    }

    @Test(arguments: [
        "2026-12-01T09:00:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999", "2026-12-01T09:00:00.050",
    ])
    func `wall times are read back from their description`(text: String) throws {
        #expect(try CivilDateTime(text).description == text)
        let wall = try CivilDateTime(text)
        #expect(CivilDateTime(localMilliseconds: wall.localMilliseconds) == wall)
    }

    @Test(arguments: ["2026-12-01", "09:00", "2026-12-01T09:00:00Z", "2026-12-01T09:00:00+01:00", "tomorrow 09:00"])
    func `only a date and time without an offset is a wall time`(text: String) {
        #expect(throws: TimeExpressionError.self) { try CivilDateTime(text) }
    }
}

struct TimestampTests {
    @Test func `values beyond the years 1 to 9999 become the nearest end`() {
        #expect(Timestamp(milliseconds: .max) == .max)
        #expect(Timestamp(milliseconds: .min) == .min)
        #expect(Timestamp(seconds: .max) == .max)
        #expect(Timestamp(seconds: .min) == .min)
        #expect(Timestamp.max + 1 == .max)
        #expect(Timestamp.min - 1 == .min)
        #expect(Timestamp.max + Int64.max == .max)
        #expect(Timestamp.min + Int64.min == .min)
        #expect(Timestamp.max - Int64.min == .max)
        #expect(Timestamp.min - Int64.max == .min)
        #expect(Timestamp.max - Timestamp.min == 315_537_897_599_999)
        #expect("\(Timestamp.min) \(Timestamp.max)" == "0001-01-01T00:00:00.000Z 9999-12-31T23:59:59.999Z")
    }

    @Test(arguments: [
        ("2026-03-08T07:00:00Z", "America/New_York", "2026-03-08T03:00:00.000-04:00"),
        ("2026-03-08T07:00:00Z", "UTC", "2026-03-08T07:00:00.000Z"),
        ("2026-03-08T07:00:00Z", "Etc/UTC", "2026-03-08T07:00:00.000Z"),
        ("2026-01-08T07:00:00.5Z", "Europe/London", "2026-01-08T07:00:00.500+00:00"),
        ("1969-12-31T23:59:59.999Z", "Asia/Kolkata", "1970-01-01T05:29:59.999+05:30"),
        // Monrovia was 44 min 30 s behind; RFC 3339 has whole minutes only, so the clock moves by the 30 s.
        ("1970-01-01T00:00:00Z", "Africa/Monrovia", "1969-12-31T23:16:00.000-00:44"),
        ("9999-12-31T23:00:00Z", "Asia/Tokyo", "9999-12-31T23:00:00.000Z"),
        ("0001-01-01T00:00:00Z", "-09:00", "0001-01-01T00:00:00.000Z"),
    ])
    func `RFC 3339 names the same instant in every zone`(text: String, name: String, expected: String) throws {
        let moment = try instant(text)
        #expect(moment.rfc3339(in: try zone(name)) == expected)
        #expect(try instant(expected) == moment)
    }
}

import Recurrence
import Testing

/// What an expression is read as, and what is refused.
struct CronExpressionTests {
    @Test(arguments: [
        ("0 9 * * *", "at 09:00 every day"), ("0 9 * * MON-FRI", "at 09:00, Monday to Friday"),
        ("0 0 ? * MON", "at 00:00 on Monday"), ("0 12 * * FRI-MON", "at 12:00, Friday to Monday"),
        ("0 8,9,12,18 * * 6,7", "at 08:00, 09:00, 12:00 and 18:00 on Saturday and Sunday"),
        ("30 2 * * 0-6", "at 02:30 every day"), ("30 2 * * 1-7", "at 02:30 every day"),
        ("* * * * *", "every minute"), ("*/15 * * * *", "every 15 minutes"), ("0/15 * * * *", "every 15 minutes"),
        ("*/7 * * * *", "at every 7th minute from 0 to 56 of every hour"), ("*/60 * * * *", "every hour"),
        ("0 * * * *", "every hour"), ("30 * * * *", "at minute 30 of every hour"),
        ("15,45 * * * *", "at minutes 15 and 45 of every hour"), ("5-10 * * * *", "at minutes 5 to 10 of every hour"),
        ("0 */2 * * *", "every 2 hours from 00:00"), ("30 */2 * * *", "every 2 hours from 00:30"),
        ("0 */5 * * *", "at 00:00, 05:00, 10:00, 15:00 and 20:00 every day"),
        ("0 1-23/2 * * *", "at minute 0 of every 2nd hour from 1 to 23"),
        ("* 2 * * *", "every minute from 02:00 to 02:59"), ("*/20 2 * * *", "at 02:00, 02:20 and 02:40 every day"),
        ("*/15 9-17 * * *", "every 15 minutes from 09:00 to 17:45"),
        ("*/15 20-2 * * *", "every 15 minutes from 20:00 to 02:45"),
        ("*/15 9,12 * * *", "every 15 minutes of hours 9 and 12"),
        ("30 9-17 * * 1-5", "every hour from 09:30 to 17:30, Monday to Friday"),
        ("1,5,9,14,22 1,5,9 * * *", "at minutes 1, 5, 9, 14 and 22 of hours 1, 5 and 9"),
        ("* * * * * *", "every second"), ("*/10 * * * * *", "every 10 seconds"),
        ("5 * * * * *", "at second 5 of every minute"), ("0,15 * * * * *", "at seconds 0 and 15 of every minute"),
        ("30 0 9 * * *", "at 09:00:30 every day"), ("*/10 * 9-17 * * *", "every 10 seconds from 09:00 to 17:59:50"),
        ("*/10 */5 * * * *", "every 10 seconds of every 5th minute of every hour"),
        ("5,7 0,30 9-17 * * *", "at seconds 5 and 7 of every 30th minute of hours 9 to 17"),
        ("30 2 1 * *", "at 02:30 on day 1 of the month"), ("5 4 1,3,5 * *", "at 04:05 on days 1, 3 and 5 of the month"),
        ("0 0 2-30/7 * *", "at 00:00 on every 7th day from 2 to 30 of the month"),
        ("0 0 L * *", "at 00:00 on the last day of the month"),
        (
            "0 0 L-1,L-3 * *",
            "at 00:00 on the day 3 days before the last day and the day 1 day before the last day of the month"
        ),
        ("0 0 1,15,L * *", "at 00:00 on days 1 and 15 and the last day of the month"),
        ("0 17 LW * *", "at 17:00 on the last weekday (Monday to Friday) of the month"),
        ("0 9 15W 3 *", "at 09:00 on the weekday (Monday to Friday) nearest day 15 of March"),
        ("0 18 * * TUE#2", "at 18:00 on the 2nd Tuesday of the month"),
        ("0 18 * * FRIL", "at 18:00 on the last Friday of the month"),
        ("0 12 * 11 4#4", "at 12:00 on the 4th Thursday of November"),
        ("0 0 * * 5#5,MON", "at 00:00 on Monday and the 5th Friday of the month"),
        ("0 9 * 1,4,7,10 *", "at 09:00 every day in January, April, July and October"),
        ("0 0 1 NOV-FEB *", "at 00:00 on day 1 of November to February"),
        ("* * * * MON", "every minute on Monday"), ("* * * 3 *", "every minute in March"),
        ("@hourly", "every hour"), ("@DAILY", "at 00:00 every day"), ("@midnight", "at 00:00 every day"),
        ("@weekly", "at 00:00 on Sunday"), ("@monthly", "at 00:00 on day 1 of the month"),
        ("@yearly", "at 00:00 on day 1 of January"), ("@annually", "at 00:00 on day 1 of January"),
        ("0 0 9 1 1 * 2027", "at 09:00 on day 1 of January in 2027"),
        ("0 0 9 1 1 * 2026,2028-2030", "at 09:00 on day 1 of January in 2026 and 2028 to 2030"),
        ("0 0 0 1 1 * */2", "at 00:00 on day 1 of January in every 2nd year from 1970 to 2098"),
        ("0 0 9 1 1 * *", "at 09:00 on day 1 of January"),
        // Which reading of the two day fields is chosen.
        ("30 2 1 * MON", "at 02:30 on day 1 of the month or on Monday"),
        ("0 0 29 2 MON", "at 00:00 on day 29 of the month or on Monday, in February"),
        ("0 9 1 jan-mar mon", "at 09:00 on day 1 of the month or on Monday, in January to March"),
        ("0 0 1 * FRIL", "at 00:00 on day 1 of the month or on the last Friday of the month"),
        ("0 0 1-31 * MON", "at 00:00 on any day of the month or on Monday"),
        ("0 0 1 * 0-7", "at 00:00 on day 1 of the month or on any day of the week"),
        ("0 0 13 * +FRI", "at 00:00 on day 13 of the month, but only if it is Friday"),
        ("0 0 */2 * 1", "at 00:00 on every 2nd day from 1 to 31 of the month, but only if it is Monday"),
        ("0 0 8-14 3 +SUN,SAT", "at 00:00 on days 8 to 14 of March, but only if it is Saturday or Sunday"),
        ("0 0 1 * */2", "at 00:00 on day 1 of the month, but only if it is Tuesday, Thursday, Saturday or Sunday"),
        ("0 0 L * +FRIL", "at 00:00 on the last day of the month, but only if it is the last Friday of the month"),
    ])
    func `an expression is explained in words`(text: String, words: String) throws {
        #expect(try CronExpression(text).words == words)
    }

    @Test(arguments: [
        ("  0\t9  * *\n* ", "0 9 * * *"), ("0 9 * * mon-Fri", "0 9 * * mon-Fri"), (" @Daily ", "@Daily"),
        ("0\u{A0}9 * * *", "0 9 * * *"), ("05 009 * * 7", "05 009 * * 7"), ("0 0 l-3 jan fril", "0 0 l-3 jan fril"),
    ])
    func `white space is made normal and the rest is kept`(text: String, kept: String) throws {
        let expression = try CronExpression(text)
        #expect(expression.text == kept)
        #expect(expression.description == kept)
        #expect(try CronExpression(kept) == expression)
    }

    @Test(arguments: [
        ("*/15 * * * *", true), ("*/20 2 * * *", true), ("30 * * * *", true), ("30 */2 * * *", true), ("@hourly", true),
        ("* 0 9 * * *", false), ("0 */5 9 * * *", true), ("0 9 * * *", false), ("0,30 9-17 * * *", false),
        ("@daily", false), ("0-59 0-23 * * *", false), ("5,*/20 2 * * *", false),
    ])
    func `a star at the start of minute or hour follows elapsed time`(text: String, follows: Bool) throws {
        #expect(try CronExpression(text).followsElapsedTime == follows)
    }

    @Test(arguments: [
        // In the year 2026 July begins on a Wednesday.
        ("0 0 * * 1/2", "2026-07-01T00:00:00", ["2026-07-03", "2026-07-06", "2026-07-08"]),
        ("0 0 * * FRI-MON/2", "2026-07-01T00:00:00", ["2026-07-03", "2026-07-05", "2026-07-10"]),
        ("0 0 * * 5-7/2", "2026-07-01T00:00:00", ["2026-07-03", "2026-07-05", "2026-07-10"]),
        ("0 0 * * 7-1", "2026-07-01T00:00:00", ["2026-07-05", "2026-07-06", "2026-07-12"]),
        ("0 0 * * 7-7", "2026-07-01T00:00:00", ["2026-07-05", "2026-07-12"]),
        ("0 0 * * 0-7/3", "2026-07-01T00:00:00", ["2026-07-04", "2026-07-05", "2026-07-08"]),
        ("0 0 20/5 * *", "2026-07-01T00:00:00", ["2026-07-20", "2026-07-25", "2026-07-30", "2026-08-20"]),
        ("0 0 1 NOV-FEB/2 *", "2026-07-01T00:00:00", ["2026-11-01", "2027-01-01", "2027-11-01"]),
        ("0 0 L-30 * *", "2026-07-01T00:00:00", ["2026-08-01", "2026-10-01"]),
        ("0 0 13 * +FRI", "2026-07-01T00:00:00", ["2026-11-13", "2027-08-13"]),
        ("0 0 1W,LW * *", "2026-07-31T00:00:00", ["2026-08-03", "2026-08-31", "2026-09-01"]),
        ("0 0 * 2 MON#5", "2026-07-01T00:00:00", ["2044-02-29", "2072-02-29", "2112-02-29"]),
        ("0 0 0 29 2 * 2027-2029", "2026-07-01T00:00:00", ["2028-02-29"]),
        ("0 0 0 31 12 * *", "9998-01-01T00:00:00", ["9998-12-31", "9999-12-31"]),
        ("0 0 0 1 1 * 2098/1", "2026-07-01T00:00:00", ["2098-01-01", "2099-01-01"]),
    ])
    func `days are those that the fields name`(text: String, from: String, days: [String]) throws {
        let expression = try CronExpression(text)
        var wall: CivilDateTime? = try CivilDateTime(from)
        var found: [String] = []
        while found.count < days.count, let next = wall.flatMap(expression.nextWall(after:)) {
            found.append(next.date.description)
            wall = next
        }
        #expect(found == days)
        if days.count < 3, text.hasSuffix("2029") || from.hasPrefix("9998") {
            #expect(wall.flatMap(expression.nextWall(after:)) == nil)
        }
    }

    @Test(
        arguments: [
            ("", .fieldCount, nil, "is empty"), (" ", .fieldCount, nil, "Write five"),
            ("* * * *", .fieldCount, nil, "has 4 fields"),
            ("* * * * * * * *", .fieldCount, nil, "has 8 fields"), ("@fortnightly", .unknownNickname, nil, "@hourly"),
            ("@reboot", .unknownNickname, nil, "names no time"), ("@every 5m", .unknownNickname, nil, "such as 15m"),
            ("@daily 5", .unknownNickname, nil, "stands alone"), ("@", .unknownNickname, nil, "not a nickname"),
            ("TZ=UTC 0 9 * * *", .malformed, nil, "zone apart"),
            ("60 * * * *", .outOfRange, .minute, "minutes go from 0 to 59"),
            ("60 * * * * *", .outOfRange, .second, "seconds go from 0 to 59"),
            ("* 24 * * *", .outOfRange, .hour, "hours go from 0 to 23. Write 0."),
            ("* * 0 * *", .outOfRange, .dayOfMonth, "from 1 to 31"),
            ("* * 32 * *", .outOfRange, .dayOfMonth, "from 1 to 31"),
            ("* * * 13 *", .outOfRange, .month, "from 1 to 12"), ("* * * 0 *", .outOfRange, .month, "from 1 to 12"),
            ("* * * * 8", .outOfRange, .dayOfWeek, "7 (Sunday again)"),
            ("0 9 1 1 * 2027", .outOfRange, .dayOfWeek, "A year is the last of seven fields"),
            ("0 0 0 1 1 * 2100", .outOfRange, .year, "from 1970 to 2099"),
            ("0 0 0 1 1 * 27", .outOfRange, .year, "1970"),
            ("*/0 * * * *", .badStep, .minute, "step of 0"),
            ("*/61 * * * *", .badStep, .minute, "wider than the field"),
            ("0 */25 * * *", .badStep, .hour, "up to 24"), ("0 0 * * */8", .badStep, .dayOfWeek, "up to 7"),
            ("0/99999999999999999999 * * * *", .badStep, .minute, "wider than the field"),
            ("99999999999999999999 * * * *", .outOfRange, .minute, "from 0 to 59"),
            ("5-1 * * * *", .backwards, .minute, "Write 5-59,0-1."),
            ("0 0 28-3 * *", .backwards, .dayOfMonth, "28-31,1-3"),
            ("0 0 0 1 1 * 2030-2027", .backwards, .year, "Write 2027-2030."),
            ("1,,2 * * * *", .emptyItem, .minute, "Leave the sign out"), ("1, * * * *", .emptyItem, .minute, "\"1,\""),
            (", * * * *", .emptyItem, .minute, "a comma"), ("0 0 * * +", .emptyItem, .dayOfWeek, "or a +"),
            ("1-5-7 * * * *", .malformed, .minute, "10-20"), ("-1 * * * *", .malformed, .minute, "not understood"),
            ("1/2/3 * * * *", .malformed, .minute, "not understood"),
            ("1/ * * * *", .malformed, .minute, "not understood"),
            ("/2 * * * *", .malformed, .minute, "not understood"),
            ("*-5 * * * *", .malformed, .minute, "not understood"),
            ("*5 * * * *", .malformed, .minute, "not understood"), ("٣ * * * *", .malformed, .minute, "not understood"),
            ("a * * * *", .unknownName, .minute, "\"a\""), ("H * * * *", .unknownName, .minute, "*/15"),
            ("+5 * * * *", .malformed, .minute, "before the day of week only"),
            ("0 0 +1 * *", .malformed, .dayOfMonth, "before the day of week only"),
            ("0 0 * * ++1", .malformed, .dayOfWeek, "Leave it out"),
            ("? * * * *", .malformed, .minute, "two day fields"),
            ("0 0 ? * ?", .malformed, .dayOfWeek, "cannot have ? both"),
            ("0 0 1,? * *", .malformed, .dayOfMonth, "stands alone"),
            ("0 0 ? * +?", .malformed, .dayOfWeek, "cannot have ? both"),
            ("0 0 1 ? *", .malformed, .month, "two day fields"),
            ("* * * * MON-", .malformed, .dayOfWeek, "FRI#2"),
            ("0 0 * * MONDAY", .unknownName, .dayOfWeek, "Write MON."),
            ("0 0 * * mon-friday", .unknownName, .dayOfWeek, "Write FRI."),
            ("0 0 1 SEPT *", .unknownName, .month, "Write SEP."),
            ("0 0 1 january *", .unknownName, .month, "Write JAN."), ("0 0 * FRI *", .unknownName, .month, "JAN-MAR"),
            ("0 0 * * FOO", .unknownName, .dayOfWeek, "FOO"), ("0 0 * * JAN", .unknownName, .dayOfWeek, "JAN"),
            ("0 0 31W * 1L5", .malformed, .dayOfWeek, "1L5"), ("0 0 * * L", .malformed, .dayOfWeek, "SATL"),
            ("0 0 * * 5#6", .outOfRange, .dayOfWeek, "from 1 to 5"),
            ("0 0 * * 5#0", .outOfRange, .dayOfWeek, "from 1 to 5"),
            ("0 0 * * MON#", .malformed, .dayOfWeek, "FRI#2"), ("0 0 * * #2", .malformed, .dayOfWeek, "FRI#2"),
            ("0 0 * * 1-5#2", .malformed, .dayOfWeek, "FRI#2"), ("0 0 * * 8L", .outOfRange, .dayOfWeek, "from 0"),
            ("0 0 L-31 * *", .outOfRange, .dayOfMonth, "from 1 to 30"),
            ("0 0 L-0 * *", .outOfRange, .dayOfMonth, "from 1 to 30"),
            ("0 0 1-15W * *", .malformed, .dayOfMonth, "15W or LW"),
            ("0 0 W * *", .malformed, .dayOfMonth, "15W or LW"),
            ("0 0 0W * *", .outOfRange, .dayOfMonth, "from 1 to 31"),
            ("0 0 32W * *", .outOfRange, .dayOfMonth, "from 1 to 31"),
            ("0 0 L/2 * *", .unknownName, .dayOfMonth, "L-3"), ("0 0 L-3W * *", .malformed, .dayOfMonth, "15W or LW"),
            ("0 L * * *", .unknownName, .hour, "9-17"), ("0 0 30 2 *", .neverComes, .dayOfMonth, "month \"2\""),
            ("0 0 31 4,6,9,11 *", .neverComes, .dayOfMonth, "day of month \"31\""),
            ("0 0 30W 2 *", .neverComes, .dayOfMonth, "30W"), ("0 0 L-29 2 *", .neverComes, .dayOfMonth, "L-29"),
            ("0 0 31 2 +MON", .neverComes, .dayOfMonth, "+MON"),
            ("0 0 1-7 * +MON#2", .neverComes, .dayOfMonth, "L for its last"),
            ("0 0 0 29 2 * 2027", .neverComes, .dayOfMonth, "year \"2027\""),
            ("0 0 0 29 2 * 2025-2027", .neverComes, .dayOfMonth, "year"),
        ] as [(String, CronError.Code, CronField?, String)]
    )
    func `what cannot be meant is refused with the field, the reason and a remedy`(
        text: String,
        code: CronError.Code,
        field: CronField?,
        words: String
    ) {
        #expect { try CronExpression(text) } throws: { error in
            guard let error = error as? CronError else { return false }
            guard error.code == code, error.field == field, error.message.contains(words), error.message.hasSuffix("."),
                error.field.map({
                    code == .neverComes
                        || error.message.contains($0.description.replacing("day of week", with: "day of"))
                }) ?? true
            else {
                Issue.record("\(text): \(error.code) \(error.field?.description ?? "-") \(error.message)")
                return false
            }
            return error.description == error.message
        }
    }

    @Test func `what only one reading excludes is no reason to refuse`() throws {
        // Mondays of February there are.
        #expect(try CronExpression("0 0 30 2 MON").nextWall(after: CivilDateTime("2026-01-01T00:00:00")) != nil)
        // The last time that it came may be long ago.
        #expect(try CronExpression("0 0 0 1 1 * 1970").next(after: instant("1969-12-31T23:59:59Z"), in: .utc) != nil)
        #expect(
            try CronExpression("0 0 29 2 +MON#5").nextWall(after: CivilDateTime("2045-01-01T00:00:00"))?.date.year
                == 2072
        )
    }

    @Test func `wall times lie in the years 1 to 9999`() throws {
        let minutely = try CronExpression("* * * * *")
        #expect(minutely.next(after: .max, in: .utc) == nil)
        #expect(try minutely.next(after: .max, in: zone("Asia/Tokyo")) == nil)
        #expect(try minutely.next(after: .max, in: zone("America/New_York")) == nil)
        #expect(try minutely.nextWall(after: CivilDateTime("9999-12-31T23:59:00")) == nil)
        #expect(minutely.next(after: .min, in: .utc) == Timestamp.min + 60_000)
        let daily = try CronExpression("@daily")
        #expect(try daily.next(after: .min, in: zone("Asia/Tokyo")) != nil)
        #expect(try daily.next(after: .min, in: zone("America/New_York")) != nil)
        #expect(try daily.next(afterWall: CivilDateTime("9999-12-31T00:00:00"), in: zone("America/New_York")) == nil)
    }
}

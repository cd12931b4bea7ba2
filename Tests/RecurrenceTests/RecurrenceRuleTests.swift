import Recurrence
import Testing

struct RecurrenceRuleTests {
    @Test(arguments: [
        ("FREQ=DAILY", "FREQ=DAILY"),
        ("rrule:freq=weekly;byday=fr,mo,fr;interval=1;wkst=mo", "FREQ=WEEKLY;BYDAY=MO,FR"),
        (" RRULE:COUNT=3;BYDAY=+1MO,-1SU,TU;FREQ=MONTHLY ", "FREQ=MONTHLY;COUNT=3;BYDAY=-1SU,TU,1MO"),
        ("BYSETPOS=-1,1;FREQ=YEARLY;BYMONTH=12,2;BYHOUR=09", "FREQ=YEARLY;BYMONTH=2,12;BYHOUR=9;BYSETPOS=-1,1"),
        ("FREQ=YEARLY;BYWEEKNO=53,-1;BYDAY=SU;WKST=SU", "FREQ=YEARLY;BYWEEKNO=-1,53;BYDAY=SU;WKST=SU"),
        ("FREQ=SECONDLY;BYYEARDAY=-1,366;BYSECOND=60,59", "FREQ=SECONDLY;BYYEARDAY=-1,366;BYSECOND=59"),
        ("FREQ=DAILY;UNTIL=20261231", "FREQ=DAILY;UNTIL=20261231"),
        ("FREQ=DAILY;UNTIL=20261231t235960z", "FREQ=DAILY;UNTIL=20261231T235959Z"),
        (
            "FREQ=MINUTELY;UNTIL=20261231T120000;INTERVAL=1000000000",
            "FREQ=MINUTELY;INTERVAL=1000000000;UNTIL=20261231T120000"
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=-31,31,+5", "FREQ=MONTHLY;BYMONTHDAY=-31,5,31"),
        ("FREQ=YEARLY;BYDAY=53MO,-53SU", "FREQ=YEARLY;BYDAY=-53SU,53MO"),
    ])
    func `a rule has a normal form that reads back`(text: String, expected: String) throws {
        let rule = try RecurrenceRule(text)
        #expect(rule.text == expected)
        #expect(try RecurrenceRule(rule.text) == rule)
    }

    @Test(arguments: [
        ("", RecurrenceRuleError.Code.malformed, "", "FREQ=WEEKLY"),
        ("RRULE:", .malformed, "", "empty"), ("COUNT=2", .missingFrequency, "FREQ", "no FREQ"),
        ("FREQ=DAILY;", .malformed, "", "empty part"), ("FREQ=DAILY;;COUNT=1", .malformed, "", "empty part"),
        ("FREQ=DAILY;COUNT", .malformed, "COUNT", "NAME=VALUE"),
        ("FREQ=FORTNIGHTLY", .malformed, "FREQ", "YEARLY, MONTHLY"), ("FREQ=", .malformed, "FREQ", "YEARLY"),
        ("FREQ=DAILY;FREQ=DAILY", .repeatedPart, "FREQ", "twice"),
        ("FREQ=DAILY;X-THING=1", .unknownPart, "X-THING", "RFC 5545"),
        ("FREQ=DAILY;INTERVAL=0", .outOfRange, "INTERVAL", "from 1"),
        ("FREQ=DAILY;INTERVAL=-1", .outOfRange, "INTERVAL", "from 1"),
        ("FREQ=DAILY;INTERVAL=1.5", .malformed, "INTERVAL", "not a number"),
        ("FREQ=DAILY;INTERVAL=99999999999999999999999", .outOfRange, "INTERVAL", "1000000000"),
        ("FREQ=DAILY;COUNT=0", .outOfRange, "COUNT", "from 1"),
        ("FREQ=DAILY;COUNT=1000001", .outOfRange, "COUNT", "UNTIL instead"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20260101", .notAllowed, "UNTIL", "exclude each other"),
        ("FREQ=DAILY;UNTIL=20260230", .malformed, "UNTIL", "20261231T235959Z"),
        ("FREQ=DAILY;UNTIL=20260228T2400", .malformed, "UNTIL", "20261231"),
        ("FREQ=DAILY;UNTIL=20260228T240000", .malformed, "UNTIL", "20261231"),
        ("FREQ=DAILY;BYHOUR=24", .outOfRange, "BYHOUR", "from 0 to 23"),
        ("FREQ=DAILY;BYHOUR=9,,10", .malformed, "BYHOUR", "empty item"),
        ("FREQ=DAILY;BYHOUR=", .malformed, "BYHOUR", "no value"),
        ("FREQ=DAILY;BYHOUR=9,", .malformed, "BYHOUR", "comma"),
        ("FREQ=DAILY;BYMINUTE=60", .outOfRange, "BYMINUTE", "from 0 to 59"),
        ("FREQ=DAILY;BYSECOND=61", .outOfRange, "BYSECOND", "from 0 to 60"),
        ("FREQ=DAILY;BYMONTH=13", .outOfRange, "BYMONTH", "from 1 to 12"),
        ("FREQ=DAILY;BYMONTH=-1", .outOfRange, "BYMONTH", "from 1 to 12"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", .outOfRange, "BYMONTHDAY", "-31 to -1"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", .outOfRange, "BYMONTHDAY", "1 to 31"),
        ("FREQ=YEARLY;BYYEARDAY=-367", .outOfRange, "BYYEARDAY", "366"),
        ("FREQ=YEARLY;BYWEEKNO=54", .outOfRange, "BYWEEKNO", "53"),
        ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=0", .outOfRange, "BYSETPOS", "366"),
        ("FREQ=MONTHLY;BYDAY=0MO", .outOfRange, "BYDAY", "53"), ("FREQ=MONTHLY;BYDAY=54MO", .outOfRange, "BYDAY", "53"),
        ("FREQ=MONTHLY;BYDAY=6MO", .outOfRange, "BYDAY", "more than 5"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-6MO", .outOfRange, "BYDAY", "more than 5"),
        ("FREQ=MONTHLY;BYDAY=MONDAY", .malformed, "BYDAY", "not a weekday"),
        ("FREQ=MONTHLY;BYDAY=--1MO", .malformed, "BYDAY", "not a number"),
        ("FREQ=WEEKLY;WKST=1MO", .malformed, "WKST", "not a weekday"),
        ("FREQ=WEEKLY;BYDAY=1MO", .notAllowed, "BYDAY", "FREQ=WEEKLY"),
        ("FREQ=HOURLY;BYDAY=-1MO", .notAllowed, "BYDAY", "FREQ=HOURLY"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO", .notAllowed, "BYDAY", "BYWEEKNO"),
        ("FREQ=MONTHLY;BYWEEKNO=20", .notAllowed, "BYWEEKNO", "FREQ=YEARLY"),
        ("FREQ=DAILY;BYYEARDAY=1", .notAllowed, "BYYEARDAY", "FREQ=DAILY"),
        ("FREQ=MONTHLY;BYYEARDAY=1", .notAllowed, "BYYEARDAY", "BYMONTHDAY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", .notAllowed, "BYMONTHDAY", "FREQ=MONTHLY"),
        ("FREQ=MONTHLY;BYSETPOS=1", .notAllowed, "BYSETPOS", "another BY part"),
        ("RSCALE=CHINESE;FREQ=YEARLY", .unsupported, "RSCALE", "RFC 7529"),
        ("FREQ=MONTHLY;SKIP=BACKWARD", .unsupported, "SKIP", "RFC 7529"),
        ("DTSTART:20260101T000000\nRRULE:FREQ=DAILY", .malformed, "", "more than one line"),
        ("FREQ=DAILY;BYHOUR=\u{0669}", .malformed, "BYHOUR", "not a number"),
    ])
    func `what cannot be is refused with its part and reason`(
        text: String,
        code: RecurrenceRuleError.Code,
        part: String,
        reason: String
    ) {
        #expect { try RecurrenceRule(text) } throws: { error in
            guard let error = error as? RecurrenceRuleError else { return false }
            return error.code == code && error.part == part && error.message.contains(reason)
        }
    }

    @Test(arguments: [
        ("FREQ=DAILY", "every day"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=SU",
            "every 2 weeks on Monday and Friday, with weeks that begin on Sunday"
        ),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "every month on the last weekday"),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=12", "every month on the last Friday, 12 times"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "every month on the 13th if that is a Friday"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15,-1", "every month on the 1st, 15th and last day"),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "every year on the 4th Thursday of the month in November"),
        ("FREQ=YEARLY;BYDAY=20MO", "every year on the 20th Monday of the year"),
        ("FREQ=YEARLY;BYWEEKNO=20,21,22;BYDAY=MO", "every year in weeks 20 to 22 on Monday"),
        ("FREQ=YEARLY;BYYEARDAY=100,-1", "every year on day 100 and the last day of the year"),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25", "every year on the 25th of the month in December"),
        ("FREQ=DAILY;BYHOUR=9,17;BYMINUTE=0", "every day at 09:00 and 17:00"),
        ("FREQ=HOURLY;INTERVAL=3;BYHOUR=9,10,11,12", "every 3 hours at hours 9 to 12"),
        (
            "FREQ=DAILY;BYHOUR=8,12,18;BYSETPOS=-1",
            "every day at hours 8, 12 and 18, of these only the last in each day"
        ),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every week on weekdays"),
        ("FREQ=DAILY;UNTIL=20261231", "every day, until the end of 31 December 2026"),
        ("FREQ=DAILY;COUNT=1;BYMONTH=1,2,3", "every day in January, February and March, once"),
        ("FREQ=SECONDLY;UNTIL=20261231T090000Z", "every second, until 31 December 2026 09:00 UTC"),
    ])
    func `a rule is told in English`(text: String, expected: String) throws {
        #expect(try RecurrenceRule(text).words == expected)
    }
}

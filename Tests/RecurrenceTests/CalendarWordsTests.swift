import Recurrence
import Testing

struct CalendarWordsTests {
    private static func times(_ text: String) throws -> [CivilTime] {
        try text.split(separator: " ").map { try CivilDateTime("2026-01-01 \($0)").time }
    }

    @Test(
        arguments: [
            ("day", nil, "09:00", "0 9 * * *"), ("daily", nil, "09:00", "0 9 * * *"),
            ("Every Day", nil, "00:00", "0 0 * * *"),
            ("weekday", nil, "09:00", "0 9 * * MON-FRI"), ("weekdays", nil, "09:00", "0 9 * * MON-FRI"),
            ("weekend", nil, "10:30", "30 10 * * SAT,SUN"), ("every weekend", nil, "10:30", "30 10 * * SAT,SUN"),
            ("mon,thu", nil, "18:00", "0 18 * * MON,THU"), ("Monday", nil, "18:00", "0 18 * * MON"),
            ("mondays and thursdays", nil, "18:00", "0 18 * * MON,THU"),
            ("mon, wed , fri", nil, "18:00", "0 18 * * MON,WED,FRI"),
            ("tues", nil, "18:00", "0 18 * * TUE"), ("fri-mon", nil, "18:00", "0 18 * * FRI-MON"),
            ("weekday,sat", nil, "18:00", "0 18 * * MON-FRI,SAT"), ("week", "mon", "09:00", "0 9 * * MON"),
            ("weekly", "mon and thu", "09:00", "0 9 * * MON,THU"), ("month", "1", "09:00", "0 9 1 * *"),
            ("monthly", "1st", "09:00", "0 9 1 * *"), ("month", "1,15", "09:00", "0 9 1,15 * *"),
            ("month", "28", "09:00", "0 9 28 * *"), ("month", "last", "09:00", "0 9 L * *"),
            ("month", "last day", "09:00", "0 9 L * *"), ("month", "Last Weekday", "17:00", "0 17 LW * *"),
            ("month", "last friday", "17:00", "0 17 * * FRIL"), ("month", "first monday", "17:00", "0 17 * * MON#1"),
            ("month", "2nd tue", "17:00", "0 17 * * TUE#2"), ("month", "1, last friday", "17:00", "0 17 1 * FRIL"),
            ("year", "15 march", "09:00", "0 9 15 3 *"), ("yearly", "Mar 15th", "09:00", "0 9 15 3 *"),
            ("annually", "31 dec", "23:59", "59 23 31 12 *"),
            // Several times of day: the fewest expressions that name these and no others.
            ("day", nil, "18:00 09:00", "0 9,18 * * *"), ("day", nil, "09:00 09:30", "0,30 9 * * *"),
            ("day", nil, "09:00 18:30", "0 9 * * *|30 18 * * *"),
            ("day", nil, "09:00 09:30 18:00 18:30 09:00", "0,30 9,18 * * *"),
            ("day", nil, "18:30 09:00 18:00", "0 9,18 * * *|30 18 * * *"),
            ("day", nil, "09:00:30", "30 0 9 * * *"), ("day", nil, "09:00:30 09:00", "0 9 * * *|30 0 9 * * *"),
        ] as [(String, String?, String, String)]
    )
    func `calendar words are shorthand for expressions`(words: String, day: String?, times: String, cron: String) throws
    {
        let expressions = try CronExpression.every(words, on: day, at: Self.times(times))
        #expect(expressions?.map(\.text).joined(separator: "|") == cron)
    }

    @Test(arguments: ["15m", "36h", "1d", "1.5h", "PT10M", "p1d", "90 minutes", " 2w", "-5m", "500ms"])
    func `an interval is not for calendar words`(text: String) throws {
        #expect(try CronExpression.every(text, at: []) == nil)
    }

    @Test(
        arguments: [
            ("day", nil, "", .missingTime, "such as 09:00"), ("month", "1", "", .missingTime, "such as 09:00"),
            ("day", "1", "09:00", .malformed, "already says which days"),
            ("mon", "1", "09:00", .malformed, "already says which days"),
            ("week", nil, "09:00", .malformed, "such as mon"), ("week", "1", "09:00", .malformed, "mon,thu"),
            ("month", nil, "09:00", .malformed, "such as 1, or last"),
            ("month", "soon", "09:00", .malformed, "last friday"),
            ("month", "0", "09:00", .outOfRange, "from 1 to 28"), ("month", "32", "09:00", .outOfRange, "no day 32"),
            ("month", "31", "09:00", .outOfRange, "Not every month has a day 31"),
            ("month", "29", "09:00", .outOfRange, "0 9 29 * *"), ("month", "", "09:00", .malformed, "1 to 28"),
            ("month", "1,", "09:00", .malformed, "1 to 28"), ("month", "5th friday", "09:00", .outOfRange, "Give last"),
            ("month", "0th friday", "09:00", .malformed, "first monday"),
            ("month", "march 1", "09:00", .malformed, "1 to 28"),
            ("year", nil, "09:00", .malformed, "15 march"), ("year", "29 feb", "09:00", .outOfRange, "Not every year"),
            ("year", "31 april", "09:00", .outOfRange, "Not every year"),
            ("year", "1", "09:00", .malformed, "15 march"),
            ("hour", nil, "09:00", .malformed, "such as 1h"), ("minute", nil, "", .malformed, "such as 1m"),
            ("fortnight", nil, "09:00", .malformed, "mon,thu, week, month"), ("", nil, "09:00", .malformed, "15m"),
            ("every", nil, "09:00", .malformed, "15m"), ("other day", nil, "09:00", .malformed, "15m"),
            ("mon,,thu", nil, "09:00", .malformed, "15m"), ("mon-wed-fri", nil, "09:00", .malformed, "15m"),
            ("mon-", nil, "09:00", .malformed, "15m"), ("day", nil, "09:00:00.500", .tooPrecise, "finer than a second"),
        ] as [(String, String?, String, TimeExpressionError.Code, String)]
    )
    func `what calendar words cannot mean is refused with a remedy`(
        words: String,
        day: String?,
        times: String,
        code: TimeExpressionError.Code,
        advice: String
    ) throws {
        let times = try Self.times(times)
        #expect { try CronExpression.every(words, on: day, at: times) } throws: { error in
            guard let error = error as? TimeExpressionError else { return false }
            guard error.code == code, error.message.contains(advice), error.message.hasSuffix(".") else {
                Issue.record("\(words): \(error.message)")
                return false
            }
            return true
        }
    }

    @Test(arguments: seeds)
    func `no text crashes the reader`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "every", "day", "mon", "week", "month", "year", "last", "first", "2nd", "friday", "-", ",", " and ", "31",
            "15",
            "march", "p", "pt", "é", "\0", "٣", "s", "",
        ]
        func text(_ random: inout SeededGenerator) -> String {
            (0..<Int.random(in: 0...4, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined(separator: Bool.random(using: &random) ? " " : "")
        }
        for _ in 0..<5000 {
            let words = text(&random)
            let day = Bool.random(using: &random) ? nil : text(&random)
            let times = try (0..<Int.random(in: 1...3, using: &random)).map { _ in
                let (hour, minute) = (Int.random(in: 0...23, using: &random), Int.random(in: 0...59, using: &random))
                return try #require(CivilTime(hour: hour, minute: minute))
            }
            guard let expressions = try? CronExpression.every(words, on: day, at: times) else { continue }
            // Together they name exactly these times, on any day of theirs.
            for expression in expressions {
                let next = try #require(expression.nextWall(after: CivilDateTime("2026-07-01T00:00:00")))
                #expect(times.contains(next.time), "seed \(seed): \(words) at \(times)")
            }
            let anyDay = try #require(try CronExpression.every("day", at: times))
            #expect(anyDay.map(\.fieldsOfClock) == expressions.map(\.fieldsOfClock))
            let midnight = try CivilDateTime("2026-06-30T23:59:59")
            let named = anyDay.flatMap { expression in
                Array(
                    sequence(first: midnight) { expression.nextWall(after: $0) }.dropFirst()
                        .prefix { $0.date.description == "2026-07-01" }.map(\.time)
                )
            }
            #expect(named.sorted() == Set(times).sorted(), "seed \(seed): \(times)")
        }
    }
}

extension CronExpression {
    fileprivate var fieldsOfClock: [Substring] { text.split(separator: " ").dropLast(3) }
}

import Testing

@testable import Recurrence

/// What can be typed, at Tuesday 24 November 2026, 10:00 in New York (15:00 UTC).
struct TimeExpressionTests {
    private static let now = "2026-11-24T10:00:00-05:00"

    private func resolve(_ text: String, now: String = now) throws -> ResolvedTime {
        try TimeExpression(text).resolve(now: instant(now), in: zone("America/New_York"))
    }

    @Test(arguments: [
        ("2026-12-01T09:00:00+09:00", "2026-12-01T00:00:00Z"), ("2026-12-01T09:00:00Z", "2026-12-01T09:00:00Z"),
        ("2026-12-01t09:00z", "2026-12-01T09:00:00Z"), ("2026-12-01 09:00 +0900", "2026-12-01T00:00:00Z"),
        ("2026-12-01 09:00-03", "2026-12-01T12:00:00Z"), ("2026-12-01T09:00:00.125Z", "2026-12-01T09:00:00.125Z"),
        ("@1790000000", "2026-09-21T14:13:20Z"), ("@1790000000.25", "2026-09-21T14:13:20.250Z"),
        ("@0", "1970-01-01T00:00:00Z"),
        ("@-1.5", "1969-12-31T23:59:58.500Z"), ("in 10 minutes", "2026-11-24T15:10:00Z"),
        ("IN 2h30m", "2026-11-24T17:30:00Z"),
        ("90s", "2026-11-24T15:01:30Z"), ("PT10M", "2026-11-24T15:10:00Z"), ("in 1d 2h", "2026-11-25T17:00:00Z"),
        ("in 500ms", "2026-11-24T15:00:00.500Z"), ("10 minutes", "2026-11-24T15:10:00Z"),
    ])
    func `an instant or elapsed time is stored as an instant`(text: String, expected: String) throws {
        let at = try instant(expected)
        #expect(try resolve(text) == ResolvedTime(at: at, rule: .instant(at)))
    }

    @Test func `what programs write means the same read at once as taken apart into words`() throws {
        var random = SeededGenerator(seed: 2026)
        var readAtOnce = 0
        for _ in 0..<20_000 {
            var text = Array(
                "\(pick("2026", "0001", "9999"))-\(pick("02", "12", "12", "13"))-\(pick("01", "29", "28", "31"))"
                    + "\(pick("T", "T", " ", "t"))\(pick("09", "23", "00", "24")):\(pick("00", "59", "30", "60"))"
                    + "\(pick("", ":30", ":59", ":60"))\(pick("", "", ".2", ".250", ".2505"))"
                    + "\(pick("", "Z", "+09:00", "-23:59", "+24:00", "z", "-03"))"
            )
            if Int.random(in: 0..<4, using: &random) == 0 {
                let place = Int.random(in: 0..<text.count, using: &random)
                text[place] = "0123456789-:+.TZ apm".randomElement(using: &random) ?? "0"
            }
            guard let form = TimestampParser.form(String(text)) else { continue }
            readAtOnce += 1
            #expect(try ExpressionParser(text: String(text)).form() == form, "\(String(text))")
        }
        #expect(readAtOnce > 1_000)

        func pick(_ parts: String...) -> String { parts.randomElement(using: &random) ?? "" }
    }

    @Test(arguments: [
        "2026-12-01T09:00:00.250Z", "2026-12-01T09:00:00", "2026-12-01 09:00", "2026-12-01T09:00:00+05:30",
    ])
    func `what programs write is read at once`(text: String) {
        #expect(TimestampParser.form(text) != nil)
    }

    @Test(arguments: [
        ("2026-12-01 09:00", "2026-12-01T09:00:00"), ("2026-12-01T09:00:30", "2026-12-01T09:00:30"),
        ("2026-12-01 9am", "2026-12-01T09:00:00"), ("2026-12-01 at 9:30 pm", "2026-12-01T21:30:00"),
        ("2020-01-01 00:00", "2020-01-01T00:00:00"), ("15 march 2028 10:00", "2028-03-15T10:00:00"),
        ("09:00", "2026-11-25T09:00:00"), ("10:00", "2026-11-25T10:00:00"), ("10:00:00.001", "2026-11-24T10:00:00.001"),
        ("9am", "2026-11-25T09:00:00"), ("11 AM", "2026-11-24T11:00:00"), ("5:45 p.m.", "2026-11-24T17:45:00"),
        ("12am", "2026-11-25T00:00:00"), ("12pm", "2026-11-24T12:00:00"), ("12:30am", "2026-11-25T00:30:00"),
        ("21:30:15", "2026-11-24T21:30:15"), ("noon", "2026-11-24T12:00:00"), ("Midnight", "2026-11-25T00:00:00"),
        ("tomorrow 09:00", "2026-11-25T09:00:00"), ("Tomorrow at 9am", "2026-11-25T09:00:00"),
        ("tomorrow noon", "2026-11-25T12:00:00"),
        ("today 17:00", "2026-11-24T17:00:00"), ("fri 17:00", "2026-11-27T17:00:00"),
        ("friday 5pm", "2026-11-27T17:00:00"),
        ("tue 17:00", "2026-11-24T17:00:00"), ("tuesday 09:00", "2026-12-01T09:00:00"),
        ("next tuesday 17:00", "2026-12-01T17:00:00"),
        ("next friday 17:00", "2026-11-27T17:00:00"), ("NEXT WED AT NOON", "2026-11-25T12:00:00"),
        ("thurs 08:00", "2026-11-26T08:00:00"),
        ("15 march 10:00", "2027-03-15T10:00:00"), ("Mar 15 10:00", "2027-03-15T10:00:00"),
        ("24 nov 10:01", "2026-11-24T10:01:00"),
        ("24 november 10:00", "2027-11-24T10:00:00"), ("29 feb 09:00", "2028-02-29T09:00:00"),
        ("1 sept at 9am", "2027-09-01T09:00:00"),
        ("in 1 day", "2026-11-25T10:00:00"), ("1mo", "2026-12-24T10:00:00"), ("in 2 weeks", "2026-12-08T10:00:00"),
        ("P1Y", "2027-11-24T10:00:00"),
    ])
    func `what names a wall time is stored as one`(text: String, expected: String) throws {
        let wall = try CivilDateTime(expected)
        let at = try zone("America/New_York").instants(of: wall).resolved
        #expect(try resolve(text) == ResolvedTime(at: at, rule: .wall(wall)))
    }

    @Test(arguments: [
        ("2026-12-25", "2026-12-25"), (" 2020-02-29 ", "2020-02-29"), ("today", "2026-11-24"),
        ("Tomorrow", "2026-11-25"), ("tue", "2026-11-24"), ("next tuesday", "2026-12-01"), ("wed", "2026-11-25"),
        ("next fri", "2026-11-27"), ("15 march", "2027-03-15"), ("nov 24", "2026-11-24"), ("23 nov", "2027-11-23"),
        ("29 feb", "2028-02-29"), ("15 march 2030", "2030-03-15"),
    ])
    func `a day alone is understood where one is asked for`(text: String, expected: String) throws {
        let day = try TimeExpression.day(text, now: instant(Self.now), in: zone("America/New_York"))
        #expect(day?.description == expected)
    }

    @Test(arguments: ["09:00", "tomorrow 09:00", "2026-12-25 9am", "in 10 minutes", "@0", "90s", "noon"])
    func `a time is not a day alone`(text: String) throws {
        #expect(try TimeExpression.day(text, now: instant(Self.now), in: zone("America/New_York")) == nil)
    }

    @Test(arguments: [
        ("26", "Write 2026-11-26."), ("23", "Write 2026-12-23 or 23:00."), ("9th", "Write 2026-12-09."),
        ("31st", "Write 2026-12-31."),
        ("yesterday", "Write its date, 2026-11-23."), ("christmas", "Write a day like 2026-11-25 or tomorrow"),
        ("2026-02-30", "Write a day from 01 to 28."), ("31 february", "Write a day that the month has."),
        ("99", "Write 09:00"), ("", "Write a time"),
    ])
    func `what is no day is refused with what to write`(text: String, advice: String) {
        #expect { try TimeExpression.day(text, now: instant(Self.now), in: zone("America/New_York")) } throws: {
            "\($0)".contains(advice)
        }
    }

    @Test(arguments: [
        ("", TimeExpressionError.Code.malformed, "There is no time. Write a time like"),
        ("   ", .malformed, "There is no time."),
        ("9", .ambiguous, "09:00, 9am or \"in 9 minutes\""), ("0930", .ambiguous, "Write 09:00"),
        ("01/02/2026 09:00", .ambiguous, "2026-12-01 09:00"), ("1.2.2026 09:00", .ambiguous, "2026-12-01 09:00"),
        ("2026/12/01 09:00", .ambiguous, "2026-12-01 09:00"), ("01-02-2026 09:00", .malformed, "ISO form"),
        ("20261201T090000", .malformed, "ISO form"), ("20261201", .malformed, "ISO form"),
        ("2026-1-5 09:00", .malformed, "ISO form"),
        ("2026-12-01", .missingTime, "Write \"2026-12-01 09:00\""), ("2026-12-01T", .malformed, "not a time of day"),
        ("2026-13-01 09:00", .outOfRange, "a month from 01 to 12"),
        ("2026-02-29 09:00", .outOfRange, "a day from 01 to 28"),
        ("2026-04-31 09:00", .outOfRange, "a day from 01 to 30"), ("0000-01-01 00:00", .outOfRange, "a year from 0001"),
        ("2026-12-01 24:00", .outOfRange, "00:00 of the day after"), ("24:00", .outOfRange, "00:00 of the day after"),
        ("25:00", .outOfRange, "hours go from 0 to 23"), ("09:60", .outOfRange, "minutes go from 0 to 59"),
        ("23:59:60", .outOfRange, "leap seconds"), ("13pm", .outOfRange, "13:00 without am or pm"),
        ("0am", .outOfRange, "12am or 00:00"),
        ("99pm", .outOfRange, "1pm or 13:00"), ("13:30 pm", .outOfRange, "from 1 to 12"),
        ("9:5", .malformed, "not a time of day"), ("009:00", .malformed, "not a time of day"),
        ("09:00:0", .malformed, "not a time of day"),
        ("09:00:00:00", .malformed, "not a time of day"), ("9.30", .malformed, "lacks a unit"),
        ("9xm", .malformed, "unknown unit"),
        ("09:00:00.1234", .tooPrecise, "more than 3 decimals"),
        ("2026-12-01T09:00:00.0000Z", .tooPrecise, "more than 3 decimals"),
        ("@1.2345", .tooPrecise, "more than 3 decimals"), ("@", .malformed, "@1790000000"),
        ("@12a", .malformed, "@1790000000"),
        ("@--1", .malformed, "@1790000000"), ("@1790000000000", .outOfRange, "seconds, not milliseconds"),
        ("@1790000000 09:00", .malformed, "@1790000000"), ("tomorrow", .missingTime, "Write \"tomorrow 09:00\""),
        ("friday", .missingTime, "Write \"friday 09:00\""),
        ("next friday", .missingTime, "Write \"next friday 09:00\""),
        ("15 march", .missingTime, "Write \"15 march 09:00\""), ("today 09:00", .passed, "tomorrow 09:00"),
        ("today 10:00", .passed, "has passed"), ("today midnight", .passed, "tomorrow 00:00"),
        ("30 february 09:00", .outOfRange, "no 30 february"),
        ("31 april 09:00", .outOfRange, "no 31 april"), ("29 feb 2027 09:00", .outOfRange, "in the year 2027"),
        ("32 march 10:00", .outOfRange, "no 32 march"), ("0 march 10:00", .malformed, "15 march 10:00"),
        ("march 10:00", .malformed, "15 march 10:00"),
        ("next week", .malformed, "only a weekday can follow"), ("next", .malformed, "only a weekday can follow"),
        ("now", .malformed, "in 1 s"),
        ("yesterday 09:00", .malformed, "a time that is ahead"), ("this friday 17:00", .malformed, "the weekday alone"),
        ("soon", .malformed, "not understood at \"soon\""),
        ("9am tomorrow", .malformed, "Write the day first, like \"tomorrow 9am\""),
        ("09:00 Europe/Berlin", .malformed, "time zone apart"),
        ("2026-12-01 09:00 Europe/Berlin", .malformed, "time zone apart"),
        ("2026-12-01 09:00 EST", .malformed, "time zone apart"),
        ("2026-12-01 09:00+25:00", .outOfRange, "not an offset from UTC"),
        ("2026-12-01 09:00+9", .outOfRange, "not an offset from UTC"), ("09:00Z", .malformed, "not a time of day"),
        ("0001-01-01T00:00:00+01:00", .outOfRange, "1 to 9999 of UTC"), ("in", .malformed, "is empty"),
        ("in -5m", .malformed, "is not a duration"),
        ("in an hour", .malformed, "is not a duration"), ("in 9000y", .outOfRange, "beyond the year 9999"),
        ("noon tomorrow", .malformed, "tomorrow 9am"),
        ("tomorrow at", .missingTime, "tomorrow 09:00"), ("tomorrow 9", .malformed, "09:00, 21:30:15 or 9am"),
        ("٩:٠٠", .malformed, "not a time of day"),
    ])
    func `what cannot be used is refused with a remedy`(text: String, code: TimeExpressionError.Code, words: String) {
        #expect { try resolve(text) } throws: { error in
            guard let error = error as? TimeExpressionError else { return false }
            guard error.code == code, error.message.contains(words), error.message.hasSuffix(".") else {
                Issue.record("\(text): \(error.message)")
                return false
            }
            return true
        }
    }

    @Test(arguments: [
        // In the first pass of the repeated hour the same clock time has come once: the next is tomorrow's.
        ("2026-11-01T01:40:00-04:00", "01:30", "2026-11-02T01:30:00-05:00"),
        ("2026-11-01T01:20:00-05:00", "01:30", "2026-11-02T01:30:00-05:00"),
        ("2026-11-01T01:20:00-04:00", "01:30", "2026-11-01T01:30:00-04:00"),
        // In the gap 02:30 means 03:30, which is ahead at 03:10.
        ("2026-03-08T03:10:00-04:00", "02:30", "2026-03-08T03:30:00-04:00"),
        ("2026-03-08T03:40:00-04:00", "02:30", "2026-03-09T02:30:00-04:00"),
        ("2026-03-07T12:00:00-05:00", "in 1d", "2026-03-08T12:00:00-04:00"),
        ("2026-03-07T12:00:00-05:00", "in 24h", "2026-03-08T13:00:00-04:00"),
        ("2026-10-31T12:00:00-04:00", "in 1d", "2026-11-01T12:00:00-05:00"),
        ("2026-10-31T12:00:00-04:00", "in 24h", "2026-11-01T11:00:00-05:00"),
        ("2096-03-01T00:00:00-05:00", "29 feb 09:00", "2104-02-29T09:00:00-05:00"),
        ("9999-12-30T10:00:00-05:00", "tomorrow 09:00", "9999-12-31T09:00:00-05:00"),
        ("2026-11-27T23:59:59.999-05:00", "midnight", "2026-11-28T00:00:00-05:00"),
    ])
    func `the next moment is ahead, also in nights of daylight saving`(
        now: String,
        text: String,
        expected: String
    ) throws {
        #expect(try resolve(text, now: now).at == instant(expected))
    }

    @Test func `a day that does not exist still has a next moment`() throws {
        let resolved = try TimeExpression("09:00").resolve(
            now: instant("2011-12-29T23:00:00-10:00"),
            in: zone("Pacific/Apia")
        )
        #expect(resolved.at == (try instant("2011-12-31T09:00:00+14:00")))
        #expect(resolved.rule == .wall(try CivilDateTime("2011-12-30T09:00:00")))
    }

    @Test(arguments: [
        "tomorrow 23:00", "09:00", "fri 09:00", "next fri 17:00", "1 jan 09:00", "in 1d", "in 1mo", "in 24h",
    ])
    func `nothing is ahead after the last day of the calendar`(text: String) throws {
        let now = try instant("9999-12-31T10:00:00-05:00")
        #expect { try TimeExpression(text).resolve(now: now, in: zone("America/New_York")) } throws: {
            ($0 as? TimeExpressionError)?.code == .outOfRange
        }
    }

    @Test func `an instant in the past is given, not refused`() throws {
        let now = try instant(Self.now)
        #expect(try resolve("2026-01-01T00:00:00Z").at < now)
        #expect(try resolve("2026-01-01 00:00").at < now)
        #expect(try resolve("in 0s").at == now)
    }

    @Test(arguments: seeds)
    func `no text crashes the reader, and what it accepts is resolved`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let newYork = try zone("America/New_York")
        let pieces = [
            "in", "next", "today", "tomorrow", "fri", "at", "15", "march", "9", "am", "pm", "09:00", "2026-12-01", "T",
            "Z", "+09:00", "@",
            "1790000000", ".5", "h", "m", "1mo", "P", "PT", "noon", " ", ":", "-", "é", "🕘", "\0",
            "99999999999999999999",
        ]
        for _ in 0..<3000 {
            let count = Int.random(in: 0...6, using: &random)
            let parts = (0..<count).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }
            let text = parts.joined(separator: Bool.random(using: &random) ? " " : "")
            let now = Timestamp(
                milliseconds: Int64.random(in: Timestamp.min.milliseconds...Timestamp.max.milliseconds, using: &random)
            )
            guard let resolved = try? TimeExpression(text).resolve(now: now, in: newYork) else { continue }
            let again = Schedule(rules: [resolved.rule], zone: newYork).next(after: resolved.at - 1)
            #expect(again == resolved.at || resolved.at == .min, "seed \(seed): \(text) at \(now)")
        }
    }
}

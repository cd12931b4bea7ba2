import Recurrence
import Testing

/// A calendar of one event with these lines.
func calendar(_ lines: String...) throws -> CalendarFile {
    try CalendarFile(
        (["BEGIN:VCALENDAR", "BEGIN:VEVENT"] + lines + ["END:VEVENT", "END:VCALENDAR"]).joined(separator: "\r\n")
    )
}

struct CalendarFileTests {
    @Test func `a file is read with its folds, quotes and escapes`() throws {
        let text = """
            BEGIN:VCALENDAR
            VERSION:2.0
            BEGIN:VTIMEZONE
            TZID:Mitteleuropa
            X-LIC-LOCATION:Europe/Berlin
            BEGIN:STANDARD
            DTSTART:19701025T030000
            RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
            TZOFFSETFROM:+0200
            TZOFFSETTO:+0100
            END:STANDARD
            END:VTIMEZONE
            begin:vevent
            UID:one
            SUMMARY;LANGUAGE="de:DE;x":Weih
             nachten\\, Feier\\;\\nabends \\\\o/
            DTSTART;TZID=Mitteleuropa:20261224T180000
            DTEND;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20261224T200000
            RRULE:FREQ=YEARLY
            RRULE:FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=6
            RDATE;VALUE=PERIOD:20260101T000000Z/PT2H,20260201T000000Z/20260201T010000Z
            EXDATE;TZID=Europe/Berlin:20271224T180000,20281224T180000
            BEGIN:VALARM
            TRIGGER:-PT15M
            DTSTART:nonsense
            END:VALARM
            END:VEVENT
            BEGIN:VTODO
            DTSTART:nonsense
            END:VTODO
            BEGIN:VEVENT
            DTSTART;VALUE=DATE:20260501
            DURATION:P2D
            STATUS:cancelled
            RECURRENCE-ID;VALUE=DATE:20260430
            END:VEVENT
            END:VCALENDAR

            """
        for text in [text, text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")] {
            let file = try CalendarFile("\u{FEFF}" + text)
            #expect(file.events.count == 2)
            let first = file.events[0]
            #expect(first.uid == "one")
            #expect(first.summary == "Weihnachten, Feier;\nabends \\o/")
            #expect(first.start == .zoned(try wall(basic: "20261224T180000"), zone: "Europe/Berlin"))
            #expect(first.length == .until(.zoned(try wall(basic: "20261224T200000"), zone: "Europe/Berlin")))
            #expect(first.rules.map(\.text) == ["FREQ=YEARLY", "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=6"])
            #expect(first.additions.count == 2)
            #expect(first.additions[1].length == .until(.instant(try instant("2026-02-01T01:00:00Z"))))
            #expect(first.exceptions.count == 2)
            #expect(first.line == 13)
            let second = file.events[1]
            #expect(second.start == .date(try CivilDate("2026-05-01")))
            #expect(second.length == .span(try TimeSpan("P2D")))
            #expect(second.isCancelled)
            #expect(second.recurrenceID == .date(try CivilDate("2026-04-30")))
        }
    }

    @Test func `a fold may split a character`() throws {
        var bytes = Array("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\nSUMMARY:Gr".utf8)
        bytes += [0xC3, 0x0D, 0x0A, 0x20, 0xBC] + Array("n\nEND:VEVENT\nEND:VCALENDAR\n".utf8)
        #expect(try CalendarFile(utf8: bytes).events.first?.summary == "Grün")
    }

    @Test(arguments: [
        ("Europe/Berlin", "Europe/Berlin"), ("/mozilla.org/20070129_1/America/Indiana/Knox", "America/Indiana/Knox"),
        ("/citadel.org/UTC", "UTC"), ("\"Europe/Berlin\"", "Europe/Berlin"),
    ])
    func `a vendor's prefix is left out of a zone's name`(name: String, expected: String) throws {
        let file = try calendar("DTSTART;TZID=\(name):20260101T090000")
        #expect(file.events.first?.start == .zoned(try wall(basic: "20260101T090000"), zone: expected))
    }

    @Test(arguments: [
        ("", CalendarError.Code.notCalendar, 1, "BEGIN:VCALENDAR"), ("hello", .malformed, 1, "NAME:value"),
        ("BEGIN:VEVENT\nEND:VEVENT", .notCalendar, 1, "BEGIN:VCALENDAR"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\n", .notCalendar, 3, "cut off"),
        ("BEGIN:VCALENDAR\nEND:VEVENT", .notCalendar, 2, "damaged"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\nDTSTART:1", .notCalendar, 3, "BEGIN:VCALENDAR"),
    ])
    func `what is no calendar is refused with its line`(
        text: String,
        code: CalendarError.Code,
        line: Int,
        reason: String
    ) {
        #expect { try CalendarFile(text) } throws: { error in
            guard let error = error as? CalendarError else { return false }
            return error.code == code && error.line == line && "\(error)".contains(reason)
        }
    }

    @Test(arguments: [
        ("SUMMARY:x", CalendarError.Code.invalidEvent, 2, "no DTSTART"),
        ("DTSTART:20260230", .malformed, 3, "DTSTART"), ("DTSTART;VALUE=DATE:20260201T090000", .malformed, 3, "day"),
        ("DTSTART:20260101\nDTSTART:20260102", .invalidEvent, 4, "second DTSTART"),
        ("DTSTART:20260101\nDTEND:20260102T000000", .invalidEvent, 4, "alike"),
        ("DTSTART:20260102\nDTEND:20260101", .invalidEvent, 4, "before"),
        ("DTSTART:20260102\nDURATION:PT1H", .invalidEvent, 4, "P1D"),
        ("DTSTART:20260102\nDURATION:-P1D", .malformed, 4, "length of time"),
        ("DTSTART:20260102T000000\nDURATION:1h", .malformed, 4, "PT1H30M"),
        ("DTSTART:20260101\nDTEND:20260102\nDURATION:P1D", .invalidEvent, 2, "exclude"),
        ("DTSTART:20260101\nRRULE:FREQ=HOURLY", .invalidEvent, 4, "FREQ=DAILY"),
        ("DTSTART:20260101\nRRULE:FREQ=DAILY\n ;COUNT=0", .invalidRule, 4, "COUNT"),
        ("DTSTART:20260101\nEXRULE:FREQ=DAILY", .unsupported, 4, "EXDATE"),
        ("DTSTART:20260101\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260101", .unsupported, 4, "RANGE"),
        ("DTSTART;TZID=W. Europe Standard Time:20260101T090000", .unknownZone, 3, "X-LIC-LOCATION"),
        ("DTSTART;TZID:20260101T090000", .malformed, 3, "NAME=value"),
        ("DTSTART:20260101\nEXDATE:20260101,,", .malformed, 4, "EXDATE"),
    ])
    func `an event that cannot be is refused with its line`(
        lines: String,
        code: CalendarError.Code,
        line: Int,
        reason: String
    ) {
        #expect { try calendar(lines) } throws: { error in
            guard let error = error as? CalendarError else { return false }
            return error.code == code && error.line == line && error.message.contains(reason)
        }
    }

    @Test(arguments: seeds)
    func `damaged files are read or refused`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let whole = """
            BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART;TZID="Europe/Berlin":20260101T090000\nDURATION:P1DT2H\n
            RRULE:FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1;COUNT=20\nEXDATE:20260130T080000Z\nRDATE;VALUE=PERIOD:
             20260501T000000Z/PT1H\nEND:VEVENT\nEND:VCALENDAR
            """
        for _ in 0..<2000 {
            var bytes = Array(whole.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: index)
                }
            }
            guard let file = try? CalendarFile(utf8: bytes) else { continue }
            let exclusion = try? CalendarExclusion(file, in: .utc, zones: fixtureZones)
            let moment = Timestamp(seconds: Int64.random(in: 1_760_000_000...1_780_000_000, using: &random))
            if let state = exclusion?.state(at: moment) { #expect(state.until > moment) }
        }
    }
}

import Recurrence
import Testing

struct CalendarExclusionTests {
    private func exclusion(_ name: String, _ lines: String...) throws -> CalendarExclusion {
        let text = (["BEGIN:VCALENDAR"] + lines + ["END:VCALENDAR"]).joined(separator: "\n")
        return try CalendarExclusion(CalendarFile(text), in: zone(name), zones: fixtureZones)
    }

    private func event(_ lines: String...) -> String {
        (["BEGIN:VEVENT"] + lines + ["END:VEVENT"]).joined(separator: "\n")
    }

    private func check(_ exclusion: CalendarExclusion, inside: [String], outside: [String]) throws {
        for text in inside { #expect(exclusion.contains(try instant(text)), "\(text) is inside") }
        for text in outside { #expect(!exclusion.contains(try instant(text)), "\(text) is outside") }
    }

    @Test func `an all-day event is the civil day of the schedule's zone`() throws {
        let holiday = try exclusion("America/New_York", event("DTSTART;VALUE=DATE:20260308", "SUMMARY:x"))
        try check(
            holiday,
            inside: ["2026-03-08T00:00:00-05:00", "2026-03-08T23:59:59.999-04:00"],
            outside: ["2026-03-07T23:59:59.999-05:00", "2026-03-09T00:00:00-04:00"]
        )
        let state = holiday.state(at: try instant("2026-03-08T12:00:00-04:00"))
        #expect(state.event?.summary == "x")
        #expect(state.until == (try instant("2026-03-09T00:00:00-04:00")))
        #expect(holiday.state(at: state.until).event == nil)
        #expect(holiday.state(at: state.until).until == .max)
    }

    @Test func `a yearly holiday comes back, but for its exceptions`() throws {
        let christmas = try exclusion(
            "Europe/Berlin",
            event(
                "DTSTART;VALUE=DATE:20201225",
                "DTEND;VALUE=DATE:20201227",
                "RRULE:FREQ=YEARLY;BYHOUR=9",
                "EXDATE;VALUE=DATE:20271225",
                "RDATE;VALUE=DATE:20280701"
            )
        )
        try check(
            christmas,
            inside: [
                "2020-12-25T00:00:00+01:00", "2026-12-26T23:59:59+01:00", "2028-12-25T00:00:00+01:00",
                "2028-07-02T23:59:00+02:00", "9998-12-25T12:00:00Z",
            ],
            outside: ["2019-12-25T12:00:00Z", "2026-12-27T00:00:00+01:00", "2027-12-25T12:00:00Z"]
        )
        let state = christmas.state(at: try instant("2027-01-01T00:00:00Z"))
        #expect(state.until == (try instant("2028-07-01T00:00:00+02:00")))
    }

    @Test func `a timed event is taken up from its start to before its end, in its own zone`() throws {
        let weekly = try exclusion(
            "Asia/Tokyo",
            event(
                "UID:a",
                "DTSTART;TZID=America/New_York:20260302T090000",
                "DTEND;TZID=America/New_York:20260302T100000",
                "RRULE:FREQ=WEEKLY;UNTIL=20260401T000000Z",
                "EXDATE;TZID=America/New_York:20260316T090000"
            ),
            event(
                "UID:a",
                "RECURRENCE-ID;TZID=America/New_York:20260323T090000",
                "DTSTART;TZID=America/New_York:20260324T090000",
                "DURATION:PT30M"
            ),
            event(
                "UID:a",
                "RECURRENCE-ID;TZID=America/New_York:20260330T090000",
                "DTSTART:20260330",
                "STATUS:CANCELLED"
            ),
            event("DTSTART:20260501T090000", "DURATION:PT1H", "STATUS:CANCELLED"),
            event("DTSTART:20260601T090000", "DURATION:PT1H"),
            event("DTSTART:20260701T090000")
        )
        try check(
            weekly,
            inside: [
                "2026-03-02T09:00:00-05:00", "2026-03-02T09:59:59.999-05:00", "2026-03-09T09:00:00-04:00",
                "2026-03-24T09:29:00-04:00", "2026-06-01T09:00:00+09:00",
            ],
            outside: [
                "2026-03-02T10:00:00-05:00", "2026-03-16T09:30:00-04:00", "2026-03-23T09:30:00-04:00",
                "2026-03-24T09:30:00-04:00", "2026-03-30T09:30:00-04:00", "2026-04-06T09:30:00-04:00",
                "2026-05-01T09:30:00+09:00", "2026-06-01T09:00:00Z", "2026-07-01T09:00:00+09:00",
            ]
        )
    }

    @Test func `a day of DURATION keeps the wall time and DTEND elapses`() throws {
        for (length, end) in [
            ("DURATION:P1D", "13:00"), ("DTEND:20260215T120000", "13:00"), ("DURATION:PT25H", "14:00"),
        ] {
            let start = length.hasPrefix("DTEND") ? "20260214T120000" : "20260214T130000"
            let event = event("DTSTART:\(start)", length, "RRULE:FREQ=WEEKLY")
            let state = try exclusion("America/New_York", event).state(at: instant("2026-03-07T23:00:00-05:00"))
            let hour = length == "DURATION:P1D" ? end : length.hasPrefix("DTEND") ? "13:00" : "15:00"
            #expect(state.until == (try instant("2026-03-08T\(hour):00-04:00")), "\(length)")
        }
    }

    @Test func `occurrences may overlap and a day that does not exist takes up nothing`() throws {
        let long = try exclusion("UTC", event("DTSTART:20260101T000000Z", "DURATION:P10D", "RRULE:FREQ=WEEKLY;COUNT=2"))
        try check(
            long,
            inside: ["2026-01-09T00:00:00Z", "2026-01-17T23:59:59Z"],
            outside: ["2026-01-18T00:00:00Z", "2025-12-31T23:59:59Z"]
        )
        let apia = try exclusion("Pacific/Apia", event("DTSTART:20111230", "RRULE:FREQ=DAILY;COUNT=1"))
        try check(apia, inside: [], outside: ["2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z"])
    }

    @Test func `an unknown zone is refused with the event's line`() throws {
        let file = try CalendarFile(
            "BEGIN:VCALENDAR\n\(event("DTSTART;TZID=Europe/Berlim:20260101T090000", "DURATION:PT1H"))\nEND:VCALENDAR"
        )
        #expect { try CalendarExclusion(file, in: .utc, zones: fixtureZones) } throws: { error in
            (error as? CalendarError)?.description == "line 2: There is no time zone \"Europe/Berlim\". "
                + "Did you mean Europe/Berlin?"
        }
    }

    /// Random calendars against every occurrence written out, also through a cursor.
    @Test(arguments: seeds)
    func `an instant is taken up when a written-out occurrence holds it`(seed: UInt64) throws {
        var rules = RandomRules(seed: seed)
        for _ in 0..<60 {
            let zone = try zone(RandomRules.zones.randomElement(using: &rules.random) ?? "UTC")
            let rule = try rules.rule([.daily, .weekly, .monthly, .yearly])
            let start = rules.start(in: zone)
            let isAllDay = Bool.random(using: &rules.random)
            let days = Int.random(in: isAllDay ? 1...9 : 0...9, using: &rules.random)
            let minutes = isAllDay ? 0 : Int.random(in: 1...3000, using: &rules.random)
            let basic = wallText(start)
            let exclusion = try exclusion(
                zone.identifier,
                event(
                    "DTSTART:\(isAllDay ? String(basic.prefix(8)) : basic)",
                    "DURATION:P\(days)D\(minutes == 0 ? "" : "T\(minutes)M")",
                    "RRULE:\(rule.text)"
                )
            )
            let first = zone.instants(of: isAllDay ? CivilDateTime(date: start.date, time: .midnight) : start).resolved
            let spans = try spans(rule, start, days: days, minutes: minutes, isAllDay: isAllDay, zone)
            var cursor = CalendarCursor(exclusion)
            var at = first - 86_400_000
            for _ in 0..<60 {
                at = at + Int64.random(in: 1...400_000_000, using: &rules.random)
                let expected = spans.contains { $0.0 <= at && at < $0.1 }
                let state = exclusion.state(at: at)
                #expect(
                    (state.event != nil) == expected,
                    "\(rule) from \(start), \(days) d \(minutes) min, \(zone), \(at)"
                )
                #expect((cursor.event(at: at) != nil) == expected)
                #expect(state.until > at)
            }
        }
    }

    private func wallText(_ wall: CivilDateTime) -> String {
        wall.description.filter { $0 != "-" && $0 != ":" }
    }

    private func spans(
        _ rule: RecurrenceRule,
        _ start: CivilDateTime,
        days: Int,
        minutes: Int,
        isAllDay: Bool,
        _ zone: Zone
    ) throws -> [(Timestamp, Timestamp)] {
        if isAllDay {
            let texts = rule.text.split(separator: ";").filter {
                !$0.hasPrefix("BYHOUR") && !$0.hasPrefix("BYMINUTE") && !$0.hasPrefix("BYSECOND")
            }
            // What picks from times of day alone has nothing left to pick from.
            let full = texts.joined(separator: ";")
            let dateRule =
                try (try? RecurrenceRule(full))
                ?? RecurrenceRule(texts.filter { !$0.hasPrefix("BYSETPOS") }.joined(separator: ";"))
            let walls = RuleOracle(rule: dateRule, start: CivilDateTime(date: start.date, time: .midnight))
                .walls(through: start.date.year + 1)
            return (walls.map(\.date) + [start.date]).map { day in
                (startOfDay(day, zone), startOfDay(day.adding(days: days), zone))
            }
        }
        let span = try TimeSpan("P\(days)D\(minutes == 0 ? "" : "T\(minutes)M")")
        // The questions reach 279 days beyond the start at most.
        let last = zone.instants(of: start).resolved + 300 * 86_400_000
        let own = AnchoredRule(rule, start: start).occurrences(after: .min, in: zone).prefix { $0 < last }
        return (Array(own) + [zone.instants(of: start).resolved]).map { ($0, span.added(to: $0, in: zone)) }
    }

    private func startOfDay(_ day: CivilDate, _ zone: Zone) -> Timestamp {
        switch zone.instants(of: CivilDateTime(date: day, time: .midnight)) {
        case .one(let instant), .overlap(let instant, _), .gap(_, _, let instant): instant
        }
    }
}

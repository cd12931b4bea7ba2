/// Reads one VEVENT from its lines.
struct EventReader {
    /// X-LIC-LOCATION of the file's VTIMEZONEs, by TZID.
    let zoneNames: [String: String]

    /// The lines, BEGIN:VEVENT first.
    let properties: [ContentLine]

    func event() throws(CalendarError) -> CalendarEvent {
        let line = properties.first?.number ?? 1
        guard let first = properties.first(where: { $0.name == "DTSTART" }) else {
            throw CalendarError(.invalidEvent, line: line, "The event has no DTSTART. Add one, or remove the event.")
        }
        var event = CalendarEvent(start: try time(first.value, first), line: line)
        var seen: Set<String> = []
        for property in properties {
            let isSingle = ["DTSTART", "DTEND", "DURATION", "UID", "RECURRENCE-ID"].contains(property.name)
            guard !isSingle || seen.insert(property.name).inserted else {
                throw CalendarError(
                    .invalidEvent,
                    line: property.number,
                    "The event has a second \(property.name). Keep one of them."
                )
            }
            try read(property, into: &event)
        }
        if seen.isSuperset(of: ["DTEND", "DURATION"]) {
            throw CalendarError(
                .invalidEvent,
                line: line,
                "The event has both DTEND and DURATION, which exclude each other. Keep one of them."
            )
        }
        return event
    }

    private func read(_ property: ContentLine, into event: inout CalendarEvent) throws(CalendarError) {
        switch property.name {
        case "UID": event.uid = property.text
        case "SUMMARY": event.summary = property.text
        case "STATUS": event.isCancelled = property.value.uppercased() == "CANCELLED"
        case "DTEND": event.length = try end(property, of: event)
        case "DURATION": event.length = try duration(property, of: event)
        case "RRULE": event.rules.append(try rule(property, of: event))
        case "RDATE":
            for item in items(property) { event.additions.append(try addition(item, property)) }
        case "EXDATE":
            for item in items(property) { event.exceptions.append(try time(item, property)) }
        case "EXRULE":
            throw CalendarError(
                .unsupported,
                line: property.number,
                "EXRULE is not supported; RFC 5545 has withdrawn it. Write the days as EXDATE."
            )
        case "RECURRENCE-ID":
            guard property.parameters["RANGE"] == nil else {
                throw CalendarError(
                    .unsupported,
                    line: property.number,
                    "RANGE=THISANDFUTURE is not supported. End the old event with UNTIL and add a new one."
                )
            }
            event.recurrenceID = try time(property.value, property)
        default: break
        }
    }

    private func items(_ property: ContentLine) -> [String] {
        property.value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
}

extension EventReader {
    private func time(_ text: String, _ property: ContentLine) throws(CalendarError) -> CalendarTime {
        let moment = BasicMoment(text.filter { !$0.isWhitespace }.uppercased())
        let wantsDate = property.parameters["VALUE"]?.uppercased() == "DATE"
        switch moment {
        case .date(let date): return .date(date)
        case .instant(let instant) where !wantsDate: return .instant(instant)
        case .wall(let wall) where !wantsDate:
            guard let zone = property.parameters["TZID"] else { return .floating(wall) }
            return .zoned(wall, zone: try zoneName(zone, line: property.number))
        default:
            throw CalendarError(
                .malformed,
                line: property.number,
                "\(property.name): \"\(text)\" is not a \(wantsDate ? "day" : "day or a date-time") that exists. "
                    + "Write \(wantsDate ? "20261231" : "20261231, 20261231T090000 or 20261231T090000Z")."
            )
        }
    }

    private func end(_ property: ContentLine, of event: CalendarEvent) throws(CalendarError) -> CalendarLength {
        let end = try time(property.value, property)
        guard end.isDate == event.start.isDate else {
            throw CalendarError(
                .invalidEvent,
                line: property.number,
                "DTSTART and DTEND are not both days or both date-times. Write them alike."
            )
        }
        let isBackwards =
            switch (event.start, end) {
            case (.date(let start), .date(let end)): end < start
            case (.floating(let start), .floating(let end)): end < start
            case (.instant(let start), .instant(let end)): end < start
            case (.zoned(let start, let first), .zoned(let end, let second)): first == second && end < start
            default: false
            }
        if isBackwards {
            throw CalendarError(
                .invalidEvent,
                line: property.number,
                "DTEND lies before DTSTART. Exchange or correct them."
            )
        }
        return .until(end)
    }

    private func duration(_ property: ContentLine, of event: CalendarEvent) throws(CalendarError) -> CalendarLength {
        let span = try span(property.value, property)
        if event.start.isDate, span.milliseconds != 0 {
            throw CalendarError(
                .invalidEvent,
                line: property.number,
                "DURATION has hours, but DTSTART is a day. Write days or weeks, like P1D."
            )
        }
        return .span(span)
    }

    private func span(_ text: String, _ property: ContentLine) throws(CalendarError) -> TimeSpan {
        let body = text.first == "+" ? String(text.dropFirst()) : text
        guard body.first == "P" || body.first == "p", let span = try? TimeSpan(body), span.months == 0 else {
            throw CalendarError(
                .malformed,
                line: property.number,
                "\(property.name): \"\(text)\" is not a length of time. Write one like PT1H30M, P1D or P2W."
            )
        }
        return span
    }

    private func addition(_ item: String, _ property: ContentLine) throws(CalendarError) -> CalendarEvent.Addition {
        let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let start = try time(parts[0], property)
        guard parts.count == 2 else { return CalendarEvent.Addition(start: start, length: nil) }
        if parts[1].uppercased().hasPrefix("P") || parts[1].hasPrefix("+") {
            return CalendarEvent.Addition(start: start, length: .span(try span(parts[1], property)))
        }
        return CalendarEvent.Addition(start: start, length: .until(try time(parts[1], property)))
    }

    private func rule(_ property: ContentLine, of event: CalendarEvent) throws(CalendarError) -> RecurrenceRule {
        do {
            var rule = try RecurrenceRule(property.value)
            guard event.start.isDate else { return rule }
            guard rule.frequency >= .daily else {
                throw CalendarError(
                    .invalidEvent,
                    line: property.number,
                    "FREQ=\(rule.frequency.name) does not go with a DTSTART that is a day. Write FREQ=DAILY or longer."
                )
            }
            // RFC 5545 §3.3.10: "These rule parts MUST be ignored".
            rule.hours = []
            rule.minutes = []
            rule.seconds = []
            if !rule.hasPartForPositions { rule.positions = [] }
            return rule
        } catch let error as RecurrenceRuleError {
            throw CalendarError(.invalidRule, line: property.number, error.message)
        } catch let error as CalendarError {
            throw error
        } catch {
            throw CalendarError(.invalidRule, line: property.number, "\(error)")
        }
    }
}

extension EventReader {
    /// The areas of the IANA database, with which its names begin.
    private static let areas: Set<Substring> = [
        "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil", "Canada", "Chile",
        "Etc",
        "Europe", "Indian", "Mexico", "Pacific", "US",
    ]

    /// The name in the IANA database that a TZID means.
    private func zoneName(_ identifier: String, line: Int) throws(CalendarError) -> String {
        if let location = zoneNames[identifier], ZoneLoader.isWellFormed(location) { return location }
        if ZoneLoader.isWellFormed(identifier) { return identifier }
        let parts = identifier.split(separator: "/")
        if identifier.first == "/", let start = parts.firstIndex(where: Self.areas.contains) ?? parts.indices.last {
            let name = parts[start...].joined(separator: "/")
            if ZoneLoader.isWellFormed(name) { return name }
        }
        throw CalendarError(
            .unknownZone,
            line: line,
            "TZID \"\(identifier)\" is not a zone of the IANA database, and its VTIMEZONE has no X-LIC-LOCATION. "
                + "Write a name like Europe/Berlin."
        )
    }
}

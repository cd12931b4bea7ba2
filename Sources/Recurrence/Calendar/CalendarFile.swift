/// The events of an iCalendar file (RFC 5545).
///
/// ```swift
/// let file = try CalendarFile(text)
/// let holidays = try CalendarExclusion(file, in: zone, zones: loader)
/// holidays.contains(instant)
/// ```
///
/// Only VEVENTs are read; VTODO, VJOURNAL, VFREEBUSY and alarms are passed over. Zones are those of the IANA database: a
/// VTIMEZONE's own rules are ignored, as they are a copy of some year. A TZID may carry a vendor's prefix
/// (`/freeassociation.sourceforge.net/Europe/Berlin`); one of Outlook (`W. Europe Standard Time`) is understood when its
/// VTIMEZONE has an X-LIC-LOCATION, and refused otherwise.
public struct CalendarFile: Hashable, Sendable {
    /// The events, in the order of the file.
    public let events: [CalendarEvent]

    /// Reads a file.
    /// - Throws: ``CalendarError``, with the line.
    public init(_ text: String) throws(CalendarError) {
        try self.init(utf8: Array(text.utf8))
    }

    /// Reads a file from its bytes, which is needed where a folded line splits a character.
    ///
    /// - Throws: ``CalendarError``, with the line.
    public init(utf8 bytes: [UInt8]) throws(CalendarError) {
        var outline = CalendarOutline()
        for line in try ContentLine.lines(of: bytes) { try outline.add(line) }
        try outline.finish()
        var events: [CalendarEvent] = []
        for properties in outline.events {
            events.append(try EventReader(zoneNames: outline.zoneNames, properties: properties).event())
        }
        self.events = events
    }
}

/// Sorts the lines of a file into its components.
private struct CalendarOutline {
    /// The lines of each VEVENT, its BEGIN first.
    var events: [[ContentLine]] = []

    /// Of each VTIMEZONE that has one, the X-LIC-LOCATION by its TZID.
    var zoneNames: [String: String] = [:]

    private var open: [(name: String, line: Int)] = []
    private var zone: (identifier: String?, location: String?) = (nil, nil)
    private var isEmpty = true
    private var lastLine = 1

    mutating func add(_ line: ContentLine) throws(CalendarError) {
        lastLine = line.number
        switch line.name {
        case "BEGIN":
            try begin(line)
        case "END":
            try end(line)
        default:
            if open.isEmpty { throw notCalendar(line.number) }
            if open.last?.name == "VEVENT" { events[events.count - 1].append(line) }
            if open.last?.name == "VTIMEZONE" {
                if line.name == "TZID" { zone.identifier = line.value }
                if line.name == "X-LIC-LOCATION" { zone.location = line.value }
            }
        }
    }

    private mutating func begin(_ line: ContentLine) throws(CalendarError) {
        let name = line.value.uppercased()
        if open.isEmpty, name != "VCALENDAR" { throw notCalendar(line.number) }
        isEmpty = false
        open.append((name, line.number))
        if name == "VEVENT" { events.append([line]) }
        if name == "VTIMEZONE" { zone = (nil, nil) }
    }

    private mutating func end(_ line: ContentLine) throws(CalendarError) {
        let name = line.value.uppercased()
        guard let last = open.popLast(), last.name == name else {
            throw CalendarError(
                .notCalendar,
                line: line.number,
                "END:\(line.value) closes nothing that is open. The file is damaged; export it again."
            )
        }
        if name == "VTIMEZONE", let identifier = zone.identifier, let location = zone.location {
            zoneNames[identifier] = location
        }
    }

    func finish() throws(CalendarError) {
        if isEmpty { throw notCalendar(1) }
        if let last = open.last {
            throw CalendarError(
                .notCalendar,
                line: lastLine,
                "BEGIN:\(last.name) of line \(last.line) is not closed. The file is cut off; export it again."
            )
        }
    }

    private func notCalendar(_ line: Int) -> CalendarError {
        CalendarError(
            .notCalendar,
            line: line,
            "This is not an iCalendar file, which begins with BEGIN:VCALENDAR. Give a file that ends in .ics."
        )
    }
}

/// A date or a date-time of an iCalendar file, as it is written.
public enum CalendarTime: Hashable, Sendable {
    /// A day, in the zone of whoever reads it.
    case date(CivilDate)
    /// A wall time in the zone of whoever reads it.
    case floating(CivilDateTime)
    /// An instant, written in UTC.
    case instant(Timestamp)
    /// A wall time in a zone, of which this is the name in the IANA database.
    case zoned(CivilDateTime, zone: String)

    /// Whether it is a day.
    public var isDate: Bool {
        if case .date = self { return true }
        return false
    }
}

/// How long an event is.
public enum CalendarLength: Hashable, Sendable {
    /// To this moment, which does not belong to it (DTEND); each occurrence of a recurring event is exactly as long.
    case until(CalendarTime)
    /// So long (DURATION), the days of it on the clock.
    case span(TimeSpan)
}

/// An event (VEVENT) of an iCalendar file.
public struct CalendarEvent: Hashable, Sendable {
    /// A further occurrence (RDATE).
    public struct Addition: Hashable, Sendable {
        /// When it begins.
        public let start: CalendarTime
        /// Its own length (PERIOD), or nil for that of the event.
        public let length: CalendarLength?
    }

    /// UID, which an event and its overrides share; RFC 5545 asks for one, files by hand often have none.
    public internal(set) var uid: String?

    /// SUMMARY, or nothing.
    public internal(set) var summary = ""

    /// DTSTART, which is an occurrence also where it does not match the rules.
    public internal(set) var start: CalendarTime

    /// DTEND or DURATION; nil is a day for a DTSTART that is one, else nothing at all (RFC 5545 §3.6.1).
    public internal(set) var length: CalendarLength?

    /// Every RRULE; the occurrences are united.
    public internal(set) var rules: [RecurrenceRule] = []

    /// Every RDATE.
    public internal(set) var additions: [Addition] = []

    /// Every EXDATE.
    public internal(set) var exceptions: [CalendarTime] = []

    /// RECURRENCE-ID: this event stands for that occurrence of the event with the same ``uid``.
    public internal(set) var recurrenceID: CalendarTime?

    /// STATUS:CANCELLED.
    public internal(set) var isCancelled = false

    /// The line of BEGIN:VEVENT, from 1.
    public let line: Int

    init(start: CalendarTime, line: Int) {
        self.start = start
        self.line = line
    }
}

/// Why a calendar file cannot be used.
public struct CalendarError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure; more may be added.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// The text is not an iCalendar file: it does not begin with BEGIN:VCALENDAR, or its parts do not close.
        public static let notCalendar = Code(name: "notCalendar")
        /// A line or a value is not in the form of RFC 5545.
        public static let malformed = Code(name: "malformed")
        /// An event lacks what it needs, or has what excludes each other.
        public static let invalidEvent = Code(name: "invalidEvent")
        /// An RRULE is refused; the message is that of ``RecurrenceRuleError``.
        public static let invalidRule = Code(name: "invalidRule")
        /// A TZID that names no zone of the IANA database.
        public static let unknownZone = Code(name: "unknownZone")
        /// Something of RFC 5545 that is not supported.
        public static let unsupported = Code(name: "unsupported")
    }

    /// What kind of failure it is.
    public let code: Code

    /// The number of the line, from 1; where a long line is folded, of its first part.
    public let line: Int

    /// One sentence of what is wrong and one of what to do, without the line.
    public let message: String

    init(_ code: Code, line: Int, _ message: String) {
        self.code = code
        self.line = line
        self.message = message
    }

    /// The line and the message.
    public var description: String { "line \(line): \(message)" }
}

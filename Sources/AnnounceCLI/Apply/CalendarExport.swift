import Announce
import Payload
import Recurrence

/// Announcements as an iCalendar file (RFC 5545), to look at in a calendar.
///
/// Times are instants in UTC; of what recurs, the occurrences of the next year stand there, at most ``most`` of each.
struct CalendarExport {
    private static let most = 400
    private static let span: Int64 = 366 * 86_400_000

    private let announcements: [Announcement]
    private let composition: Composition

    init(_ announcements: [Announcement], _ composition: Composition) {
        self.announcements = announcements
        self.composition = composition
    }

    /// The file, its lines ended by CR LF.
    var text: String {
        let now = composition.clock.wall
        var lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//announce//announce//EN", "CALSCALE:GREGORIAN"]
        for announcement in announcements { lines += event(announcement, now) }
        // The end of the last line follows where it is printed.
        lines.append("END:VCALENDAR\r")
        return lines.map(Self.folded).joined(separator: "\r\n")
    }

    private func event(_ announcement: Announcement, _ now: Timestamp) -> [String] {
        let draft = announcement.draft
        let notices = composition.notices(of: draft.plan, in: composition.zone(of: announcement))
        var starts: [Schedule.Position] = []
        var position = notices.schedule.next(after: Schedule.Position(at: now - 1, ordinal: 0))
        while let found = position, starts.count < Self.most, starts.isEmpty || found.at - now <= Self.span {
            starts.append(found)
            position = notices.schedule.next(after: found)
        }
        guard let first = starts.first else { return [] }
        var lines = [
            "BEGIN:VEVENT", "UID:\(Self.escaped(draft.name ?? "announcement-\(announcement.id)"))",
            "DTSTAMP:\(Self.basic(announcement.updated))", "DTSTART:\(Self.basic(first.at))",
            "SUMMARY:\(Self.escaped(draft.data.summary))", "DESCRIPTION:\(Self.escaped(draft.target.summary))",
        ]
        if let end = notices.end(of: first) { lines.append("DURATION:PT\((end - first.at) / 1000)S") }
        let others = starts.dropFirst().map { Self.basic($0.at) }
        if !others.isEmpty { lines.append("RDATE:\(others.joined(separator: ","))") }
        return lines + ["END:VEVENT"]
    }

    /// `20261201T090000Z`.
    private static func basic(_ at: Timestamp) -> String {
        String(at.rfc3339().prefix(19).filter { $0.isNumber || $0 == "T" }) + "Z"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing(";", with: "\\;").replacing(",", with: "\\,")
            .replacing("\n", with: "\\n")
    }

    /// Lines of more than 75 bytes go on in the next one, behind a space.
    private static func folded(_ line: String) -> String {
        var (text, length) = ("", 0)
        for character in line {
            let size = character.utf8.count
            if length + size > 75 {
                text += "\r\n "
                length = 1
            }
            text.append(character)
            length += size
        }
        return text
    }
}

import Recurrence

extension Document {
    /// Reads the events of an iCalendar file as announcements: the summary is said when an event begins.
    ///
    /// An event is named by its UID, which its author keeps when it is changed.
    ///
    /// - Throws: ``DocumentError`` with the line.
    init(calendar text: String) throws(DocumentError) {
        let file: CalendarFile
        do throws(CalendarError) {
            file = try CalendarFile(text)
        } catch {
            throw DocumentError(error.message, at: Place(line: error.line, column: 1))
        }
        let events = file.events.filter { !$0.isCancelled && $0.recurrenceID == nil }
        var pairs: [DocumentValue.Pair] = []
        var lines: [String: Int] = [:]
        for event in events {
            let place = Place(line: event.line, column: 1)
            let name = event.uid ?? event.summary.slug
            if name.isEmpty || lines.updateValue(event.line, forKey: name) != nil {
                throw DocumentError("This event has neither a UID nor a SUMMARY of its own. Give it one.", at: place)
            }
            let overrides = file.events.filter { $0.recurrenceID != nil && $0.uid == event.uid && event.uid != nil }
            pairs.append(DocumentValue.Pair(key: name, value: .map(Self.keys(of: event, overrides))))
        }
        let known = lines
        root = .map([.init(key: "announcements", value: .map(pairs))])
        locator = {
            { path in
                guard path.count > 1, case .key(let name) = path[1] else { return Place(line: 1, column: 1) }
                return Place(line: known[name] ?? 1, column: 1)
            }
        }
    }

    private static func keys(of event: CalendarEvent, _ overrides: [CalendarEvent]) -> [DocumentValue.Pair] {
        var pairs: [DocumentValue.Pair] = [.init(key: "text", value: .text(event.summary))]
        func add(_ key: String, _ texts: [String]) {
            if !texts.isEmpty { pairs.append(.init(key: key, value: .list(texts.map(DocumentValue.text)))) }
        }
        if event.rules.isEmpty {
            add("at", [event.start.text])
        } else {
            pairs.append(.init(key: "start", value: .text(event.start.text)))
            add("rrule", event.rules.map(\.text))
        }
        // A moved occurrence is none of the rules', and one of its own.
        let moved = overrides.filter { !$0.isCancelled }.map(\.start.text)
        add("rdate", event.additions.map(\.start.text) + moved)
        add("exdate", event.exceptions.map(\.text) + overrides.compactMap { $0.recurrenceID?.text })
        if let span = event.span { pairs.append(.init(key: "for", value: .text(span))) }
        if let zone = event.start.zone { pairs.append(.init(key: "timezone", value: .text(zone))) }
        return pairs
    }
}

extension CalendarTime {
    /// The time as it is typed; a day is its beginning.
    fileprivate var text: String {
        switch self {
        case .date(let day): "\(CivilDateTime(date: day, time: .midnight))"
        case .floating(let wall), .zoned(let wall, _): "\(wall)"
        case .instant(let at): at.rfc3339()
        }
    }

    /// The zone in which it is written, where it has one.
    fileprivate var zone: String? {
        switch self {
        case .zoned(_, let zone): zone
        case .instant: "UTC"
        case .date, .floating: nil
        }
    }

    /// What the clocks show, in milliseconds as if they showed UTC.
    fileprivate var wallMilliseconds: Int64 {
        switch self {
        case .date(let day): CivilDateTime(date: day, time: .midnight).localMilliseconds
        case .floating(let wall), .zoned(let wall, _): wall.localMilliseconds
        case .instant(let at): at.milliseconds
        }
    }
}

extension CalendarEvent {
    /// How long it is, as it is typed; nil for a moment, and for a day, which is no window to tell the end of.
    fileprivate var span: String? {
        switch length {
        case nil: return nil
        case .span(let span)?: return span == .zero ? nil : span.compactDescription
        case .until(let end)?:
            let length = end.wallMilliseconds - start.wallMilliseconds
            if length <= 0 || start.isDate && length <= 86_400_000 { return nil }
            return try? TimeSpan("\(length)ms").compactDescription
        }
    }
}

extension String {
    /// The text as a name: its letters and digits in lower case, joined by hyphens.
    var slug: String {
        let words = lowercased().split { !($0.isLetter || $0.isNumber) }
        return String(words.joined(separator: "-").prefix(60))
    }
}

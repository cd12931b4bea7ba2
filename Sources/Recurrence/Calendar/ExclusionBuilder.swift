/// Makes the items of a ``CalendarExclusion``.
struct ExclusionBuilder {
    /// The schedule's zone.
    let zone: Zone
    let loader: ZoneLoader

    /// What overrides replace, by UID.
    var replaced: [String: [CalendarTime]] = [:]

    private var zones: [String: Zone] = [:]

    init(zone: Zone, loader: ZoneLoader) {
        self.zone = zone
        self.loader = loader
    }

    /// The item of an event, or nil for one that takes up no time.
    mutating func item(_ event: CalendarEvent) throws(CalendarError) -> ExclusionItem? {
        let isOverride = event.recurrenceID != nil
        let exceptions = event.exceptions + (isOverride ? [] : event.uid.flatMap { replaced[$0] } ?? [])
        let rules = isOverride ? [] : event.rules
        if case .date(let date) = event.start {
            return try allDay(event, start: date, rules: rules, exceptions: exceptions)
        }
        return try timed(event, rules: rules, exceptions: exceptions)
    }

    private mutating func allDay(
        _ event: CalendarEvent,
        start: CivilDate,
        rules: [RecurrenceRule],
        exceptions: [CalendarTime]
    ) throws(CalendarError) -> ExclusionItem? {
        var length = 1
        switch event.length {
        case .until(.date(let end)): length = max(1, end.daysSinceEpoch - start.daysSinceEpoch)
        case .span(let span): length = span.days
        default: break
        }
        guard length > 0 else { return nil }
        var excluded: Set<Int> = []
        for time in exceptions { excluded.insert(civil(time).date.daysSinceEpoch) }
        var spans: [ExclusionItem.Span] = []
        for (time, own) in [(event.start, nil)] + event.additions.map({ ($0.start, $0.length) }) {
            let day = civil(time).date.daysSinceEpoch
            if excluded.contains(day) { continue }
            let end = try own.map { own throws(CalendarError) in try self.end(own, of: time, event) }
            let span = ExclusionItem.Span(
                start: Int(zone.startOfDay(day).milliseconds),
                end: Int((end ?? zone.startOfDay(day + length)).milliseconds)
            )
            if span.end > span.start { spans.append(span) }
        }
        let midnight = CivilDateTime(date: start, time: .midnight)
        let days = ExclusionItem.Days(
            zone: zone,
            rules: rules.map { AnchoredRule($0, start: midnight) },
            length: length,
            exceptions: excluded
        )
        return ExclusionItem(event: event, spans: spans, rules: .days(days))
    }

    private mutating func timed(
        _ event: CalendarEvent,
        rules: [RecurrenceRule],
        exceptions: [CalendarTime]
    ) throws(CalendarError) -> ExclusionItem? {
        let own = try self.zone(of: event.start, event)
        let first = try instant(event.start, event)
        let length: TimeSpan
        switch event.length {
        case .until(let end):
            // "The same exact duration will apply to all the members of the generated recurrence set" (§3.8.5.3).
            let distance = try instant(end, event) - first
            length = TimeSpan(months: 0, days: 0, milliseconds: max(0, distance))
        case .span(let span): length = span
        case nil: length = TimeSpan(months: 0, days: 0, milliseconds: 0)
        }
        var excluded: Set<Timestamp> = []
        var excludedDays: Set<Int> = []
        for time in exceptions {
            if case .date(let date) = time {
                excludedDays.insert(date.daysSinceEpoch)
            } else {
                excluded.insert(try instant(time, event))
            }
        }
        var spans: [ExclusionItem.Span] = []
        for (time, period) in [(event.start, nil)] + event.additions.map({ ($0.start, $0.length) }) {
            let start = try instant(time, event)
            if excluded.contains(start) || excludedDays.contains(own.civil(at: start).date.daysSinceEpoch) { continue }
            let end = try end(period ?? .span(length), of: time, event)
            if end > start {
                spans.append(ExclusionItem.Span(start: Int(start.milliseconds), end: Int(end.milliseconds)))
            }
        }
        let isEmpty = length.days == 0 && length.milliseconds == 0
        if isEmpty, spans.isEmpty { return nil }
        let start = own.civil(at: first)
        let wall = wall(of: event.start) ?? start
        let times = ExclusionItem.Times(
            zone: own,
            rules: isEmpty ? [] : rules.map { ZonedRule(AnchoredRule($0, start: wall), in: own) },
            length: length,
            exceptions: excluded,
            exceptionDays: excludedDays
        )
        return ExclusionItem(event: event, spans: spans, rules: .times(times))
    }
}

extension ExclusionBuilder {
    private mutating func zone(of time: CalendarTime, _ event: CalendarEvent) throws(CalendarError) -> Zone {
        switch time {
        case .date, .floating: return zone
        case .instant: return .utc
        case .zoned(_, let name):
            if let known = zones[name] { return known }
            do {
                let found = try loader.zone(named: name)
                zones[name] = found
                return found
            } catch {
                throw CalendarError(.unknownZone, line: event.line, error.message)
            }
        }
    }

    private func wall(of time: CalendarTime) -> CivilDateTime? {
        switch time {
        case .floating(let wall), .zoned(let wall, _): wall
        default: nil
        }
    }

    private mutating func instant(_ time: CalendarTime, _ event: CalendarEvent) throws(CalendarError) -> Timestamp {
        switch time {
        case .date(let date): return zone.startOfDay(date.daysSinceEpoch)
        case .instant(let instant): return instant
        case .floating(let wall), .zoned(let wall, _):
            return try zone(of: time, event).instants(of: wall).resolved
        }
    }

    /// The wall time, an instant's in the schedule's zone.
    private func civil(_ time: CalendarTime) -> CivilDateTime {
        switch time {
        case .date(let date): CivilDateTime(date: date, time: .midnight)
        case .instant(let instant): zone.civil(at: instant)
        case .floating(let wall), .zoned(let wall, _): wall
        }
    }

    private mutating func end(
        _ length: CalendarLength,
        of time: CalendarTime,
        _ event: CalendarEvent
    ) throws(CalendarError) -> Timestamp {
        switch length {
        case .until(let end): return try instant(end, event)
        case .span(let span):
            let start = try instant(time, event)
            return span.added(to: start, in: try zone(of: time, event))
        }
    }
}

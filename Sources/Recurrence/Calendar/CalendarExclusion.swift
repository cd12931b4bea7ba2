/// The times that the events of a calendar take up, for a schedule that stays silent then.
///
/// An all-day event takes up its civil days in the schedule's zone, any other one from its start up to, but without, its
/// end; an event without length takes up nothing. Cancelled events do not count, and neither does what EXDATE or an
/// override (RECURRENCE-ID) takes away; the override counts at its own time. Floating times are read in the schedule's zone.
///
/// Nothing is expanded: each question asks every event for the occurrence around one instant. For many questions at
/// growing instants use a ``CalendarCursor``.
public struct CalendarExclusion: Sendable {
    /// What holds at an instant, and for how long.
    public struct State: Hashable, Sendable {
        /// The event that takes up the instant, or nil.
        public let event: CalendarEvent?
        /// The first later instant at which it may be different; ``Timestamp/max`` for never.
        public let until: Timestamp
    }

    private let items: [ExclusionItem]

    /// Prepares a calendar for the questions of a schedule.
    ///
    /// - Parameters:
    ///   - file: The calendar.
    ///   - zone: The schedule's zone.
    ///   - zones: Finds the zones that the events name.
    /// - Throws: ``CalendarError`` `unknownZone` for a zone that the loader does not have, with the event's line.
    public init(_ file: CalendarFile, in zone: Zone, zones: ZoneLoader) throws(CalendarError) {
        var builder = ExclusionBuilder(zone: zone, loader: zones)
        for event in file.events {
            if let uid = event.uid, let replaced = event.recurrenceID {
                builder.replaced[uid, default: []].append(replaced)
            }
        }
        var items: [ExclusionItem] = []
        for event in file.events where !event.isCancelled {
            if let item = try builder.item(event) { items.append(item) }
        }
        self.items = items
    }

    /// Whether an event takes up an instant.
    public func contains(_ instant: Timestamp) -> Bool { state(at: instant).event != nil }

    /// The event that takes up an instant, if any, and how long it stays so; of several events the first of the file.
    public func state(at instant: Timestamp) -> State {
        var until = Timestamp.max
        for item in items {
            switch item.state(at: instant) {
            case .busy(let end): return State(event: item.event, until: end)
            case .free(let next): until = min(until, next)
            }
        }
        return State(event: nil, until: until)
    }
}

/// Asks a ``CalendarExclusion`` at growing instants and remembers the last answer for as long as it holds.
///
/// So the cost is that of a comparison, but at the beginnings and ends of events. Going back is allowed and costs a full
/// question.
public struct CalendarCursor: Sendable {
    private let exclusion: CalendarExclusion
    private var state: CalendarExclusion.State?
    private var since = Timestamp.max

    /// Makes a cursor that has no answer yet.
    public init(_ exclusion: CalendarExclusion) {
        self.exclusion = exclusion
    }

    /// The event that takes up an instant, or nil.
    public mutating func event(at instant: Timestamp) -> CalendarEvent? {
        if let state, instant >= since, instant < state.until { return state.event }
        let state = exclusion.state(at: instant)
        self.state = state
        since = instant
        return state.event
    }
}

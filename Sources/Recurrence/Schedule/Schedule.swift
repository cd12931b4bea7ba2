/// When something happens: the union of rules, less what is excluded, within bounds, read in one zone.
///
/// ```swift
/// let schedule = Schedule(rules: [.wall(try CivilDateTime("2026-03-08T02:30:00"))], zone: newYork)
/// schedule.next(after: now)                 // 2026-03-08T03:30:00.000-04:00
/// schedule.mark(of: occurrence, after: nil) // shifted by daylight saving
/// ```
///
/// A schedule is a value without a clock: for the same zone data the same question has the same answer, on every host.
public struct Schedule: Hashable, Sendable {
    /// The rules; an occurrence of any of them is one of the schedule.
    public let rules: [Rule]

    /// The zone in which wall times are read.
    public let zone: Zone

    /// What is taken out.
    public let exclusions: [Exclusion]

    /// The first instant at which an occurrence may be, or nil.
    public let start: Timestamp?

    /// The last instant at which an occurrence may be, or nil.
    public let until: Timestamp?

    /// How many occurrences there are at most, counted from ``start`` (or from the first ever); what is excluded does not
    /// count.
    public let count: Int?

    /// The most excluded days, events and single occurrences in a row that a search passes over.
    ///
    /// Beyond that it is given up, as if nothing came any more; ``searchLimit(after:)`` tells the two apart.
    public static let longestExclusion = 100_000

    private let calendars: [CalendarExclusion]
    private let readers: [RuleReader]

    /// Makes a schedule; see the properties for what the values mean.
    ///
    /// The zones that events of excluded calendars name are found with `zones`; a calendar with a zone that is not there,
    /// which ``CalendarExclusion`` refuses, excludes nothing.
    public init(
        rules: [Rule],
        zone: Zone,
        exclusions: [Exclusion] = [],
        start: Bound? = nil,
        until: Bound? = nil,
        count: Int? = nil,
        zones: ZoneLoader = ZoneLoader(folders: ZoneLoader.usualFolders)
    ) {
        self.rules = rules
        self.zone = zone
        self.exclusions = exclusions
        self.start = start?.instant(in: zone, isEnd: false)
        self.until = until?.instant(in: zone, isEnd: true)
        self.count = count
        calendars = exclusions.compactMap { exclusion in
            guard case .calendar(let source) = exclusion else { return nil }
            return try? CalendarExclusion(source.file, in: zone, zones: zones)
        }
        readers = rules.map { RuleReader($0, in: zone) }
    }

    /// Compares rules, zone, exclusions and bounds.
    public static func == (left: Schedule, right: Schedule) -> Bool {
        left.rules == right.rules && left.zone == right.zone && left.exclusions == right.exclusions
            && left.start == right.start && left.until == right.until && left.count == right.count
    }

    /// Adds rules and zone to a hash.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rules)
        hasher.combine(zone)
    }

    /// An occurrence and its number.
    public struct Position: Hashable, Sendable {
        /// The instant of the occurrence.
        public let at: Timestamp
        /// Its number in the schedule: 1 for the first.
        public let ordinal: Int

        /// Makes a position.
        public init(at: Timestamp, ordinal: Int) {
            self.at = at
            self.ordinal = ordinal
        }
    }

    /// The first occurrence strictly after an instant, or nil when there is none any more.
    ///
    /// An instant that several rules share is one occurrence. With a ``count`` the occurrences are counted from the
    /// first one on, which takes time in proportion to their number; ``next(after:)-(Position)`` does not.
    public func next(after instant: Timestamp) -> Timestamp? {
        guard count != nil else { return uncounted(after: instant) }
        var position: Position?
        repeat {
            guard let next = position.map({ self.next(after: $0) }) ?? first else { return nil }
            position = next
            if next.at > instant { return next.at }
        } while true
    }

    /// The occurrence that follows another, or nil when it was the last.
    public func next(after position: Position) -> Position? {
        if let count, position.ordinal >= count { return nil }
        return uncounted(after: position.at).map { Position(at: $0, ordinal: position.ordinal + 1) }
    }

    /// The first occurrence of all, or nil when there is none.
    public var first: Position? {
        if let count, count < 1 { return nil }
        return uncounted(after: .min).map { Position(at: $0, ordinal: 1) }
    }

    /// The occurrence that follows what was handled before the zone's rules changed.
    ///
    /// A rule of wall times goes on after the wall time that was handled, so that none is repeated; a rule of elapsed time
    /// after the instant.
    /// - Parameters:
    ///   - position: the last occurrence that was handled, or that the search begins after.
    ///   - wall: what the clocks showed then, by the old rules.
    /// - Returns: the occurrence, or nil when there is none any more.
    public func next(after position: Position, wall: CivilDateTime) -> Position? {
        // Where the clocks still show what they showed, the instant says more: also which pass of an overlap it was.
        if zone.civil(at: position.at) == wall { return next(after: position) }
        if let count, position.ordinal >= count { return nil }
        var after: (instant: Timestamp, wall: CivilDateTime) = (position.at, wall)
        for _ in 0..<Self.longestExclusion {
            guard let next = earliest({ $0.next(after: after.instant, wall: after.wall) }) else { return nil }
            if let until, next > until { return nil }
            let end = excluded(next)
            if next >= start ?? .min, next != position.at, end == nil {
                return Position(at: next, ordinal: position.ordinal + 1)
            }
            // A wall time may lie behind the end of what is excluded and yet be shown after it: only instants leap.
            after = (max(end.map { $0 - 1 } ?? next, after.instant), max(zone.civil(at: next), after.wall))
        }
        return nil
    }

    /// The occurrences strictly after an instant, in order and computed one by one; an interval goes on to the year
    /// 9999.
    public func occurrences(after instant: Timestamp) -> some Sequence<Timestamp> & Sendable {
        OccurrenceSequence(schedule: self, after: instant)
    }

    /// What a person should know about an occurrence: that daylight saving shifts or doubles it, or has dropped others
    /// before it.
    ///
    /// - Parameters:
    ///   - occurrence: an occurrence of the schedule.
    ///   - previous: the one before it, where dropped ones are looked for; nil looks for none.
    /// - Returns: the first mark that a rule knows, or nil.
    public func mark(of occurrence: Timestamp, after previous: Timestamp?) -> OccurrenceMark? {
        for rule in rules { if let mark = rule.mark(of: occurrence, after: previous, in: zone) { return mark } }
        return nil
    }

    /// Whether more than three occurrences lie within one second from this one on: a schedule that has gone wild.
    public func isBurst(at position: Position) -> Bool {
        var last = position
        for _ in 0..<3 {
            // Most schedules are done after one step: four in a second leave no second between two of them.
            guard let next = next(after: last), next.at - position.at < 1000 else { return false }
            last = next
        }
        return true
    }

    /// How far a search after an instant came that was given up because all it found was excluded.
    ///
    /// - Returns: the last excluded occurrence that was looked at; nil when ``next(after:)-(Timestamp)`` finds an occurrence,
    ///   or when there is none.
    public func searchLimit(after instant: Timestamp) -> Timestamp? {
        guard case .givenUp(let last) = search(after: instant) else { return nil }
        return last
    }

    private enum Search {
        case found(Timestamp)
        case nothing
        case givenUp(Timestamp)
    }

    private func uncounted(after instant: Timestamp) -> Timestamp? {
        guard case .found(let occurrence) = search(after: instant) else { return nil }
        return occurrence
    }

    private func search(after instant: Timestamp) -> Search {
        var last = instant
        if let start, last < start { last = start - 1 }
        for _ in 0..<Self.longestExclusion {
            guard let next = earliest({ $0.next(after: last) }) else { return .nothing }
            if let until, next > until { return .nothing }
            guard let end = excluded(next) else { return .found(next) }
            last = max(next, end - 1)
        }
        return .givenUp(last)
    }

    private func earliest(_ next: (RuleReader) -> Timestamp?) -> Timestamp? {
        var earliest: Timestamp?
        for reader in readers {
            guard let next = next(reader) else { continue }
            if let known = earliest, known <= next { continue }
            earliest = next
        }
        return earliest
    }

    /// When an occurrence is excluded, the instant up to which every other one is, too.
    private func excluded(_ occurrence: Timestamp) -> Timestamp? {
        for exclusion in exclusions {
            if let end = exclusion.end(excluding: occurrence, in: zone) { return end }
        }
        for calendar in calendars {
            let state = calendar.state(at: occurrence)
            if state.event != nil { return state.until }
        }
        return nil
    }
}

private struct OccurrenceSequence: Sequence, IteratorProtocol, Sendable {
    private let schedule: Schedule
    private let instant: Timestamp
    private var last: Schedule.Position?
    private var isDone = false

    init(schedule: Schedule, after instant: Timestamp) {
        self.schedule = schedule
        self.instant = instant
    }

    mutating func next() -> Timestamp? {
        if isDone { return nil }
        last = last.map { schedule.next(after: $0) } ?? beginning
        isDone = last == nil
        return last?.at
    }

    private var beginning: Schedule.Position? {
        guard schedule.count != nil else {
            // Where nothing is counted the numbers do not matter.
            return schedule.next(after: instant).map { Schedule.Position(at: $0, ordinal: 1) }
        }
        var position = schedule.first
        while let found = position, found.at <= instant { position = schedule.next(after: found) }
        return position
    }
}

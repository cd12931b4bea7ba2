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

    /// The most excluded occurrences in a row that a search passes over; beyond that the schedule counts as over.
    public static let longestExclusion = 100_000

    private let calendars: [CalendarExclusion]

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
            guard let next = earliest({ $0.next(after: after.instant, wall: after.wall, in: zone) }) else { return nil }
            if let until, next > until { return nil }
            if next >= start ?? .min, next != position.at, !isExcluded(next) {
                return Position(at: next, ordinal: position.ordinal + 1)
            }
            after = (max(next, after.instant), max(zone.civil(at: next), after.wall))
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

    private func uncounted(after instant: Timestamp) -> Timestamp? {
        var last = instant
        if let start, last < start { last = start - 1 }
        for _ in 0..<Self.longestExclusion {
            guard let next = earliest({ $0.next(after: last, in: zone) }) else { return nil }
            if let until, next > until { return nil }
            if !isExcluded(next) { return next }
            last = next
        }
        return nil
    }

    private func earliest(_ next: (Rule) -> Timestamp?) -> Timestamp? {
        var earliest: Timestamp?
        for rule in rules {
            guard let next = next(rule) else { continue }
            if let known = earliest, known <= next { continue }
            earliest = next
        }
        return earliest
    }

    private func isExcluded(_ occurrence: Timestamp) -> Bool {
        exclusions.contains { $0.excludes(occurrence, in: zone) } || calendars.contains { $0.contains(occurrence) }
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

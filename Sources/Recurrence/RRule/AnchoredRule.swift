/// A recurrence rule with its start, DTSTART: a wall time that each zone reads for itself.
///
/// ```swift
/// let rule = AnchoredRule(try RecurrenceRule("FREQ=DAILY"), start: try CivilDateTime("2026-03-07 02:30"))
/// rule.next(after: now, in: newYork)  // 2026-03-08T03:30:00.000-04:00, as 02:30 does not exist on that day
/// ```
///
/// - DTSTART counts and occurs only where it matches the rule, as in python-dateutil; RFC 5545 leaves the other case
///   undefined. COUNT counts from DTSTART.
/// - DAILY to YEARLY rules name wall times. In a gap the offset before it holds (02:30 becomes 03:30), in an overlap the
///   first pass (RFC 5545 §3.3.5). Inside a jump of more than 3 h, as when Samoa left out a day, occurrences do not exist
///   and are not counted. One that a gap moves onto another is counted, but the instant occurs once.
/// - HOURLY, MINUTELY and SECONDLY rules step in elapsed time. What they name is compared with the clocks of the zone;
///   what they leave open (the minute of an HOURLY rule) keeps its distance from DTSTART in elapsed time.
/// - UNTIL is an instant and is included; a day means its end, and a wall time is read as above.
///
/// Every search ends: the calendar repeats after 400 years, so one that finds nothing for as long knows that there is
/// nothing, and a grid of elapsed time that never meets the time of day that is named is recognised by what it has in common
/// with a week.
///
/// A question takes constant time wherever it is asked, but for an HOURLY, MINUTELY or SECONDLY rule that has COUNT and
/// a BY part: it is counted out from DTSTART, once in each ``ZonedRule``. With COUNT, making the value counts once, too.
public struct AnchoredRule: Hashable, Sendable, CustomStringConvertible {
    /// The rule.
    public let rule: RecurrenceRule

    /// DTSTART; its milliseconds are those of every occurrence.
    public let start: CivilDateTime

    let steps: Steps

    enum Steps: Sendable {
        case walls(WallSequence, last: Int)
        case elapsed(ElapsedSequence)
    }

    /// Joins a rule and its start.
    public init(_ rule: RecurrenceRule, start: CivilDateTime) {
        self.rule = rule
        self.start = start
        if rule.frequency < .daily {
            steps = .elapsed(ElapsedSequence(rule, start: start))
        } else {
            let walls = WallSequence(rule, start: start)
            steps = .walls(walls, last: rule.count.flatMap { walls.wall(number: $0 - 1) } ?? Stretch.far)
        }
    }

    /// Whether the rule steps in elapsed time (HOURLY, MINUTELY, SECONDLY) and not from wall time to wall time.
    ///
    /// When the zone's rules change, a rule of elapsed time is planned anew with ``next(after:in:)`` and the last instant,
    /// any other with ``next(afterWall:in:)`` and the last wall time.
    public var followsElapsedTime: Bool { rule.frequency < .daily }

    /// The first occurrence strictly after an instant in a zone, or nil when there is none any more up to the year 9999.
    public func next(after instant: Timestamp, in zone: Zone) -> Timestamp? {
        RuleReading(self, zone).next(after: instant)
    }

    /// The first occurrence whose wall time is strictly later than the given one: where to go on after a change of the
    /// zone's rules, so that no wall time is repeated.
    ///
    /// The result can be any instant, also one before the last occurrence under the old rules. For a rule that
    /// ``followsElapsedTime`` it is the first occurrence after the instant of the wall time, its last one in an overlap.
    public func next(afterWall wall: CivilDateTime, in zone: Zone) -> Timestamp? {
        RuleReading(self, zone).next(afterWall: wall)
    }

    /// The occurrences strictly after an instant in a zone, in order and computed one by one.
    public func occurrences(after instant: Timestamp, in zone: Zone) -> some Sequence<Timestamp> & Sendable {
        let zoned = ZonedRule(self, in: zone)
        return sequence(state: instant) { last -> Timestamp? in
            guard let next = zoned.next(after: last) else { return nil }
            last = next
            return next
        }
    }

    /// The rule's normal form and its start, such as `DTSTART:20260307T023000 RRULE:FREQ=DAILY`.
    public var description: String { "DTSTART:\(start.basicText) RRULE:\(rule.text)" }

    /// Compares rule and start.
    public static func == (left: AnchoredRule, right: AnchoredRule) -> Bool {
        left.start == right.start && left.rule == right.rule
    }

    /// Adds rule and start to a hash.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rule)
        hasher.combine(start)
    }
}

/// An ``AnchoredRule`` that is read in one zone: the last occurrence is found once, when the value is made, so that `next`
/// is cheap for every rule.
///
/// Making one costs about a microsecond, but for HOURLY, MINUTELY and SECONDLY rules that have COUNT and a BY part: those
/// are counted out, about a tenth of a microsecond for each occurrence.
public struct ZonedRule: Hashable, Sendable {
    /// The rule and its start.
    public let rule: AnchoredRule

    /// The zone.
    public let zone: Zone

    private let reading: RuleReading

    /// Reads a rule in a zone.
    public init(_ rule: AnchoredRule, in zone: Zone) {
        self.rule = rule
        self.zone = zone
        var reading = RuleReading(rule, zone)
        reading.findLast()
        self.reading = reading
    }

    /// The first occurrence strictly after an instant, or nil when there is none any more up to the year 9999.
    public func next(after instant: Timestamp) -> Timestamp? {
        reading.next(after: instant)
    }

    /// The first occurrence whose wall time is strictly later than the given one, as
    /// ``AnchoredRule/next(afterWall:in:)`` has it.
    public func next(afterWall wall: CivilDateTime) -> Timestamp? {
        reading.next(afterWall: wall)
    }

    /// Compares rule and zone.
    public static func == (left: ZonedRule, right: ZonedRule) -> Bool {
        left.rule == right.rule && left.zone == right.zone
    }

    /// Adds rule and zone to a hash.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rule)
        hasher.combine(zone)
    }
}

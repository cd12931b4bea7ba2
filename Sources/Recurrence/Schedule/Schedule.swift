/// When something happens: the union of rules, read in one zone.
///
/// ```swift
/// let schedule = Schedule(rules: [.wall(try CivilDateTime("2026-03-08T02:30:00"))], zone: newYork)
/// schedule.next(after: now)      // 2026-03-08T03:30:00.000-04:00
/// schedule.note(for: occurrence) // "shifted by daylight saving"
/// ```
///
/// A schedule is a value without a clock: for the same zone data the same question has the same answer, on every host.
public struct Schedule: Hashable, Sendable {
    /// The rules; an occurrence of any of them is one of the schedule.
    public let rules: [Rule]

    /// The zone in which wall times are read.
    public let zone: Zone

    /// Makes a schedule.
    public init(rules: [Rule], zone: Zone) {
        self.rules = rules
        self.zone = zone
    }

    /// The first occurrence strictly after an instant, or nil when there is none any more.
    ///
    /// An instant that several rules share is one occurrence.
    public func next(after instant: Timestamp) -> Timestamp? {
        var earliest: Timestamp?
        for rule in rules {
            guard let next = rule.next(after: instant, in: zone) else { continue }
            if let known = earliest, known <= next { continue }
            earliest = next
        }
        return earliest
    }

    /// The occurrences strictly after an instant, in order and computed one by one; an interval goes on to the year
    /// 9999.
    public func occurrences(after instant: Timestamp) -> some Sequence<Timestamp> & Sendable {
        OccurrenceSequence(schedule: self, last: instant)
    }

    /// What a person should know about an occurrence: `shifted by daylight saving`, or nil.
    ///
    /// Shifted is a wall time that the zone's clocks jump over, and that therefore happens at another one.
    public func note(for occurrence: Timestamp) -> String? {
        for case .wall(let wall) in rules {
            let instants = zone.instants(of: wall)
            if instants.isGap, instants.resolved == occurrence { return "shifted by daylight saving" }
        }
        return nil
    }
}

private struct OccurrenceSequence: Sequence, IteratorProtocol, Sendable {
    let schedule: Schedule
    var last: Timestamp?

    mutating func next() -> Timestamp? {
        last = last.flatMap(schedule.next(after:))
        return last
    }
}

/// One event of a ``CalendarExclusion``, prepared for questions.
struct ExclusionItem: Sendable {
    /// What one event says of an instant.
    enum State {
        /// It takes up the instant, and the time up to this one.
        case busy(until: Timestamp)
        /// It does not, before this one.
        case free(until: Timestamp)
    }

    /// A stretch of days, counted from 1970-01-01, or of milliseconds.
    struct Span {
        let start: Int
        let end: Int
    }

    /// Days that an all-day event takes up, in the schedule's zone.
    struct Days: Sendable {
        let zone: Zone
        let rules: [AnchoredRule]
        let length: Int
        let exceptions: Set<Int>
    }

    /// Instants at which the rules of a timed event let it begin.
    struct Times: Sendable {
        let zone: Zone
        let rules: [ZonedRule]
        let length: TimeSpan
        let exceptions: Set<Timestamp>
        let exceptionDays: Set<Int>
    }

    enum Rules: Sendable {
        case days(Days)
        case times(Times)
    }

    let event: CalendarEvent

    /// The occurrences that are no rule's, in milliseconds.
    let spans: [Span]

    let rules: Rules

    func state(at instant: Timestamp) -> State {
        var next = Timestamp.max
        let milliseconds = Int(instant.milliseconds)
        for span in spans {
            if milliseconds >= span.start, milliseconds < span.end {
                return .busy(until: Timestamp(milliseconds: Int64(span.end)))
            }
            if span.start > milliseconds { next = min(next, Timestamp(milliseconds: Int64(span.start))) }
        }
        let state: State =
            switch rules {
            case .days(let days): days.state(at: instant)
            case .times(let times): times.state(at: instant)
            }
        guard case .free(let until) = state else { return state }
        return .free(until: min(next, until))
    }
}

extension ExclusionItem.Days {
    func state(at instant: Timestamp) -> ExclusionItem.State {
        var next = Timestamp.max
        let today = rules.isEmpty ? 0 : zone.civil(at: instant).date.daysSinceEpoch
        for rule in rules {
            var last = (today - length + 1) * 86_400 - 1
            // Each round passes over one exception at least.
            for _ in 0...exceptions.count {
                guard let wall = rule.wall(after: last) else { break }
                last = wall
                let day = floorDivide(wall, by: 86_400)
                if exceptions.contains(day) { continue }
                let first = zone.startOfDay(day)
                let end = zone.startOfDay(day + length)
                if day <= today, end > instant { return .busy(until: end) }
                if first > instant { next = min(next, first) }
                break
            }
        }
        return .free(until: next)
    }
}

extension ExclusionItem.Times {
    /// No civil day differs from 24 h by more.
    private static let slack: Int64 = 26 * 3_600_000

    func state(at instant: Timestamp) -> ExclusionItem.State {
        var next = Timestamp.max
        let days = Int64(length.days) * 86_400_000
        let slack = days == 0 ? 0 : Self.slack
        for rule in rules {
            var last = instant - (days + length.milliseconds + slack)
            var steps = 0
            while let start = begin(rule, after: last) {
                guard start <= instant else {
                    next = min(next, start)
                    break
                }
                let end = length.added(to: start, in: zone)
                if end > instant { return .busy(until: end) }
                steps += 1
                // Only the days that are not 24 h long need a look at each start; a start later than this one covers.
                last = steps < 32 ? start : max(start, instant - (days + length.milliseconds - slack))
            }
        }
        return .free(until: next)
    }

    private func begin(_ rule: ZonedRule, after instant: Timestamp) -> Timestamp? {
        var last = instant
        // Bounded for a rule by the second and an EXDATE that is a day.
        for _ in 0...(exceptions.count + exceptionDays.count * 86_401) {
            guard let start = rule.next(after: last) else { return nil }
            let isException =
                exceptions.contains(start)
                || !exceptionDays.isEmpty && exceptionDays.contains(zone.civil(at: start).date.daysSinceEpoch)
            if !isException { return start }
            last = start
        }
        return nil
    }
}

extension AnchoredRule {
    /// The first wall time after one of a rule of wall times, in seconds, whatever a zone makes of it.
    func wall(after wall: Int) -> Int? {
        guard case .walls(let walls, let last) = steps, let next = walls.next(after: wall), next <= last else {
            return nil
        }
        switch rule.until {
        case .date(let date): return floorDivide(next, by: 86_400) <= date.daysSinceEpoch ? next : nil
        case .wall(let until): return next * 1000 <= Int(until.localMilliseconds) ? next : nil
        case .instant(let until): return next * 1000 <= Int(until.milliseconds) ? next : nil
        case nil: return next
        }
    }
}

extension Zone {
    /// The first instant of a day, counted from 1970-01-01.
    func startOfDay(_ day: Int) -> Timestamp {
        guard day <= DaySequence.lastDay else { return .max }
        switch instants(of: CivilDateTime(date: CivilDate(daysSinceEpoch: day), time: .midnight)) {
        case .one(let instant), .overlap(let instant, _), .gap(_, _, let instant): return instant
        }
    }
}

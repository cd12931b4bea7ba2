/// A rule while it is read in a zone: milliseconds outside, seconds inside.
struct RuleReading: Sendable {
    let rule: AnchoredRule
    let table: ZoneTable

    /// The milliseconds of DTSTART's second, which every occurrence has.
    let fraction: Int64

    /// The last occurrence that UNTIL leaves, or that COUNT leaves to a rule of elapsed time; in milliseconds.
    private var last = Int64.max

    /// Whether ``last`` takes care of COUNT.
    private var isCounted = false

    /// What COUNT leaves to a rule of wall times, its missing days being made up for; nil until it is known.
    private var lastWall: Int?

    init(_ rule: AnchoredRule, _ zone: Zone) {
        self.rule = rule
        table = zone.table
        fraction = Int64(rule.start.millisecond)
        if let until = rule.rule.until { last = Self.last(until, table) }
    }

    private static func last(_ until: RecurrenceRule.Until, _ table: ZoneTable) -> Int64 {
        switch until {
        case .instant(let instant): return instant.milliseconds + 999
        case .wall(let wall): return table.instants(of: wall.localMilliseconds).resolved.milliseconds + 999
        case .date(let date):
            let midnight = Int64(date.daysSinceEpoch + 1) * 86_400_000
            switch table.instants(of: midnight) {
            case .one(let instant), .overlap(let instant, _), .gap(_, _, let instant): return instant.milliseconds - 1
            }
        }
    }

    func next(after instant: Timestamp) -> Timestamp? {
        checked(secondsNext(after: floorDivide(Int(instant.milliseconds - fraction), by: 1000)))
    }

    func next(afterWall wall: CivilDateTime) -> Timestamp? {
        switch rule.steps {
        case .walls(let walls, let last):
            let local = floorDivide(Int(wall.localMilliseconds - fraction), by: 1000)
            return checked(zoned(walls, last).next(afterWall: local))
        case .elapsed:
            switch table.instants(of: wall.localMilliseconds) {
            case .one(let instant), .overlap(_, let instant): return next(after: instant)
            case .gap(_, _, let end): return next(after: end - 1)
            }
        }
    }

    private func checked(_ second: Int?) -> Timestamp? {
        guard let second else { return nil }
        let milliseconds = Int64(second) * 1000 + fraction
        return milliseconds <= last ? Timestamp(exactly: milliseconds) : nil
    }

    private func secondsNext(after instant: Int) -> Int? {
        switch rule.steps {
        case .walls(let walls, let last):
            return zoned(walls, last).next(after: instant)
        case .elapsed(let elapsed):
            let anchor = anchor(of: elapsed)
            guard let next = elapsed.next(after: instant, anchor: anchor, in: table) else { return nil }
            if isCounted { return next }
            return isWithinCount(next, elapsed, anchor) ? next : nil
        }
    }

    /// DTSTART's instant, which for the start of HOURLY and shorter rules is the one of RFC 5545 §3.3.5.
    func anchor(of elapsed: ElapsedSequence) -> ElapsedSequence.Anchor {
        let start = table.instants(of: rule.start.localMilliseconds - fraction).resolved
        return elapsed.anchor(at: floorDivide(Int(start.milliseconds), by: 1000), in: table)
    }

    func zoned(_ walls: WallSequence, _ last: Int) -> ZonedWalls {
        guard last < Stretch.far, table.hasLongJumps else { return ZonedWalls(walls: walls, table: table, limit: last) }
        return ZonedWalls(walls: walls, table: table, limit: lastWall ?? madeUp(walls, last))
    }

    /// The last wall time of COUNT when those that do not exist are made up for.
    private func madeUp(_ walls: WallSequence, _ last: Int) -> Int {
        var last = last
        var from = walls.start - 1
        // Each round counts what is missing in the part that the round before has added.
        for _ in 0..<1000 {
            let all = ZonedWalls(walls: walls, table: table, limit: last)
            // The walls are read as if they were UTC, from which no zone is as far as three days.
            let missing = all.dropped(
                from: from - 86_400 * 3,
                to: last + 86_400 * 3,
                most: RecurrenceRuleParser.largestCount
            ).filter { $0 > from }
            if missing.isEmpty { break }
            from = last
            for _ in missing { last = walls.next(after: last) ?? last }
        }
        return last
    }
}

extension RuleReading {
    /// Finds the last occurrence of a rule with COUNT, so that ``next(after:)`` need not.
    mutating func findLast() {
        guard let count = rule.rule.count else { return }
        switch rule.steps {
        case .walls(let walls, let last):
            if last < Stretch.far, table.hasLongJumps { lastWall = madeUp(walls, last) }
        case .elapsed(let elapsed):
            isCounted = true
            let anchor = anchor(of: elapsed)
            guard let end = end(of: count, elapsed, anchor) else { return }
            last = min(last, Int64(end) * 1000 + 999)
        }
    }

    /// The COUNT-th occurrence, or nil when there are fewer.
    private func end(of count: Int, _ elapsed: ElapsedSequence, _ anchor: ElapsedSequence.Anchor) -> Int? {
        if elapsed.isPlain {
            let (distance, overflow) = (count - 1).multipliedReportingOverflow(by: elapsed.step)
            return overflow || distance > Stretch.far ? nil : anchor.first + distance
        }
        var end = anchor.first - 1
        for _ in 0..<count {
            guard let next = elapsed.next(after: end, anchor: anchor, in: table) else { return nil }
            end = next
        }
        return end
    }

    /// Whether COUNT leaves an occurrence: surely while there were not as many periods; else it is counted out.
    private func isWithinCount(_ second: Int, _ elapsed: ElapsedSequence, _ anchor: ElapsedSequence.Anchor) -> Bool {
        guard let count = rule.rule.count else { return true }
        let periods = (second - anchor.period) / elapsed.step + 1
        let (most, overflow) = periods.multipliedReportingOverflow(by: elapsed.mostInPeriod)
        if !overflow, most <= count { return true }
        if elapsed.isPlain { return false }
        guard let end = end(of: count, elapsed, anchor) else { return true }
        return second <= end
    }
}

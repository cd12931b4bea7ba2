/// One search of an ``ElapsedSequence``: goes from a second to the next one that could match, field by field.
struct ElapsedSearch {
    let sequence: ElapsedSequence
    let anchor: ElapsedSequence.Anchor
    let table: ZoneTable
    private var stretch: Stretch
    private var matchingDay = Int.min
    private var steps = 0

    /// After so many steps the search asks whether the rule can come at all, and how far it must look to know.
    ///
    /// A step leads over everything that one field rules out, so a search takes some steps for each day; the bound on all
    /// steps is far beyond what any rule is known to need.
    private static let doubtful = 2048
    private static let most = 50_000_000

    init(sequence: ElapsedSequence, anchor: ElapsedSequence.Anchor, table: ZoneTable) {
        self.sequence = sequence
        self.anchor = anchor
        self.table = table
        stretch = table.stretch(at: anchor.first)
    }

    /// The first match at or after a second and before another one, or nil.
    mutating func first(from: Int, before limit: Int) -> Int? {
        var limit = min(limit, Self.end)
        var at = max(from, anchor.period)
        while at < limit {
            let better = candidate(at)
            if better == at { return at }
            at = better
            steps += 1
            if steps > Self.most { return nil }
            if steps == Self.doubtful {
                guard isReachable(from: at) else { return nil }
                if let repetition { limit = min(limit, max(at, regular) + repetition) }
            }
        }
        return nil
    }

    /// The first second after the year 9999.
    private static let end = (DaySequence.lastDay + 1) * 86_400

    /// The second itself when it matches, else one that is later and before which none does.
    private mutating func candidate(_ at: Int) -> Int {
        let since = floorModulo(at - anchor.period, by: sequence.step)
        let period = at - since
        if since >= sequence.unit { return period + sequence.step }
        if at < stretch.start || at >= stretch.end { stretch = table.stretch(at: at) }
        let wall = at + stretch.offset
        let day = floorDivide(wall, by: 86_400)
        if day != matchingDay, !sequence.days.filter.isEmpty {
            guard let found = sequence.days.next(onOrAfter: day) else { return Self.end }
            if found != day { return min(stretch.end, found * 86_400 - stretch.offset) }
            matchingDay = day
        }
        let second = wall - day * 86_400
        if sequence.hours != 0, let jump = jump(second / 3600, in: sequence.hours, size: 24) {
            return min(stretch.end, at - second % 3600 + jump * 3600)
        }
        return minute(at, second: second, since: since)
    }

    private func minute(_ at: Int, second: Int, since: Int) -> Int {
        if sequence.minutes != 0 {
            if let jump = jump(second / 60 % 60, in: sequence.minutes, size: 60) {
                return min(stretch.end, at - second % 60 + jump * 60)
            }
        } else if sequence.unit == 3600 {
            let wanted = (anchor.first - anchor.period) / 60
            if since / 60 < wanted { return at - since + wanted * 60 }
            if since / 60 > wanted { return at - since + sequence.step }
        }
        if sequence.seconds != 0 {
            guard let jump = jump(second % 60, in: sequence.seconds, size: 60) else { return at }
            return min(stretch.end, at + jump)
        }
        guard sequence.unit > 1 else { return at }
        return at + floorModulo((anchor.first - anchor.period) % 60 - since % 60, by: 60)
    }

    /// How far the next number of a mask is ahead, around the end if need be; nil when the number itself is in it.
    @inline(__always)
    private func jump(_ number: Int, in mask: UInt64, size: Int) -> Int? {
        if mask >> UInt64(number) & 1 == 1 { return nil }
        let ahead = mask >> UInt64(number)
        return ahead != 0 ? ahead.trailingZeroBitCount : size - number + mask.trailingZeroBitCount
    }
}

extension ElapsedSearch {
    /// Whether the grid of periods ever meets a weekday and time of day that the rule names, under any offset that the zone
    /// still has: both repeat each week, so they meet only if they do modulo what a week and the step have in common.
    private func isReachable(from at: Int) -> Bool {
        // Offsets of the past, such as local mean time with its odd seconds, do not come again.
        let time = Int64(at) * 1000
        let now = table.segment(time - table.shift(time))
        // What is written out for 400 years comes again.
        let kinds = table.kinds[(table.cycleStart == .max ? now : min(now, table.segment(table.cycleStart)))...]
        return table.types.indices.contains { kind in
            kinds.contains(UInt16(kind)) && isReachable(under: table.types[kind].offset)
        }
    }

    /// When the zone has begun to repeat itself every 400 years, as the calendar does.
    private var regular: Int {
        let last = table.cycleStart != .max ? table.cycleStart : table.starts.last ?? .min
        return floorDivide(Int(last), by: 1000)
    }

    /// After how long grid, calendar and zone are together as they were; nil when that is beyond all years.
    private var repetition: Int? {
        let cycle = Int(ZoneTable.cycle / 1000)
        let common = Self.greatestCommonDivisor(sequence.step, cycle)
        let (product, overflow) = (sequence.step / common).multipliedReportingOverflow(by: cycle)
        return overflow || product > Stretch.far ? nil : product
    }

    private func isReachable(under offset: Int) -> Bool {
        let weekdays = sequence.days.filter.weekdays
        let common = Self.greatestCommonDivisor(sequence.step, 7 * 86_400)
        let origin = anchor.period + offset
        for day in 0..<7 where weekdays == 0 || weekdays >> UInt8((day + 4) % 7) & 1 == 1 {
            for hour in 0..<24 where sequence.hours == 0 || sequence.hours >> UInt64(hour) & 1 == 1 {
                for minute in 0..<60 where sequence.minutes == 0 || sequence.minutes >> UInt64(minute) & 1 == 1 {
                    let first = ((day * 24 + hour) * 60 + minute) * 60
                    for second in 0..<60 where sequence.seconds == 0 || sequence.seconds >> UInt64(second) & 1 == 1 {
                        let since = floorModulo(first + second - origin, by: common)
                        if since < sequence.unit, isOpenAlike(since) { return true }
                    }
                }
            }
        }
        return false
    }

    /// Whether what the rule leaves open is as far into the period as DTSTART is into its own.
    private func isOpenAlike(_ since: Int) -> Bool {
        let wanted = anchor.first - anchor.period
        if sequence.unit == 3600, sequence.minutes == 0, since / 60 != wanted / 60 { return false }
        return sequence.unit == 1 || sequence.seconds != 0 || since % 60 == wanted % 60
    }

    private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
        var (a, b) = (first, second)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}

/// One search of an ``ElapsedSequence``: goes from a second to the next one that could match, field by field.
struct ElapsedSearch {
    let sequence: ElapsedSequence
    let anchor: ElapsedSequence.Anchor
    let table: ZoneTable
    private var stretch: Stretch
    private var matchingDay = Int.min
    private var steps = 0

    /// After so many steps the search asks whether the rule can come at all, and after so many it gives up.
    ///
    /// A step leads over everything that one field rules out, so the bound is met only by what a grid of elapsed time
    /// all but never hits, such as `FREQ=SECONDLY;INTERVAL=86399` at one second of the day.
    private static let doubtful = 2048
    private static let most = 200_000

    init(sequence: ElapsedSequence, anchor: ElapsedSequence.Anchor, table: ZoneTable) {
        self.sequence = sequence
        self.anchor = anchor
        self.table = table
        stretch = table.stretch(at: anchor.first)
    }

    /// The first match at or after a second and before another one, or nil.
    mutating func first(from: Int, before limit: Int) -> Int? {
        let limit = min(limit, Self.end)
        var at = max(from, anchor.period)
        while at < limit {
            let better = candidate(at)
            if better == at { return at }
            at = better
            steps += 1
            if steps == Self.doubtful, !isReachable { return nil }
            if steps > Self.most { return nil }
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
    /// Whether the grid of periods ever meets a weekday and time of day that the rule names, under any of the zone's
    /// offsets: both repeat each week, so they meet only if they do modulo what a week and the step have in common.
    private var isReachable: Bool {
        let weekdays = sequence.days.filter.weekdays
        let cycle = weekdays == 0 ? 86_400 : 7 * 86_400
        let common = Self.greatestCommonDivisor(sequence.step, cycle)
        return Set(table.offsets).contains { offset in
            let origin = anchor.period + Int(offset) / 1000
            // 1970-01-01 was a Thursday.
            let allowed = weekdays == 0 ? [0] : (0..<7).filter { weekdays >> UInt8($0) & 1 == 1 }.map { ($0 + 3) % 7 }
            return allowed.contains { isReachable(day: $0 * 86_400, origin: origin, common: common) }
        }
    }

    private func isReachable(day: Int, origin: Int, common: Int) -> Bool {
        let units = [
            (sequence.hours, 24, 3600), (sequence.unit < 3600 ? sequence.minutes : 0, 60, 60),
            (sequence.unit < 60 ? sequence.seconds : 0, 60, 1),
        ]
        // A field that the rule leaves open matters only together with a finer one that it names.
        let finest = units.lastIndex { $0.0 != 0 } ?? -1
        guard finest >= 0 else { return hits(day, length: 86_400, origin: origin, common: common) }
        var starts = [day]
        for (mask, size, length) in units[...finest] {
            let numbers = (0..<size).filter { mask == 0 || mask >> UInt64($0) & 1 == 1 }
            starts = starts.flatMap { start in numbers.map { start + $0 * length } }
            // Too many to matter: the grid can hardly miss them all.
            if starts.count > 5000 { return true }
        }
        let length = units[finest].2
        return starts.contains { hits($0, length: length, origin: origin, common: common) }
    }

    /// Whether a period that begins on the grid reaches into the window, modulo the common divisor.
    private func hits(_ window: Int, length: Int, origin: Int, common: Int) -> Bool {
        let distance = floorModulo(origin - window, by: common)
        return distance < length || common - distance < sequence.unit
    }

    private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
        var (a, b) = (first, second)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}

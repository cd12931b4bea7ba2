/// The instants of an HOURLY, MINUTELY or SECONDLY rule, which steps in elapsed time from DTSTART.
///
/// The periods are so many seconds of elapsed time, counted from the beginning of the hour or minute in which DTSTART lies.
/// What a rule names (BYMONTH to BYSECOND) is compared with what the zone's clocks show; what it leaves open is as far into
/// the period as DTSTART is into its own. All times are seconds.
final class ElapsedSequence: Sendable {
    /// DTSTART in a zone.
    struct Anchor {
        /// The instant.
        let first: Int
        /// The beginning of its hour, minute or second.
        let period: Int
    }

    /// The length of FREQ: 3600, 60 or 1.
    let unit: Int

    /// From one period to the next.
    let step: Int

    let days: DaySequence

    /// Bit h is set for each hour, minute or second that passes; zero where the rule leaves it open.
    let hours: UInt64
    let minutes: UInt64
    let seconds: UInt64

    /// BYSETPOS, without those that no period can have.
    let positions: [Int]

    /// Whether BYSETPOS can pick nothing at all.
    let isNever: Bool

    /// The most occurrences that a period has.
    let mostInPeriod: Int

    init(_ rule: RecurrenceRule, start: CivilDateTime) {
        unit = rule.frequency == .hourly ? 3600 : rule.frequency == .minutely ? 60 : 1
        step = unit * rule.interval
        days = DaySequence(
            frequency: .daily,
            interval: 1,
            filter: DayFilter(rule, start: start.date),
            start: DaySequence.firstDay,
            weekStart: rule.weekStart
        )
        hours = Self.mask(rule.hours)
        minutes = Self.mask(rule.minutes)
        seconds = Self.mask(rule.seconds)
        let minuteCount = unit == 3600 ? max(1, rule.minutes.count) : 1
        let secondCount = unit >= 60 ? max(1, rule.seconds.count) : 1
        let most = minuteCount * secondCount
        positions = rule.positions.filter { WallSequence.pick($0, of: most) != nil }
        isNever = !rule.positions.isEmpty && positions.isEmpty
        mostInPeriod = positions.isEmpty ? most : min(most, positions.count)
    }

    private static func mask(_ numbers: [Int]) -> UInt64 {
        numbers.reduce(0) { $0 | 1 << UInt64($1) }
    }

    func anchor(at first: Int, in table: ZoneTable) -> Anchor {
        let wall = first + table.stretch(at: first).offset
        return Anchor(first: first, period: first - floorModulo(wall, by: unit))
    }

    /// Whether nothing but FREQ and INTERVAL matters, so that the n-th occurrence is known at once.
    var isPlain: Bool {
        days.filter.isEmpty && hours | minutes | seconds == 0 && positions.isEmpty && !isNever
    }

    /// The first occurrence strictly after an instant, or nil when there is none up to the year 9999.
    func next(after instant: Int, anchor: Anchor, in table: ZoneTable) -> Int? {
        if isNever { return nil }
        let from = max(instant + 1, anchor.first)
        if isPlain { return anchor.first + (from - anchor.first + step - 1) / step * step }
        guard positions.isEmpty else { return pickedNext(from: from, anchor: anchor, in: table) }
        var search = ElapsedSearch(sequence: self, anchor: anchor, table: table)
        return search.first(from: from, before: Stretch.far)
    }

    /// BYSETPOS: what a period has is counted from its beginning on, and then the first picked one is looked for.
    private func pickedNext(from: Int, anchor: Anchor, in table: ZoneTable) -> Int? {
        var search = ElapsedSearch(sequence: self, anchor: anchor, table: table)
        var from = from
        var at = anchor.period + floorDivide(from - anchor.period, by: step) * step
        while let first = search.first(from: at, before: Stretch.far) {
            let period = anchor.period + floorDivide(first - anchor.period, by: step) * step
            var count = 1
            var last = first
            while let next = search.first(from: last + 1, before: period + unit) {
                count += 1
                last = next
            }
            var member: Int? = first
            for index in 0..<count {
                guard let found = member else { break }
                if found >= from, isPicked(index, of: count) { return found }
                member = search.first(from: found + 1, before: period + unit)
            }
            at = period + step
            from = max(from, at)
        }
        return nil
    }

    private func isPicked(_ index: Int, of count: Int) -> Bool {
        positions.contains { WallSequence.pick($0, of: count) == index }
    }
}

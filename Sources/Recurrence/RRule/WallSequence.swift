/// The wall times that a DAILY, WEEKLY, MONTHLY or YEARLY rule names, in order and without a zone.
///
/// All times are seconds from 1970-01-01T00:00:00 on the same clock.
final class WallSequence: Sendable {
    let start: Int
    let days: DaySequence

    /// Seconds of the day, sorted; empty when BYSETPOS can pick none.
    let times: [Int]

    /// BYSETPOS, as far as it is not already in ``times``.
    let positions: [Int]

    static let day = 86_400

    init(_ rule: RecurrenceRule, start: CivilDateTime) {
        let startDay = start.date.daysSinceEpoch
        self.start = startDay * Self.day + start.time.millisecondOfDay / 1000
        days = DaySequence(
            frequency: rule.frequency,
            interval: rule.interval,
            filter: DayFilter(rule, start: start.date),
            start: startDay,
            weekStart: rule.weekStart
        )
        let hours = rule.hours.isEmpty ? [start.hour] : rule.hours
        let minutes = rule.minutes.isEmpty ? [start.minute] : rule.minutes
        let seconds = rule.seconds.isEmpty ? [start.second] : rule.seconds
        let all = hours.flatMap { hour in
            minutes.flatMap { minute in seconds.map { (hour * 60 + minute) * 60 + $0 } }
        }
        if rule.frequency == .daily, !rule.positions.isEmpty {
            // A day has all of its times or none, so the same ones are picked each day.
            times = Set(rule.positions.compactMap { Self.pick($0, of: all.count) }).sorted().map { all[$0] }
            positions = []
        } else {
            times = all
            positions = rule.positions
        }
    }

    /// The index of a BYSETPOS position in a set of so many, or nil when the set is too small.
    static func pick(_ position: Int, of count: Int) -> Int? {
        let index = position > 0 ? position - 1 : count + position
        return index >= 0 && index < count ? index : nil
    }

    /// The first wall time strictly after one, or nil when there is none up to the year 9999.
    func next(after wall: Int) -> Int? {
        let from = max(wall + 1, start)
        guard positions.isEmpty else { return pickedNext(from: from) }
        guard let latest = times.last else { return nil }
        var day = floorDivide(from, by: Self.day)
        var second = from - day * Self.day
        if second > latest {
            day += 1
            second = 0
        }
        guard let found = days.next(onOrAfter: day) else { return nil }
        return found * Self.day + (found == day ? time(from: second) : times[0])
    }

    /// The first of the times at or after a second of the day that is not after the last one.
    @inline(__always)
    private func time(from second: Int) -> Int {
        if times[0] >= second { return times[0] }
        var low = 0
        var high = times.count - 1
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < second { low = middle + 1 } else { high = middle }
        }
        return times[low]
    }

    /// The wall time that is so many wall times further than the first (0 is the first), or nil beyond the year 9999.
    ///
    /// Whole weeks or days that are all alike are skipped by a division; else the wall times are counted one by one.
    func wall(number: Int) -> Int? {
        guard var wall = next(after: start - 1) else { return nil }
        var left = number
        if positions.isEmpty, let step = regularStep {
            let perStep = times.count * (days.frequency == .weekly ? days.filter.weekdays.nonzeroBitCount : 1)
            // Every later wall time has its like one step on.
            let (distance, overflow) = (left / perStep).multipliedReportingOverflow(by: step)
            guard !overflow, distance <= (DaySequence.lastDay - DaySequence.firstDay + 1) * Self.day else { return nil }
            wall += distance
            left %= perStep
            guard wall < (DaySequence.lastDay + 1) * Self.day else { return nil }
        }
        for _ in 0..<left {
            guard let following = next(after: wall) else { return nil }
            wall = following
        }
        return wall
    }

    /// The distance after which the wall times repeat, when they are as regular as that.
    private var regularStep: Int? {
        switch days.frequency {
        case .daily where days.filter.isEmpty: days.interval * Self.day
        case .weekly where days.filter.hasWeekdaysOnly: days.interval * 7 * Self.day
        default: nil
        }
    }
}

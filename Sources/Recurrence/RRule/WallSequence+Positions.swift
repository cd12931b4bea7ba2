/// BYSETPOS: of all wall times of a period, those at certain places.
extension WallSequence {
    /// The days of one period, month by month; a week is one block of its own.
    private struct Period {
        /// Days from a first one on, as the bits of a mask.
        private var blocks = InlineArray<12, (first: Int, mask: UInt32)>(repeating: (0, 0))
        private var used = 0
        private(set) var dayCount = 0

        mutating func add(first: Int, mask: UInt32) {
            blocks[used] = (first, mask)
            used += 1
            dayCount += mask.nonzeroBitCount
        }

        /// A day by its place in the period, from 0 on.
        func day(_ place: Int) -> Int? {
            var left = place
            for index in 0..<used {
                var (first, mask) = blocks[index]
                let count = mask.nonzeroBitCount
                if left >= count {
                    left -= count
                    continue
                }
                for _ in 0..<left { mask &= mask - 1 }
                return first + mask.trailingZeroBitCount
            }
            return nil
        }
    }

    /// The first picked wall time at or after one.
    ///
    /// The set of a period is counted from the period's beginning, also where it begins before DTSTART. After 400 years
    /// the calendar repeats; the numbers of periods are those of ``DaySequence``.
    func pickedNext(from wall: Int) -> Int? {
        var period = period(of: floorDivide(wall, by: Self.day))
        let limit = days.frequency == .weekly ? 20_872 : days.frequency == .monthly ? 4801 : 401
        for _ in 0..<limit {
            guard let all = days(of: period) else { return nil }
            if let found = picked(from: all, atOrAfter: wall) { return found }
            period += 1
        }
        return nil
    }

    /// The number of the first period at or after a day that INTERVAL allows, DTSTART's being 0.
    private func period(of day: Int) -> Int {
        let (now, origin) = (position(of: day), position(of: days.start))
        return (now - origin + days.interval - 1) / days.interval
    }

    /// The number of the week, month or year that holds a day.
    private func position(of day: Int) -> Int {
        if days.frequency == .weekly { return floorDivide(days.week(of: day), by: 7) }
        let date = CivilDate(daysSinceEpoch: day)
        return days.frequency == .monthly ? date.year * 12 + date.month - 1 : date.year
    }

    /// The days of a period, or nil beyond the year 9999.
    private func days(of number: Int) -> Period? {
        let place = position(of: days.start) + number * days.interval
        var period = Period()
        switch days.frequency {
        case .weekly:
            let first = days.week(of: days.start) + number * days.interval * 7
            guard first <= DaySequence.lastDay else { return nil }
            var mask: UInt32 = 0
            for day in 0..<7 where days.filter.contains(day: first + day) { mask |= 1 << UInt32(day) }
            period.add(first: first, mask: mask)
        case .monthly:
            guard place < 120_000 else { return nil }
            let month = DayFilter.Month(index: place)
            period.add(first: month.firstDay, mask: days.filter.mask(month))
        default:
            guard place < 10_000 else { return nil }
            for number in 1...12 where days.filter.allows(month: number) {
                let month = DayFilter.Month(index: place * 12 + number - 1)
                period.add(first: month.firstDay, mask: days.filter.mask(month))
            }
        }
        return period
    }

    private func picked(from period: Period, atOrAfter wall: Int) -> Int? {
        let count = period.dayCount * times.count
        var earliest: Int?
        for position in positions {
            guard let index = Self.pick(position, of: count), let day = period.day(index / times.count) else {
                continue
            }
            let found = day * Self.day + times[index % times.count]
            if found >= wall, day <= DaySequence.lastDay { earliest = min(earliest ?? found, found) }
        }
        return earliest
    }
}

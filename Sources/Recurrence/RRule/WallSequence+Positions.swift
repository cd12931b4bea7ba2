/// BYSETPOS: of all wall times of a period, those at certain places.
extension WallSequence {
    /// Days of one period: the bits of a mask, from a first day.
    private struct Block {
        let first: Int
        let mask: UInt32
    }

    /// The first picked wall time at or after one.
    ///
    /// The set of a period is counted from the period's beginning, also where it begins before DTSTART. After 400 years
    /// the calendar repeats; the numbers of periods are those of ``DaySequence``.
    func pickedNext(from wall: Int) -> Int? {
        var period = period(of: floorDivide(wall, by: Self.day))
        let limit = days.frequency == .weekly ? 20_872 : days.frequency == .monthly ? 4801 : 401
        for _ in 0..<limit {
            guard let blocks = blocks(of: period) else { return nil }
            if let found = picked(from: blocks, atOrAfter: wall) { return found }
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
    private func blocks(of period: Int) -> [Block]? {
        let place = position(of: days.start) + period * days.interval
        switch days.frequency {
        case .weekly:
            let first = days.week(of: days.start) + period * days.interval * 7
            guard first <= DaySequence.lastDay else { return nil }
            var mask: UInt32 = 0
            for day in 0..<7 where days.filter.contains(day: first + day) { mask |= 1 << UInt32(day) }
            return [Block(first: first, mask: mask)]
        case .monthly:
            guard place < 120_000 else { return nil }
            let month = DayFilter.Month(index: place)
            return [Block(first: month.firstDay, mask: days.filter.mask(month))]
        default:
            guard place < 10_000 else { return nil }
            return (1...12).filter(days.filter.allows).map { number in
                let month = DayFilter.Month(index: place * 12 + number - 1)
                return Block(first: month.firstDay, mask: days.filter.mask(month))
            }
        }
    }

    private func picked(from blocks: [Block], atOrAfter wall: Int) -> Int? {
        let count = blocks.reduce(0) { $0 + $1.mask.nonzeroBitCount } * times.count
        var earliest: Int?
        for position in positions {
            guard let index = Self.pick(position, of: count), let day = day(index / times.count, of: blocks) else {
                continue
            }
            let found = day * Self.day + times[index % times.count]
            if found >= wall, day <= DaySequence.lastDay { earliest = min(earliest ?? found, found) }
        }
        return earliest
    }

    private func day(_ number: Int, of blocks: [Block]) -> Int? {
        var left = number
        for block in blocks {
            let count = block.mask.nonzeroBitCount
            if left >= count {
                left -= count
                continue
            }
            var mask = block.mask
            for _ in 0..<left { mask &= mask - 1 }
            return block.first + mask.trailingZeroBitCount
        }
        return nil
    }
}

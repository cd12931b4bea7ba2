/// The days of a rule by FREQ and INTERVAL and a ``DayFilter``, without its times of day.
///
/// Days are counted from 1970-01-01.
struct DaySequence: Sendable {
    let frequency: RecurrenceRule.Frequency
    let interval: Int
    let filter: DayFilter

    /// The day of DTSTART, before which there is none.
    let start: Int

    private let startMonth: Int
    let weekStart: Int

    /// 0001-01-01 and 9999-12-31.
    static let firstDay = -719_162
    static let lastDay = 2_932_896
    private static let lastMonth = 9999 * 12 + 11

    init(frequency: RecurrenceRule.Frequency, interval: Int, filter: DayFilter, start: Int, weekStart: Weekday) {
        self.frequency = frequency
        self.interval = interval
        self.filter = filter
        self.start = start
        self.weekStart = weekStart.rawValue
        let date = CivilDate(daysSinceEpoch: start)
        startMonth = date.year * 12 + date.month - 1
    }

    /// The first day of the week that holds a day.
    @inline(__always)
    func week(of day: Int) -> Int {
        day - floorModulo(day + 4 - weekStart, by: 7)
    }

    /// The first day of the rule at or after one, or nil when there is none up to the year 9999.
    func next(onOrAfter day: Int) -> Int? {
        let day = max(day, start)
        switch frequency {
        case .daily where filter.isEmpty: return limited(aligned(day, to: start, step: interval))
        case .daily where interval == 1 && filter.hasWeekdaysOnly:
            let weekdays = UInt32(filter.weekdays)
            let ahead = (weekdays | weekdays << 7) >> UInt32(floorModulo(day + 4, by: 7))
            return limited(day + ahead.trailingZeroBitCount)
        case .weekly where filter.hasWeekdaysOnly: return weekly(day)
        default: return monthwise(day)
        }
    }

    /// The first day at or after one that lies whole steps after an origin.
    @inline(__always)
    private func aligned(_ day: Int, to origin: Int, step: Int) -> Int {
        day <= origin ? origin : origin + (day - origin + step - 1) / step * step
    }

    @inline(__always)
    private func limited(_ day: Int) -> Int? {
        day <= Self.lastDay ? day : nil
    }

    private func weekly(_ day: Int) -> Int? {
        let origin = week(of: start)
        let thisWeek = week(of: day)
        let weekdays = UInt32(filter.weekdays)
        // Bit 0 becomes the first day of the week.
        let mask = (weekdays >> UInt32(weekStart) | weekdays << UInt32(7 - weekStart)) & 0x7F
        if (thisWeek - origin) % (7 * interval) == 0 {
            let rest = mask >> UInt32(day - thisWeek)
            if rest != 0 { return limited(day + rest.trailingZeroBitCount) }
        }
        return limited(aligned(thisWeek + 1, to: origin, step: 7 * interval) + mask.trailingZeroBitCount)
    }

    /// Goes from month to month.
    ///
    /// The calendar repeats after 400 years, weekdays included (146 097 days are 20 871 weeks),
    /// so 400 periods of a yearly rule and 4800 of a monthly one, each of another year or month modulo 400 years, have
    /// seen everything; daily and weekly ones with an INTERVAL go on to the year 9999.
    private func monthwise(_ day: Int) -> Int? {
        let date = CivilDate(daysSinceEpoch: day)
        var index = date.year * 12 + date.month - 1
        var low = UInt32(date.day - 1)
        let limit = frequency < .monthly && interval > 1 ? Self.lastMonth : 4813
        for _ in 0..<limit {
            let wanted = aligned(month: index)
            if wanted != index { low = 0 }
            index = wanted
            guard index <= Self.lastMonth else { return nil }
            if filter.allows(month: index % 12 + 1) {
                let month = DayFilter.Month(index: index)
                var mask = filter.mask(month) & (UInt32.max << low)
                if mask != 0, frequency < .monthly, interval > 1 { mask &= intervalMask(month) }
                if mask != 0 { return month.firstDay + mask.trailingZeroBitCount }
            }
            index += 1
            low = 0
        }
        return nil
    }

    /// The first month at or after one that INTERVAL allows.
    @inline(__always)
    private func aligned(month index: Int) -> Int {
        if interval == 1 { return index }
        switch frequency {
        case .yearly:
            let year = index / 12
            let wanted = aligned(year, to: startMonth / 12, step: interval)
            return wanted == year ? index : wanted * 12
        case .monthly:
            return aligned(index, to: startMonth, step: interval)
        default:
            guard interval > 31 else { return index }
            let first = CivilDate(uncheckedYear: index / 12, month: index % 12 + 1, day: 1).daysSinceEpoch
            let step = frequency == .weekly ? 7 * interval : interval
            // A week that begins in the month before may reach into this one.
            let reach = frequency == .weekly ? 6 : 0
            let origin = frequency == .weekly ? week(of: start) : start
            let date = CivilDate(daysSinceEpoch: min(aligned(first - reach, to: origin, step: step), Self.lastDay + 1))
            return max(index, date.year * 12 + date.month - 1)
        }
    }

    /// The days of a month that INTERVAL allows, of a daily or weekly rule.
    private func intervalMask(_ month: DayFilter.Month) -> UInt32 {
        var mask: UInt32 = 0
        let isWeekly = frequency == .weekly
        let origin = isWeekly ? week(of: start) : start
        let step = isWeekly ? 7 * interval : interval
        let span: UInt64 = isWeekly ? 0x7F : 1
        var day = aligned(month.firstDay - (isWeekly ? 6 : 0), to: origin, step: step) - month.firstDay
        while day < month.length {
            mask |= UInt32(truncatingIfNeeded: day < 0 ? span >> UInt64(-day) : span << UInt64(day))
            day += step
        }
        return mask
    }
}

/// A month of a year, with what the day fields need to know of it.
struct CronMonth {
    let year: Int
    let month: Int
    /// 28 to 31.
    let length: Int
    /// Days from 1970-01-01 to the month's first day.
    let firstDay: Int
    /// The weekday of the first day, 0 to 6 from Sunday.
    let firstWeekday: Int

    init(year: Int, month: Int) {
        self.year = year
        self.month = month
        length = CivilDate.daysInMonth(year: year, month: month)
        firstDay = CivilDate(uncheckedYear: year, month: month, day: 1).daysSinceEpoch
        // As in CivilDate.weekday: 1970-01-01 was a Thursday, and the sum is not negative.
        firstWeekday = (firstDay + 7 * 150_000 + 4) % 7
    }

    /// A bit for each day, bit d for day d.
    var all: UInt32 { (UInt32.max >> UInt32(31 - length)) & ~1 }

    /// The day from Monday to Friday that is nearest a day, in this month.
    func workday(nearest day: Int) -> Int {
        switch (firstWeekday + day - 1) % 7 {
        case 6: day > 1 ? day - 1 : day + 2
        case 0: day < length ? day + 1 : day - 2
        default: day
        }
    }

    /// The last day from Monday to Friday.
    var lastWorkday: Int {
        switch (firstWeekday + length - 1) % 7 {
        case 6: length - 1
        case 0: length - 2
        default: length
        }
    }

    /// The days of 5 weeks from the first day on, for a set of weekdays (bit 0 is Sunday); bit d for day d, to day 35.
    func weeks(_ weekdays: UInt64) -> UInt64 {
        // The week turned so that its first bit is the weekday of the month's first day.
        let week = (weekdays | weekdays << 7) >> UInt64(firstWeekday) & 0x7F
        return (week * 0x1020_4081) << 1
    }
}

/// The day of month field.
struct CronDaysOfMonth: Hashable, Sendable {
    /// Bit d is day d.
    var days: UInt64 = 0
    /// Bit n is the day n days before the last: `L` is bit 0, `L-3` bit 3.
    var beforeLast: UInt64 = 0
    /// Bit d is `dW`.
    var nearest: UInt64 = 0
    /// `LW`.
    var lastWorkday = false

    static let every: UInt64 = 0xFFFF_FFFE

    var isAll: Bool { days == Self.every }

    func days(of month: CronMonth) -> UInt32 {
        var bits = UInt32(truncatingIfNeeded: days)
        if beforeLast | nearest != 0 || lastWorkday {
            for distance in BitSequence(beforeLast) where distance < month.length {
                bits |= 1 << UInt32(month.length - distance)
            }
            for day in BitSequence(nearest) where day <= month.length {
                bits |= 1 << UInt32(month.workday(nearest: day))
            }
            if lastWorkday { bits |= 1 << UInt32(month.lastWorkday) }
        }
        return bits & month.all
    }
}

/// The day of week field.
struct CronDaysOfWeek: Hashable, Sendable {
    /// Bit 0 is Sunday, bit 6 Saturday.
    var weekdays: UInt64 = 0
    /// Bit 7 * (n - 1) + d is the n-th weekday d of a month.
    var nth: UInt64 = 0
    /// Bit d is the last weekday d of a month.
    var last: UInt64 = 0

    static let every: UInt64 = 0x7F

    var isAll: Bool { weekdays == Self.every }

    func days(of month: CronMonth) -> UInt32 {
        var bits = month.weeks(weekdays)
        if nth != 0 {
            for week in 0..<5 {
                let days: UInt64 = 0x7F << UInt64(7 * week + 1)
                bits |= month.weeks(nth >> UInt64(7 * week) & 0x7F) & days
            }
        }
        if last != 0 { bits |= month.weeks(last) & (0x7F << UInt64(month.length - 6)) }
        return UInt32(truncatingIfNeeded: bits) & month.all
    }
}

/// The numbers of the bits that are set, from the lowest.
struct BitSequence: Sequence, IteratorProtocol {
    private var bits: UInt64

    init(_ bits: UInt64) {
        self.bits = bits
    }

    mutating func next() -> Int? {
        guard bits != 0 else { return nil }
        let number = bits.trailingZeroBitCount
        bits &= bits - 1
        return number
    }
}

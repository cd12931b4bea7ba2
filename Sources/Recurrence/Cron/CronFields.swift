/// What the fields of a cron expression name, as sets of bits, and the search for the next wall time in them.
struct CronFields: Hashable, Sendable {
    /// Bit n is the number n of the field.
    var seconds: UInt64 = 1
    var minutes: UInt64 = 0
    var hours: UInt64 = 0
    var months: UInt64 = 0
    var daysOfMonth = CronDaysOfMonth()
    var daysOfWeek = CronDaysOfWeek()
    var reading = CronDayReading.both
    /// The years in order, or nil for all.
    var years: [Int]?

    private static let secondsOfDay = 86_400

    /// The first wall time strictly after another, both in milliseconds as if they were UTC; nil beyond the year 9999.
    func next(after local: Int64) -> Int64? {
        let seconds = max(Self.floor(local, by: 1000) + 1, Self.firstSecond)
        guard seconds <= Self.lastSecond else { return nil }
        let day = Int(seconds) / Self.secondsOfDay - (seconds % 86_400 < 0 ? 1 : 0)
        let date = CivilDate(daysSinceEpoch: day)
        let second = Int(seconds) - day * Self.secondsOfDay
        var month = CronMonth(year: date.year, month: date.month)
        var days: UInt32 = 0
        if has(month) {
            days = self.days(of: month) >> UInt32(date.day)
            if days & 1 != 0, let time = time(atOrAfter: second) { return Self.milliseconds(day, time) }
            days >>= 1
            if days != 0 { return Self.milliseconds(day + 1 + days.trailingZeroBitCount, firstTime) }
        }
        repeat {
            guard let next = self.month(after: month) else { return nil }
            month = next
            days = self.days(of: month)
        } while days == 0
        return Self.milliseconds(month.firstDay - 1 + days.trailingZeroBitCount, firstTime)
    }

    /// Whether there is a date at all: a search of the expression's years, or of the 400 after which the calendar
    /// repeats.
    var hasDates: Bool {
        let first = years?.first ?? 1970
        let last = years?.last ?? first + 400
        var month = CronMonth(year: first - 1, month: 12)
        while let next = self.month(after: month), next.year <= last {
            if days(of: next) != 0 { return true }
            month = next
        }
        return false
    }

    /// Whether a wall time, in milliseconds as if it were UTC, is one of the expression's.
    func contains(_ local: Int64) -> Bool {
        next(after: local - 1) == local
    }

    /// The days that count in a month: bit d is day d.
    func days(of month: CronMonth) -> UInt32 {
        switch reading {
        case .both where daysOfMonth.isAll: daysOfWeek.days(of: month)
        case .both where daysOfWeek.isAll: daysOfMonth.days(of: month)
        case .both: daysOfMonth.days(of: month) & daysOfWeek.days(of: month)
        case .either: daysOfMonth.days(of: month) | daysOfWeek.days(of: month)
        }
    }

    private func has(_ month: CronMonth) -> Bool {
        months >> UInt64(month.month) & 1 != 0 && (years?.contains(month.year) ?? true)
    }

    /// The next month that the month and year fields name.
    private func month(after month: CronMonth) -> CronMonth? {
        let later = months >> UInt64(month.month + 1)
        if later != 0, years?.contains(month.year) ?? true {
            return CronMonth(year: month.year, month: month.month + 1 + later.trailingZeroBitCount)
        }
        let year: Int
        if let years {
            guard let next = years.first(where: { $0 > month.year }) else { return nil }
            year = next
        } else {
            year = month.year + 1
        }
        return year > 9999 ? nil : CronMonth(year: year, month: months.trailingZeroBitCount)
    }

    /// The first time of day, in seconds, at or after another.
    private func time(atOrAfter time: Int) -> Int? {
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
        if hours >> UInt64(hour) & 1 != 0 {
            if minutes >> UInt64(minute) & 1 != 0 {
                let left = seconds >> UInt64(second)
                if left != 0 { return time + left.trailingZeroBitCount }
            }
            let left = minutes >> UInt64(minute + 1)
            if left != 0 {
                return hour * 3600 + (minute + 1 + left.trailingZeroBitCount) * 60 + seconds.trailingZeroBitCount
            }
        }
        let left = hours >> UInt64(hour + 1)
        guard left != 0 else { return nil }
        return (hour + 1 + left.trailingZeroBitCount) * 3600 + firstTime % 3600
    }

    /// The first time of a day, in seconds.
    private var firstTime: Int {
        hours.trailingZeroBitCount * 3600 + minutes.trailingZeroBitCount * 60 + seconds.trailingZeroBitCount
    }

    private static let firstSecond: Int64 = -62_135_596_800
    private static let lastSecond: Int64 = 253_402_300_799

    private static func floor(_ number: Int64, by divisor: Int64) -> Int64 {
        number / divisor - (number % divisor < 0 ? 1 : 0)
    }

    private static func milliseconds(_ day: Int, _ second: Int) -> Int64 {
        (Int64(day) * 86_400 + Int64(second)) * 1000
    }
}

/// How the two day fields work together.
enum CronDayReading: Hashable, Sendable {
    /// A day must fit both.
    case both
    /// A day must fit one of them.
    case either
}

/// The days that the BY parts of a rule let through, as one bit mask for each month.
///
/// RFC 5545's table of expanding and limiting parts comes to this: a day must satisfy every part that is given, where
/// BYDAY, BYMONTHDAY and so on are what the rule says or, where it says nothing, what DTSTART stands for.
struct DayFilter: Sendable {
    /// A month as the filter needs it.
    struct Month {
        let year: Int
        let month: Int
        /// Days from 1970-01-01 to the first of the month.
        let firstDay: Int
        let length: Int
        /// The weekday of the first, Sunday being 0.
        let firstWeekday: Int

        /// Makes a month of its number, counted from January of the year 0.
        init(index: Int) {
            year = index / 12
            month = index % 12 + 1
            firstDay = CivilDate(uncheckedYear: year, month: month, day: 1).daysSinceEpoch
            length = CivilDate.daysInMonth(year: year, month: month)
            firstWeekday = floorModulo(firstDay + 4, by: 7)
        }
    }

    /// Bit m is set for month m; 0 lets all through.
    var months: UInt16 = 0

    /// Bit d - 1 is set for day d of the month.
    private var monthDays: UInt32 = 0

    /// Bit 32 - d is set for the d-th day from the end of the month.
    private var monthDaysFromEnd: UInt32 = 0

    private var yearDays: [Int] = []
    private var weekNumbers: [Int] = []
    private var weekStart = 1

    /// Bit w is set for each weekday w, Sunday being 0.
    private(set) var weekdays: UInt8 = 0

    /// Ordinal weekdays of the month, or of the year.
    private var ordinals: [(ordinal: Int, weekday: Int)] = []
    private var countsInYear = false

    /// Whether every day passes.
    private(set) var isEmpty = true

    /// Whether only ``weekdays`` matters.
    private(set) var hasWeekdaysOnly = false

    init() {}

    /// The filter of a rule that starts on a day, which completes what the rule leaves open.
    init(_ rule: RecurrenceRule, start: CivilDate) {
        for month in rule.months { months |= 1 << UInt16(month) }
        for day in rule.monthDays { add(monthDay: day) }
        yearDays = rule.yearDays
        weekNumbers = rule.weekNumbers
        weekStart = rule.weekStart.rawValue
        for day in rule.days {
            if let ordinal = day.ordinal {
                ordinals.append((ordinal, day.weekday.rawValue))
            } else {
                weekdays |= 1 << UInt8(day.weekday.rawValue)
            }
        }
        countsInYear = rule.frequency == .yearly && rule.months.isEmpty
        complete(rule, start: start)
        let hasOthers =
            months != 0 || monthDays != 0 || monthDaysFromEnd != 0 || !yearDays.isEmpty || !weekNumbers.isEmpty
            || !ordinals.isEmpty
        isEmpty = !hasOthers && weekdays == 0
        hasWeekdaysOnly = !hasOthers && weekdays != 0
    }

    private mutating func add(monthDay day: Int) {
        if day > 0 { monthDays |= 1 << UInt32(day - 1) } else { monthDaysFromEnd |= 1 << UInt32(32 + day) }
    }

    /// "Information, not contained in the rule, necessary to determine the various recurrence instance start time and
    /// dates are derived from the Start Time (DTSTART)" (RFC 5545 §3.3.10).
    private mutating func complete(_ rule: RecurrenceRule, start: CivilDate) {
        guard rule.days.isEmpty, rule.monthDays.isEmpty, rule.yearDays.isEmpty else { return }
        switch rule.frequency {
        case .weekly:
            weekdays = 1 << UInt8(start.weekday.rawValue)
        case .monthly:
            add(monthDay: start.day)
        case .yearly where !rule.weekNumbers.isEmpty:
            weekdays = 1 << UInt8(start.weekday.rawValue)
        case .yearly:
            if months == 0 { months = 1 << UInt16(start.month) }
            add(monthDay: start.day)
        default:
            break
        }
    }

    /// Whether days of this month (1 to 12) can pass.
    @inline(__always)
    func allows(month: Int) -> Bool {
        months == 0 || months >> UInt16(month) & 1 == 1
    }

    /// The days of a month that pass; bit d - 1 is set for day d.
    func mask(_ month: Month) -> UInt32 {
        guard allows(month: month.month) else { return 0 }
        var mask = (UInt32(1) << UInt32(month.length)) - 1
        if monthDays | monthDaysFromEnd != 0 {
            mask &= monthDays | monthDaysFromEnd >> UInt32(32 - month.length)
        }
        if weekdays != 0 || !ordinals.isEmpty { mask &= weekdayMask(month) | ordinalMask(month) }
        if mask != 0, !yearDays.isEmpty { mask &= yearDayMask(month) }
        if mask != 0, !weekNumbers.isEmpty { mask &= weekNumberMask(month) }
        return mask
    }

    /// Whether a day, counted from 1970-01-01, passes.
    func contains(day: Int) -> Bool {
        if isEmpty { return true }
        if hasWeekdaysOnly { return weekdays >> UInt8(floorModulo(day + 4, by: 7)) & 1 == 1 }
        let date = CivilDate(daysSinceEpoch: day)
        guard allows(month: date.month) else { return false }
        return mask(Month(index: date.year * 12 + date.month - 1)) >> UInt32(date.day - 1) & 1 == 1
    }
}

extension DayFilter {
    private func weekdayMask(_ month: Month) -> UInt32 {
        let week = UInt64(weekdays)
        let rotated = (week >> UInt64(month.firstWeekday) | week << UInt64(7 - month.firstWeekday)) & 0x7F
        // Five weeks of seven bits.
        return UInt32(truncatingIfNeeded: rotated &* 0x1020_4081)
    }

    private func ordinalMask(_ month: Month) -> UInt32 {
        guard !ordinals.isEmpty else { return 0 }
        let newYear = countsInYear ? CivilDate(uncheckedYear: month.year, month: 1, day: 1).daysSinceEpoch : 0
        let first = countsInYear ? newYear : month.firstDay
        let length = countsInYear ? (CivilDate.isLeap(year: month.year) ? 366 : 365) : month.length
        let firstWeekday = floorModulo(first + 4, by: 7)
        var mask: UInt32 = 0
        for (ordinal, weekday) in ordinals {
            let earliest = floorModulo(weekday - firstWeekday, by: 7)
            let number =
                ordinal > 0
                ? earliest + 7 * (ordinal - 1)
                : earliest + (length - 1 - earliest) / 7 * 7 + 7 * (ordinal + 1)
            guard number >= 0, number < length else { continue }
            set(first + number - month.firstDay, in: &mask, month)
        }
        return mask
    }

    private func yearDayMask(_ month: Month) -> UInt32 {
        let newYear = CivilDate(uncheckedYear: month.year, month: 1, day: 1).daysSinceEpoch
        let length = CivilDate.isLeap(year: month.year) ? 366 : 365
        var mask: UInt32 = 0
        for day in yearDays {
            let number = day > 0 ? day - 1 : length + day
            guard number >= 0, number < length else { continue }
            set(newYear + number - month.firstDay, in: &mask, month)
        }
        return mask
    }

    /// A week belongs to the year that has four or more of its days, and is numbered in it.
    private func weekNumberMask(_ month: Month) -> UInt32 {
        var mask: UInt32 = 0
        var week = -floorModulo(month.firstWeekday - weekStart, by: 7)
        while week < month.length {
            let middle = CivilDate(daysSinceEpoch: month.firstDay + week + 3)
            let newYear = CivilDate(uncheckedYear: middle.year, month: 1, day: 1).daysSinceEpoch
            let dayOfYear = month.firstDay + week + 3 - newYear
            let number = dayOfYear / 7 + 1
            let last = ((CivilDate.isLeap(year: middle.year) ? 365 : 364) - dayOfYear) / 7 + number
            if weekNumbers.contains(number) || weekNumbers.contains(number - last - 1) {
                for day in week..<(week + 7) { set(day, in: &mask, month) }
            }
            week += 7
        }
        return mask
    }

    private func set(_ day: Int, in mask: inout UInt32, _ month: Month) {
        if day >= 0, day < month.length { mask |= 1 << UInt32(day) }
    }
}

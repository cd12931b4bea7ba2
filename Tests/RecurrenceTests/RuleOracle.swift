import Recurrence

/// A slow evaluator of recurrence rules, written from RFC 5545's table and from nothing in the library: it asks of each
/// single day and second whether it belongs.
struct RuleOracle {
    let rule: RecurrenceRule
    let start: CivilDateTime

    private static func dayOfYear(_ day: CivilDate) -> Int {
        (1..<day.month).reduce(day.day) { $0 + CivilDate.daysInMonth(year: day.year, month: $1) }
    }

    private func isWeekNumber(_ day: CivilDate) -> Bool {
        // The week's year is that of its fourth day; the weeks after it are counted one by one.
        let fourth = day.adding(days: 3 - (day.weekday.rawValue - rule.weekStart.rawValue + 7) % 7)
        let number = (Self.dayOfYear(fourth) + 6) / 7
        var last = number
        while fourth.adding(days: 7 * (last - number + 1)).year == fourth.year { last += 1 }
        return rule.weekNumbers.contains(number) || rule.weekNumbers.contains(number - last - 1)
    }

    private func isDay(_ day: CivilDate) -> Bool {
        if rule.days.isEmpty { return true }
        let length = CivilDate.daysInMonth(year: day.year, month: day.month)
        let yearLength = CivilDate.isLeap(year: day.year) ? 366 : 365
        let inYear = rule.frequency == .yearly && rule.months.isEmpty
        let number = inYear ? Self.dayOfYear(day) : day.day
        let count = inYear ? yearLength : length
        return rule.days.contains { wanted in
            guard wanted.weekday == day.weekday else { return false }
            guard let ordinal = wanted.ordinal else { return true }
            return ordinal == (number + 6) / 7 || -ordinal == (count - number + 7) / 7
        }
    }

    func includes(_ day: CivilDate) -> Bool {
        let length = CivilDate.daysInMonth(year: day.year, month: day.month)
        let dayOfYear = rule.yearDays.isEmpty ? 0 : Self.dayOfYear(day)
        let yearLength = CivilDate.isLeap(year: day.year) ? 366 : 365
        if !rule.months.isEmpty, !rule.months.contains(day.month) { return false }
        if !rule.monthDays.isEmpty, !rule.monthDays.contains(day.day), !rule.monthDays.contains(day.day - length - 1) {
            return false
        }
        if !rule.yearDays.isEmpty, !rule.yearDays.contains(dayOfYear),
            !rule.yearDays.contains(dayOfYear - yearLength - 1)
        {
            return false
        }
        if !rule.weekNumbers.isEmpty, !isWeekNumber(day) { return false }
        guard isDay(day) else { return false }
        guard rule.days.isEmpty, rule.monthDays.isEmpty, rule.yearDays.isEmpty else { return true }
        switch rule.frequency {
        case .weekly: return day.weekday == start.date.weekday
        case .monthly: return day.day == start.date.day
        case .yearly:
            if !rule.weekNumbers.isEmpty { return day.weekday == start.date.weekday }
            return day.day == start.date.day && (!rule.months.isEmpty || day.month == start.date.month)
        default: return true
        }
    }

    /// A number for the period that holds a day; consecutive periods have consecutive numbers.
    private func period(_ day: CivilDate) -> Int {
        switch rule.frequency {
        case .yearly: return day.year
        case .monthly: return day.year * 12 + day.month
        case .weekly:
            return (day.daysSinceEpoch - (day.weekday.rawValue - rule.weekStart.rawValue + 7) % 7 + 7_000_000) / 7
        default: return day.daysSinceEpoch
        }
    }

    private func picked<T>(_ set: [T]) -> [T] {
        guard !rule.positions.isEmpty else { return set }
        return set.enumerated().filter { index, _ in
            rule.positions.contains(index + 1) || rule.positions.contains(index - set.count)
        }.map(\.element)
    }

    /// All wall times of a rule of wall times from its start to the end of a year, without COUNT and UNTIL.
    func walls(through year: Int) -> [CivilDateTime] {
        let times = (rule.hours.isEmpty ? [start.hour] : rule.hours).flatMap { hour in
            (rule.minutes.isEmpty ? [start.minute] : rule.minutes).flatMap { minute in
                (rule.seconds.isEmpty ? [start.second] : rule.seconds).compactMap { second in
                    CivilTime(hour: hour, minute: minute, second: second)
                }
            }
        }
        var found: [CivilDateTime] = []
        var set: [CivilDateTime] = []
        let origin = period(start.date)
        // From the beginning of the first period, of which BYSETPOS counts also what lies before the start.
        var day = start.date.adding(days: -366)
        while day.year <= year {
            let number = period(day)
            if number >= origin, (number - origin) % rule.interval == 0, includes(day) {
                set += times.map { CivilDateTime(date: day, time: $0) }
            }
            day = day.adding(days: 1)
            if period(day) != number {
                found += picked(set)
                set = []
            }
        }
        return found.filter { $0 >= start }
    }

    /// The instants of a rule of elapsed time within some hours of its start, without COUNT and UNTIL.
    func instants(hours: Int, in zone: Zone) -> [Timestamp] {
        let anchor = zone.instants(of: start).resolved
        let shown = zone.civil(at: anchor)
        let unit: Int64 = rule.frequency == .hourly ? 3600 : rule.frequency == .minutely ? 60 : 1
        let into = unit == 3600 ? shown.minute * 60 + shown.second : unit == 60 ? shown.second : 0
        let origin = anchor - Int64(into) * 1000
        var found: [Timestamp] = []
        var period: Int64 = 0
        var day: (date: CivilDate, isIn: Bool)?
        while true {
            let begin = origin + period * Int64(rule.interval) * unit * 1000
            guard begin - anchor < Int64(hours) * 3_600_000 else { return found.filter { $0 >= anchor } }
            var set: [Timestamp] = []
            for second in 0..<unit {
                let at = begin + second * 1000
                if unit >= 60, rule.seconds.isEmpty, Int(second) % 60 != into % 60 { continue }
                if unit == 3600, rule.minutes.isEmpty, Int(second) / 60 != into / 60 { continue }
                let wall = zone.civil(at: at)
                if !rule.seconds.isEmpty, !rule.seconds.contains(wall.second) { continue }
                if !rule.minutes.isEmpty, !rule.minutes.contains(wall.minute) { continue }
                if !rule.hours.isEmpty, !rule.hours.contains(wall.hour) { continue }
                if day?.date != wall.date { day = (wall.date, includes(wall.date)) }
                if day?.isIn == true { set.append(at) }
            }
            found += picked(set)
            period += 1
        }
    }
}

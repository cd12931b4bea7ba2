/// The rule in the last line of a TZif file, which holds after its last transition: a POSIX TZ string such as
/// `EST5EDT,M3.2.0,M11.1.0`, with the extension of RFC 9636 §3.3.1 (times of day from −167 to 167 hours).
struct FooterRule: Hashable {
    /// A day of the year, and seconds from its 00:00 wall time.
    struct Moment: Hashable {
        enum Day: Hashable {
            /// `Jn`: 1 to 365, where 29 February is never counted.
            case withoutLeapDay(Int)
            /// `n`: 0 to 365, where 29 February is counted.
            case zeroBased(Int)
            /// `Mm.w.d`: the w-th weekday d of month m; week 5 is the last.
            case weekday(month: Int, week: Int, weekday: Int)
        }

        let day: Day
        let seconds: Int

        /// Seconds from 1970-01-01T00:00:00 to this moment of a year, on the clock in force just before it.
        func localSeconds(in year: Int) -> Int {
            let newYear = CivilDate(uncheckedYear: year, month: 1, day: 1).daysSinceEpoch
            let days =
                switch day {
                case .withoutLeapDay(let number):
                    newYear + number - (number < 60 || !CivilDate.isLeap(year: year) ? 1 : 0)
                case .zeroBased(let number): newYear + number
                case .weekday(let month, let week, let weekday):
                    Self.day(year: year, month: month, week: week, weekday: weekday)
                }
            return days * 86_400 + seconds
        }

        private static func day(year: Int, month: Int, week: Int, weekday: Int) -> Int {
            let first = CivilDate(uncheckedYear: year, month: month, day: 1)
            let ahead = (weekday - first.weekday.rawValue + 7) % 7
            var number = ahead + (week - 1) * 7
            if number >= CivilDate.daysInMonth(year: year, month: month) { number -= 7 }
            return first.daysSinceEpoch + number
        }
    }

    /// The daylight saving half of a rule.
    struct Daylight: Hashable {
        let type: LocalType
        let start: Moment
        let end: Moment
    }

    /// An instant at which the rule changes the clocks.
    struct Change {
        /// Seconds since 1970-01-01T00:00:00Z.
        let seconds: Int64
        let toDaylight: Bool
    }

    let standard: LocalType
    let daylight: Daylight?

    /// Every change that belongs to these years, in order; empty without daylight saving.
    ///
    /// Where one year's daylight saving ends at the instant at which the next one's begins, it never ends (RFC 9636
    /// §3.3.1 writes all-year daylight saving so): at equal instants the beginning comes last.
    func changes(years: ClosedRange<Int>) -> [Change] {
        guard let daylight else { return [] }
        var changes: [Change] = []
        changes.reserveCapacity(2 * years.count)
        for year in years {
            let start = daylight.start.localSeconds(in: year) - standard.offset
            let end = daylight.end.localSeconds(in: year) - daylight.type.offset
            let length = CivilDate.isLeap(year: year) ? 366 * 86_400 : 365 * 86_400
            changes.append(Change(seconds: Int64(start), toDaylight: true))
            if end - start < length { changes.append(Change(seconds: Int64(end), toDaylight: false)) }
        }
        return changes.sorted { ($0.seconds, $0.toDaylight ? 1 : 0) < ($1.seconds, $1.toDaylight ? 1 : 0) }
    }
}

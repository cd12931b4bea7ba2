import Recurrence

/// A random cron expression together with what it means, said a second time: as conditions on one wall time.
struct RandomCron {
    let text: String
    let matches: @Sendable (CivilDateTime) -> Bool
    let matchesDay: @Sendable (CivilDate) -> Bool
    let followsElapsedTime: Bool

    /// `withSeconds` is for an expression that has a second field.
    init(withSeconds: Bool, near wall: CivilDateTime, _ random: inout SeededGenerator) {
        let second = Self.numbers(0...59, around: wall.second, names: [], wraps: false, &random)
        let minute = Self.numbers(0...59, around: wall.minute, names: [], wraps: false, &random)
        let hour = Self.numbers(0...23, around: wall.hour, names: [], wraps: true, &random)
        let month = Self.numbers(1...12, around: wall.date.month, names: Self.months, wraps: true, &random)
        let ofMonth = Self.dayOfMonth(around: wall.date.day, &random)
        var ofWeek = Self.dayOfWeek(around: wall.date.weekday.rawValue, &random)
        if Int.random(in: 0...9, using: &random) == 0 { ofWeek.text = "+" + ofWeek.text }
        let stars = "*?+"
        let isBoth =
            "*?".contains(ofMonth.text.prefix(1)) || stars.contains(ofWeek.text.prefix(1))
        let fields = [minute.text, hour.text, ofMonth.text, month.text, ofWeek.text]
        text = (withSeconds ? [second.text] + fields : fields).joined(separator: " ")
        followsElapsedTime = minute.text.hasPrefix("*") || hour.text.hasPrefix("*")
        let week = ofWeek.day
        let matchesDay: @Sendable (CivilDate) -> Bool = { date in
            month.matches(date.month)
                && (isBoth ? ofMonth.day(date) && week(date) : ofMonth.day(date) || week(date))
        }
        self.matchesDay = matchesDay
        matches = { wall in
            (withSeconds ? second.matches(wall.second) : wall.second == 0) && wall.millisecond == 0
                && minute.matches(wall.minute) && hour.matches(wall.hour) && matchesDay(wall.date)
        }
    }

    private struct Numbers {
        let text: String
        let matches: @Sendable (Int) -> Bool
    }

    private struct Days {
        var text: String
        let day: @Sendable (CivilDate) -> Bool
    }

    private static let months = ["JAN", "feb", "Mar", "APR", "MAY", "JUN", "JUL", "aug", "SEP", "OCT", "NOV", "DEC"]
    private static let weekdays = ["SUN", "mon", "TUE", "Wed", "THU", "FRI", "SAT"]

    /// A field of numbers, mostly open or near a number, so that something happens.
    private static func numbers(
        _ range: ClosedRange<Int>,
        around center: Int,
        names: [String],
        wraps: Bool,
        _ random: inout SeededGenerator
    ) -> Numbers {
        let items = (0..<(Int.random(in: 0...4, using: &random) == 0 ? 2 : 1)).map { _ in
            item(range, around: center, names: names, wraps: wraps, &random)
        }
        return Numbers(text: items.map(\.text).joined(separator: ",")) { number in
            items.contains { $0.matches(number) }
        }
    }

    private static func item(
        _ range: ClosedRange<Int>,
        around center: Int,
        names: [String],
        wraps: Bool,
        _ random: inout SeededGenerator
    ) -> Numbers {
        let (low, high) = (range.lowerBound, range.upperBound)
        func near(_ random: inout SeededGenerator) -> Int {
            min(max(center + Int.random(in: -2...2, using: &random), low), high)
        }
        func name(_ number: Int) -> String {
            names.isEmpty || number % 2 == 0 ? String(number) : names[number - low]
        }
        let step = Int.random(in: 1...(high - low), using: &random)
        switch Int.random(in: 0...9, using: &random) {
        case 0...2: return Numbers(text: "*") { _ in true }
        case 3...4: return Numbers(text: "*/\(step)") { ($0 - low) % step == 0 }
        case 5:
            let start = near(&random)
            return Numbers(text: "\(name(start))/\(step)") { $0 >= start && ($0 - start) % step == 0 }
        case 6...7:
            let (start, end) = (near(&random), Int.random(in: range, using: &random))
            if start > end, !wraps { return Numbers(text: "\(end)-\(start)") { $0 >= end && $0 <= start } }
            let size = high - low + 1
            let every = Bool.random(using: &random) ? 1 : step
            let suffix = every == 1 ? "" : "/\(every)"
            return Numbers(text: "\(name(start))-\(name(end))\(suffix)") { number in
                let distance = (number - start + size) % size
                return distance <= (end - start + size) % size && distance % every == 0
            }
        default:
            let only = near(&random)
            return Numbers(text: name(only)) { $0 == only }
        }
    }

    private static func dayOfMonth(around center: Int, _ random: inout SeededGenerator) -> Days {
        let number = min(max(center + Int.random(in: -1...1, using: &random), 1), 31)
        switch Int.random(in: 0...11, using: &random) {
        case 0: return Days(text: "L") { $0.adding(days: 1).day == 1 }
        case 1:
            let distance = Int.random(in: 1...27, using: &random)
            return Days(text: "l-\(distance)") { $0.adding(days: distance + 1).day == 1 }
        case 2: return Days(text: "LW") { date in isWorkday(date) && !rest(of: date).contains(where: isWorkday) }
        case 3: return Days(text: "\(number)w") { $0 == nearest(number, $0) }
        case 4: return Days(text: "?") { _ in true }
        case 5: return Days(text: "\(number),L") { $0.day == number || $0.adding(days: 1).day == 1 }
        default:
            let numbers = numbers(1...31, around: center, names: [], wraps: false, &random)
            return Days(text: numbers.text) { numbers.matches($0.day) }
        }
    }

    private static func dayOfWeek(around center: Int, _ random: inout SeededGenerator) -> Days {
        let day = (center + Int.random(in: 0...1, using: &random)) % 7
        let name = [weekdays[day], String(day), day == 0 ? "7" : weekdays[day]][Int.random(in: 0...2, using: &random)]
        switch Int.random(in: 0...9, using: &random) {
        case 0:
            let nth = Int.random(in: 1...5, using: &random)
            return Days(text: "\(name)#\(nth)") { date in
                date.weekday.rawValue == day && monthBefore(date).filter { $0.weekday.rawValue == day }.count == nth - 1
            }
        case 1:
            return Days(text: "\(name)L") { date in
                date.weekday.rawValue == day && !rest(of: date).contains { $0.weekday.rawValue == day }
            }
        case 2...5: return Days(text: "*") { _ in true }
        default:
            let numbers = numbers(0...6, around: center, names: weekdays, wraps: true, &random)
            return Days(text: numbers.text) { numbers.matches($0.weekday.rawValue) }
        }
    }

    private static func isWorkday(_ date: CivilDate) -> Bool {
        date.weekday != .saturday && date.weekday != .sunday
    }

    /// The days of a date's month after it.
    private static func rest(of date: CivilDate) -> [CivilDate] {
        (1...31).map(date.adding(days:)).filter { $0.month == date.month && $0 > date }
    }

    private static func monthBefore(_ date: CivilDate) -> [CivilDate] {
        (1...31).map { date.adding(days: -$0) }.filter { $0.month == date.month && $0 < date }
    }

    /// Of all workdays of the month the one at the smallest distance.
    private static func nearest(_ day: Int, _ date: CivilDate) -> CivilDate? {
        let month = monthBefore(date).reversed() + [date] + rest(of: date)
        guard month.contains(where: { $0.day == day }) else { return nil }
        return month.filter(isWorkday).min { abs($0.day - day) < abs($1.day - day) }
    }
}

/// What happens while a zone's clocks run, watched tick by tick.
struct WatchedClock {
    /// The instants at which a random expression has an occurrence, in a stretch of time.
    static func occurrences(
        of cron: RandomCron,
        in zone: Zone,
        from start: Timestamp,
        to end: Timestamp,
        tick: Int64
    ) -> [Timestamp] {
        var occurrences: [Timestamp] = []
        var latest = zone.civil(at: start).localMilliseconds
        var now = start + tick
        while now <= end {
            let wall = zone.civil(at: now)
            let local = wall.localMilliseconds
            if cron.followsElapsedTime {
                if cron.matches(wall) { occurrences.append(now) }
            } else if local > latest {
                let jump = local - latest - tick
                let first = jump > 3 * 3_600_000 ? local : latest + tick
                let passed = stride(from: first, through: local, by: Int64.Stride(tick))
                if passed.contains(where: { cron.matches(CivilDateTime(localMilliseconds: $0)) }) {
                    occurrences.append(now)
                }
            }
            latest = max(latest, local)
            now = now + tick
        }
        return occurrences
    }
}

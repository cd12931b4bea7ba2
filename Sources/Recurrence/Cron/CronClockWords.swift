/// Puts the seconds, minutes and hours of a cron expression in words.
struct CronClockWords {
    private let seconds: [Int]
    private let minutes: [Int]
    private let hours: [Int]

    /// More times of day than these are not listed one by one.
    private static let mostTimes = 6

    init(fields: CronFields) {
        seconds = Array(BitSequence(fields.seconds))
        minutes = Array(BitSequence(fields.minutes))
        hours = Array(BitSequence(fields.hours))
    }

    /// Whether the text is a list of times of day, to which the days have yet to be said.
    var isTimesOfDay: Bool { seconds.count * minutes.count * hours.count <= Self.mostTimes }

    var text: String {
        if isTimesOfDay {
            let times = hours.flatMap { hour in
                minutes.flatMap { minute in seconds.map { Self.time(hour, minute, $0) } }
            }
            return "at \(englishList(times))"
        }
        return seconds == [0] ? wholeMinutes : withSeconds
    }

    /// The text when it is always at second 0.
    private var wholeMinutes: String {
        if let cadence = Self.cadence(minutes, "minute") {
            return cadence + (isAllDay ? "" : span(second: nil) ?? " of \(CronNumbers.text(hours, unit: "hour"))")
        }
        guard minutes.count == 1, let minute = minutes.first else {
            return "at \(CronNumbers.text(minutes, unit: "minute")) of \(ofHours)"
        }
        if isAllDay { return minute == 0 ? "every hour" : "at minute \(minute) of every hour" }
        if let span = span(second: nil) { return "every hour\(span)" }
        if let step = Self.step(hours, of: 24) { return "every \(step) hours from \(Self.time(0, minute, 0))" }
        return "at minute \(minute) of \(ofHours)"
    }

    private var withSeconds: String {
        let isEveryMinute = minutes.count == 60
        guard let cadence = Self.cadence(seconds, "second") else {
            let at = "at \(CronNumbers.text(seconds, unit: "second"))"
            if isEveryMinute { return "\(at) of every minute" + (isAllDay ? "" : " of \(ofHours)") }
            return "\(at) of \(ofMinutes) of \(ofHours)"
        }
        if isEveryMinute { return cadence + (isAllDay ? "" : span(second: seconds) ?? " of \(ofHours)") }
        return "\(cadence) of \(ofMinutes) of \(ofHours)"
    }

    private var isAllDay: Bool { hours.count == 24 }

    private var ofHours: String { isAllDay ? "every hour" : CronNumbers.text(hours, unit: "hour") }

    private var ofMinutes: String {
        Self.step(minutes, of: 60).map { "every \(CronNumbers.ordinal($0)) minute" }
            ?? CronNumbers.text(minutes, unit: "minute")
    }

    /// The first and the last time of day, when the hours follow each other.
    private func span(second: [Int]?) -> String? {
        let runs = CronNumbers.runs(hours, count: 24, first: 0)
        guard runs.count == 1, let first = runs[0].first, let last = runs[0].last, let from = minutes.first,
            let to = minutes.last
        else { return nil }
        guard let second, let begin = second.first, let end = second.last else {
            return " from \(Self.time(first, from, 0)) to \(Self.time(last, to, 0))"
        }
        return " from \(Self.time(first, from, begin)) to \(Self.time(last, to, end))"
    }

    /// `every minute`, `every 15 minutes`, or nil for what is not as regular as that.
    private static func cadence(_ numbers: [Int], _ unit: String) -> String? {
        numbers.count == 60 ? "every \(unit)" : step(numbers, of: 60).map { "every \($0) \(unit)s" }
    }

    /// The distance of numbers from 0 that goes on from one cycle to the next.
    private static func step(_ numbers: [Int], of size: Int) -> Int? {
        guard numbers.count > 1, numbers[0] == 0, size % numbers.count == 0 else { return nil }
        let step = size / numbers.count
        return numbers == Array(stride(from: 0, to: size, by: step)) ? step : nil
    }

    private static func time(_ hour: Int, _ minute: Int, _ second: Int) -> String {
        "\(digits(hour, 2)):\(digits(minute, 2))" + (second == 0 ? "" : ":\(digits(second, 2))")
    }
}

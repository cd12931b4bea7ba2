import Announce
import Recurrence

/// What `show` tells of an announcement, line by line: a title and a value. What is as usual is left out.
extension Plan {
    /// The limits, the window and the zone.
    ///
    /// - Parameters:
    ///   - zone: the plan's zone.
    ///   - windows: the starts of the windows that are not over, by their numbers.
    /// - Returns: titles and values.
    func lines(in zone: Zone, windows: [Int: Timestamp]) -> [(String, String)] {
        var lines: [(String, String)] = []
        if let start { lines.append(("From", describe(start.instant(in: zone, isEnd: false), in: zone))) }
        if let until { lines.append(("Until", describe(until.instant(in: zone, isEnd: true), in: zone))) }
        if let count { lines.append(("Times", "\(count)")) }
        if !exclusions.isEmpty {
            lines.append(("Not", exclusions.map { $0.words(in: zone) }.joined(separator: ", ")))
        }
        if !leads.isEmpty { lines.append(("Told before", leads.map(\.description).joined(separator: ", "))) }
        if let length { lines.append(("Lasts", "\(length)")) }
        for (ordinal, end) in ends.sorted(by: { $0.key < $1.key }) {
            guard let start = windows[ordinal] else { continue }
            let window = "the window of \(describe(start, in: zone))"
            lines.append(("End changed", "\(window) ends \(describe(end, in: zone))"))
        }
        lines.append(("Zone", timezone))
        return lines
    }
}

extension AnnouncementDraft {
    /// How it is sent, and what becomes of it when it is late.
    func lines(in zone: Zone) -> [(String, String)] {
        var lines = [("Priority", "\(priority)")]
        if target.volatile { lines.append(("Volatile", "clients that cannot take it at that moment may lose it")) }
        if let compress = target.compress { lines.append(("Compressed", compress ? "yes" : "no")) }
        if let grace = policy.grace { lines.append(("Grace", grace == 0 ? "none" : length(ofMilliseconds: grace))) }
        switch policy.misfire {
        case .latest: break
        case .skip: lines.append(("Misfire", "skip"))
        case .all(let limit): lines.append(("Misfire", "all" + (limit.map { ", at most \($0)" } ?? "")))
        }
        if let expiry = policy.expiry { lines.append(("Expires", expiry.words(in: zone))) }
        if allowUnheard { lines.append(("Unheard", "counts as published")) }
        if let acknowledgeWithin {
            lines.append(("Acknowledged", "by clients within \(length(ofMilliseconds: acknowledgeWithin))"))
        }
        if !labels.isEmpty {
            let labels = labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
            lines.append(("Labels", labels.joined(separator: ", ")))
        }
        return lines
    }
}

extension MessageStyle {
    /// The texts of single phases, and whether braces are left alone.
    var lines: [(String, String)] {
        var lines = NoticeKind.allCases.compactMap { kind in texts[kind].map { ("Text", "\(kind.rawValue)=\($0)") } }
        if !isTemplate { lines.append(("Template", "no")) }
        return lines
    }
}

extension NoticePlan {
    /// The starts of the windows from a queued notice's on, by their numbers, as far as a number.
    func windows(from planned: PlannedNotice, to last: Int) -> [Int: Timestamp] {
        var windows: [Int: Timestamp] = [:]
        var position = schedule.next(after: planned.handled)
        while let found = position, found.ordinal <= last {
            windows[found.ordinal] = found.at
            position = schedule.next(after: found)
        }
        return windows
    }
}

extension Rule {
    /// The rule in words.
    func words(in zone: Zone) -> String {
        switch self {
        case .instant(let at): "at \(describe(at, in: zone))"
        case .wall(let at): "at \(at.description.replacing("T", with: " ")) by the clock on the wall"
        case .interval(let interval): "every \(interval.words) from \(describe(interval.anchor, in: zone))"
        case .cron(let expression): "\(expression.words) (\(expression.text))"
        case .recurrence(let rule): "\(rule.rule.words) from \(rule.start) (\(rule.rule.text))"
        }
    }
}

extension Exclusion {
    /// The exclusion in words.
    func words(in zone: Zone) -> String {
        switch self {
        case .day(let day): "\(day.weekday) \(day)"
        case .instant(let at): describe(at, in: zone)
        case .wall(let wall): "\(wall)".replacing("T", with: " ")
        case .calendar(let source): "the events of \(source.name)"
        }
    }
}

extension Interval {
    /// The distance of two occurrences in words: `2 h 30 min`.
    var words: String { length(ofMilliseconds: every) }
}

/// A length of time in words: `2 h 30 min`; empty for none.
private func length(ofMilliseconds milliseconds: Int64) -> String {
    let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")]
    var rest = milliseconds
    var parts: [String] = []
    for (length, name) in units where rest >= length {
        parts.append("\(rest / length) \(name)")
        rest %= length
    }
    return parts.joined(separator: " ")
}

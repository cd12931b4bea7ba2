import Announce
import Recurrence

/// What was understood: `room lobby, Tue 24 Nov 2026 09:00 JST (+09:00), in 3 h 12 min`.
struct Echo: CustomStringConvertible {
    let description: String

    init(_ draft: AnnouncementDraft, _ first: PlannedNotice, _ notices: NoticePlan, _ now: Timestamp) {
        let plan = draft.plan
        let zone = notices.schedule.zone
        let anchor = first.notice.anchor
        var text = "\(draft.target.summary), \(describe(anchor.at, in: zone)), \(distance(from: now, to: anchor.at))"
        if let mark = notices.schedule.mark(of: anchor.at, after: nil) { text += " (\(mark))" }
        if let end = notices.end(of: anchor) { text += ", until \(describe(end, in: zone))" }
        let words = plan.rules.compactMap(\.recurrenceWords)
        if !words.isEmpty { text += ", " + words.joined(separator: " and ") }
        let others = plan.rules.count - words.count
        if plan.rules.count > 1 && others > (words.isEmpty ? 1 : 0) {
            text += ", and \(words.isEmpty ? others - 1 : others) more"
        }
        for limit in plan.limits(in: zone, from: anchor.at, now: now) { text += ", \(limit)" }
        if !plan.leads.isEmpty { text += "; told " + plan.leads.map(\.description).joined(separator: ", ") + " before" }
        if let expiry = draft.policy.expiry { text += "; expires \(expiry.words(in: zone))" }
        description = text
    }
}

/// A number and what is counted: `1 server`, `2 servers`.
func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

extension Plan {
    /// What limits the rules, each in words: `not after Fri 27 Nov 2026 23:59:59.999 UTC (+00:00)`, `at most 2 times`.
    ///
    /// - Parameters:
    ///   - zone: the plan's zone.
    ///   - first: the first occurrence that is told; a start at that moment says nothing new.
    ///   - now: a start before this only matters to what is counted from it.
    /// - Returns: none where nothing limits them.
    func limits(in zone: Zone, from first: Timestamp?, now: Timestamp) -> [String] {
        var limits: [String] = []
        let start = start?.instant(in: zone, isEnd: false)
        let isAhead = start.map { $0 > now } ?? false
        if let start, isAhead, start != first { limits.append("not before \(describe(start, in: zone))") }
        if let until { limits.append("not after \(describe(until.instant(in: zone, isEnd: true), in: zone))") }
        if let count {
            let since = start.map { isAhead || $0 == first ? "" : " since \(describe($0, in: zone))" } ?? ""
            limits.append("at most \(count) \(count == 1 ? "time" : "times")\(since)")
        }
        if !exclusions.isEmpty {
            limits.append("but not " + exclusions.map { $0.words(in: zone) }.joined(separator: ", "))
        }
        return limits
    }
}

extension Policy.Expiry {
    /// When it is no longer true, in words.
    func words(in zone: Zone) -> String {
        switch self {
        case .at(let bound): describe(bound.instant(in: zone, isEnd: true), in: zone)
        case .after(let span): "\(span) after its time"
        }
    }
}

extension Rule {
    /// How it goes on, in words; nil for what happens once.
    var recurrenceWords: String? {
        switch self {
        case .instant, .wall: nil
        case .interval(let interval): "then every \(interval.words)"
        case .cron(let expression): "\(expression.words) (\(expression.text))"
        case .recurrence(let rule): rule.rule.words
        }
    }
}

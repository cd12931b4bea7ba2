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
        if !plan.leads.isEmpty { text += "; told " + plan.leads.map(\.description).joined(separator: ", ") + " before" }
        description = text
    }
}

extension Rule {
    /// How it goes on, in words; nil for what happens once.
    var recurrenceWords: String? {
        switch self {
        case .instant, .wall: nil
        case .interval(let interval): "then every \(interval.words)"
        case .cron(let expression): expression.words
        case .recurrence(let rule): rule.rule.words
        }
    }
}

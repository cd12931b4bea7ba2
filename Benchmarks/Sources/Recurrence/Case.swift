import Foundation
import Recurrence

/// A rule to measure, as `recurrence.json` has it.
struct Case: Decodable {
    let name: String
    let cron: String?
    let rrule: String?
    let start: String?
    let exclude: [String]?
    let zone: String

    /// The rule as the schedule of an announcement.
    func schedule() throws -> Schedule {
        let zone = try ZoneLoader.system(environment: [:]).zone(named: zone)
        let exclusions = try (exclude ?? []).map { try Exclusion($0, now: .min, in: zone) }
        return Schedule(rules: [try rule()], zone: zone, exclusions: exclusions)
    }

    private func rule() throws -> Rule {
        if let cron { return .cron(try CronExpression(cron)) }
        guard let rrule, let start else { throw Failure("\(name) has neither cron nor rrule and start.") }
        return .recurrence(AnchoredRule(try RecurrenceRule(rrule), start: try CivilDateTime(start)))
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

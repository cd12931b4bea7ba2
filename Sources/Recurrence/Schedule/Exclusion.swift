/// What is taken out of a schedule, however its rules name it.
public enum Exclusion: Hashable, Sendable {
    /// The occurrence at exactly this instant.
    case instant(Timestamp)

    /// The occurrence at the instant that this wall time means in the schedule's zone.
    case wall(CivilDateTime)

    /// Every occurrence on this day of the schedule's zone.
    case day(CivilDate)

    /// Every occurrence during an event of a calendar (``CalendarExclusion``).
    case calendar(CalendarSource)

    /// Reads an exclusion as it is typed: a date alone is a whole day, anything else one time.
    ///
    /// - Parameters:
    ///   - text: such as `2026-12-25` or `2026-12-25 09:00`.
    ///   - now: what relative times count from.
    ///   - zone: the schedule's zone.
    /// - Throws: ``TimeExpressionError`` as ``TimeExpression`` does.
    public init(_ text: String, now: Timestamp, in zone: Zone) throws(TimeExpressionError) {
        switch try Bound.Reading(text, now: now, in: zone) {
        case .day(let day): self = .day(day)
        case .time(let time):
            switch time.rule {
            case .wall(let wall): self = .wall(wall)
            default: self = .instant(time.at)
            }
        }
    }

    /// Whether an occurrence of a schedule in this zone is excluded.
    func excludes(_ occurrence: Timestamp, in zone: Zone) -> Bool {
        switch self {
        case .instant(let instant): instant == occurrence
        case .wall(let wall): zone.instants(of: wall).resolved == occurrence
        case .day(let day): zone.civil(at: occurrence).date == day
        // A schedule prepares its calendars once and asks them itself.
        case .calendar: false
        }
    }
}

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

    /// Reads an exclusion as it is typed: a day alone (``TimeExpression/day(_:now:in:)``) is a whole day, anything else one time.
    ///
    /// - Parameters:
    ///   - text: such as `2026-12-25`, `tomorrow` or `2026-12-25 09:00`.
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

    /// The instant up to which this takes out everything from an occurrence on, in a schedule of the zone; nil when the
    /// occurrence stays.
    func end(excluding occurrence: Timestamp, in zone: Zone) -> Timestamp? {
        switch self {
        case .instant(let instant):
            return instant == occurrence ? occurrence + 1 : nil
        case .wall(let wall):
            return zone.instants(of: wall).resolved == occurrence ? occurrence + 1 : nil
        case .day(let day):
            guard zone.civil(at: occurrence).date == day else { return nil }
            // As far as the clocks are not changed: after that another day may be shown.
            let same = zone.table.stretch(at: occurrence.milliseconds).end
            let end = min(zone.startOfDay(day.daysSinceEpoch + 1).milliseconds, same)
            return max(occurrence + 1, Timestamp(exactly: end) ?? .max)
        // A schedule prepares its calendars once and asks them itself.
        case .calendar:
            return nil
        }
    }
}

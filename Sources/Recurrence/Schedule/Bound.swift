/// An end of a schedule: an instant, or a wall time that moves with the rules of the schedule's zone.
public enum Bound: Hashable, Sendable {
    /// Exactly this instant.
    case instant(Timestamp)

    /// When the clocks of the schedule's zone show this.
    case wall(CivilDateTime)

    /// A day alone or a time, as typed.
    enum Reading {
        case day(CivilDate)
        case time(ResolvedTime)

        init(_ text: String, now: Timestamp, in zone: Zone) throws(TimeExpressionError) {
            if let day = try TimeExpression.day(text, now: now, in: zone) {
                self = .day(day)
            } else {
                self = .time(try TimeExpression(text).resolve(now: now, in: zone))
            }
        }
    }

    /// Reads a beginning: a day alone (``TimeExpression/day(_:now:in:)``) means its start.
    ///
    /// - Throws: ``TimeExpressionError`` as ``TimeExpression`` does.
    public init(start text: String, now: Timestamp, in zone: Zone) throws(TimeExpressionError) {
        self = try Self.bound(Reading(text, now: now, in: zone), dayAt: .midnight)
    }

    /// Reads an inclusive end: a day alone (``TimeExpression/day(_:now:in:)``) means its last millisecond.
    ///
    /// - Throws: ``TimeExpressionError`` as ``TimeExpression`` does.
    public init(end text: String, now: Timestamp, in zone: Zone) throws(TimeExpressionError) {
        self = try Self.bound(Reading(text, now: now, in: zone), dayAt: .lastMillisecond)
    }

    private static func bound(_ reading: Reading, dayAt time: CivilTime) -> Bound {
        switch reading {
        case .day(let day): return .wall(CivilDateTime(date: day, time: time))
        case .time(let resolved):
            if case .wall(let wall) = resolved.rule { return .wall(wall) }
            return .instant(resolved.at)
        }
    }

    /// The instant in a zone; a wall time that its clocks show twice means the first time for a beginning, the second for an
    /// end.
    public func instant(in zone: Zone, isEnd: Bool) -> Timestamp {
        switch self {
        case .instant(let instant): return instant
        case .wall(let wall):
            if isEnd, case .overlap(_, let second) = zone.instants(of: wall) { return second }
            return zone.instants(of: wall).resolved
        }
    }
}

extension CivilTime {
    /// 23:59:59.999.
    static let lastMillisecond = CivilTime(millisecondOfDay: 86_399_999)
}

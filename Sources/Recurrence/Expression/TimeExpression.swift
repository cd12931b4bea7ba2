/// A moment as somebody typed it, understood but not yet resolved to an instant.
///
/// ```swift
/// let expression = try TimeExpression("next friday 17:00")
/// let time = try expression.resolve(now: now, in: zone)
/// time.at    // the instant
/// time.rule  // what to store: .wall(2026-11-27T17:00:00)
/// ```
///
/// | form | examples |
/// | --- | --- |
/// | instant | `2026-12-01T09:00:00+09:00`, `2026-12-01 00:00Z`, `@1790000000` |
/// | wall time | `2026-12-01 09:00`, `2026-12-01T09:00:30.250`, `15 march 2027 10:00` |
/// | time of day | `09:00`, `21:30:15`, `9am`, `5:45 pm`, `noon`, `midnight` |
/// | day and time | `today 17:00`, `tomorrow at 9am`, `fri 17:00`, `next friday 17:00`, `15 march 10:00` |
/// | relative | `in 10 minutes`, `in 2h30m`, `90s`, `1d`, `PT10M` |
///
/// Case does not matter. A form with several readings (`9`, `01/02/2026`) is refused, never guessed.
public struct TimeExpression: Hashable, Sendable, CustomStringConvertible {
    enum Form: Hashable {
        case instant(Timestamp)
        case wall(CivilDateTime)
        case timeOfDay(CivilTime)
        case today(CivilTime)
        case tomorrow(CivilTime)
        case weekday(Weekday, CivilTime, afterToday: Bool)
        case dayOfYear(month: Int, day: Int, CivilTime)
        case relative(TimeSpan)
    }

    /// The text as it was typed.
    public let text: String

    let form: Form

    /// Reads an expression; see the table above.
    /// - Throws: ``TimeExpressionError``: `malformed`, `ambiguous`, `outOfRange`, `missingTime` or `tooPrecise`.
    public init(_ text: String) throws(TimeExpressionError) {
        self.text = text
        form = try ExpressionParser.form(text)
    }

    /// The text as it was typed.
    public var description: String { text }

    /// The time of day, when the expression is nothing else.
    public var timeOfDay: CivilTime? {
        if case .timeOfDay(let time) = form { time } else { nil }
    }
}

/// What an expression came to.
public struct ResolvedTime: Hashable, Sendable {
    /// The instant.
    public let at: Timestamp

    /// What to store: ``Rule/instant(_:)`` for instants and for elapsed time, ``Rule/wall(_:)`` for what names a wall
    /// time.
    public let rule: Rule
}

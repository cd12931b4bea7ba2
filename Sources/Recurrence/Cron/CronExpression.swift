/// A cron expression: the wall times at which something recurs.
///
/// ```swift
/// let expression = try CronExpression("30 2 * * MON-FRI")
/// expression.words                       // at 02:30, Monday to Friday
/// expression.next(after: now, in: zone)  // the next instant, daylight saving heeded
/// ```
///
/// | fields | order |
/// | --- | --- |
/// | 5 | minute, hour, day of month, month, day of week |
/// | 6 | second before them |
/// | 7 | second before them, year after them |
/// | 1 | `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually` |
///
/// A field is a list of numbers, ranges `a-b`, `*`, and steps `*/n`, `a-b/n`, `a/n` (to the end of the field), joined
/// by commas. Months and days of the week have names of three letters in any case; 0 and 7 are Sunday. Ranges of hours,
/// months and days of the week may wrap around (`22-2`, `FRI-MON`), and a step counts on across the end. The week ends
/// on Saturday: `1/2` is Monday, Wednesday and Friday.
///
/// Day of month also takes `L` (the last day), `L-3` (three days before it), `15W` (the day from Monday to Friday that
/// is nearest the 15th, in the same month) and `LW` (the month's last one of these). Day of week also takes `FRI#2`
/// (the second Friday of the month) and `FRIL` (its last Friday). One of the two may be `?`, which is `*`.
///
/// When both day fields are restricted, a day that fits *either* of them counts. When one of them starts with `*`, or
/// the day of week starts with `+`, a day must fit *both* (as in Debian's cron; `+` is that of croner).
///
/// Daylight saving: see ``followsElapsedTime`` and ``next(after:in:)``.
public struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    /// The expression as it was typed, with single spaces between the fields and none around them.
    public let text: String

    let fields: CronFields

    /// Whether the minute or the hour field starts with `*`, as in `*/15 * * * *` or `@hourly`.
    ///
    /// Such an expression follows elapsed time: it has an occurrence whenever the clocks show one of its wall times, in
    /// both passes of an hour that is repeated, and none for wall times that are jumped over. All others name fixed
    /// times of day and have exactly one occurrence for each.
    public let followsElapsedTime: Bool

    /// Reads an expression; see the table above.
    ///
    /// Nothing is guessed: what cannot be meant is refused, dates that never come included (`0 0 30 2 *`).
    /// - Throws: ``CronError``, which names the field and the remedy.
    public init(_ text: String) throws(CronError) {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        self.text = words.joined(separator: " ")
        let parser = try CronParser(text: self.text, words: words)
        fields = try parser.fields()
        followsElapsedTime = parser.starts(.minute, with: "*") || parser.starts(.hour, with: "*")
    }

    /// The text.
    public var description: String { text }

    /// The first wall time of the expression strictly after another, whatever a zone's clocks make of it.
    ///
    /// Found field by field, without stepping through time.
    /// - Returns: nil when there is none any more, in the years of the expression or before the year 10000.
    public func nextWall(after wall: CivilDateTime) -> CivilDateTime? {
        fields.next(after: wall.localMilliseconds).map(CivilDateTime.init(localMilliseconds:))
    }
}

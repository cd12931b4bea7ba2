/// An instant as people read it in a zone: `Tue 24 Nov 2026 09:00 JST (+09:00)`.
///
/// Seconds and milliseconds are shown only when they are not zero. An abbreviation that is only a number, such as
/// `+03`, would say the offset twice and is left out: `Tue 24 Nov 2026 09:00 (+03:00)`. An instant whose local year would be 0 or 10000
/// is told in UTC, as in ``Timestamp/rfc3339(in:)``.
public func describe(_ instant: Timestamp, in zone: Zone) -> String {
    let civil = zone.civil(at: instant)
    guard (1...9999).contains(civil.date.year) else { return describe(instant, in: .utc) }
    let abbreviation = zone.abbreviation(at: instant)
    let name = abbreviation.first.map { $0 == "+" || $0 == "-" } == true ? "" : "\(abbreviation) "
    let day =
        "\(civil.date.weekday) \(civil.date.day) \(monthAbbreviation(civil.date.month)) \(digits(civil.date.year, 4))"
    return "\(day) \(civil.time.shortText) \(name)(\(offsetText(seconds: zone.offset(at: instant))))"
}

/// How far an instant is from another, as people say it: `in 3 h 12 min`, `2 min ago`, `now`.
///
/// The distance is rounded to the nearest second and cut after the largest unit (days at most) and the one below it.
/// - Parameters:
///   - now: Where one stands.
///   - instant: What one looks at.
/// - Returns: English words.
public func distance(from now: Timestamp, to instant: Timestamp) -> String {
    let difference = instant - now
    let seconds = (abs(difference) + 500) / 1000
    if seconds == 0 { return "now" }
    let units = [
        (seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s"),
    ]
    let text = units.drop { $0.0 == 0 }.prefix(2).filter { $0.0 != 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    return difference > 0 ? "in \(text)" : "\(text) ago"
}

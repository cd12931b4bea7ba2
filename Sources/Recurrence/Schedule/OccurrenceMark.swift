/// What a person should know about an occurrence of a rule that is read in a zone with daylight saving.
public enum OccurrenceMark: Hashable, Sendable, CustomStringConvertible {
    /// The clocks jump over the wall time that the rule names; the occurrence is at another one instead.
    case shifted
    /// The clocks show the wall time twice, and this is the first or the second time.
    case doubled(secondPass: Bool)
    /// Between the occurrence before this one and this one the rule names wall times that the clocks jump over and for which
    /// nothing goes out; the first of them (at most ``mostDropped``).
    case dropped([CivilDateTime])

    /// The most wall times that ``dropped(_:)`` names.
    public static let mostDropped = 5

    /// The mark in words, beginning with `shifted`, `doubled` or `dropped`.
    public var description: String {
        switch self {
        case .shifted:
            "shifted by daylight saving"
        case .doubled(let secondPass):
            "doubled by daylight saving: the \(secondPass ? "second" : "first") pass"
        case .dropped(let walls):
            "dropped by daylight saving before this: "
                + walls.map { "\($0.date) \($0.time.shortText)" }.joined(separator: ", ")
        }
    }
}

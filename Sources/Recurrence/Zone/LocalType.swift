/// What holds in a zone between two transitions (a "local time type record" of RFC 9636).
struct LocalType: Hashable, Sendable {
    /// Seconds east of UTC.
    let offset: Int

    let isDaylightSaving: Bool

    let abbreviation: String

    /// RFC 9636 §3.2: more than −25 hours and less than 26 hours.
    static let offsetRange = -89_999...93_599
}

/// An instant: milliseconds since 1970-01-01T00:00:00Z on the UTC scale without leap seconds.
///
/// Every value lies between ``min`` and ``max``, that is in the years 0001 to 9999 of UTC, because those are the years
/// that RFC 3339 can write. The initialisers and the arithmetic *saturate*: what would lie outside becomes the nearest
/// end, so no sum overflows and no value is unprintable.
///
/// ```swift
/// let start = Timestamp(seconds: 1_790_000_000)
/// start.description        // 2026-09-21T14:13:20.000Z
/// (start + 1_500) - start  // 1500
/// ```
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z, negative before it.
    public let milliseconds: Int64

    /// The first instant, 0001-01-01T00:00:00.000Z.
    public static let min = Timestamp(unchecked: minimumMilliseconds)

    /// The last instant, 9999-12-31T23:59:59.999Z.
    public static let max = Timestamp(unchecked: maximumMilliseconds)

    static let minimumMilliseconds: Int64 = -62_135_596_800_000
    static let maximumMilliseconds: Int64 = 253_402_300_799_999

    /// Makes the instant that many milliseconds after 1970-01-01T00:00:00Z, or the nearest end of the range.
    public init(milliseconds: Int64) {
        self.milliseconds = Swift.min(Swift.max(milliseconds, Self.minimumMilliseconds), Self.maximumMilliseconds)
    }

    /// Makes the instant that many seconds after 1970-01-01T00:00:00Z, or the nearest end of the range.
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        self.init(milliseconds: overflow ? (seconds < 0 ? .min : .max) : product)
    }

    /// The instant of exactly these milliseconds, or nil when it lies outside the range.
    init?(exactly milliseconds: Int64) {
        guard (Self.minimumMilliseconds...Self.maximumMilliseconds).contains(milliseconds) else { return nil }
        self.milliseconds = milliseconds
    }

    private init(unchecked milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Compares two instants; the earlier is the smaller.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The distance from the right instant to the left one, in milliseconds.
    public static func - (left: Timestamp, right: Timestamp) -> Int64 {
        left.milliseconds - right.milliseconds
    }

    /// The instant that many milliseconds later, or the nearest end of the range.
    public static func + (left: Timestamp, milliseconds: Int64) -> Timestamp {
        let (sum, overflow) = left.milliseconds.addingReportingOverflow(milliseconds)
        return Timestamp(milliseconds: overflow ? (milliseconds < 0 ? .min : .max) : sum)
    }

    /// The instant that many milliseconds earlier, or the nearest end of the range.
    public static func - (left: Timestamp, milliseconds: Int64) -> Timestamp {
        let (difference, overflow) = left.milliseconds.subtractingReportingOverflow(milliseconds)
        return Timestamp(milliseconds: overflow ? (milliseconds < 0 ? .max : .min) : difference)
    }
}

extension Timestamp: CustomStringConvertible {
    /// The instant as RFC 3339 in UTC, such as `2026-12-01T00:00:00.000Z`.
    public var description: String { rfc3339() }

    /// The instant as RFC 3339 in a zone, always with three decimals; UTC is written `Z`.
    ///
    /// ```swift
    /// start.rfc3339(in: newYork)  // 2026-03-08T03:00:00.000-04:00
    /// ```
    ///
    /// RFC 3339 knows offsets of whole minutes and years of four digits only. An offset with seconds (local mean time
    /// of the past) is therefore rounded towards zero and the clock written to match, so the text names the same
    /// instant; an instant whose local year would be 0000 or 10000 is written in UTC.
    public func rfc3339(in zone: Zone = .utc) -> String {
        let offset = zone.offset(at: self) / 60 * 60
        let civil = CivilDateTime(localMilliseconds: milliseconds + Int64(offset) * 1000)
        guard (1...9999).contains(civil.date.year) else { return rfc3339() }
        let text = DigitWriter.text(atMost: 24) { writer in
            civil.date.write(to: &writer)
            writer.write("T")
            civil.time.write(to: &writer, decimals: true)
            if zone.isUTC { writer.write("Z") }
        }
        return zone.isUTC ? text : text + offsetText(seconds: offset)
    }
}

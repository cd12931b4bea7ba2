/// A time zone: what its clocks show at every instant, from the bytes of a TZif file.
///
/// Zones come from a ``ZoneLoader``; the library holds none of its own and never asks the host for its zone.
///
/// ```swift
/// let zone = try ZoneLoader.system(environment: environment).zone(named: "America/New_York")
/// zone.offset(at: instant)         // -14400
/// zone.civil(at: instant)          // 2026-07-01T09:00:00
/// zone.instants(of: wall).resolved // the instant that RFC 5545 means
/// ```
///
/// Two zones are equal when their identifiers and their data are: after an update of the zone data the new value
/// differs from the old one exactly for the zones whose rules have changed.
public struct Zone: Hashable, Sendable, CustomStringConvertible {
    /// The name, such as `Europe/Berlin`, `+09:00` or `UTC`.
    public let identifier: String

    let table: ZoneTable

    /// Coordinated Universal Time; needs no zone data.
    public static let utc = Zone(
        identifier: "UTC",
        table: ZoneTable(fixed: LocalType(offset: 0, isDaylightSaving: false, abbreviation: "UTC"))
    )

    /// Reads a zone from the bytes of a TZif file (RFC 9636, versions 1 to 4).
    ///
    /// After the last transition the rule in the file's footer holds, to the year 9999.
    /// - Throws: ``ZoneError`` `invalidData` when the bytes are no such file, or one that counts leap seconds.
    public init(identifier: String, tzif bytes: [UInt8]) throws(ZoneError) {
        self.init(identifier: identifier, table: ZoneTable(try TZifFile(bytes)))
    }

    private init(identifier: String, table: ZoneTable) {
        self.identifier = identifier
        self.table = table
    }

    /// Makes the zone of a fixed offset from a name: `+09:00`, `-0330`, `+09`, or `UTC` and `Z` in any case; else nil.
    ///
    /// The identifier is the normal form, such as `+09:00`, and `UTC` for an offset of zero.
    public init?(fixedOffset name: String) {
        if ["UTC", "Z"].contains(name.uppercased()) {
            self = .utc
            return
        }
        guard let seconds = Self.offset(parsing: Array(name.utf8)[...]) else { return nil }
        self.init(secondsEastOfUTC: seconds)
    }

    private init(secondsEastOfUTC seconds: Int) {
        if seconds == 0 {
            self = .utc
            return
        }
        let name = offsetText(seconds: seconds)
        let type = LocalType(offset: seconds, isDaylightSaving: false, abbreviation: name)
        self.init(identifier: name, table: ZoneTable(fixed: type))
    }

    /// Seconds east of UTC of `+hh:mm`, `+hhmm` or `+hh` (or with `-`), up to 23:59; nil for anything else.
    static func offset(parsing text: ArraySlice<UInt8>) -> Int? {
        guard let sign = text.first, sign == 0x2B || sign == 0x2D else { return nil }
        var rest = Array(text.dropFirst())
        if rest.count == 5, rest[2] == 0x3A { rest.remove(at: 2) }
        guard rest.count == 2 || rest.count == 4, rest.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let numbers = rest.map { Int($0 - 0x30) }
        let hours = numbers[0] * 10 + numbers[1]
        let minutes = numbers.count == 4 ? numbers[2] * 10 + numbers[3] : 0
        guard hours <= 23, minutes <= 59 else { return nil }
        return (sign == 0x2D ? -1 : 1) * (hours * 60 + minutes) * 60
    }

    /// Whether the zone is UTC under any of its names, which RFC 3339 writes `Z`.
    var isUTC: Bool {
        table.starts.count == 1 && table.offsets[0] == 0 && table.types[Int(table.kinds[0])].abbreviation == "UTC"
    }

    /// The identifier.
    public var description: String { identifier }

    /// Adds the identifier to a hash; zones that differ in their data only are told apart by `==`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(identifier)
    }

    /// Seconds east of UTC at an instant.
    public func offset(at instant: Timestamp) -> Int {
        Int(table.offset(at: instant.milliseconds) / 1000)
    }

    /// The zone's abbreviation at an instant, such as `CEST`, `+03` or `LMT`.
    public func abbreviation(at instant: Timestamp) -> String {
        table.type(at: instant.milliseconds).abbreviation
    }

    /// Whether the zone data calls the time at an instant daylight saving time.
    ///
    /// For display only: Dublin's data call the winter time so, and an offset can change without it.
    public func isDaylightSaving(at instant: Timestamp) -> Bool {
        table.type(at: instant.milliseconds).isDaylightSaving
    }

    /// What the zone's clocks show at an instant.
    public func civil(at instant: Timestamp) -> CivilDateTime {
        CivilDateTime(localMilliseconds: instant.milliseconds + table.offset(at: instant.milliseconds))
    }

    /// The first instant after the given one at which the offset, the abbreviation or the daylight saving flag changes.
    ///
    /// - Returns: nil when nothing changes any more before the year 10000.
    public func nextTransition(after instant: Timestamp) -> Timestamp? {
        table.transition(after: instant.milliseconds).flatMap(Timestamp.init(exactly:))
    }

    /// The last instant, at or before the given one, at which the offset, the abbreviation or the daylight saving flag
    /// changed.
    ///
    /// - Returns: nil when nothing has changed before, since the year 0001.
    public func lastTransition(atOrBefore instant: Timestamp) -> Timestamp? {
        table.transition(atOrBefore: instant.milliseconds).flatMap(Timestamp.init(exactly:))
    }

    /// The instants at which the zone's clocks show a wall time.
    ///
    /// Every stretch of constant offset within 26 hours (no offset is larger) is asked for its answer, so that the
    /// result is exact for changes of any length and for several that follow each other closely. Should a wall time
    /// occur three times, the first and the last are given. Instants beyond the ends of ``Timestamp`` become the
    /// nearest end.
    public func instants(of wall: CivilDateTime) -> LocalInstants {
        table.instants(of: wall.localMilliseconds)
    }
}

extension ZoneTable {
    /// See ``Zone/instants(of:)``; `wall` in milliseconds as if it were UTC.
    @inline(__always)
    func instants(of wall: Int64) -> LocalInstants {
        let shift = shift(wall - Self.maximumOffset)
        let local = wall - shift
        var index = segment(local - Self.maximumOffset)
        var first: Int64?
        var last: Int64?
        while true {
            let candidate = local - Int64(offsets[index])
            let isLast = index + 1 == starts.count
            if candidate >= starts[index], isLast || candidate < starts[index + 1] {
                if first == nil { first = candidate } else { last = candidate }
            }
            index += 1
            if isLast || starts[index] > local + Self.maximumOffset { break }
        }
        guard let first else { return gap(local, shift: shift) }
        guard let last else { return .one(Timestamp(milliseconds: first + shift)) }
        return .overlap(first: Timestamp(milliseconds: first + shift), second: Timestamp(milliseconds: last + shift))
    }

    /// The change that jumps over a wall time which no segment shows.
    private func gap(_ local: Int64, shift: Int64) -> LocalInstants {
        var index = segment(local - Self.maximumOffset) + 1
        while index + 1 < starts.count, local - Int64(offsets[index]) >= starts[index] { index += 1 }
        return .gap(
            before: Timestamp(milliseconds: local - Int64(offsets[index - 1]) + shift),
            after: Timestamp(milliseconds: local - Int64(offsets[index]) + shift),
            end: Timestamp(milliseconds: starts[index] + shift)
        )
    }
}

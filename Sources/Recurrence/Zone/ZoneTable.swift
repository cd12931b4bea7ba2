/// A zone's changes as flat arrays, so that every question is one binary search.
///
/// The footer rule is written out for 400 years, after which the Gregorian calendar, weekdays included, repeats (146
/// 097 days are 20 871 weeks): a later instant is looked up a multiple of 400 years earlier. All times are
/// milliseconds.
final class ZoneTable: Sendable {
    /// When each segment begins; the first one has no beginning.
    let starts: [Int64]

    /// Milliseconds east of UTC, for each segment.
    let offsets: [Int32]

    /// Index in ``types``, for each segment.
    let kinds: [UInt16]

    let types: [LocalType]

    /// The first instant of the 400 years that repeat, or `Int64.max` when nothing does.
    let cycleStart: Int64

    /// Whether any change sets the clocks forward by more than 3 hours, which is a correction of the calendar.
    let hasLongJumps: Bool

    /// The Gregorian calendar's period.
    static let cycle: Int64 = 146_097 * 86_400_000

    /// No offset is larger than this (RFC 9636 §3.2).
    static let maximumOffset: Int64 = 26 * 3_600_000

    init(fixed type: LocalType) {
        starts = [.min]
        offsets = [Int32(type.offset * 1000)]
        kinds = [0]
        types = [type]
        cycleStart = .max
        hasLongJumps = false
    }

    init(_ file: TZifFile) {
        var builder = ZoneTableBuilder(types: file.types)
        builder.add(file)
        starts = builder.starts
        kinds = builder.kinds
        let types = builder.types
        let offsets = builder.kinds.map { Int32(types[Int($0)].offset * 1000) }
        self.offsets = offsets
        self.types = types
        cycleStart = builder.cycleStart
        hasLongJumps = zip(offsets, offsets.dropFirst()).contains { $1 - $0 > 3 * 3_600_000 }
    }

    /// Whole periods, in milliseconds, by which a time lies beyond the period that is written out; 0 before its end.
    @inline(__always)
    func shift(_ time: Int64) -> Int64 {
        guard cycleStart != .max, time >= cycleStart + Self.cycle else { return 0 }
        return (time - cycleStart) / Self.cycle * Self.cycle
    }

    /// The index of the segment that holds an instant, which must have been shifted into the written part.
    @inline(__always)
    func segment(_ time: Int64) -> Int {
        starts.withUnsafeBufferPointer { starts in
            // `base` is always a segment that begins at or before `time`.
            var base = 0
            var count = starts.count
            while count > 1 {
                let half = count / 2
                if starts[base &+ half] <= time { base &+= half }
                count &-= half
            }
            return base
        }
    }

    /// Milliseconds east of UTC at an instant.
    @inline(__always)
    func offset(at time: Int64) -> Int64 {
        Int64(offsets[segment(time - shift(time))])
    }

    func type(at time: Int64) -> LocalType {
        types[Int(kinds[segment(time - shift(time))])]
    }

    /// The first change after an instant, or nil when nothing changes any more.
    func transition(after time: Int64) -> Int64? {
        let shift = shift(time)
        let next = segment(time - shift) + 1
        return next < starts.count ? starts[next] + shift : nil
    }

    /// The last change at or before an instant, or nil when there was none.
    func transition(atOrBefore time: Int64) -> Int64? {
        let shift = shift(time)
        let index = segment(time - shift)
        return index > 0 ? starts[index] + shift : nil
    }
}

extension ZoneTable: Equatable {
    static func == (left: ZoneTable, right: ZoneTable) -> Bool {
        left === right
            || (left.starts == right.starts && left.kinds == right.kinds && left.types == right.types
                && left.cycleStart == right.cycleStart)
    }
}

/// Collects the segments of a ``ZoneTable``.
private struct ZoneTableBuilder {
    var types: [LocalType]
    var starts: [Int64] = [.min]
    var kinds: [UInt16] = [0]
    var cycleStart = Int64.max

    /// Seconds from 1970 beyond which no ``Timestamp`` lies, with room to spare and none to overflow in milliseconds.
    private static let horizon: Int64 = 1_000_000_000_000

    init(types: [LocalType]) {
        self.types = types
    }

    mutating func add(_ file: TZifFile) {
        for (seconds, kind) in zip(file.transitions, file.kinds) {
            if seconds > Self.horizon { return }
            if seconds < -Self.horizon {
                kinds[0] = UInt16(kind)
            } else {
                starts.append(seconds * 1000)
                kinds.append(UInt16(kind))
            }
        }
        if let footer = file.footer { add(footer) }
    }

    private mutating func add(_ footer: FooterRule) {
        let last = starts.count > 1 ? starts[starts.count - 1] : Int64.min
        let standard = index(of: footer.standard)
        guard let daylight = footer.daylight else {
            if last == .min { kinds[0] = standard }
            return
        }
        let daylightIndex = index(of: daylight.type)
        let firstYear = last == .min ? 0 : CivilDateTime(localMilliseconds: last).date.year
        cycleStart = Int64(CivilDate(uncheckedYear: firstYear + 1, month: 1, day: 1).daysSinceEpoch) * 86_400_000
        // Two years past the period, so that a search that begins within it never runs off the end.
        let changes = footer.changes(years: (firstYear - 1)...(firstYear + 403))
        // The last transition's own type holds until the footer's next change. RFC 9636 §3.3 makes the two agree, but
        // zic 2025b with `-b slim` writes America/Ojinaga so that the footer alone would be wrong for a week of 2022.
        if last == .min { kinds[0] = changes.first?.toDaylight == true ? standard : daylightIndex }
        starts.reserveCapacity(starts.count + changes.count)
        for change in changes where change.seconds * 1000 > last {
            let kind = change.toDaylight ? daylightIndex : standard
            if kind == kinds[kinds.count - 1] { continue }
            if starts[starts.count - 1] == change.seconds * 1000 {
                kinds[kinds.count - 1] = kind
            } else {
                starts.append(change.seconds * 1000)
                kinds.append(kind)
            }
        }
    }

    private mutating func index(of type: LocalType) -> UInt16 {
        if let index = types.firstIndex(of: type) { return UInt16(index) }
        types.append(type)
        return UInt16(types.count - 1)
    }
}

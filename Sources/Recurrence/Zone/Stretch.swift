/// A stretch of time in which a zone's offset does not change; all numbers are seconds.
struct Stretch {
    /// Seconds from 1970-01-01T00:00:00Z to its first second; far before the year 1 when there was no change before.
    let start: Int

    /// Seconds to the first second after it; far beyond the year 9999 when nothing changes any more.
    let end: Int

    /// Seconds east of UTC.
    let offset: Int

    /// Beyond every ``Timestamp``, with room to add to.
    static let far = 1 << 50
}

extension ZoneTable {
    /// The stretch that holds a second, counted from 1970-01-01T00:00:00Z.
    ///
    /// Where only the abbreviation changes, two stretches of the same offset follow each other.
    @inline(__always)
    func stretch(at second: Int) -> Stretch {
        let time = Int64(second) &* 1000
        let shift = shift(time)
        let index = segment(time - shift)
        let start = index == 0 ? -Stretch.far : Int((starts[index] + shift) / 1000)
        let end = index + 1 == starts.count ? Stretch.far : Int((starts[index + 1] + shift) / 1000)
        return Stretch(start: start, end: end, offset: Int(offsets[index] / 1000))
    }
}

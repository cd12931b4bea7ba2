extension Zone {
    /// A number that differs, but for an accident in 2^64, when the zone's rules do: FNV-1a (64 bit) over when each offset
    /// begins and how large it is.
    ///
    /// It is the same on every host and in every run, so that it can be stored. Abbreviations do not count: they move
    /// nothing.
    public var fingerprint: Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ number: Int64) {
            var rest = UInt64(bitPattern: number)
            for _ in 0..<8 {
                hash = (hash ^ (rest & 0xFF)) &* 0x100_0000_01B3
                rest >>= 8
            }
        }
        var last: Int32?
        for (start, offset) in zip(table.starts, table.offsets) where offset != last {
            add(start)
            add(Int64(offset))
            last = offset
        }
        return Int64(bitPattern: hash)
    }
}

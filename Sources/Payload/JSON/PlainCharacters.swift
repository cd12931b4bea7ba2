/// The characters that stand for themselves in a JSON string: all but `"`, `\\` and those below U+0020.
enum PlainCharacters {
    /// Where the first byte is, from a position on, that does not stand for itself; the number of bytes when all do.
    ///
    /// Eight bytes are looked at together: texts are mostly plain, and a comparison of each takes longer than all else.
    static func end(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let found = hasByte(word, below: 0x20) | hasByte(word, 0x22) | hasByte(word, 0x5C)
            if found != 0 { return position + found.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < bytes.count {
            let byte = bytes[position]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { break }
            position += 1
        }
        return position
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The highest bit of the first byte that is less than a limit of at most 128, and perhaps of bytes after it; 0 when none is.
    ///
    /// Source: Bit Twiddling Hacks, Sean Eron Anderson, "Determine if a word has a byte less than n".
    private static func hasByte(_ word: UInt64, below limit: UInt64) -> UInt64 {
        (word &- ones &* limit) & ~word & highs
    }

    /// The same for the first byte that is equal to another.
    private static func hasByte(_ word: UInt64, _ byte: UInt64) -> UInt64 { hasByte(word ^ (ones &* byte), below: 1) }
}

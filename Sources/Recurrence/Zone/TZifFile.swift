/// The contents of a TZif file (RFC 9636), versions 1 to 4, checked.
struct TZifFile {
    /// The instants at which something changes, strictly ascending, in seconds since 1970-01-01T00:00:00Z.
    let transitions: [Int64]

    /// For each transition, the index in ``types`` of what holds from then on.
    let kinds: [Int]

    /// What can hold; the first holds before the first transition.
    let types: [LocalType]

    /// What holds after the last transition, when the file says so.
    let footer: FooterRule?

    /// Reads a file.
    ///
    /// - Throws: ``ZoneError`` `invalidData` for anything but a valid TZif file without leap seconds. No input makes
    ///   it read beyond its end or take memory out of proportion to the input.
    init(_ bytes: [UInt8]) throws(ZoneError) {
        var reader = TZifReader(bytes: bytes)
        var header = try reader.header()
        var timeSize = 4
        if header.version >= 2 {
            // The version 1 block comes first for old readers; the same data follows with 64-bit times.
            try reader.skip(header.blockSize(timeSize: 4))
            header = try reader.header()
            timeSize = 8
        }
        guard header.leapCount == 0 else {
            throw TZifReader.invalid(
                "it counts leap seconds, which instants here do not. Use a zone outside of \"right/\"."
            )
        }
        let block = try reader.block(header, timeSize: timeSize)
        transitions = block.transitions
        kinds = block.kinds
        types = block.types
        footer = header.version >= 2 ? try reader.footer() : nil
    }
}

/// A position in the bytes of a TZif file; every read is checked against the end.
private struct TZifReader {
    struct Header {
        let version: Int
        let utCount: Int
        let standardCount: Int
        let leapCount: Int
        let timeCount: Int
        let typeCount: Int
        let characterCount: Int

        /// The number of bytes of the data block that follows.
        ///
        /// The counts are 32-bit, so the sum cannot overflow.
        func blockSize(timeSize: Int) -> Int {
            timeCount * (timeSize + 1) + typeCount * 6 + characterCount + leapCount * (timeSize + 4) + standardCount
                + utCount
        }
    }

    struct Block {
        var transitions: [Int64] = []
        var kinds: [Int] = []
        var types: [LocalType] = []
    }

    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    static func invalid(_ reason: String) -> ZoneError {
        ZoneError(.invalidData, "\(ZoneError.ofData): \(reason)")
    }

    private static let damaged = "Reinstall tzdata."

    mutating func skip(_ count: Int) throws(ZoneError) {
        guard count <= bytes.count - position else {
            throw Self.invalid("it ends too early. \(Self.damaged)")
        }
        position += count
    }

    /// A big-endian signed integer; the caller has checked that it is there.
    private func integer(at start: Int, size: Int) -> Int64 {
        var value: Int64 = bytes[start] >= 0x80 ? -1 : 0
        for index in start..<start + size { value = value << 8 | Int64(bytes[index]) }
        return value
    }

    private func count(at start: Int) -> Int {
        Int(UInt32(truncatingIfNeeded: integer(at: start, size: 4)))
    }

    mutating func header() throws(ZoneError) -> Header {
        let start = position
        try skip(44)
        guard bytes[start..<start + 4].elementsEqual("TZif".utf8) else {
            throw Self.invalid("it does not begin with \"TZif\". Name a file compiled by zic.")
        }
        let version = bytes[start + 4] == 0 ? 1 : Int(bytes[start + 4]) - 0x30
        guard version >= 1 else { throw Self.invalid("its version is unknown. \(Self.damaged)") }
        return Header(
            version: version,
            utCount: count(at: start + 20),
            standardCount: count(at: start + 24),
            leapCount: count(at: start + 28),
            timeCount: count(at: start + 32),
            typeCount: count(at: start + 36),
            characterCount: count(at: start + 40)
        )
    }

    mutating func block(_ header: Header, timeSize: Int) throws(ZoneError) -> Block {
        let times = position
        try skip(header.blockSize(timeSize: timeSize))
        guard (1...256).contains(header.typeCount) else {
            throw Self.invalid("it has \(header.typeCount) local time types. \(Self.damaged)")
        }
        let kinds = times + header.timeCount * timeSize
        let types = kinds + header.timeCount
        let names = types + header.typeCount * 6
        var block = Block()
        for index in 0..<header.typeCount {
            let name = bytes[names..<names + header.characterCount].dropFirst(Int(bytes[types + index * 6 + 5]))
            block.types.append(try type(at: types + index * 6, name: name))
        }
        for index in 0..<header.timeCount {
            let time = integer(at: times + index * timeSize, size: timeSize)
            guard block.transitions.last.map({ time > $0 }) ?? true, bytes[kinds + index] < header.typeCount else {
                throw Self.invalid("its transitions are out of order. \(Self.damaged)")
            }
            block.transitions.append(time)
            block.kinds.append(Int(bytes[kinds + index]))
        }
        return block
    }

    private func type(at start: Int, name: ArraySlice<UInt8>) throws(ZoneError) -> LocalType {
        let offset = Int(integer(at: start, size: 4))
        guard LocalType.offsetRange.contains(offset), bytes[start + 4] <= 1, let end = name.firstIndex(of: 0) else {
            throw Self.invalid("a local time type is out of range. \(Self.damaged)")
        }
        return LocalType(
            offset: offset,
            isDaylightSaving: bytes[start + 4] == 1,
            abbreviation: String(decoding: name[..<end], as: UTF8.self)
        )
    }

    /// The line after the last block: a newline, a TZ string or nothing, a newline.
    mutating func footer() throws(ZoneError) -> FooterRule? {
        let rest = bytes[position...]
        guard rest.first == 0x0A, let end = rest.dropFirst().firstIndex(of: 0x0A) else {
            throw Self.invalid("its footer is missing. \(Self.damaged)")
        }
        let text = rest[(position + 1)..<end]
        if text.isEmpty { return nil }
        guard let rule = FooterRule(text) else {
            throw Self.invalid("its footer is not a POSIX TZ string. \(Self.damaged)")
        }
        return rule
    }
}

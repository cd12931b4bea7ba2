/// Collects pairs in time proportional to their number, and puts them in order at the end.
///
/// A decoder meets keys that somebody else chose: neither many keys, nor repeated ones, nor descending array indices
/// may make it slow.
struct PayloadObjectBuilder {
    private var entries: [PayloadObject.Entry] = []
    private var hasArrayIndices = false

    /// Up to so many keys, comparing each is faster than hashing; when there are more, keys that repeat are found at the end.
    private static let linearLimit = 12

    mutating func set(_ key: String, to value: PayloadValue) {
        if entries.count <= Self.linearLimit, let position = entries.firstIndex(where: { $0.key.isExactly(key) }) {
            entries[position].value = value
            return
        }
        if key.arrayIndex != nil { hasArrayIndices = true }
        if entries.isEmpty { entries.reserveCapacity(4) }
        entries.append(PayloadObject.Entry(key: key, value: value))
    }

    consuming func object() -> PayloadObject {
        if entries.count > Self.linearLimit { mergeRepeated() }
        guard hasArrayIndices else { return PayloadObject(ordered: entries) }
        var indexed: [(index: UInt32, entry: PayloadObject.Entry)] = []
        var named: [PayloadObject.Entry] = []
        for entry in entries {
            if let index = entry.key.arrayIndex {
                indexed.append((index, entry))
            } else {
                named.append(entry)
            }
        }
        indexed.sort { $0.index < $1.index }
        return PayloadObject(ordered: indexed.map(\.entry) + named)
    }

    /// Leaves of entries with one key the first, with the value of the last.
    private mutating func mergeRepeated() {
        var positions = [ExactName: Int](minimumCapacity: entries.count)
        var count = 0
        for index in entries.indices {
            let position = Self.written(&positions[ExactName(entries[index].key), default: count])
            if position == index { count += 1; continue }
            if position < count {
                entries[position].value = entries[index].value
            } else {
                entries[count] = entries[index]
                count += 1
            }
        }
        entries.removeLast(entries.count - count)
    }

    /// A value of a dictionary, which is put there if it is not there yet.
    private static func written(_ value: inout Int) -> Int { value }
}

extension String {
    /// The number that the text spells, if it is an array index in the sense of ECMAScript: "0" to "4294967294".
    var arrayIndex: UInt32? {
        guard let first = utf8.first, (0x30...0x39).contains(first), utf8.count <= 10 else { return nil }
        if first == 0x30 { return utf8.count == 1 ? 0 : nil }
        var number: UInt64 = 0
        for byte in utf8 {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + UInt64(byte - 0x30)
        }
        return number < UInt64(UInt32.max) ? UInt32(number) : nil
    }
}

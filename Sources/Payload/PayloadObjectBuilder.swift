/// Collects pairs in time proportional to their number, and puts them in order at the end.
///
/// A decoder meets keys that somebody else chose: neither many keys, nor repeated ones, nor descending array indices
/// may make it slow.
struct PayloadObjectBuilder {
    private var entries: [PayloadObject.Entry] = []
    private var positions: [ExactKey: Int] = [:]
    private var hasArrayIndices = false

    /// Up to so many keys, comparing each is faster than hashing.
    private static let linearLimit = 12

    mutating func set(_ key: String, to value: PayloadValue) {
        if let position = position(of: key) {
            entries[position].value = value
            return
        }
        if key.arrayIndex != nil { hasArrayIndices = true }
        entries.append(PayloadObject.Entry(key: key, value: value))
        if entries.count > Self.linearLimit { remember() }
    }

    func object() -> PayloadObject {
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

    private func position(of key: String) -> Int? {
        if positions.isEmpty {
            return entries.firstIndex { $0.key.hasSameCodePoints(as: key) }
        }
        return positions[ExactKey(text: key)]
    }

    private mutating func remember() {
        let first = positions.isEmpty ? 0 : entries.count - 1
        for position in first..<entries.count {
            positions[ExactKey(text: entries[position].key)] = position
        }
    }
}

/// A key that is equal to another only if all code points are.
///
/// It also hashes the bytes. A `String` hashes its normal form, which the many spellings of one text share: somebody
/// could send thousands of keys that are all different here and have one hash.
private struct ExactKey: Hashable {
    let text: String

    static func == (left: ExactKey, right: ExactKey) -> Bool {
        left.text.hasSameCodePoints(as: right.text)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension String {
    func hasSameCodePoints(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

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

/// Redis' way to match a channel with a pattern (`stringmatchlen` in its `util.c`), byte by byte.
enum RedisGlob {
    /// Whether a text matches a pattern.
    static func matches(_ pattern: String, _ text: String) -> Bool {
        matches(Array(pattern.utf8)[...], Array(text.utf8)[...])
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var (pattern, text) = (pattern, text)
        // Where to go on when what follows the last star does not match: that star takes one byte more.
        var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
        while !(pattern.isEmpty && text.isEmpty) {
            if pattern.first == UInt8(ascii: "*") {
                pattern.removeFirst()
                retry = (pattern, text)
            } else if !takeOne(from: &pattern, &text) {
                guard let last = retry, !last.text.isEmpty else { return false }
                (pattern, text) = (last.pattern, last.text.dropFirst())
                retry = (pattern, text)
            }
        }
        return true
    }

    /// Takes one byte off a text, and what matches it off a pattern; false where it does not match.
    private static func takeOne(from pattern: inout ArraySlice<UInt8>, _ text: inout ArraySlice<UInt8>) -> Bool {
        guard let head = pattern.popFirst(), let byte = text.popFirst() else { return false }
        switch head {
        case UInt8(ascii: "["): return takeSet(from: &pattern, byte)
        case UInt8(ascii: "?"): return true
        case UInt8(ascii: "\\") where !pattern.isEmpty: return pattern.popFirst() == byte
        default: return head == byte
        }
    }

    /// Takes the rest of `[...]` off a pattern, and tells whether a byte is in it.
    private static func takeSet(from pattern: inout ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
        let isNegated = pattern.first == UInt8(ascii: "^")
        if isNegated { pattern.removeFirst() }
        var isIn = false
        while let head = pattern.popFirst(), head != UInt8(ascii: "]") {
            if head == UInt8(ascii: "\\"), let escaped = pattern.popFirst() {
                isIn = isIn || escaped == byte
            } else if pattern.first == UInt8(ascii: "-"), pattern.count >= 2 {
                pattern.removeFirst()
                let last = pattern.removeFirst()
                isIn = isIn || (min(head, last)...max(head, last)).contains(byte)
            } else {
                isIn = isIn || head == byte
            }
        }
        return isIn != isNegated
    }
}

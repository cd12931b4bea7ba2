import Glibc

/// A name as JavaScript, Socket.IO and Redis compare it, byte by byte; to Swift `é` in one and in two code points are one text.
///
/// It also hashes the bytes. A `String` hashes its normal form, which the many spellings of one text share: somebody
/// could send thousands of keys that are all different here and have one hash.
package struct ExactName: Hashable, Sendable {
    /// The text.
    package let text: String

    /// Makes the name of a text.
    package init(_ text: String) {
        self.text = text
    }

    /// Whether both have the same bytes.
    package static func == (left: ExactName, right: ExactName) -> Bool { left.text.isExactly(right.text) }

    /// Hashes the bytes.
    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension String {
    private typealias Words = (UInt64, UInt64)

    /// Whether another text has the same bytes.
    package func isExactly(_ other: String) -> Bool {
        // Short texts, and those that are in one piece of memory, have the same two words.
        let (words, others) = (unsafeBitCast(self, to: Words.self), unsafeBitCast(other, to: Words.self))
        if words == others { return true }
        let count = utf8.count
        guard count == other.utf8.count else { return false }
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                guard let one = left.baseAddress, let another = right.baseAddress else { return count == 0 }
                return memcmp(one, another, count) == 0
            }
        }
    }
}

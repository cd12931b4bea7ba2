/// Damages good messages as bad senders, proxies and networks do; the same seed gives the same messages.
///
/// ```swift
/// var mutations = Mutations(of: messages, seed: seed)
/// let bytes = mutations.next()
/// ```
public struct Mutations: Sendable {
    private let messages: [[UInt8]]
    /// Where the random numbers come from.
    public var random: SeededGenerator

    /// Makes them.
    ///
    /// - Parameters:
    ///   - messages: good ones.
    ///   - seed: what a failure prints.
    public init(of messages: [[UInt8]], seed: UInt64) {
        self.messages = messages
        random = SeededGenerator(seed: seed)
    }

    /// A message with one to four damages.
    public mutating func next() -> [UInt8] {
        var bytes = messages.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &random) { damage(&bytes) }
        return bytes
    }

    /// Bytes without any sense.
    public mutating func noise(upTo limit: Int) -> [UInt8] {
        (0..<Int.random(in: 0...limit, using: &random)).map { _ in .random(in: 0...255, using: &random) }
    }

    /// Cuts bytes into pieces, as they come from a connection.
    public mutating func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...max(1, min(64, rest.count)), using: &random)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    private mutating func damage(_ bytes: inout [UInt8]) {
        let position = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, position + Int.random(in: 0...16, using: &random))
        switch Int.random(in: 0..<8, using: &random) {
        case 0: bytes.removeSubrange(position...)
        case 1: bytes.removeSubrange(position..<end)
        case 2: bytes.insert(contentsOf: bytes[position..<end], at: position)
        case 3: bytes.insert(contentsOf: noise(upTo: 8), at: position)
        // The largest number, for instance of a length.
        case 4: bytes.replaceSubrange(position..<end, with: repeatElement(0xFF, count: end - position))
        case 5: bytes.replaceSubrange(position..<end, with: repeatElement(0, count: end - position))
        case 6:
            let other = messages.randomElement(using: &random) ?? []
            let cut = Int.random(in: 0...other.count, using: &random)
            bytes.replaceSubrange(position..., with: other[cut...])
        default:
            if position < bytes.count { bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        }
    }
}

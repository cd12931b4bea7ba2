/// Base64 with padding (RFC 4648 §4), without Foundation.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The text of some bytes, in ASCII.
    public static func encoded(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for index in 0..<3 { group = group << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
            for index in 0..<4 {
                let digit = Int(group >> UInt32(18 - 6 * index) & 63)
                text.append(index <= count ? alphabet[digit] : UInt8(ascii: "="))
            }
        }
        return text
    }

    /// The bytes, or nil for a text that is no base64 with padding.
    public static func decoded(_ text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        let body = text.prefix { $0 != UInt8(ascii: "=") }
        guard text.count - body.count <= 2, text[body.count...].allSatisfy({ $0 == UInt8(ascii: "=") }) else {
            return nil
        }
        var group: UInt32 = 0
        for (index, character) in body.enumerated() {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            group = group << 6 | UInt32(digit)
            guard index % 4 == 3 else { continue }
            for shift in [16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: group >> shift)) }
            group = 0
        }
        switch body.count % 4 {
        case 2: bytes.append(UInt8(truncatingIfNeeded: group >> 4))
        case 3:
            bytes.append(UInt8(truncatingIfNeeded: group >> 10))
            bytes.append(UInt8(truncatingIfNeeded: group >> 2))
        default: break
        }
        return bytes
    }
}

extension JSONParser {
    /// Reads a string; the current character is its opening quote.
    mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        skipPlainCharacters()
        if current == UInt8(ascii: "\"") {
            defer { position += 1 }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }
        var decoded = Array(bytes[start..<position])
        while current != UInt8(ascii: "\"") {
            guard current == UInt8(ascii: "\\") else {
                throw unexpected(current == nil ? "a closing quote" : "an escape such as \\n in place of it")
            }
            position += 1
            try escape(into: &decoded)
            let run = position
            skipPlainCharacters()
            decoded.append(contentsOf: bytes[run..<position])
        }
        position += 1
        return String(decoding: decoded, as: UTF8.self)
    }

    private mutating func skipPlainCharacters() {
        position = bytes.withUnsafeBytes { PlainCharacters.end(in: $0, from: position) }
    }

    private mutating func escape(into decoded: inout [UInt8]) throws(JSONError) {
        switch current {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(bytes[position])
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"):
            position += 1
            try unicodeEscape(into: &decoded)
            return
        default: throw unexpected("one of \" \\ / b f n r t u after the backslash")
        }
        position += 1
    }

    /// Reads `XXXX` or `XXXX\uXXXX`; half of a pair alone becomes U+FFFD, as Swift strings cannot hold it.
    private mutating func unicodeEscape(into decoded: inout [UInt8]) throws(JSONError) {
        let first = try hexadecimal()
        var scalar = Unicode.Scalar(UInt32(first))
        if UTF16.isLeadSurrogate(first), bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
            let restart = position
            position += 2
            let second = try hexadecimal()
            if UTF16.isTrailSurrogate(second) {
                scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
            } else {
                position = restart
            }
        }
        decoded.append(contentsOf: UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter)
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch current {
            case .some(let byte) where (0x30...0x39).contains(byte): digit = byte - 0x30
            case .some(let byte) where (0x41...0x46).contains(byte): digit = byte - 0x41 + 10
            case .some(let byte) where (0x61...0x66).contains(byte): digit = byte - 0x61 + 10
            default: throw unexpected("four hexadecimal digits after \\u")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}

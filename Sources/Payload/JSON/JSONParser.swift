/// A recursive-descent parser of RFC 8259 over bytes that are known to be UTF-8.
struct JSONParser {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var current: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    mutating func document() throws(JSONError) -> PayloadValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw error(at: 0, "The text begins with a byte order mark, expected a value; remove the mark.")
        }
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else {
            throw unexpected("the end of the text after the value")
        }
        return value
    }

    mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func value(depth: Int) throws(JSONError) -> PayloadValue {
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), .some(0x30...0x39): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "'"): throw unexpected("a value; strings stand in double quotes")
        case UInt8(ascii: "/"): throw unexpected("a value; JSON has no comments")
        default: throw unexpected("a value")
        }
    }

    private mutating func word(_ word: StaticString, _ value: PayloadValue) throws(JSONError) -> PayloadValue {
        for expected in UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount) {
            guard current == expected else { throw unexpected("the word \(word)") }
            position += 1
        }
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> PayloadValue {
        try checkDepth(depth)
        position += 1
        skipSpace()
        var elements: [PayloadValue] = []
        if skip("]") { return .array(elements) }
        while true {
            elements.append(try value(depth: depth))
            skipSpace()
            if skip("]") { return .array(elements) }
            guard skip(",") else { throw unexpected("a comma or \"]\"") }
            skipSpace()
            if current == UInt8(ascii: "]") { throw unexpected("a value; JSON allows no comma before \"]\"") }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> PayloadValue {
        try checkDepth(depth)
        position += 1
        skipSpace()
        var builder = PayloadObjectBuilder()
        if skip("}") { return .object(builder.object()) }
        while true {
            guard current == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
            let key = try string()
            skipSpace()
            guard skip(":") else { throw unexpected("a colon after the key") }
            skipSpace()
            builder.set(key, to: try value(depth: depth))
            skipSpace()
            if skip("}") { return .object(builder.object()) }
            guard skip(",") else { throw unexpected("a comma or \"}\"") }
            skipSpace()
            if current == UInt8(ascii: "}") { throw unexpected("a key; JSON allows no comma before \"}\"") }
        }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private func checkDepth(_ depth: Int) throws(JSONError) {
        guard depth > PayloadValue.maximumJSONDepth else { return }
        let limit = PayloadValue.maximumJSONDepth
        throw error(.tooDeep, at: position, "Arrays and objects are nested more than \(limit) deep; flatten the value.")
    }
}

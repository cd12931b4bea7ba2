extension JSONParser {
    /// An error at the current character: what it is, and what was expected.
    func unexpected(_ expected: String) -> JSONError {
        error(at: position, "Found \(found), expected \(expected).")
    }

    func error(_ code: JSONError.Code = .syntax, at offset: Int, _ message: String) -> JSONError {
        let (line, column) = Self.place(of: offset, in: bytes)
        return JSONError(code: code, line: line, column: column, message: message)
    }

    /// The line and the column, both from 1, of the character that begins at an offset.
    static func place(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for index in 0..<offset {
            let byte = bytes[index]
            let isCarriageReturnOfPair = byte == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A
            if byte == 0x0A || byte == 0x0D && !isCarriageReturnOfPair {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }

    private var found: String {
        guard position < bytes.count else { return "the end of the text" }
        guard let scalar = String(decoding: bytes[position...].prefix(4), as: UTF8.self).unicodeScalars.first else {
            return "an invalid byte"
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .unassigned, .privateUse,
            .nonspacingMark, .enclosingMark:
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
        default:
            return "\"\(scalar)\""
        }
    }
}

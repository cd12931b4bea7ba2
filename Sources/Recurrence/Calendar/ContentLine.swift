/// One line of an iCalendar file: `NAME;PARAMETER=value:value` (RFC 5545 §3.1), after unfolding.
struct ContentLine {
    /// The name in upper case.
    let name: String

    /// Parameters by their names in upper case; the first of several values, without quotes.
    let parameters: [String: String]

    let value: String

    /// The number of the line in the file, from 1.
    let number: Int

    /// Reads a file's lines: folded ones are joined as bytes, since a fold may split a character; empty ones are left out.
    static func lines(of bytes: [UInt8]) throws(CalendarError) -> [ContentLine] {
        var lines: [ContentLine] = []
        var current: [UInt8] = []
        var first = 1
        var number = 0
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        for var line in content.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            while line.last == 0x0D { line.removeLast() }
            if let start = line.first, start == 0x20 || start == 0x09, !current.isEmpty {
                current += line.dropFirst()
                continue
            }
            if !current.isEmpty { lines.append(try ContentLine(current, number: first)) }
            current = Array(line)
            first = number
        }
        if !current.isEmpty { lines.append(try ContentLine(current, number: first)) }
        return lines
    }

    private init(_ bytes: [UInt8], number: Int) throws(CalendarError) {
        self.number = number
        var parts: [ArraySlice<UInt8>] = []
        var isQuoted = false
        var start = 0
        var colon: Int?
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == UInt8(ascii: ";") || byte == UInt8(ascii: ":") {
                parts.append(bytes[start..<index])
                start = index + 1
            }
            if byte == UInt8(ascii: ":") {
                colon = index
                break
            }
        }
        let name = parts.first.map { String(decoding: $0, as: UTF8.self).uppercased() } ?? ""
        guard let colon, !name.isEmpty,
            name.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
        else {
            let text = String(decoding: bytes.prefix(40), as: UTF8.self)
            throw CalendarError(
                .malformed,
                line: number,
                "\"\(text)\" is not a line of a calendar. Lines read NAME:value, and folded ones go on with a space."
            )
        }
        self.name = name
        value = String(decoding: bytes[(colon + 1)...], as: UTF8.self)
        var parameters: [String: String] = [:]
        for part in parts.dropFirst() {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else {
                let text = String(decoding: part, as: UTF8.self)
                throw CalendarError(.malformed, line: number, "\"\(text)\" is not a parameter. Write NAME=value.")
            }
            parameters[String(decoding: pair[0], as: UTF8.self).uppercased()] = Self.firstValue(pair[1])
        }
        self.parameters = parameters
    }

    private static func firstValue(_ bytes: ArraySlice<UInt8>) -> String {
        if bytes.first == UInt8(ascii: "\"") {
            return String(decoding: bytes.dropFirst().prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
        }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: ",") }, as: UTF8.self)
    }

    /// The value as TEXT, its escapes undone (RFC 5545 §3.3.11).
    var text: String {
        var text = ""
        var isEscaped = false
        for character in value {
            if isEscaped {
                text.append(character == "n" || character == "N" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                text.append(character)
            }
        }
        return text
    }
}

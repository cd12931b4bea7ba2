extension JSONParser {
    /// Reads a number; the current character is a minus sign or a digit.
    mutating func number() throws(JSONError) -> PayloadValue {
        let start = position
        let isNegative = current == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let firstDigit = position
        try digits("a digit after the minus sign")
        if bytes[firstDigit] == 0x30, position > firstDigit + 1 {
            throw error(at: firstDigit, "A number begins with 0, expected a number without leading zeros.")
        }
        var isInteger = true
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits("a digit after the decimal point")
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits("a digit of the exponent")
        }
        if isInteger, let integer = Self.integer(bytes[firstDigit..<position], isNegative: isNegative) {
            return .integer(integer)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let number = Double(text), number.isFinite else {
            let message = "The number is too large, expected one up to 1.7976931348623157e308."
            throw error(.numberOutOfRange, at: start, message)
        }
        return .number(number)
    }

    private mutating func digits(_ expected: String) throws(JSONError) {
        guard let byte = current, (0x30...0x39).contains(byte) else { throw unexpected(expected) }
        while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
    }

    /// The integer that the digits spell, or nil if it does not fit.
    ///
    /// It counts downward, for the smallest integer has no positive counterpart. "-0" is 0: `JSON.stringify` writes
    /// "0".
    private static func integer(_ digits: ArraySlice<UInt8>, isNegative: Bool) -> Int64? {
        var negated: Int64 = 0
        for digit in digits {
            let (product, overflow) = negated.multipliedReportingOverflow(by: 10)
            let (difference, underflow) = product.subtractingReportingOverflow(Int64(digit - 0x30))
            if overflow || underflow { return nil }
            negated = difference
        }
        if isNegative { return negated }
        return negated == .min ? nil : -negated
    }
}

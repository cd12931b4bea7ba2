/// A finite double as JavaScript writes it (ECMAScript, Number::toString with radix 10).
///
/// Swift and JavaScript find the same digits: the fewest that read back as the same double and, of those, the nearest.
/// They differ in where they put the point and when they use an exponent.
struct JavaScriptNumber {
    private let isNegative: Bool
    /// The significant digits in ASCII, without zeros at either end; "0" alone for zero.
    private var digits: [UInt8] = []
    /// The number is 0.DIGITS times ten to this power.
    private var pointPosition = 0

    init(_ number: Double) {
        isNegative = number < 0
        var exponent = 0
        var isExponentNegative = false
        var part = Part.whole
        for byte in number.magnitude.description.utf8 {
            switch (byte, part) {
            case (UInt8(ascii: "."), _): part = .fraction
            case (UInt8(ascii: "e"), _): part = .exponent
            case (UInt8(ascii: "-"), _): isExponentNegative = true
            case (UInt8(ascii: "+"), _): break
            case (_, .exponent): exponent = exponent * 10 + Int(byte - 0x30)
            case (_, .whole):
                digits.append(byte)
                pointPosition += 1
            case (_, .fraction): digits.append(byte)
            }
        }
        pointPosition += isExponentNegative ? -exponent : exponent
        trimZeros()
    }

    private enum Part { case whole, fraction, exponent }

    private mutating func trimZeros() {
        while digits.count > 1, digits.last == 0x30 { digits.removeLast() }
        let leading = digits.prefix { $0 == 0x30 }.count
        if leading < digits.count {
            digits.removeFirst(leading)
            pointPosition -= leading
        }
    }

    func write(into bytes: inout [UInt8]) {
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        switch pointPosition {
        case digits.count...21 where digits.count <= 21:
            bytes.append(contentsOf: digits)
            bytes.append(contentsOf: repeatElement(0x30, count: pointPosition - digits.count))
        case 1...21:
            bytes.append(contentsOf: digits[..<pointPosition])
            bytes.append(UInt8(ascii: "."))
            bytes.append(contentsOf: digits[pointPosition...])
        case -5...0:
            bytes.append(contentsOf: "0.".utf8)
            bytes.append(contentsOf: repeatElement(0x30, count: -pointPosition))
            bytes.append(contentsOf: digits)
        default:
            writeWithExponent(into: &bytes)
        }
    }

    private func writeWithExponent(into bytes: inout [UInt8]) {
        bytes.append(digits[0])
        if digits.count > 1 {
            bytes.append(UInt8(ascii: "."))
            bytes.append(contentsOf: digits[1...])
        }
        let exponent = pointPosition - 1
        bytes.append(contentsOf: (exponent < 0 ? "e-" : "e+").utf8)
        bytes.append(contentsOf: exponent.magnitude.description.utf8)
    }
}

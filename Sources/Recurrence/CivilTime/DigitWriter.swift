/// Writes numbers with leading zeros, and what is between them, as a text.
///
/// A document has thousands of times, and to make a text of each of their numbers and join these takes five times as long.
struct DigitWriter {
    private let memory: UnsafeMutableBufferPointer<UInt8>
    private var count = 0

    /// The text, of so many characters at most, that the body writes.
    static func text(atMost capacity: Int, _ body: (inout DigitWriter) -> Void) -> String {
        String(unsafeUninitializedCapacity: capacity) { memory in
            var writer = DigitWriter(memory: memory)
            body(&writer)
            return writer.count
        }
    }

    private init(memory: UnsafeMutableBufferPointer<UInt8>) { self.memory = memory }

    /// Writes a number that is not negative and has no more digits than `width`.
    mutating func write(_ number: Int, width: Int) {
        var rest = number
        for place in (count..<count + width).reversed() {
            memory[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        count += width
    }

    /// Writes a character of ASCII.
    mutating func write(_ character: Unicode.Scalar) {
        memory[count] = UInt8(ascii: character)
        count += 1
    }
}

import Testing

@testable import Payload

@Suite struct PlainCharactersTests {
    @Test("Each byte, at each place among eight and more, ends what is plain as RFC 8259 says", arguments: 0...20)
    func everyByte(place: Int) {
        for byte in UInt8.min...UInt8.max {
            // Bytes beside those that end it: where one is borrowed from, the next one must not be found.
            for neighbour: UInt8 in [0x21, 0x23, 0x5B, 0x5D, 0x20, 0x61, 0x80, 0xFF] {
                var bytes = [UInt8](repeating: neighbour, count: 21)
                bytes[place] = byte
                let ends = byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                for start in 0...place {
                    let end = bytes.withUnsafeBytes { PlainCharacters.end(in: $0, from: start) }
                    #expect(end == (ends ? place : 21), "\(byte) beside \(neighbour)")
                }
            }
        }
    }
}

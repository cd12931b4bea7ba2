import Foundation
import Payload
import Testing

struct Base64Tests {
    @Test func `it is the Base64 of Foundation, and reads it back`() throws {
        var generator = SystemRandomNumberGenerator()
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let text = Base64.encoded(bytes)
            #expect(String(decoding: text, as: UTF8.self) == Data(bytes).base64EncodedString())
            #expect(Base64.decoded(text) == bytes)
        }
    }

    @Test(arguments: ["A", "AA", "AAA", "AA=A", "A===", "====", "AA==AAAA", "AA*=", "AAAA\n"])
    func `what is none is nil`(text: String) {
        #expect(Base64.decoded(Array(text.utf8)) == nil)
    }
}

import Payload
import Testing

@Suite struct MessagePackReadingTests {
    private static let forms: [(String, PayloadValue)] = [
        ("c0", PayloadValue.null), ("c2", false), ("c3", true), ("7f", 127), ("e0", -32), ("ff", -1),
        ("cc05", 5), ("cd0005", 5), ("ce00000005", 5), ("cf0000000000000005", 5),
        ("cf7fffffffffffffff", .integer(.max)),
        ("cf8000000000000000", .number(0x1p63)), ("cfffffffffffffffff", .number(0x1p64)),
        ("d0ff", -1), ("d1ffff", -1), ("d2ffffffff", -1), ("d3ffffffffffffffff", -1),
        ("d38000000000000000", .integer(.min)),
        ("ca3fc00000", 1.5), ("ca3dcccccd", .number(Double(Float(0.1)))), ("cb3ff8000000000000", 1.5),
        ("ca3f800000", .number(1)),
        ("a0", ""), ("a161", "a"), ("d90161", "a"), ("da000161", "a"), ("db0000000161", "a"), ("a2c3a9", "é"),
        ("c40101", .binary([1])), ("c5000101", .binary([1])), ("c60000000101", .binary([1])), ("c400", .binary([])),
        ("90", []), ("9101", [1]), ("dc000101", [1]), ("dd0000000101", [1]),
        ("80", [:]), ("81a16101", ["a": 1]), ("de0001a16101", ["a": 1]), ("df00000001a16101", ["a": 1]),
    ]

    @Test(arguments: forms)
    func `every form of a value is read, not only the shortest`(text: String, value: PayloadValue) throws {
        #expect(try PayloadValue(messagePack: bytes(hex: text)) == value)
    }

    private static let timestamps: [(String, Int64)] = [
        ("d6ff 00000001", 1000), ("d6ff ffffffff", 4_294_967_295_000), ("d7ff 00000000 00000001", 1000),
        ("d7ff 1d535300 00000001", 1123), ("d7ff ee6b27fc 00000001", 1999),
        ("d7ff 00000003 ffffffff", 17_179_869_183_000),
        ("c70cff 3b8b87c0 ffffffffffffffff", -1), ("c70cff 00000000 fffffffffffffff6", -10_000),
        ("c704ff 00000001", 1000), ("c708ff 00000000 00000001", 1000), ("c80004ff 00000001", 1000),
        ("c900000004ff 00000001", 1000),
        ("d700 0000018bcfe56800", 1_700_000_000_000), ("d700 ffffffffffffffff", -1),
    ]

    @Test(arguments: timestamps)
    func `timestamps of all makers are read`(text: String, milliseconds: Int64) throws {
        #expect(try PayloadValue(messagePack: bytes(hex: text)) == .timestamp(milliseconds: milliseconds))
    }

    private static let extensions: [(String, PayloadValue)] = [
        ("d40000", PayloadValue.null), ("d40001", .binary([1])), ("d40500", .binary([0])),
        ("d5050102", .binary([1, 2])),
        ("d60501020304", .binary([1, 2, 3, 4])), ("c70005", .binary([])), ("c7020001 02", .binary([1, 2])),
        ("d5ff0102", .binary([1, 2])),
        ("c70cff000000007fffffffffffffff", .binary([0, 0, 0, 0, 0x7F] + Array(repeating: 255, count: 7))),
        ("d805" + String(repeating: "07", count: 16), .binary(Array(repeating: 7, count: 16))),
    ]

    @Test(arguments: extensions)
    func `other extensions become their bytes, and notepack 2's undefined null`(
        text: String,
        value: PayloadValue
    ) throws {
        #expect(try PayloadValue(messagePack: bytes(hex: text)) == value)
    }

    @Test func `keys that are not strings become text, and the last of equal keys counts`() throws {
        let map =
            "89 01a161 c0a162 c3a163 cb3ff8000000000000a164 920102a165 c40161a166 d6ff00000000a167 81a16b01a168 ffa169"
        let value = try PayloadValue(messagePack: bytes(hex: map))
        let expected: PayloadValue = [
            "1": "a", "null": "b", "true": "c", "1.5": "d", "[1,2]": "e", "a": "f", "1970-01-01T00:00:00.000Z": "g",
            "{\"k\":1}": "h", "-1": "i",
        ]
        #expect(value == expected)
        #expect(try PayloadValue(messagePack: bytes(hex: "83 a16101 a16202 a16103")) == ["a": 3, "b": 2])
    }

    /// Found by fuzzing: the text of a text of a text doubles with every level.
    @Test func `a key in a key in a key does not grow without end`() throws {
        let nested = Array(repeating: UInt8(0x81), count: 60) + [0x01] + Array(repeating: UInt8(0x02), count: 60)
        let error = try #require(throws: PayloadError.self) { try PayloadValue(messagePack: nested) }
        #expect(error.code == .invalidByte)
        #expect(try PayloadValue(messagePack: bytes(hex: "81 81 01 02 03")) == ["{\"1\":2}": 3])
    }

    @Test func `text that is not UTF-8 is repaired`() throws {
        #expect(try PayloadValue(messagePack: bytes(hex: "a361ff62")) == "a\u{FFFD}b")
        #expect(try PayloadValue(messagePack: bytes(hex: "81a1ff01")) == ["\u{FFFD}": 1])
    }

    private static let broken: [(String, PayloadError.Code, String)] = [
        ("", PayloadError.Code.truncated, "needs 1 more bytes and has 0"), ("c1", .invalidByte, "C1 at offset 0"),
        ("92c0c1", .invalidByte, "offset 2"), ("c0c0c0", .trailingBytes, "after 1 bytes, but 2 more"),
        ("a261", .truncated, "needs 2"),
        ("ddffffffff", .truncated, "needs 4294967295 more bytes and has 0"), ("dfffffffff", .truncated, "8589934590"),
        ("dbffffffff61", .truncated, "has 1"), ("c6ffffffff", .truncated, "needs"),
        ("c9ffffffff05", .truncated, "needs"),
        ("cb0000", .truncated, "needs 8"), ("d6ff0000", .truncated, "needs 4"), ("93c0c0", .truncated, "needs 3"),
        ("81a161", .truncated, ""), ("8191c40100c0", .binaryInJSON, ""),
    ]

    @Test(arguments: broken)
    func `broken bytes are refused with the reason`(text: String, code: PayloadError.Code, part: String) {
        let error = #expect(throws: PayloadError.self) { try PayloadValue(messagePack: bytes(hex: text)) }
        #expect(error?.code == code)
        #expect(part.isEmpty || error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [UInt8(0x91), 0x81])
    func `nesting is limited`(head: UInt8) throws {
        let limit = PayloadValue.maximumMessagePackDepth
        let level = head == 0x91 ? [head] : [head, 0xA0]
        let deep = { (depth: Int) in Array(repeatElement(level, count: depth).joined()) + [0xC0] }
        #expect(try PayloadValue(messagePack: deep(limit)).messagePack() == deep(limit))
        for depth in [limit + 1, 1_000_000] {
            let error = #expect(throws: PayloadError.self) { try PayloadValue(messagePack: deep(depth)) }
            #expect(error?.code == .tooDeep)
        }
    }

    @Test func `nested promises of many elements reserve no memory`() {
        let level: [UInt8] = [0xDD, 0x00, 0x10, 0x00, 0x00]
        let promises = Array(repeatElement(level, count: 140).joined()) + Array(repeating: 0xC1, count: 1 << 20)
        let error = #expect(throws: PayloadError.self) { try PayloadValue(messagePack: promises) }
        #expect(error?.code == .invalidByte)
    }
}

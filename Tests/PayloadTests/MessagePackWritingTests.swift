import Payload
import Testing

@Suite struct MessagePackWritingTests {
    @Test func `numbers without fraction are integers modulo 2^64, others 64-bit floats`() throws {
        for row in try Fixture.rows("numbers") {
            let bits = try #require(row[0].text.flatMap { UInt64($0, radix: 16) })
            let number = Double(bitPattern: bits)
            let lowest = row[2].text.flatMap { UInt64($0, radix: 16) }
            let expected = lowest.map { integerForm(of: number, lowest: $0) } ?? [0xCB] + bigEndian(bits)
            #expect(hex(PayloadValue.number(number).messagePack()) == hex(expected), "\(number)")
        }
    }

    private static let integers: [(Int64, String)] = [
        (0, "00"), (127, "7f"), (128, "cc80"), (255, "ccff"), (256, "cd0100"), (65535, "cdffff"), (65536, "ce00010000"),
        (4_294_967_295, "ceffffffff"), (4_294_967_296, "cf0000000100000000"), (1 << 53, "cf0020000000000000"),
        (-1, "ff"), (-32, "e0"), (-33, "d0df"), (-128, "d080"), (-129, "d1ff7f"), (-32768, "d18000"),
        (-32769, "d2ffff7fff"), (-2_147_483_648, "d280000000"), (-2_147_483_649, "d3ffffffff7fffffff"),
        (-1 << 53, "d3ffe0000000000000"),
        ((1 << 53) + 1, "cf0020000000000000"), ((1 << 53) + 3, "cf0020000000000004"),
        (-(1 << 53) - 1, "d3ffe0000000000000"),
        (Int64.max, "cf8000000000000000"), (Int64.min, "d38000000000000000"),
    ]

    @Test(arguments: integers)
    func `integers take the shortest form, rounded beyond 2^53 as in JavaScript`(integer: Int64, expected: String) {
        #expect(hex(PayloadValue.integer(integer).messagePack()) == expected)
        #expect(hex(PayloadValue.number(Double(integer)).messagePack()) == expected)
    }

    private static let ranges: [(PayloadValue, Bool)] = [
        (PayloadValue.number(0x1p64), true), (.number(1e300), true), (.number(-0x1p63), false),
        (.number(-0x1.0000000000001p63), true),
        (.number(-1e19), true), (.number(0x1.fffffffffffffp63), false), (.number(1e19), false), (.integer(.max), false),
        (.number(.nan), false), (.number(.infinity), false), (.number(-.infinity), false), (.number(0.5), false),
        ([1, ["a": [.number(1e21)]]], true), ([1, ["a": [.number(1e19)]], "1e300", nil, true, .binary([1])], false),
    ]

    @Test(arguments: ranges)
    func `values that would arrive as others are told`(value: PayloadValue, exceeds: Bool) throws {
        #expect(value.exceedsSocketIORange == exceeds)
        guard case .number(let number) = value, number.isFinite else { return }
        let arrived: Double
        switch try PayloadValue(messagePack: value.messagePack()) {
        case .integer(let integer): arrived = Double(integer)
        case .number(let number): arrived = number
        default: arrived = .nan
        }
        #expect((arrived != number) == exceeds)
    }

    private static let timestamps: [(Int64, String)] = [
        (0, "d6ff00000000"), (1, "d7ff003d090000000000"), (999, "d7ffee2e1f0000000000"), (1000, "d6ff00000001"),
        (4_294_967_295_000, "d6ffffffffff"), (4_294_967_295_001, "d7ff003d0900ffffffff"),
        (4_294_967_296_000, "d7ff0000000100000000"), (17_179_869_183_999, "d7ffee2e1f03ffffffff"),
        (17_179_869_184_000, "c70cff000000000000000400000000"), (-1, "c70cff3b8b87c0ffffffffffffffff"),
        (-1000, "c70cff00000000ffffffffffffffff"), (Int64.min, "c70cff0b71b000ffdf3b645a1cac08"),
        (Int64.max, "c70cff3019d7c00020c49ba5e353f7"),
    ]

    @Test(arguments: timestamps)
    func `timestamps take the shortest of three forms`(milliseconds: Int64, expected: String) throws {
        let written = PayloadValue.timestamp(milliseconds: milliseconds).messagePack()
        #expect(hex(written) == expected)
        #expect(try PayloadValue(messagePack: written) == .timestamp(milliseconds: milliseconds))
    }

    @Test func `lengths choose the head at each limit`() {
        let heads: [(Int, string: String, binary: String, array: String, map: String)] = [
            (0, "a0", "c400", "90", "80"), (15, "af", "c40f", "9f", "8f"), (16, "b0", "c410", "dc0010", "de0010"),
            (31, "bf", "c41f", "dc001f", "de001f"), (32, "d920", "c420", "dc0020", "de0020"),
            (255, "d9ff", "c4ff", "dc00ff", "de00ff"), (256, "da0100", "c50100", "dc0100", "de0100"),
            (65535, "daffff", "c5ffff", "dcffff", "deffff"),
            (65536, "db00010000", "c600010000", "dd00010000", "df00010000"),
        ]
        for (count, string, binary, array, map) in heads {
            let text = String(repeating: "x", count: count)
            #expect(startsWith(string, .string(text), length: count))
            #expect(startsWith(binary, .binary(Array(repeating: 7, count: count)), length: count))
            #expect(startsWith(array, .array(Array(repeating: 7, count: count)), length: count))
            var writer = MessagePackWriter()
            writer.beginMap(count: count)
            #expect(hex(writer.bytes) == map)
        }
    }

    @Test func `the length of a string is that of its UTF-8`() {
        #expect(hex(PayloadValue.string("é€🐎").messagePack()) == "a9c3a9e282acf09f908e")
        #expect(PayloadValue.string(String(repeating: "€", count: 11)).messagePack().prefix(2) == [0xD9, 33])
    }

    @Test func `an emptied writer writes the next message as the first`() {
        var writer = MessagePackWriter(capacity: 4)
        for _ in 0..<3 {
            writer.removeAll()
            writer.beginArray(count: 4)
            writer.write(string: "ev")
            writer.writeRaw([0xC0, 0xC3])
            writer.write(["a": 1.5])
            #expect(hex(writer.bytes) == "94a26576c0c381a161cb3ff8000000000000")
        }
    }

    private func startsWith(_ head: String, _ value: PayloadValue, length: Int) -> Bool {
        let written = value.messagePack()
        return hex(written.prefix(head.utf8.count / 2)) == head && written.count == head.utf8.count / 2 + length
    }

    private func integerForm(of number: Double, lowest: UInt64) -> [UInt8] {
        let all = bigEndian(lowest)
        switch number {
        case -32..<128: return [all[7]]
        case 0..<0x1p8: return [0xCC] + all[7...]
        case 0..<0x1p16: return [0xCD] + all[6...]
        case 0..<0x1p32: return [0xCE] + all[4...]
        case 0...: return [0xCF] + all
        case (-0x1p7)...: return [0xD0] + all[7...]
        case (-0x1p15)...: return [0xD1] + all[6...]
        case (-0x1p31)...: return [0xD2] + all[4...]
        default: return [0xD3] + all
        }
    }

    private func bigEndian(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }
}

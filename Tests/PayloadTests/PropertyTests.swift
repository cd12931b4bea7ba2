import Payload
import Testing

/// Random values and random bytes; each test case names its seed.
@Suite struct PropertyTests {
    @Test(arguments: SeededGenerator.seeds)
    func `what is written as MessagePack reads back as it was`(seed: UInt64) throws {
        var random = RandomValues(seed: seed)
        for _ in 0..<2000 {
            let value = random.value(depth: 4, binary: true)
            let read = try PayloadValue(messagePack: value.messagePack())
            #expect(read == value, "seed \(seed)")
        }
    }

    @Test(arguments: SeededGenerator.seeds)
    func `what is written as JSON reads back as it was`(seed: UInt64) throws {
        var random = RandomValues(seed: seed)
        for _ in 0..<2000 {
            let value = random.value(depth: 4, binary: false)
            let read = try PayloadValue(json: try value.jsonText())
            #expect(read == value, "seed \(seed)")
        }
    }

    @Test(arguments: SeededGenerator.seeds)
    func `every finite double survives its JSON text`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            switch try PayloadValue(json: try PayloadValue.number(number).jsonText()) {
            case .integer(let integer): #expect(Double(integer) == number, "seed \(seed)")
            case let read: #expect(read == .number(number), "seed \(seed)")
            }
        }
    }

    @Test(arguments: SeededGenerator.seeds)
    func `every integer is exact in JSON and the nearest double in MessagePack`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let integer = Int64(truncatingIfNeeded: generator.next()) >> Int64.random(in: 0..<64, using: &generator)
            #expect(
                try PayloadValue(json: try PayloadValue.integer(integer).jsonText()) == .integer(integer),
                "seed \(seed)"
            )
            let rounded = Int64(exactly: Double(integer)).map { PayloadValue.integer($0) } ?? .number(Double(integer))
            #expect(
                try PayloadValue(messagePack: PayloadValue.integer(integer).messagePack()) == rounded,
                "seed \(seed)"
            )
        }
    }

    @Test(arguments: SeededGenerator.seeds)
    func `random bytes give a value or an error, never a crash`(seed: UInt64) throws {
        var random = RandomValues(seed: seed)
        var values = 0
        for _ in 0..<20_000 {
            let noise = random.bytes(upTo: 24)
            if let value = try? PayloadValue(messagePack: noise) {
                values += 1
                #expect(throws: Never.self, "seed \(seed)") { try PayloadValue(messagePack: value.messagePack()) }
            }
            _ = try? PayloadValue(json: noise)
        }
        #expect(values > 0, "seed \(seed)")
    }

    @Test(arguments: SeededGenerator.seeds)
    func `damaged messages give a value or an error, never a crash`(seed: UInt64) throws {
        var random = RandomValues(seed: seed)
        for _ in 0..<2000 {
            let value = random.value(depth: 3, binary: false)
            for original in [value.messagePack(), try value.jsonBytes()] {
                let damaged = random.damaged(original)
                if let value = try? PayloadValue(messagePack: damaged) { _ = value.messagePack() }
                if let value = try? PayloadValue(json: damaged) {
                    let text = try value.jsonText()
                    #expect(try PayloadValue(json: text).jsonText() == text, "seed \(seed)")
                }
            }
        }
    }
}

/// Makes values that both encodings keep: no double without fraction, no integer beyond 2^53, no NaN.
private struct RandomValues {
    var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    mutating func value(depth: Int, binary: Bool) -> PayloadValue {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 7), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2:
            return .integer(
                Int64.random(in: -1 << 53...1 << 53, using: &generator) >> Int64.random(in: 0..<54, using: &generator)
            )
        case 3: return .number(fraction())
        case 4: return .string(string())
        case 5: return binary ? .binary(bytes(upTo: 300)) : .null
        case 6: return binary ? timestamp() : .null
        case 7: return .array((0..<count()).map { _ in value(depth: depth - 1, binary: binary) })
        default:
            return .object(
                PayloadObject((0..<count()).map { _ in (string(), value(depth: depth - 1, binary: binary)) })
            )
        }
    }

    mutating func bytes(upTo limit: Int) -> [UInt8] {
        (0..<Int.random(in: 0...limit, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    mutating func damaged(_ original: [UInt8]) -> [UInt8] {
        var damaged = original
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !damaged.isEmpty {
            let position = Int.random(in: 0..<damaged.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: damaged[position] = UInt8.random(in: 0...255, using: &generator)
            case 1: damaged.remove(at: position)
            default: damaged.insert(UInt8.random(in: 0...255, using: &generator), at: position)
            }
        }
        return damaged
    }

    private mutating func count() -> Int {
        Int.random(in: 0..<8, using: &generator) == 0
            ? Int.random(in: 14..<40, using: &generator) : Int.random(in: 0..<5, using: &generator)
    }

    private mutating func fraction() -> Double {
        let number = Double(bitPattern: generator.next())
        return number.isFinite && number.rounded() != number ? number : 0.5
    }

    private mutating func timestamp() -> PayloadValue {
        let wide = Int64.random(in: -8_640_000_000_000_000...8_640_000_000_000_000, using: &generator)
        let near = Int64.random(in: 0...4_294_967_295, using: &generator) * 1000
        return .timestamp(milliseconds: Bool.random(using: &generator) ? wide : near)
    }

    private mutating func string() -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "b", "0", "1", "9", "\"", "\\", "/", "\n", "\u{0}", "\u{7F}", "é", "\u{301}", "€", "🐎", "\u{FFFF}",
        ]
        let length =
            Int.random(in: 0..<10, using: &generator) == 0
            ? Int.random(in: 20...300, using: &generator) : Int.random(in: 0...6, using: &generator)
        var view = String.UnicodeScalarView()
        for _ in 0..<length { view.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]) }
        return String(view)
    }
}

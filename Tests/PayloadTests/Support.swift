import Foundation
import Payload
import Testing

/// A small generator (SplitMix64) whose whole sequence follows from its seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Some seeds that are always tried and one that is new in every run; a failing test names its seed.
    static let seeds: [UInt64] = [1, 2, 3, UInt64.random(in: 4...UInt64.max)]
}

/// A file of Tests/PayloadTests/Fixtures, read with the parser under test.
enum Fixture {
    static func load(_ name: String) throws -> PayloadValue {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json"))
        return try PayloadValue(json: [UInt8](Data(contentsOf: url)))
    }

    static func rows(_ table: String) throws -> [PayloadValue] {
        let rows = try load("javascript")[table].elements
        try #require(rows.count > 10)
        return rows
    }
}

extension PayloadValue {
    subscript(key: String) -> PayloadValue {
        if case .object(let object) = self { object[key] ?? .null } else { .null }
    }

    subscript(index: Int) -> PayloadValue {
        elements.indices.contains(index) ? elements[index] : .null
    }

    var elements: [PayloadValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var text: String? {
        if case .string(let string) = self { string } else { nil }
    }

    var int: Int64? {
        if case .integer(let integer) = self { integer } else { nil }
    }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

func bytes(hex text: String) -> [UInt8] {
    let digits = text.utf8.filter { $0 != 0x20 }.map { UInt8($0 > 0x39 ? $0 - 0x61 + 10 : $0 - 0x30) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

func nested(_ depth: Int, open: String = "[", close: String = "]") -> String {
    String(repeating: open, count: depth) + String(repeating: close, count: depth)
}

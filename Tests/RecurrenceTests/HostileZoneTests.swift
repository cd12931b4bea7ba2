import Foundation
import Recurrence
import Testing

/// Bytes from anywhere are refused or read, and never crash or hang the reader.
struct HostileZoneTests {
    private static func file(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: fixtures.appending(path: "zoneinfo/\(name)")))
    }

    /// Asks everything that a zone can be asked, near the ends and in between.
    private func exercise(_ zone: Zone) {
        for second in [
            -62_135_596_800, -2_000_000_000, 0, 1_700_000_000, 4_000_000_000, 20_000_000_000, 253_402_300_799,
        ] {
            let moment = Timestamp(seconds: Int64(second))
            let wall = zone.civil(at: moment)
            switch zone.instants(of: wall) {
            case .one(let only): #expect(only == moment || moment == .min || moment == .max)
            case .overlap(let first, let last): #expect(first < last)
            case .gap: Issue.record("\(zone.identifier) shows \(wall) at \(moment) but calls it a gap")
            }
            if let next = zone.nextTransition(after: moment) { #expect(next > moment) }
            _ = describe(moment, in: zone)
        }
    }

    @Test func `every truncation is refused`() throws {
        for name in ["America/New_York", "Asia/Tokyo"] {
            let bytes = try Self.file(name)
            for count in 0..<bytes.count {
                #expect(throws: ZoneError.self) { try Zone(identifier: name, tzif: Array(bytes[..<count])) }
            }
        }
    }

    @Test(arguments: 20..<44)
    func `counts beyond the end are refused`(position: Int) throws {
        var bytes = try Self.file("Europe/Berlin")
        bytes[position] = 0xFF
        #expect(throws: ZoneError.self) { try Zone(identifier: "Test", tzif: bytes) }
        // The same field of the second header, which slim files put after an almost empty block.
        let second = try #require(bytes.dropFirst(44).firstRange(of: "TZif".utf8)?.lowerBound)
        bytes = try Self.file("Europe/Berlin")
        bytes[second + position] ^= 0x80
        #expect(throws: ZoneError.self) { try Zone(identifier: "Test", tzif: bytes) }
    }

    @Test(arguments: seeds)
    func `random changes never crash`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for name in ["America/New_York", "Africa/Casablanca", "America/Nuuk", "Africa/Monrovia"] {
            let original = try Self.file(name)
            for _ in 0..<400 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    let position = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[position] = UInt8.random(in: 0...255, using: &random)
                }
                if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0...20, using: &random)) }
                if let zone = try? Zone(identifier: "seed \(seed)", tzif: bytes) { exercise(zone) }
            }
        }
    }

    @Test(arguments: seeds)
    func `random bytes are refused`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(throws: ZoneError.self) { try Zone(identifier: "Test", tzif: bytes) }
            #expect(throws: ZoneError.self) { try Zone(identifier: "Test", tzif: Array("TZif2".utf8) + bytes) }
        }
    }

    @Test(arguments: [
        TZifSample(transitions: [(10, 0), (10, 0)]), TZifSample(transitions: [(10, 0), (9, 0)]),
        TZifSample(transitions: [(10, 1)]), TZifSample(types: []), TZifSample(types: [(0, false, 4)]),
        TZifSample(types: [(.min, false, 0)]), TZifSample(types: [(93_600, false, 0)]), TZifSample(names: "LMT"),
        TZifSample(footer: nil), TZifSample(version: "0"),
    ])
    func `a file that contradicts RFC 9636 is refused`(sample: TZifSample) {
        #expect { try Zone(identifier: "Test", tzif: sample.bytes) } throws: {
            ($0 as? ZoneError)?.code == .invalidData
        }
    }

    @Test func `a file with leap seconds is refused with the reason`() throws {
        var bytes = Array("TZif".utf8) + [UInt8](repeating: 0, count: 16)
        for count in [0, 0, 1, 0, 1, 4] as [UInt32] { bytes += TZifSample.bigEndian(count) }
        bytes += [UInt8](repeating: 0, count: 6) + Array("UTC\0".utf8) + [UInt8](repeating: 0, count: 8)
        #expect { try Zone(identifier: "right/UTC", tzif: bytes) } throws: { error in
            "\(error)".contains("leap seconds") && "\(error)".contains("outside of \"right/\"")
        }
    }
}

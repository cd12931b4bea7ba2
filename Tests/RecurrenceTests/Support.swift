import Foundation
import Testing

@testable import Recurrence

/// The folder of recorded data.
let fixtures = Bundle.module.bundleURL.appending(path: "Fixtures")

/// A loader of the zone files in the fixtures (tzdata 2025b), so that no result depends on the host's zone data.
let fixtureZones = ZoneLoader(folders: [fixtures.appending(path: "zoneinfo").path])

func zone(_ name: String) throws -> Zone {
    try fixtureZones.zone(named: name)
}

/// Reads RFC 3339 for use as input and expectation.
func instant(_ text: String) throws -> Timestamp {
    guard case .instant(let instant) = try TimeExpression(text).form else {
        throw TestFailure(description: "\(text) is not an instant")
    }
    return instant
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed, on every host.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// The seeds of a property test: two fixed ones and a fresh one; the failing one is printed as the test's argument.
let seeds: [UInt64] = [1, 20_261_123, UInt64.random(in: 0...UInt64.max)]

/// A TZif file of version 2 or later, made of its parts.
struct TZifSample {
    var version: Character = "2"
    var transitions: [(seconds: Int64, kind: UInt8)] = []
    var types: [(offset: Int32, isDaylight: Bool, nameIndex: UInt8)] = [(0, false, 0)]
    var names = "LMT\0"
    var footer: String? = ""

    var bytes: [UInt8] {
        var bytes = header(transitions: 0, types: 1, characters: 1) + [0, 0, 0, 0, 0, 0, 0]
        bytes += header(transitions: transitions.count, types: types.count, characters: names.utf8.count)
        for transition in transitions { bytes += Self.bigEndian(transition.seconds) }
        bytes += transitions.map(\.kind)
        for type in types { bytes += Self.bigEndian(type.offset) + [type.isDaylight ? 1 : 0, type.nameIndex] }
        bytes += Array(names.utf8)
        if let footer { bytes += Array("\n\(footer)\n".utf8) }
        return bytes
    }

    private func header(transitions: Int, types: Int, characters: Int) -> [UInt8] {
        var bytes = Array("TZif\(version)".utf8) + [UInt8](repeating: 0, count: 15)
        for count in [0, 0, 0, transitions, types, characters] { bytes += Self.bigEndian(UInt32(count)) }
        return bytes
    }

    static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}

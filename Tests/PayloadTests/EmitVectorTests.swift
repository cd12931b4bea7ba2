import Foundation
import Payload
import Testing

/// What @socket.io/redis-emitter 5.1.0 (notepack.io 3.0.1) published, recorded, against what this library writes.
@Suite struct EmitVectorTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let input: PayloadValue
        let payload: [UInt8]

        var testDescription: String { name }
        var isJSON: Bool { input["parser"] == "JSON" }
    }

    static let vectors: [Vector] =
        (try? Fixture.load("emit-vectors")["vectors"].elements.map { vector in
            Vector(
                name: vector["name"].text ?? "",
                input: vector["input"],
                payload: [UInt8](Data(base64Encoded: vector["command"][2].text ?? "") ?? Data())
            )
        }) ?? []

    @Test func `all vectors are there`() {
        #expect(Self.vectors.count == 155)
        #expect(Self.vectors.filter(\.isJSON).count == 2)
        #expect(Self.vectors.allSatisfy { !$0.payload.isEmpty && !$0.name.isEmpty })
    }

    @Test(arguments: vectors)
    func `the payload is the recorded one, byte for byte`(vector: Vector) throws {
        let message = try message(of: vector)
        let written = vector.isJSON ? try message.jsonBytes() : message.messagePack()
        #expect(hex(written) == hex(vector.payload))
    }

    @Test(arguments: vectors)
    func `the event alone is the slice in the recorded payload`(vector: Vector) throws {
        let event = try event(of: vector)
        if vector.isJSON {
            let written = try event.json()
            #expect(vector.payload.firstRange(of: written) != nil)
        } else {
            let prefix = bytes(hex: "93 a7656d6974746572 83 a474797065 02 a464617461")
            #expect(vector.payload.starts(with: prefix))
            #expect(vector.payload.dropFirst(prefix.count).starts(with: event.messagePack()))
        }
    }

    @Test(arguments: vectors)
    func `what was recorded reads back as what was sent`(vector: Vector) throws {
        let heard = try vector.isJSON ? PayloadValue(json: vector.payload) : PayloadValue(messagePack: vector.payload)
        if !vector.input["args"].exceedsSocketIORange {
            #expect(hex(vector.isJSON ? try heard.jsonBytes() : heard.messagePack()) == hex(vector.payload))
        }
        #expect(heard[1]["data"][0].text == vector.input["event"].text)
        #expect(heard[1]["data"].elements.count == vector.input["args"].elements.count + 1)
    }

    private func event(of vector: Vector) throws -> EventData {
        EventData(
            event: try #require(vector.input["event"].text),
            arguments: vector.input["args"].elements.map(expanded)
        )
    }

    private func message(of vector: Vector) throws -> PayloadValue {
        let input = vector.input
        var namespace = input["nsp"].text ?? "/"
        if !namespace.hasPrefix("/") { namespace = "/" + namespace }
        let event = try #require(input["event"].text)
        let packet: PayloadValue = [
            "type": 2, "data": .array([.string(event)] + input["args"].elements.map(expanded)),
            "nsp": .string(namespace),
        ]
        let options: PayloadValue = [
            "rooms": withoutRepetition(input["rooms"]), "flags": input["flags"] == nil ? [:] : input["flags"],
            "except": withoutRepetition(input["except"]),
        ]
        return ["emitter", packet, options]
    }

    private func withoutRepetition(_ list: PayloadValue) -> PayloadValue {
        .array(list.elements.reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
    }

    /// Puts what JSON cannot say in place of its description (`meta.format` of the fixture).
    private func expanded(_ value: PayloadValue) -> PayloadValue {
        switch value {
        case .array(let elements): return .array(elements.map(expanded))
        case .object(let object):
            guard object.count == 1, let first = object.first, first.key.hasPrefix("$") else {
                return .object(PayloadObject(object.map { ($0.key, expanded($0.value)) }))
            }
            return special(first.key, first.value)
        default: return value
        }
    }

    private func special(_ name: String, _ content: PayloadValue) -> PayloadValue {
        let count = Int(content[0].int ?? content[1].int ?? 0)
        switch name {
        case "$binary", "$uint8array", "$arraybuffer":
            return .binary([UInt8](Data(base64Encoded: content.text ?? "") ?? Data()))
        case "$bytes": return .binary(Array(repeating: UInt8(content[1].int ?? 0), count: count))
        case "$date": return .timestamp(milliseconds: content.int ?? -1)
        case "$number":
            return .number(["NaN": .nan, "Infinity": .infinity, "-Infinity": -.infinity][content.text] ?? -0.0)
        case "$repeat": return .string(String(repeating: content[0].text ?? "", count: Int(content[1].int ?? 0)))
        case "$array": return .array(Array(repeating: content[1], count: count))
        case "$map": return .object(PayloadObject((0..<count).map { ("k\($0)", content[1]) }))
        default: return .null
        }
    }
}

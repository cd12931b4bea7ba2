import Foundation
import Payload
import SocketIOEmitter
import Testing

/// One message that a real emitter or server published, and the call that made it.
struct WireVector: Sendable, CustomTestStringConvertible {
    let name: String
    let emitter: String
    let prefix: String
    let isJSON: Bool
    let broadcast: Broadcast
    /// The arguments as a receiver reads them; nil where the sender is known to write something else.
    let heardArguments: [PayloadValue]?
    let channel: String
    let payload: [UInt8]
    let uid: String

    var testDescription: String { name }

    static let emitter510 = read("redis-emitter-5.1.0").compactMap(WireVector.init)
    static let older = read("older-emitters").compactMap(WireVector.init)

    /// An unreadable fixture gives no vectors; a test counts them.
    static func read(_ name: String) -> [PayloadValue] {
        guard
            let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"),
            let data = try? Data(contentsOf: url),
            let file = try? PayloadValue(json: [UInt8](data))
        else { return [] }
        return file["vectors"]?.elements ?? []
    }

    private init?(_ vector: PayloadValue) {
        guard
            let name = vector["name"]?.text, let emitter = vector["emitter"]?.text, let input = vector["input"],
            let event = input["event"]?.text, let arguments = input["args"]?.elements,
            let command = vector["command"]?.elements, command.count == 3, command[0] == "PUBLISH",
            let channel = command[1].text, let payload = command[2].text.flatMap({ Data(base64Encoded: $0) })
        else { return nil }
        self.name = name
        self.emitter = emitter
        self.channel = channel
        self.payload = [UInt8](payload)
        prefix = input["channelPrefix"]?.text ?? "socket.io"
        isJSON = input["parser"] == "JSON"
        uid = vector["serverUid"]?.text ?? "emitter"
        let sent = arguments.map { $0.expanded ?? .null }
        let isKeptUndefined = name.contains("-emitter-") && name.hasSuffix(":undefined-value-in-map-is-dropped")
        heardArguments = name.contains("quirk-") || isKeptUndefined ? nil : sent.map(\.asHeard)
        broadcast = Broadcast(
            namespace: input["nsp"]?.text ?? "/",
            rooms: input["rooms"]?.elements.compactMap(\.text) ?? [],
            except: input["except"]?.elements.compactMap(\.text) ?? [],
            flags: input["flags"]?.members.compactMap(Self.flag) ?? [],
            data: EventData(event: event, arguments: sent)
        )
    }

    static func flag(_ member: (key: String, value: PayloadValue)) -> Broadcast.Flag? {
        switch (member.key, member.value) {
        case ("volatile", .bool(true)): .volatile
        case ("compress", .bool(let value)): .compress(value)
        default: nil
        }
    }
}

extension PayloadValue {
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var elements: [PayloadValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var members: PayloadObject {
        if case .object(let object) = self { object } else { PayloadObject() }
    }

    subscript(key: String) -> PayloadValue? { members[key] }

    /// The value that a fixture means; nil for JavaScript's `undefined`.
    var expanded: PayloadValue? {
        switch self {
        case .array(let elements):
            return .array(elements.map { $0.expanded ?? .null })
        case .object(let object):
            return object.count == 1 ? expandedExtension ?? expandedMembers : expandedMembers
        default:
            return self
        }
    }

    private var expandedMembers: PayloadValue? {
        if members["$undefined"] != nil { return nil }
        return .object(PayloadObject(members.compactMap { key, value in value.expanded.map { (key, $0) } }))
    }

    private var expandedExtension: PayloadValue? {
        guard let member = members.first else { return nil }
        let list = member.value.elements
        switch (member.key, member.value) {
        case ("$binary", .string(let text)), ("$uint8array", .string(let text)), ("$arraybuffer", .string(let text)):
            return Data(base64Encoded: text).map { .binary([UInt8]($0)) }
        case ("$bytes", _):
            return .binary(Array(repeating: UInt8(clamping: list[1].whole), count: list[0].whole))
        case ("$date", .integer(let milliseconds)):
            return .timestamp(milliseconds: milliseconds)
        case ("$number", .string(let text)):
            return ["NaN": .number(.nan), "Infinity": .number(.infinity), "-Infinity": .number(-.infinity)][text]
                ?? .number(-0.0)
        case ("$repeat", _):
            return list[0].text.map { .string(String(repeating: $0, count: list[1].whole)) }
        case ("$array", _):
            return .array(Array(repeating: list[1], count: list[0].whole))
        case ("$map", _):
            return .object(PayloadObject((0..<list[0].whole).map { ("k\($0)", list[1]) }))
        default:
            return nil
        }
    }

    private var whole: Int {
        if case .integer(let value) = self { Int(value) } else { 0 }
    }

    /// Integral doubles arrive as integers.
    fileprivate var asHeard: PayloadValue {
        switch self {
        case .number(let value): Int64(exactly: value).map { .integer($0) } ?? self
        case .array(let elements): .array(elements.map(\.asHeard))
        case .object(let object): .object(PayloadObject(object.map { ($0.key, $0.value.asHeard) }))
        default: self
        }
    }
}

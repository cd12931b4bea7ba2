import Foundation
import Payload
import Testing

@testable import SocketIOEmitter

/// Questions and answers, held to what servers sent to each other.
@Suite("Questions to a cluster")
struct QuestionTests {
    private struct Recorded: Sendable, CustomTestStringConvertible {
        let name: String
        let wire: Wire
        let command: [String]
        let answers: [(channel: String, payload: [UInt8])]

        var testDescription: String { name }

        static let all: [Recorded] =
            load("sharded", .sharded(ShardedWire())) + load("streams", .streams(StreamsWire()))
            + load("classic-servers", .classic(ClassicWire()))

        private static func load(_ file: String, _ wire: Wire) -> [Recorded] {
            WireVector.read(file).compactMap { vector in
                guard let name = vector["name"]?.text,
                    name.hasSuffix("fetchSockets") || name.contains("broadcast-with-ack")
                else { return nil }
                let answers = vector["responses"]?.elements.map(\.elements) ?? []
                return Recorded(
                    name: name,
                    wire: wire,
                    command: vector["command"]?.elements.compactMap(\.text) ?? [],
                    answers: answers.map {
                        ($0[1].text ?? "", [UInt8](Data(base64Encoded: $0[2].text ?? "") ?? Data()))
                    }
                )
            }
        }
    }

    private static func value(_ payload: [UInt8]) throws -> PayloadValue {
        payload.first == UInt8(ascii: "{") ? try PayloadValue(json: payload) : try PayloadValue(messagePack: payload)
    }

    /// The same question with the names that a server chose, and the flags that others ignore taken away.
    private static func withoutFlags(_ value: PayloadValue) -> PayloadValue {
        guard case .object(var object) = value else { return value }
        for key in ["data", "opts"] { object[key] = object[key].map(withoutFlags) }
        object["flags"] = nil
        return .object(PayloadObject(object.sorted { $0.key < $1.key }))
    }

    @Test("A question is the one that a server puts, and its answer is read", arguments: Recorded.all)
    private func recorded(_ vector: Recorded) throws {
        let sent = try Self.value([UInt8](Data(base64Encoded: vector.command[2]) ?? Data()))
        let fields = sent["data"] ?? sent
        let isCount = vector.name.hasSuffix("fetchSockets")
        let data = sent["data"]?["packet"]?["data"] ?? sent["packet"]?["data"]
        let rooms = fields["opts"]?["rooms"]?.elements.compactMap(\.text) ?? []
        let broadcast = Broadcast(
            rooms: rooms,
            data: EventData(event: "ev", arguments: Array(data?.elements.dropFirst() ?? []))
        )
        let question = Question(
            isCount ? .sockets(rooms: rooms, except: []) : .acknowledgements(broadcast),
            namespace: "/",
            asker: sent["uid"]?.text ?? "",
            id: fields["requestId"]?.text ?? ""
        )
        let asking = try vector.wire.asking(question)
        #expect(asking.ask.arguments[0] == Array(vector.command[0].utf8))
        #expect(asking.ask.arguments[1] == Array(vector.command[1].utf8))
        #expect(Self.withoutFlags(try Self.value(asking.ask.arguments[2])) == Self.withoutFlags(sent))
        let heard = asking.channels + asking.shardChannels
        #expect(!vector.answers.isEmpty)
        for answer in vector.answers {
            #expect(heard.contains(answer.channel))
            let message = RedisMessage(channel: answer.channel, payload: answer.payload)
            let heard = try #require(vector.wire.answer(in: message))
            #expect(heard.question == question.id && heard.answer == (isCount ? .sockets([]) : .clientCount(0)))
        }
    }

    @Test("Nine questions were recorded")
    func complete() {
        #expect(Recorded.all.count == 9)
    }

    @Test("Acknowledgements and sockets are read, anything else is not")
    func answers() throws {
        func answer(_ wire: Wire, _ value: PayloadValue) throws -> Answer? {
            let texts = [try value.jsonBytes(), value.messagePack()]
            let channel = "socket.io-response#/#"
            let found = texts.map { wire.answer(in: RedisMessage(channel: channel, payload: $0)) }
            #expect(found[0]?.answer == found[1]?.answer && found.allSatisfy { $0.map { $0.question == "q" } ?? true })
            return found[0]?.answer
        }
        let (classic, sharded) = (Wire.classic(ClassicWire()), Wire.sharded(ShardedWire()))
        #expect(
            try answer(classic, ["requestId": "q", "sockets": ["a", ["id": "b", "rooms": []]]]) == .sockets(["a", "b"])
        )
        #expect(try answer(classic, ["type": 9, "requestId": "q", "packet": [1]]) == .acknowledgement([1]))
        #expect(try answer(classic, ["type": 9, "requestId": "q"]) == .acknowledgement(.null))
        #expect(try answer(classic, ["type": 6, "requestId": "q", "data": 1]) == nil)
        #expect(
            try answer(sharded, ["type": 12, "data": ["requestId": "q", "packet": "yes"]]) == .acknowledgement("yes")
        )
        #expect(try answer(sharded, ["type": 10, "data": ["requestId": "q", "packet": "yes"]]) == nil)
        #expect(try answer(sharded, ["requestId": "q", "sockets": []]) == nil)
        #expect(sharded.answer(in: RedisMessage(channel: "c", payload: [0xC1])) == nil)
    }

    @Test("Servers that cannot be asked are not asked")
    func refusals() throws {
        let question = Question(.sockets(rooms: [], except: []), namespace: "/", asker: "me", id: "q")
        for wire in [Wire.python(PythonWire()), .classic(ClassicWire(generation: .three))] {
            let error = try #require(throws: EmitterError.self) { try wire.asking(question) }
            #expect(error.code == .unsupported)
        }
        // A question over the streams wire is a message that ends servers of the classic adapter.
        #expect(try Wire.streams(StreamsWire()).asking(question).mustBeNone != nil)
    }
}

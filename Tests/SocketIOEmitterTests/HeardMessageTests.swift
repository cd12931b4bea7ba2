import Foundation
import Payload
import Testing

@testable import SocketIOEmitter

/// What was recorded of real emitters and servers, read back.
@Suite("Decoding what is heard on every wire")
struct HeardMessageTests {
    private static func decode(_ wire: Wire, _ command: [String]) throws -> HeardMessage {
        if command[0] == "XADD" {
            let fields = command.dropFirst(6).map { RedisReply.string(Array($0.utf8)) }
            return try ClusterMessage.decode(stream: command[1], id: "1-0", fields: fields)
        }
        let payload = try #require(Data(base64Encoded: command[2]))
        return try wire.decode(RedisMessage(channel: command[1], payload: [UInt8](payload)))
    }

    private static func strings(_ values: [String]) -> [PayloadValue] { values.map { .string($0) } }

    private static func expect(_ heard: HeardMessage, _ vector: OtherWireVector) {
        #expect(heard.namespace == Broadcast.withLeadingSlash(vector.namespace))
        if let request = vector.request {
            expect(heard, request)
        } else if vector.operation == nil {
            expect(heard, vector.broadcast)
        }
    }

    private static func expect(_ heard: HeardMessage, _ broadcast: Broadcast) {
        let expected = HeardBroadcast(
            event: broadcast.data.event,
            arguments: ((try? broadcast.data.arguments()) ?? []).map(\.asSent),
            rooms: strings(broadcast.rooms),
            except: strings(broadcast.except),
            flags: PayloadObject(broadcast.flags.map { ($0.name, .bool($0.value)) })
        )
        #expect(heard.broadcast == expected)
    }

    private static func expect(_ heard: HeardMessage, _ request: SocketRequest) {
        guard case .request(let told) = heard.content else {
            Issue.record("it is no request")
            return
        }
        #expect(told.rooms == strings(request.rooms) && told.except == strings(request.except))
        switch request.action {
        case .join(let rooms): #expect(told.name == "socketsJoin" && told.details == ["rooms": .array(strings(rooms))])
        case .leave(let rooms):
            #expect(told.name == "socketsLeave" && told.details == ["rooms": .array(strings(rooms))])
        case .disconnect(let close):
            #expect(told.name == "disconnectSockets" && told.details == ["close": .bool(close)])
        case .serverSideEmit(let data):
            #expect(told.name == "serverSideEmit")
            let list = told.details["data"]?.elements ?? []
            #expect(list.first == .string(data.event))
            let count = (try? data.arguments())?.count ?? 0
            #expect(list.count == count + 1)
        }
    }

    @Test("Requests of redis-emitter and of servers", arguments: OtherWireVector.requests)
    func requests(vector: OtherWireVector) throws {
        let wire = Wire.classic(ClassicWire(prefix: vector.prefix))
        Self.expect(try Self.decode(wire, vector.command), vector)
    }

    @Test("Messages of servers with the sharded adapter", arguments: OtherWireVector.sharded)
    func sharded(vector: OtherWireVector) throws {
        let heard = try Self.decode(.sharded(ShardedWire(prefix: vector.prefix)), vector.command)
        #expect(heard.uid == vector.sender)
        Self.expect(heard, vector)
        if vector.operation == "broadcast-with-ack" { #expect(heard.broadcast?.requestID?.count == 16) }
    }

    @Test("Entries and messages of the streams adapter and emitter", arguments: OtherWireVector.streams)
    func streams(vector: OtherWireVector) throws {
        let isSlashless = vector.name == "streams-emitter:nsp-admin-without-slash"
        let heard = try Self.decode(.streams(StreamsWire()), vector.command)
        #expect(heard.entryID == (vector.command[0] == "XADD" ? "1-0" : nil))
        if isSlashless {
            // As it is: no server reads it, and whoever looks should see why.
            #expect(heard.namespace == "admin")
        } else {
            Self.expect(heard, vector)
        }
    }

    @Test("Answers of servers and clients", arguments: ["classic-servers", "sharded", "streams"])
    func responses(file: String) throws {
        var names = Set<String>()
        for vector in WireVector.read(file) {
            let prefix = vector["input"]?["channelPrefix"]?.text ?? "socket.io"
            let wire: Wire =
                switch file {
                case "sharded": .sharded(ShardedWire(prefix: prefix))
                case "streams": .streams(StreamsWire(channelPrefix: prefix))
                default: .classic(ClassicWire(prefix: prefix))
                }
            for response in vector["responses"]?.elements ?? [] {
                let heard = try Self.decode(wire, response.elements.compactMap(\.text))
                guard case .response(let told) = heard.content else {
                    Issue.record("\(vector["name"]?.text ?? "") has an answer that is none")
                    continue
                }
                #expect(told.requestID != nil && heard.namespace == "/")
                names.insert(told.name)
            }
        }
        let isClassic = file == "classic-servers"
        #expect(names == (isClassic ? ["clientCount", "rooms"] : ["clientCount", "sockets", "serverSideEmit"]))
        let acknowledgement = (["type": 9, "requestId": "q", "packet": "got it"] as PayloadValue).messagePack()
        let heard = try ClassicWire().decode(channel: "socket.io-response#/a#uid#", payload: acknowledgement)
        #expect(heard.content == .response(HeardResponse(name: "acknowledgement", requestID: "q", value: "got it")))
        #expect(heard.namespace == "/a")
    }

    @Test("Messages of python-socketio as JSON", arguments: OtherWireVector.python)
    func python(vector: OtherWireVector) throws {
        try Self.expectPython(try Self.decode(.python(PythonWire()), vector.command), vector.input, several: true)
    }

    @Test("Messages of python-socketio before 5.14 are pickles, of every protocol")
    func pickles() throws {
        let vectors = WireVector.read("pickles")
        #expect(vectors.count == 27)
        let wire = Wire.python(PythonWire(version: try PythonWire.Version("5.11")))
        for vector in vectors {
            let heard = try Self.decode(wire, ["PUBLISH", "socketio", try #require(vector["pickle"]?.text)])
            // The tuple among them stands for several arguments.
            let message = try #require(vector["message"]?.expanded)
            try Self.expectPython(heard, message, several: message["data"]?.elements.first == 1)
        }
    }

    private static func expectPython(_ heard: HeardMessage, _ sent: PayloadValue, several: Bool) throws {
        #expect(heard.namespace == sent["namespace"]?.text && heard.uid == sent["host_id"]?.text)
        let method = try #require(sent["method"]?.text)
        switch heard.content {
        case .broadcast(let broadcast):
            #expect(method == "emit" && broadcast.event == sent["event"]?.text)
            #expect(broadcast.rooms == list(sent["room"]) && broadcast.except == list(sent["skip_sid"]))
            let data = sent["data"] ?? .null
            if sent["binary"] == true {
                #expect(broadcast.arguments.contains { $0.hasBinary })
            } else if several, case .array(let arguments) = data {
                #expect(broadcast.arguments == arguments)
            } else {
                #expect(broadcast.arguments == (data == .null ? [] : [data]))
            }
        case .request(let request):
            #expect(request.name == method)
            #expect(request.details["room"] == sent["room"])
        case .response(let response):
            #expect(method == "callback" && response.value == sent["args"] && response.requestID == "7")
        case .notice:
            Issue.record("python-socketio has no notices")
        }
    }

    private static func list(_ value: PayloadValue?) -> [PayloadValue] {
        switch value {
        case nil, .null?: []
        case .array(let names)?: names
        case let name?: [name]
        }
    }

    @Test(
        "A pickle that would call something, holds more than plain values or is damaged is refused and not carried out"
    )
    func hostilePickles() throws {
        let wire = PythonWire()
        let hostile: [[UInt8]] = [
            Array("\u{80}\u{04}".unicodeScalars.map { UInt8($0.value) }) + Array("cos\nsystem\n(S'true'\ntR.".utf8),
            [0x80, 4], [0x80, 4, UInt8(ascii: ".")], [0x80, 4, UInt8(ascii: "("), UInt8(ascii: ".")],
            [0x80, 4, 0x8D] + Array(repeating: 0xFF, count: 8), [0x80, 4, UInt8(ascii: "e"), UInt8(ascii: ".")],
            [0x80, 4, UInt8(ascii: "h"), 9, UInt8(ascii: ".")], [0x80, 4, UInt8(ascii: "N"), UInt8(ascii: ".")],
            [0x80, 4, UInt8(ascii: "]"), 0x94] + Array(repeating: 0x85, count: 100_000) + [UInt8(ascii: ".")],
        ]
        for bytes in hostile {
            let error = try #require(throws: EmitterError.self) { try wire.decode(channel: "socketio", payload: bytes) }
            #expect([.undecodable, .notABroadcast].contains(error.code))
        }
        var random = SystemRandomNumberGenerator()
        let seeds = WireVector.read("pickles").compactMap { Data(base64Encoded: $0["pickle"]?.text ?? "") }
        for _ in 0..<3000 {
            var bytes = [UInt8](try #require(seeds.randomElement(using: &random)))
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 1..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            _ = try? wire.decode(channel: "socketio", payload: bytes)
        }
    }

    @Test("The requests of socket.io-redis 5 have other numbers and another key")
    func oldRequests() throws {
        let cases = [
            (#"{"requestid":"q","type":0,"rooms":["a"]}"#, "clients"),
            (#"{"requestid":"q","type":1,"sid":"s"}"#, "clientRooms"),
            (#"{"requestid":"q","type":6,"sid":"s","close":true}"#, "remoteDisconnect"),
        ]
        for (text, name) in cases {
            let heard = try ClassicWire().decode(channel: "socket.io-request#/a#", payload: Array(text.utf8))
            guard case .request(let request) = heard.content else { continue }
            #expect(request.name == name && request.requestID == "q" && heard.namespace == "/a")
        }
        let channel = "socket.io-request#/a#b#"
        let hash = try ClassicWire().decode(channel: channel, payload: Array(#"{"type":1,"uid":"u"}"#.utf8))
        #expect(hash.namespace == "/a#b")
        let answer = try ClassicWire().decode(
            channel: "socket.io-response#/#",
            payload: Array(#"{"requestid":"q","clients":["s"]}"#.utf8)
        )
        #expect(answer.content == .response(HeardResponse(name: "sockets", requestID: "q", value: ["s"])))
    }

    @Test("Another adapter's message on the channel is named, with what it does")
    func strangers() throws {
        let map = (["type": 3, "data": [:], "uid": "u", "nsp": "/"] as PayloadValue).messagePack()
        let stranger = try #require(throws: EmitterError.self) {
            try ClassicWire().decode(channel: "socket.io#/#", payload: map)
        }
        #expect(stranger.message.contains("streams adapter") && stranger.message.contains("prefix"))
        let classic = try ClassicWire().payload(for: Broadcast(data: EventData(event: "ev", arguments: [])))
        let other = try #require(throws: EmitterError.self) {
            try Wire.streams(StreamsWire()).decode(RedisMessage(channel: "socket.io#/#", payload: classic))
        }
        #expect(other.message.contains("classic adapter"))
        let poison = try #require(throws: EmitterError.self) {
            let fields = ["nsp", "/", "type", "3"].map { RedisReply.string(Array($0.utf8)) }
            return try ClusterMessage.decode(stream: "socket.io", id: "1-0", fields: fields)
        }
        #expect(poison.message.contains("stops them from reading on"))
    }
}

extension PayloadValue {
    /// Moments are sent as texts, and whole doubles arrive as integers.
    fileprivate var asSent: PayloadValue {
        switch self {
        case .timestamp: (try? PayloadValue(json: jsonText())) ?? self
        case .number(let value): value.isFinite ? Int64(exactly: value).map { .integer($0) } ?? self : .null
        case .array(let elements): .array(elements.map(\.asSent))
        case .object(let object): .object(PayloadObject(object.map { ($0.key, $0.value.asSent) }))
        default: self
        }
    }
}

import Foundation
import Payload
import Testing

@testable import SocketIOEmitter

/// What emitters and servers of the other wires sent, and requests of the classic one.
struct OtherWireVector: Sendable, CustomTestStringConvertible {
    let name: String
    let input: PayloadValue
    let command: [String]
    let sender: String

    var testDescription: String { name }

    static let requests = load("requests")
    static let sharded = load("sharded")
    static let streams = load("streams")
    static let python = load("python")

    private static func load(_ file: String) -> [OtherWireVector] {
        WireVector.read(file).compactMap { vector in
            guard let name = vector["name"]?.text, let command = vector["command"]?.elements.compactMap(\.text) else {
                return nil
            }
            let input = vector["input"] ?? vector["decoded"] ?? .null
            return OtherWireVector(
                name: name,
                input: input,
                command: command,
                sender: vector["serverUid"]?.text ?? "emitter"
            )
        }
    }

    var operation: String? { input["op"]?.text }
    var prefix: String { input["channelPrefix"]?.text ?? (name.contains("-prefix-myapp") ? "myapp" : "socket.io") }
    var namespace: String { input["nsp"]?.text ?? "/" }

    private func names(_ key: String) -> [String] {
        input[key]?.text.map { [$0] } ?? input[key]?.elements.compactMap(\.text) ?? []
    }

    var broadcast: Broadcast {
        Broadcast(
            namespace: namespace,
            rooms: names("rooms"),
            except: names("except"),
            flags: input["flags"]?.members.compactMap(WireVector.flag) ?? [],
            data: EventData(event: input["event"]?.text ?? "", arguments: arguments)
        )
    }

    private var arguments: [PayloadValue] { input["args"]?.elements.map { $0.expanded ?? .null } ?? [] }

    /// The request that the call made; nil for one that an emitter does not make.
    var request: SocketRequest? {
        let action: SocketRequest.Action
        switch operation {
        case "socketsJoin": action = .join(names("to"))
        case "socketsLeave": action = .leave(names("to"))
        case "disconnectSockets": action = .disconnect(close: input["close"] == true)
        case "serverSideEmit":
            guard let event = arguments.first?.text else { return nil }
            action = .serverSideEmit(EventData(event: event, arguments: Array(arguments.dropFirst())))
        default: return nil
        }
        return SocketRequest(action, namespace: namespace, rooms: names("rooms"), except: names("except"))
    }

    var payload: [UInt8]? { Data(base64Encoded: command.last ?? "").map { [UInt8]($0) } }
}

@Suite("The sharded, streams and python wires, and requests")
struct OtherWireTests {
    @Test("All recorded vectors are there")
    func complete() {
        #expect(OtherWireVector.requests.count == 30)
        #expect(OtherWireVector.sharded.count == 47)
        #expect(OtherWireVector.streams.count == 51)
        #expect(OtherWireVector.python.count == 19)
    }

    @Test("Requests are byte for byte those of redis-emitter", arguments: OtherWireVector.requests)
    func requests(vector: OtherWireVector) throws {
        // A serverSideEmit without even an event tells servers nothing; it cannot be made here.
        guard let request = vector.request else {
            #expect(vector.name == "serverSideEmit-no-args")
            return
        }
        let command = try Wire.classic(ClassicWire(prefix: vector.prefix)).command(for: request)
        #expect(command.arguments[0] == Array("PUBLISH".utf8))
        #expect(String(decoding: command.arguments[1], as: UTF8.self) == vector.command[1])
        #expect(command.arguments[2] == vector.payload)
    }

    @Test("Sharded messages are byte for byte those of a server", arguments: OtherWireVector.sharded)
    func sharded(vector: OtherWireVector) throws {
        let wire = Wire.sharded(ShardedWire(prefix: vector.prefix, sender: vector.sender))
        let command: RedisCommand
        if let request = vector.request {
            command = try wire.command(for: request)
        } else if vector.operation == nil {
            command = try wire.command(for: vector.broadcast)
        } else {
            return
        }
        #expect(command.arguments[0] == Array("SPUBLISH".utf8))
        // In two of the modes a server uses the channel of a room; that of the namespace is read in all.
        let channel = String(decoding: command.arguments[1], as: UTF8.self)
        #expect(channel == "\(vector.prefix)#\(vector.namespace)#" && vector.command[1].hasPrefix(channel))
        #expect(command.arguments[2] == vector.payload)
    }

    @Test("Stream entries are those of the streams emitter and of a server", arguments: OtherWireVector.streams)
    func streams(vector: OtherWireVector) throws {
        let isEmitter = vector.name.hasPrefix("streams-emitter:")
        guard vector.command[0] == "XADD", vector.name != "streams-emitter:nsp-admin-without-slash" else { return }
        var wire = StreamsWire(
            streamName: vector.command[1],
            maximumLength: Int(vector.command[4]) ?? 0,
            streamCount: 1,
            sender: vector.sender
        )
        let command: RedisCommand
        if let request = vector.request {
            command = try Wire.streams(wire).command(for: request)
        } else {
            command = try Wire.streams(wire).command(for: vector.broadcast)
        }
        let words = command.arguments.map { String(decoding: $0, as: UTF8.self) }
        #expect(Array(words.dropLast()) == Array(vector.command.dropLast()))
        wire.streamCount = 1
        if isEmitter {
            #expect(words.last == vector.command.last)
        } else {
            // A server's packet has no namespace, and its options another order.
            #expect(try Self.withoutNamespace(words.last) == Self.withoutNamespace(vector.command.last))
        }
    }

    /// The data of an entry with its keys sorted.
    private static func withoutNamespace(_ data: String?) throws -> PayloadValue {
        let data = data ?? ""
        let value =
            data.hasPrefix("{")
            ? try PayloadValue(json: data)
            : try PayloadValue(messagePack: Base64.decoded(Array(data.utf8)) ?? [])
        return sorted(value, dropping: "nsp")
    }

    private static func sorted(_ value: PayloadValue, dropping key: String) -> PayloadValue {
        guard case .object(let object) = value else { return value }
        let members = object.filter { $0.key != key }.sorted { $0.key < $1.key }
        return .object(PayloadObject(members.map { ($0.key, sorted($0.value, dropping: key)) }))
    }

    @Test("A stream of a negative number is never written to: no server reads it")
    func negativeStreams() throws {
        let wire = StreamsWire(streamCount: 4)
        #expect(try wire.stream(of: "/") == "socket.io-3")
        for namespace in ["/announcements", "/notifications"] {
            let broadcast = Broadcast(namespace: namespace, data: EventData(event: "ev", arguments: []))
            let error = try #require(throws: EmitterError.self) { try wire.command(for: broadcast) }
            #expect(error.code == .unsupported && error.message.contains("none of them reads"))
        }
        #expect(try StreamsWire().stream(of: "/announcements") == "socket.io")
    }

    @Test("Messages for python-socketio are those of its own write-only manager", arguments: OtherWireVector.python)
    func python(vector: OtherWireVector) throws {
        let sent = vector.input
        let wire = Wire.python(PythonWire(channel: vector.command[1]))
        let command: RedisCommand
        switch sent["method"]?.text {
        case "emit":
            guard let arguments = Self.arguments(sent) else { return }
            let broadcast = Broadcast(
                namespace: sent["namespace"]?.text ?? "",
                rooms: sent["room"].map(Self.names) ?? [],
                exceptSockets: sent["skip_sid"].map(Self.names) ?? [],
                data: EventData(event: sent["event"]?.text ?? "", arguments: arguments)
            )
            command = try wire.command(for: broadcast)
        case "disconnect":
            command = try wire.command(for: SocketRequest(.disconnect(close: false), rooms: [Self.sid]))
        case "enter_room":
            command = try wire.command(for: SocketRequest(.join(["room1"]), rooms: [Self.sid]))
        case "leave_room":
            command = try wire.command(for: SocketRequest(.leave(["room1"]), rooms: [Self.sid]))
        default:
            command = try wire.command(for: SocketRequest(.leave(["room1"])))
        }
        #expect(command.arguments[0] == Array("PUBLISH".utf8))
        #expect(String(decoding: command.arguments[1], as: UTF8.self) == vector.command[1])
        let text = String(decoding: command.arguments[2], as: UTF8.self).replacing(Self.sid, with: "SID1")
        var message = try PayloadValue(json: text).members
        var expected = sent.members
        message["host_id"] = nil
        expected["host_id"] = nil
        #expect(message == expected)
    }

    private static let sid = "VSoQSqsvi6fKHCpFAAAA"

    private static func names(_ value: PayloadValue) -> [String] {
        value.text.map { [$0] } ?? value.elements.compactMap(\.text)
    }

    /// The arguments that a message carries; of one with binary data, with that in its places.
    private static func arguments(_ sent: PayloadValue) -> [PayloadValue]? {
        let data = sent["data"]?.elements ?? []
        guard sent["binary"] == true else { return data }
        let parts = data.dropFirst().compactMap { Base64.decoded(Array(($0.text ?? "").utf8)) }
        func filled(_ value: PayloadValue) -> PayloadValue {
            if value["_placeholder"] == true, case .integer(let number)? = value["num"] {
                return .binary(parts[Int(number)])
            }
            if case .array(let elements) = value { return .array(elements.map(filled)) }
            if case .object(let object) = value {
                return .object(PayloadObject(object.map { ($0.key, filled($0.value)) }))
            }
            return value
        }
        return data.first?.elements.map(filled)
    }
}

@Suite("What a wire or a generation cannot do is refused")
struct WireRefusalTests {
    private static let id = "VSoQSqsvi6fKHCpFAAAA"

    private static func broadcast(
        except: [String] = [],
        exceptSockets: [String] = [],
        flags: [Broadcast.Flag] = [],
        namespace: String = "/",
        _ arguments: PayloadValue...
    ) -> Broadcast {
        let data = EventData(event: "ev", arguments: arguments)
        return Broadcast(
            namespace: namespace,
            except: except,
            exceptSockets: exceptSockets,
            flags: flags,
            data: data
        )
    }

    private static func refusal(_ wire: Wire, _ broadcast: Broadcast) -> String? {
        do throws(EmitterError) {
            _ = try wire.command(for: broadcast)
            return nil
        } catch {
            #expect(error.code == .unsupported)
            return error.message
        }
    }

    @Test("Servers before socket.io-redis 6.1 leave out sockets, not rooms", arguments: [ServerGeneration.two, .three])
    func olderGenerations(generation: ServerGeneration) throws {
        let wire = Wire.classic(ClassicWire(generation: generation))
        #expect(Self.refusal(wire, Self.broadcast(except: ["vip"]))?.contains("\"vip\"") == true)
        #expect(Self.refusal(wire, Self.broadcast(except: [Self.id])) == nil)
        #expect(Self.refusal(wire, Self.broadcast(exceptSockets: ["vip"])) == nil)
        // A socket whose id only looks like the room's name does not make the room one.
        #expect(Self.refusal(wire, Self.broadcast(except: ["\u{e9}"], exceptSockets: ["e\u{301}"])) != nil)
        #expect(throws: EmitterError.self) { try wire.command(for: SocketRequest(.join(["a"]))) }
        #expect(Self.refusal(.classic(ClassicWire()), Self.broadcast(except: ["vip"])) == nil)
    }

    @Test("Socket.IO 2 needs another packet type for binary data, and no other may get it")
    func binaryPackets() throws {
        for generation in ServerGeneration.allCases {
            let wire = ClassicWire(generation: generation)
            let plain = try wire.payload(for: Self.broadcast("a"))
            let binary = try wire.payload(for: Self.broadcast(["a": .binary([1])]))
            let types = try [plain, binary].map { bytes in
                guard case .array(let parts) = try PayloadValue(messagePack: bytes) else { return PayloadValue.null }
                return parts[1]["type"] ?? .null
            }
            #expect(types == [2, generation == .two ? 5 : 2])
        }
    }

    @Test("A moment is a text that every server shows alike")
    func moments() throws {
        let text = "2026-11-23T15:04:00.162Z"
        let moment = Self.broadcast(.timestamp(milliseconds: 1_795_446_240_162))
        #expect(try ClassicWire().payload(for: moment) == ClassicWire().payload(for: Self.broadcast(.string(text))))
    }

    @Test("A namespace that the servers' own pattern misses is refused", arguments: ["/a[b]", "/a\\b", "/]"])
    func patternNamespaces(namespace: String) throws {
        let broadcast = Self.broadcast(namespace: namespace)
        #expect(Self.refusal(.classic(ClassicWire()), broadcast)?.contains("Rename") == true)
        #expect(throws: EmitterError.self) {
            try ClassicWire().command(for: SocketRequest(.leave(["a"]), namespace: namespace))
        }
        #expect(Self.refusal(.sharded(ShardedWire()), broadcast) == nil)
    }

    @Test("python-socketio leaves out sockets, not rooms, and knows no flags")
    func python() throws {
        let wire = Wire.python(PythonWire())
        #expect(Self.refusal(wire, Self.broadcast(except: ["vip"]))?.contains("\"vip\"") == true)
        #expect(Self.refusal(wire, Self.broadcast(except: [Self.id], exceptSockets: ["vip"])) == nil)
        #expect(Self.refusal(wire, Self.broadcast(flags: [.volatile]))?.contains("volatile") == true)
        #expect(Self.refusal(wire, Self.broadcast(flags: [.compress(false)]))?.contains("compress") == true)
        for request in [
            SocketRequest(.join(["a", "b"]), rooms: [Self.id]), SocketRequest(.join(["a"]), rooms: ["lobby"]),
            SocketRequest(.join(["a"])), SocketRequest(.disconnect(close: true), rooms: [Self.id]),
            SocketRequest(.disconnect(close: false)),
            SocketRequest(.serverSideEmit(EventData(event: "ev", arguments: []))),
        ] {
            let error = #expect(throws: EmitterError.self) { try wire.command(for: request) }
            #expect(error?.code == .unsupported)
        }
    }

    @Test("One message cannot serve all versions of python-socketio")
    func pythonVersions() throws {
        func data(_ version: String, _ broadcast: Broadcast) throws -> PayloadValue? {
            let command = try PythonWire(version: try PythonWire.Version(version)).command(for: broadcast)
            return try PayloadValue(json: command.arguments[2])["data"]
        }
        for version in ["5.11", "5.14", "5.15.0"] {
            #expect(try data(version, Self.broadcast()) == .null)
            #expect(try data(version, Self.broadcast("a")) == "a")
            #expect(try data(version, Self.broadcast([1, 2])) == [1, 2])
            #expect(throws: EmitterError.self) { try data(version, Self.broadcast("a", "b")) }
            #expect(throws: EmitterError.self) { try data(version, Self.broadcast(.null)) }
        }
        for version in ["5.15.1", "5.18.1", "6.0"] {
            #expect(try data(version, Self.broadcast()) == [])
            #expect(try data(version, Self.broadcast([1, 2], .null)) == [[1, 2], .null])
        }
        let binary = Self.broadcast(["a": .binary([1, 2])])
        #expect(throws: EmitterError.self) { try data("5.14.1", binary) }
        let placeholder: PayloadValue = ["a": ["_placeholder": true, "num": 0]]
        #expect(try data("5.14.2", binary) == [placeholder, "AQI="])
        #expect(try data("5.15.1", binary) == [[placeholder], "AQI="])
        for text in ["5", "5.x", "", "5.15.1.1", "v5.15", "5.10", "4.6.1", "5.-1"] {
            #expect(throws: EmitterError.self) { try PythonWire.Version(text) }
        }
    }

    @Test(
        "Reserved events are refused on every wire",
        arguments: EventData.reservedNames.sorted(),
        [Wire.sharded(ShardedWire()), .streams(StreamsWire()), .python(PythonWire()), .classic(ClassicWire())]
    )
    func reserved(name: String, wire: Wire) throws {
        let data = EventData(event: name, arguments: [])
        let error = try #require(throws: EmitterError.self) { try wire.command(for: Broadcast(data: data)) }
        #expect(error.code == .reservedEvent)
        #expect(throws: EmitterError.self) { try wire.command(for: SocketRequest(.serverSideEmit(data))) }
    }

    @Test("An event for servers goes to all of a namespace, not to rooms")
    func serverSideEmit() throws {
        let request = SocketRequest(.serverSideEmit(EventData(event: "ev", arguments: [])), rooms: ["a"])
        for wire in [Wire.sharded(ShardedWire()), .streams(StreamsWire()), .classic(ClassicWire())] {
            let error = try #require(throws: EmitterError.self) { try wire.command(for: request) }
            #expect(error.code == .unsupported)
        }
    }
}

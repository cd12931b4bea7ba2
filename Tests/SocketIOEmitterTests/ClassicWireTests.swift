import Payload
import SocketIOEmitter
import Testing

@Suite("The classic wire")
struct ClassicWireTests {
    @Test("All recorded vectors are there")
    func vectorsAreComplete() {
        #expect(WireVector.emitter510.count == 155)
        #expect(WireVector.older.count == 112)
    }

    @Test("Channel and payload are byte for byte those of redis-emitter 5.1.0", arguments: WireVector.emitter510)
    func encodesAsTheEmitter(vector: WireVector) throws {
        let wire = wire(of: vector)
        let command = try wire.command(for: vector.broadcast)
        #expect(command.arguments[0] == Array("PUBLISH".utf8))
        #expect(command.arguments[1] == Array(vector.channel.utf8))
        #expect(command.arguments[2] == vector.payload, "\(hex(command.arguments[2])) != \(hex(vector.payload))")
        #expect(command.arguments.count == 3)
    }

    /// As the emitter is: with moments as an extension.
    private func wire(of vector: WireVector) -> ClassicWire {
        var wire = ClassicWire(prefix: vector.prefix, encoding: vector.isJSON ? .json : .messagePack)
        wire.dates = .timestamps
        return wire
    }

    @Test("Arguments that were encoded when they were stored give the same bytes", arguments: WireVector.emitter510)
    func encodesStoredArguments(vector: WireVector) throws {
        let live = vector.broadcast
        let json = vector.isJSON ? try PayloadValue.array(live.data.arguments()).jsonBytes() : []
        let stored = EventData(
            event: live.data.event,
            encodedArguments: json,
            messagePack: live.data.messagePack()
        )
        let broadcast = Broadcast(
            namespace: live.namespace,
            rooms: live.rooms,
            except: live.except,
            flags: live.flags,
            data: stored
        )
        let wire = wire(of: vector)
        #expect(try wire.payload(for: broadcast) == vector.payload)
    }

    @Test("What redis-emitter 5.1.0 published is read back", arguments: WireVector.emitter510)
    func decodesTheEmitter(vector: WireVector) throws {
        try expectHeard(vector)
    }

    @Test("What older emitters and servers published is read", arguments: WireVector.older)
    func decodesOlderEmitters(vector: WireVector) throws {
        try expectHeard(vector)
    }

    private func expectHeard(_ vector: WireVector) throws {
        let message = try ClassicWire(prefix: vector.prefix).decode(channel: vector.channel, payload: vector.payload)
        #expect(message.channel == vector.channel)
        #expect(message.uid == vector.uid)
        if vector.name != "socket.io-emitter-3.0.1:nsp-admin-without-slash" {
            #expect(message.namespace == vector.broadcast.namespace)
        }
        let heard = try #require(message.broadcast)
        #expect(heard.event == vector.broadcast.data.event)
        #expect(heard.rooms == vector.broadcast.rooms.map { .string($0) })
        #expect(heard.except == vector.broadcast.except.map { .string($0) })
        if !vector.name.contains("flags-json-broadcast") {
            let flags = vector.broadcast.flags.map(Self.member)
            #expect(heard.flags == PayloadObject(flags))
        }
        if let arguments = vector.heardArguments {
            // Text comparison as well, because NaN differs from itself.
            #expect(heard.arguments == arguments || "\(heard.arguments)" == "\(arguments)")
        }
    }

    private static func member(_ flag: Broadcast.Flag) -> (String, PayloadValue) {
        switch flag {
        case .volatile: ("volatile", true)
        case .compress(let value): ("compress", .bool(value))
        }
    }

    @Test("Emitters of 3.0.x wrote namespaces without a slash, and flags of their own")
    func decodesOldPeculiarities() throws {
        let slashless = try #require(WireVector.older.first { $0.name.hasSuffix("3.0.1:nsp-admin-without-slash") })
        #expect(try ClassicWire().decode(channel: "c", payload: slashless.payload).namespace == "admin")
        let flags = try #require(WireVector.older.first { $0.name.hasSuffix("3.2.0:flags-json-broadcast-volatile") })
        let heard = try ClassicWire().decode(channel: "c", payload: flags.payload)
        #expect(heard.broadcast?.flags == ["json": true, "broadcast": true, "volatile": true])
        let undefined = WireVector.older.filter {
            $0.name.contains("-emitter-") && $0.name.hasSuffix(":undefined-value-in-map-is-dropped")
        }
        #expect(undefined.count == 5)
        for vector in undefined {
            let arguments = try ClassicWire().decode(channel: "c", payload: vector.payload).broadcast?.arguments
            #expect(arguments == [["a": 1, "b": nil, "c": 3]], "\(vector.name)")
        }
    }

    @Test("Reserved events are refused", arguments: EventData.reservedNames.sorted(), [true, false])
    func refusesReservedEvents(name: String, isJSON: Bool) throws {
        let wire = ClassicWire(encoding: isJSON ? .json : .messagePack)
        let broadcast = Broadcast(data: EventData(event: name, arguments: []))
        let error = try #require(throws: EmitterError.self) { try wire.command(for: broadcast) }
        #expect(error.code == .reservedEvent)
        #expect(error.message.contains("\"\(name)\""))
        #expect(throws: EmitterError.self) { try wire.payload(for: broadcast) }
    }

    @Test("Binary cannot be written in JSON")
    func refusesBinaryInJSON() throws {
        let broadcast = Broadcast(data: EventData(event: "ev", arguments: [.binary([1])]))
        let error = try #require(throws: EmitterError.self) {
            try ClassicWire(encoding: .json).payload(for: broadcast)
        }
        #expect(error.code == .payload)
        #expect(error.cause is PayloadError)
    }

    @Test("A repeated flag keeps its place and its last value")
    func mergesFlags() {
        let broadcast = Broadcast(
            flags: [.compress(true), .volatile, .compress(false), .volatile],
            data: EventData(event: "ev", arguments: [])
        )
        #expect(broadcast.flags == [.compress(false), .volatile])
    }

    @Test("Rooms that only look alike stay two rooms")
    func keepsCanonicallyEquivalentRooms() throws {
        let broadcast = Broadcast(rooms: ["\u{e9}", "e\u{301}"], data: EventData(event: "ev", arguments: []))
        #expect(broadcast.rooms.count == 2)
        #expect(ClassicWire().channel(for: broadcast) == "socket.io#/#")
    }

    @Test(
        "What is no broadcast is refused with its reason",
        arguments: [
            (#"[1"#, EmitterError.Code.undecodable), ("\u{1}x", .undecodable), ("", .undecodable),
            ("{}", .undecodable), (#"["emitter"]"#, .notABroadcast), (#"["emitter",1,{}]"#, .notABroadcast),
            (#"["emitter",{"type":2},{}]"#, .notABroadcast), (#"["emitter",{"data":[]},{}]"#, .notABroadcast),
            (#"["emitter",{"data":"ev"},{}]"#, .notABroadcast), ("\u{1}", .notABroadcast),
        ]
    )
    func refusesOtherMessages(text: String, code: EmitterError.Code) throws {
        let error = try #require(throws: EmitterError.self) {
            try ClassicWire().decode(channel: "socket.io#/#", payload: Array(text.utf8))
        }
        #expect(error.code == code)
        #expect(error.message.contains("socket.io#/#"))
    }

    @Test("Missing parts are what a server takes them for")
    func decodesLeniently() throws {
        let heard = try ClassicWire().decode(channel: "c", payload: Array(#"[null,{"data":[7,"x"]}]"#.utf8))
        let expected = HeardMessage(
            channel: "c",
            namespace: "/",
            uid: nil,
            content: .broadcast(HeardBroadcast(event: "7", arguments: ["x"]))
        )
        #expect(heard == expected)
    }

    @Test("A room that is a number stays a number")
    func keepsNumericRooms() throws {
        let payload = Array(#"["x",{"data":["ev"]},{"rooms":[42,"42"]}]"#.utf8)
        #expect(try ClassicWire().decode(channel: "c", payload: payload).broadcast?.rooms == [42, "42"])
    }
}

func hex(_ bytes: [UInt8]) -> String {
    let shown = bytes.prefix(200).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    return bytes.count > 200 ? shown + "…" : shown
}

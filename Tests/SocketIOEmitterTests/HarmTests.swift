import AnnounceTestKit
import NIOCore
import Payload
import Testing

@testable import SocketIOEmitter

/// What ends servers or disconnects clients cannot be made; the peer of the test kit does both when it is.
@Suite("No harm can be done through the emitter")
struct HarmTests {
    private static let wires: [Wire] = [
        .classic(ClassicWire()), .sharded(ShardedWire()), .streams(StreamsWire()), .python(PythonWire()),
    ]

    private static func refusal(_ wire: Wire, _ data: EventData) -> EmitterError? {
        do throws(EmitterError) {
            _ = try wire.command(for: Broadcast(data: data))
            return nil
        } catch {
            return error
        }
    }

    private static func nested(_ depth: Int, in container: (PayloadValue) -> PayloadValue) -> PayloadValue {
        (0..<depth).reduce(.integer(1)) { value, _ in container(value) }
    }

    @Test("Values that are nested so deeply that reading them could end a server", arguments: wires)
    func nesting(wire: Wire) throws {
        let containers: [(PayloadValue) -> PayloadValue] = [{ [$0] }, { ["k": $0] }]
        for container in containers {
            let deep = Self.nested(PayloadValue.maximumJSONDepth, in: container)
            #expect(Self.refusal(wire, EventData(event: "ev", arguments: [deep])) == nil)
            let deeper = EventData(event: "ev", arguments: [1, container(deep)])
            let refusal = try #require(Self.refusal(wire, deeper))
            #expect(refusal.code == .payload && refusal.message.contains("flatten"))
            let request = SocketRequest(.serverSideEmit(deeper))
            #expect(throws: EmitterError.self) { try wire.command(for: request) }
        }
    }

    @Test("What a client would take for a placeholder of binary data", arguments: wires)
    func placeholders(wire: Wire) throws {
        let placeholder: PayloadValue = ["list": [["_placeholder": true, "num": 99]]]
        let refusal = try #require(Self.refusal(wire, EventData(event: "ev", arguments: [.binary([1]), placeholder])))
        #expect(refusal.code == .payload && refusal.message.contains("_placeholder"))
        #expect(Self.refusal(wire, EventData(event: "ev", arguments: [placeholder])) == nil)
        let other: PayloadValue = ["_placeholder": "no"]
        #expect(Self.refusal(wire, EventData(event: "ev", arguments: [.binary([1]), other])) == nil)
    }

    @Test("A stream that holds nothing", arguments: [0, -1])
    func emptyStream(length: Int) throws {
        let wire = StreamsWire(maximumLength: length)
        let data = EventData(event: "ev", arguments: [])
        let error = try #require(throws: EmitterError.self) { try wire.command(for: Broadcast(data: data)) }
        #expect(error.code == .unsupported)
        #expect(throws: EmitterError.self) { try wire.command(for: SocketRequest(.join(["a"]))) }
    }

    @Test("Nobody's name is that of a server, so that every server heeds a message and none waits for its sender")
    func senders() throws {
        let data = EventData(event: "ev", arguments: [])
        for wire in Self.wires {
            for command in [try wire.command(for: Broadcast(data: data)), try wire.acknowledgedOrNot(data)] {
                let words = command.arguments.map { String(decoding: $0, as: UTF8.self) }
                #expect(words.contains { $0.contains("emitter") } || words.contains { $0.contains("requestId") })
            }
        }
        // What an adapter before 0.3 reads in the stream is always from "emitter".
        let streams = try StreamsWire().command(for: SocketRequest(.serverSideEmit(data)))
        #expect(streams.arguments[6...7].map { String(decoding: $0, as: UTF8.self) } == ["uid", "emitter"])
    }

    @Test("An empty room, which no socket is in, reaches nobody")
    func emptyRoom() throws {
        var peer = SocketIOPeer(.classic(), sockets: ["a": ["r"]])
        let command = try ClassicWire().command(
            for: Broadcast(rooms: [""], data: EventData(event: "ev", arguments: []))
        )
        _ = peer.receiveClassic(channel: "socket.io#/##", payload: command.arguments[2])
        #expect(String(decoding: command.arguments[1], as: UTF8.self) == "socket.io#/##")
        #expect(peer.received.isEmpty && peer.crash == nil)
    }

    @Test(
        "Events of the servers themselves, for servers",
        arguments: ["error", "connect", "connection", "new_namespace"]
    )
    func serverEvents(name: String) throws {
        let request = SocketRequest(.serverSideEmit(EventData(event: name, arguments: [1])))
        for wire in Self.wires.dropLast() {
            let error = try #require(throws: EmitterError.self) { try wire.command(for: request) }
            #expect(error.code == .reservedEvent)
        }
        // For clients only the first is not theirs.
        if name != "connect" { #expect(Self.refusal(Self.wires[0], EventData(event: name, arguments: [])) == nil) }
    }

    @Test("Prefixes and channels that servers of the classic adapter would take for theirs, or never hear")
    func prefixes() throws {
        let data = EventData(event: "ev", arguments: [])
        for prefix in ["socket.io#/", "socket.io#/#lobby", "a[b]", "a\\b"] {
            let wire = Wire.classic(ClassicWire(prefix: prefix))
            #expect(Self.refusal(wire, data)?.code == .unsupported, "\(prefix)")
            #expect(throws: EmitterError.self) { try wire.command(for: SocketRequest(.join(["a"]))) }
        }
        let python = Wire.python(PythonWire(channel: "socket.io#/#"))
        #expect(Self.refusal(python, data)?.message.contains("classic adapter") == true)
        let streams = Wire.streams(StreamsWire(channelPrefix: "socket.io#/"))
        #expect(throws: EmitterError.self) { try streams.acknowledgedCommand(for: Broadcast(data: data)) }
    }

    @Test("A question over streams in a namespace that reads as a room of the classic adapter")
    func neighbour() throws {
        let broadcast = Broadcast(namespace: "/#lobby", data: EventData(event: "ev", arguments: []))
        let wire = Wire.streams(StreamsWire())
        let error = try #require(throws: EmitterError.self) { try wire.acknowledgedCommand(for: broadcast) }
        #expect(error.code == .unsupported && error.message.contains("Rename"))
        #expect(try wire.command(for: broadcast).arguments[0] == Array("XADD".utf8))
    }

    /// Servers of every adapter on one Redis, with the prefix that everybody has and with another.
    private static func neighbourhood(_ wire: Wire, _ broadcast: Broadcast, _ prefix: String) -> [SocketIOPeer] {
        var generation = 4
        if case .classic(let classic) = wire { generation = classic.generation.rawValue }
        let adapters: [SocketIOPeer.Adapter] = [
            .classic(generation: generation), .sharded(.dynamic), .sharded(.dynamicPrivate), .sharded(.static),
            .streams,
        ]
        var sockets: [String: Set<String>] = ["plain": []]
        for (number, room) in broadcast.rooms.enumerated() { sockets["in \(number)"] = [room] }
        return adapters.flatMap { adapter in
            [prefix, "socket.io"].flatMap { prefix in
                [broadcast.namespace, "/"].map {
                    SocketIOPeer(adapter, prefix: prefix, namespace: $0, sockets: sockets)
                }
            }
        }
    }

    private static func expectUnharmed(_ servers: [SocketIOPeer], by command: RedisCommand) {
        for server in servers {
            var server = server
            _ = server.receive(command.arguments)
            let words = command.arguments.map { String(decoding: $0, as: UTF8.self) }
            #expect(server.crash == nil && server.disconnected.isEmpty, "\(server.adapter) \(server.prefix): \(words)")
        }
    }

    // MARK: Whatever is in names

    private static let pieces = [
        "", "a", "lobby", "#", "##", "/", " ", "\r\n", "\u{0}", "{", "}", "{x}", "*", "?", "[a-z]", "\\", "é",
        "e\u{301}", "🐎",
        "\"", "'", "\u{2028}", "$8\r\nFLUSHALL\r\n", "*1\r\n", "socket.io", "-request", "-response",
        "VSoQSqsvi6fKHCpFAAAA",
        String(repeating: "x", count: 300), "undefined", "__proto__", "0", "-1", "emitter",
    ]

    private static func text(_ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...3, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }

    private static func texts(_ random: inout SeededGenerator) -> [String] {
        (0..<Int.random(in: 0...3, using: &random)).map { _ in text(&random) }
    }

    private static func value(_ random: inout SeededGenerator, depth: Int = 0) -> PayloadValue {
        switch Int.random(in: 0...(depth < 3 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(.random(in: -(1 << 53)...(1 << 53), using: &random))
        case 3: return .number(.random(in: -1e9...1e9, using: &random) + 0.5)
        case 4: return .timestamp(milliseconds: .random(in: 0...4_000_000_000_000, using: &random))
        case 5: return .binary(Array(text(&random).utf8))
        case 6: return .string(text(&random))
        case 7: return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default:
            let keys = texts(&random)
            return .object(PayloadObject(keys.map { ($0, value(&random, depth: depth + 1)) }))
        }
    }

    @Test(
        "Any names and values: refused, or one command that says it and harms nobody",
        arguments: [1, 2, 3, UInt64.random(in: 4 ... .max)]
    )
    func anything(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var accepted = [0, 0, 0, 0]
        for _ in 0..<400 {
            let prefix = Self.text(&random)
            let wires: [Wire] = [
                .classic(
                    ClassicWire(
                        prefix: prefix,
                        generation: ServerGeneration.allCases.randomElement(using: &random) ?? .four
                    )
                ),
                .sharded(ShardedWire(prefix: prefix)),
                .streams(StreamsWire(streamName: prefix, streamCount: .random(in: 1...4, using: &random))),
                .python(PythonWire(channel: prefix)),
            ]
            let arguments = Self.texts(&random).map { _ in Self.value(&random) }
            let broadcast = Broadcast(
                namespace: Self.text(&random),
                rooms: Self.texts(&random),
                except: Self.texts(&random),
                flags: Bool.random(using: &random) ? [.volatile] : [],
                data: EventData(event: Self.text(&random), arguments: arguments)
            )
            for (kind, wire) in wires.enumerated() {
                do throws(EmitterError) {
                    let command = try wire.command(for: broadcast)
                    try expectOneCommand(command)
                    try expectSaid(command, broadcast, over: wire)
                    Self.expectUnharmed(Self.neighbourhood(wire, broadcast, prefix), by: command)
                    accepted[kind] += 1
                } catch {
                    #expect([.unsupported, .payload, .reservedEvent].contains(error.code), "\(error)")
                }
            }
        }
        // Otherwise it would say nothing.
        #expect(accepted.allSatisfy { $0 > 10 }, "\(accepted)")
    }

    /// What goes to Redis is one command with exactly these words.
    private func expectOneCommand(_ command: RedisCommand) throws(EmitterError) {
        do {
            let reader = try ReplyReader()
            try reader.feed(try CommandFormatter.buffer(of: [command]))
            #expect(try reader.next() == .array(command.arguments.map { .string($0) }))
            #expect(try reader.next() == nil)
        } catch {
            Issue.record("\(error)")
        }
    }

    /// The message is read as it was meant, and neither ends a server nor disconnects anybody.
    private func expectSaid(_ command: RedisCommand, _ broadcast: Broadcast, over wire: Wire) throws(EmitterError) {
        let words = command.arguments.map { String(decoding: $0, as: UTF8.self) }
        let sockets: [String: Set<String>] = ["meant": Set(broadcast.rooms), "other": ["other room"]]
        func peer(_ adapter: SocketIOPeer.Adapter, _ prefix: String) -> SocketIOPeer {
            SocketIOPeer(adapter, prefix: prefix, namespace: broadcast.namespace, sockets: sockets)
        }
        let payload = command.arguments.last ?? []
        let heard: HeardMessage
        let server: SocketIOPeer?
        switch wire {
        case .classic(let classic):
            heard = try wire.decode(RedisMessage(channel: words[1], payload: payload))
            var one = peer(.classic(generation: classic.generation.rawValue), classic.prefix)
            _ = one.receiveClassic(channel: words[1], payload: payload)
            server = one
        case .sharded(let sharded):
            heard = try wire.decode(RedisMessage(channel: words[1], payload: payload))
            var one = peer(.sharded(), sharded.prefix)
            _ = one.receiveCluster(payload: payload)
            server = one
        case .streams:
            let fields = command.arguments[6...]
            heard = try ClusterMessage.decode(stream: words[1], id: "1-0", fields: fields.map { .string($0) })
            var one = peer(.streams, "socket.io")
            var entry: [String: [UInt8]] = [:]
            for index in stride(from: 6, to: words.count, by: 2) { entry[words[index]] = command.arguments[index + 1] }
            _ = one.receive(entry: entry)
            server = one
        case .python:
            heard = try wire.decode(RedisMessage(channel: words[1], payload: payload))
            server = nil
        }
        expectSame(heard, broadcast)
        if let server {
            #expect(server.crash == nil && server.disconnected.isEmpty, "\(broadcast)")
            let isLeftOut = !Set(broadcast.except).isDisjoint(with: Set(broadcast.rooms + ["meant"]))
            #expect((server.received["meant"]?.count ?? 0) == (isLeftOut ? 0 : 1), "\(broadcast)")
        }
    }

    private func expectSame(_ heard: HeardMessage, _ broadcast: Broadcast) {
        #expect(Array(heard.namespace.utf8) == Array(broadcast.namespace.utf8))
        let told = heard.broadcast
        #expect(told?.event == broadcast.data.event)
        #expect(told?.rooms == broadcast.rooms.map { .string($0) })
        #expect(told?.except == broadcast.except.map { .string($0) })
        #expect(told?.arguments.count == (try? broadcast.data.arguments())?.count)
    }
}

extension Wire {
    /// The command that asks for acknowledgements, where that can be asked.
    fileprivate func acknowledgedOrNot(_ data: EventData) throws -> RedisCommand {
        if case .python = self { return try command(for: Broadcast(data: data)) }
        return try acknowledgedCommand(for: Broadcast(data: data))
    }
}

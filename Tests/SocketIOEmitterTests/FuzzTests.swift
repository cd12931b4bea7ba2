import AnnounceTestKit
import NIOCore
import Payload
import Testing

@testable import SocketIOEmitter

/// Damaged messages and random bytes into everything that reads what others sent; each failure names its seed.
@Suite("Whatever comes, readers give a value or a typed error", .timeLimit(.minutes(5)))
struct FuzzTests {
    static let seeds: [UInt64] = [1, 2, .random(in: 3 ... .max)]

    /// What emitters and servers sent, up to a size.
    private static let recorded: [[UInt8]] =
        ((WireVector.emitter510 + WireVector.older).map(\.payload)
        + (OtherWireVector.requests + OtherWireVector.sharded).compactMap(\.payload)
        + (OtherWireVector.streams + OtherWireVector.python).compactMap { $0.command.last.map { Array($0.utf8) } })
        .filter { $0.count < 2000 }

    private static let wires: [Wire] = [
        .classic(ClassicWire()), .sharded(ShardedWire()), .streams(StreamsWire()), .python(PythonWire()),
    ]

    // MARK: Messages

    private func expectTyped(_ seed: UInt64, _ decode: () throws(EmitterError) -> Void) {
        do throws(EmitterError) {
            try decode()
        } catch {
            #expect(error.code == .undecodable || error.code == .notABroadcast, "seed \(seed)")
        }
    }

    private func read(_ bytes: [UInt8], _ seed: UInt64) {
        do throws(PayloadError) {
            let value = try PayloadValue(messagePack: bytes)
            // What was read can be written and read again; numbers beyond 64 bits are garbled each time.
            let written = value.messagePack()
            let again = try PayloadValue(messagePack: written)
            #expect(again.messagePack() == written || value.exceedsSocketIORange, "seed \(seed)")
        } catch {
            #expect(!error.message.isEmpty, "seed \(seed)")
        }
        do throws(JSONError) {
            let value = try PayloadValue(json: bytes)
            let again = try PayloadValue(json: (try? value.jsonBytes()) ?? [])
            #expect((try? again.jsonBytes()) == (try? value.jsonBytes()), "seed \(seed)")
        } catch {
            #expect(!error.message.isEmpty, "seed \(seed)")
        }
        for wire in Self.wires {
            for channel in ["socket.io#/#", "socket.io-request#/#", "socket.io-response#/#me#"] {
                let message = RedisMessage(channel: channel, payload: bytes)
                expectTyped(seed) { () throws(EmitterError) in _ = try wire.decode(message) }
                _ = wire.answer(in: message)
            }
        }
        let fields = ["nsp", "/", "type", "3", "data"].map { RedisReply.string(Array($0.utf8)) } + [.string(bytes)]
        expectTyped(seed) { () throws(EmitterError) in
            _ = try ClusterMessage.decode(stream: "s", id: "1-0", fields: fields)
        }
        _ = Base64.decoded(bytes)
    }

    @Test("Recorded messages, damaged", arguments: seeds)
    func messages(seed: UInt64) {
        #expect(Self.recorded.count > 350)
        var mutations = Mutations(of: Self.recorded, seed: seed)
        for _ in 0..<3000 { read(mutations.next(), seed) }
        for _ in 0..<500 { read(mutations.noise(upTo: 200), seed) }
    }

    @Test("Recorded messages, cut at each place")
    func truncated() {
        // Many begin alike, and what they begin with is read once.
        var beginnings: Set<ArraySlice<UInt8>> = []
        for message in Self.recorded where message.count < 150 {
            for count in message.indices { beginnings.insert(message.prefix(count)) }
        }
        for beginning in beginnings { read(Array(beginning), 0) }
    }

    // MARK: The Redis protocol

    private static let replies = [
        "+OK\r\n", ":7\r\n", ":-9223372036854775808\r\n", "$5\r\nhello\r\n", "$0\r\n\r\n", "$-1\r\n", "*-1\r\n",
        "*0\r\n",
        "*2\r\n$1\r\na\r\n:2\r\n", "-ERR x\r\n", "-MOVED 1 h:2\r\n", "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n",
        "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\nc\r\n$2\r\nhi\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "_\r\n", "#t\r\n", ",1.5\r\n", "%1\r\n:1\r\n:2\r\n",
        ">2\r\n+a\r\n+b\r\n", "(123456789012345678901234567890\r\n", "!3\r\nERR\r\n", "=7\r\ntxt:abc\r\n",
    ].map { Array($0.utf8) }

    /// The replies in bytes that come in pieces, up to the first error.
    private func replies(in pieces: [[UInt8]]) throws(RedisError) -> [RedisReply] {
        let reader = try ReplyReader()
        var replies: [RedisReply] = []
        do throws(RedisError) {
            for piece in pieces {
                try reader.feed(ByteBuffer(bytes: piece))
                while let reply = try reader.next() { replies.append(reply) }
            }
        } catch {
            #expect([.protocol, .tls].contains(error.code))
            // It stays of no use, and does no worse.
            #expect(throws: RedisError.self) {
                try reader.feed(ByteBuffer(string: "+OK\r\n"))
                _ = try reader.next()
            }
        }
        return replies
    }

    @Test("Replies, damaged and in pieces", arguments: seeds)
    func protocolBytes(seed: UInt64) throws {
        var mutations = Mutations(of: Self.replies, seed: seed)
        for _ in 0..<3000 {
            let bytes = mutations.chance(4) ? mutations.noise(upTo: 100) : mutations.next() + mutations.next()
            if bytes.promisesTooMuch { continue }
            let whole = try replies(in: [bytes])
            let pieces = try replies(in: mutations.cut(bytes))
            #expect(whole == pieces, "seed \(seed)")
            #expect(whole.count <= bytes.count, "seed \(seed)")
        }
    }

    @Test(
        "Lengths that cannot be, and nesting without end",
        arguments: [
            "$-2\r\n", "*-2\r\n", "$99999999999999999999\r\n", "*99999999999999999999\r\n", "$9223372036854775807\r\n",
            "*9223372036854775807\r\n", "$\r\n", "*\r\n", ":\r\n", ":99999999999999999999\r\n", "$5\r\nhelloXX",
        ]
    )
    func lengths(text: String) throws {
        #expect(try replies(in: [Array(text.utf8), Array("x\r\n".utf8)]).count <= 1)
        let nested = Array(repeating: Array("*1\r\n".utf8), count: 1000)
        #expect(try replies(in: nested).isEmpty)
        // An endless line is no reply yet.
        #expect(try replies(in: [Array("+".utf8) + Array(repeating: 97, count: 1 << 20)]).isEmpty)
    }

    // MARK: What is done with replies

    @Test("A connection tells everybody once what became of their commands", arguments: seeds)
    func connection(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for sentinel in [false, true] {
            for _ in 0..<500 {
                var run = ConnectionRun(followsMaster: sentinel)
                for _ in 0..<Int.random(in: 1...40, using: &random) { run.step(&random) }
                run.end()
                #expect(run.problems == [], "seed \(seed)")
            }
        }
    }

    @Test("A subscription opens at most once, and ends at most once", arguments: seeds)
    func subscription(seed: UInt64) throws {
        var mutations = Mutations(of: Self.replies, seed: seed)
        for _ in 0..<2000 {
            let wanted = SubscriptionRequest(channels: ["c"], patterns: ["p"], shardChannels: [])
            var machine = SubscriptionStateMachine(RedisConfiguration(endpoint: .tcp(host: "h", port: 1)), wanted)
            _ = machine.connected()
            var (opened, ended, delivered) = (0, 0, 0)
            let bytes = (0..<6).flatMap { _ in
                mutations.chance(3) ? mutations.next() : Self.replies.randomElement(using: &mutations.random) ?? []
            }
            if bytes.promisesTooMuch { continue }
            for reply in try replies(in: [bytes]) {
                switch machine.received(reply) {
                case .open: opened += 1
                case .end: ended += 1
                case .deliver:
                    delivered += 1
                    #expect(opened == 1 && ended == 0, "seed \(seed)")
                case .nothing, .send: break
                }
            }
            if case .end = machine.failed(RedisError(code: .connectionLost, message: "")) { ended += 1 }
            #expect(opened <= 1 && ended == 1, "seed \(seed)")
        }
    }
}

/// A connection to which anything happens, and what became of each batch.
private struct ConnectionRun {
    private var machine: ConnectionStateMachine<Int>
    private var submitted = 0
    private var open: Set<Int> = []
    private var time: UInt64 = 0
    private var attempt = 0
    private(set) var problems: [String] = []

    init(followsMaster: Bool) {
        var configuration = RedisConfiguration(endpoint: .tcp(host: "h", port: 1))
        if followsMaster, let sentinel = try? RedisConfiguration(url: "redis+sentinel://h:1/master") {
            configuration = sentinel
        }
        machine = ConnectionStateMachine(configuration)
    }

    mutating func step(_ random: inout SeededGenerator) {
        time += .random(in: 0...2_000_000_000, using: &random)
        // Now and then something of an attempt that was given up arrives.
        let number = Int.random(in: 0..<10, using: &random) == 0 ? attempt - 1 : attempt
        switch Int.random(in: 0..<12, using: &random) {
        case 0...2:
            submitted += 1
            open.insert(submitted)
            take(machine.submit(submitted, replyCount: .random(in: 1...3, using: &random), at: time))
        case 3, 4: take(machine.connected(attempt: number))
        case 5...8:
            let replies: [RedisReply] = [
                .status("PONG"), .integer(1), .error("READONLY x"), .error("ERR x"), .error("NOAUTH x"), .null,
                .string([]),
                .array([.string(Array("master".utf8))]), .array([]), .array([.array([.null])]),
            ]
            guard let reply = replies.randomElement(using: &random) else { return }
            take(machine.received(reply, attempt: number, at: time))
        case 9: take(machine.failed(RedisError(code: .connectionLost, message: "lost"), attempt: number))
        case 10: take(machine.connectTimeoutPassed(attempt: number))
        default: take(machine.deadlinePassed(at: time))
        }
    }

    /// It is closed, and the connection breaks.
    mutating func end() {
        take(machine.close())
        take(machine.failed(RedisError(code: .connectionLost, message: "lost"), attempt: attempt))
        if !open.isEmpty { problems.append("\(open.count) batches are forgotten") }
    }

    private mutating func take(_ action: ConnectionStateMachine<Int>.Action) {
        switch action {
        case .connect(let number), .reconnect(let number): attempt = number
        case .succeed(let work, _), .refuse(let work, _): tell(work)
        case .fail(let failures): for (work, _) in failures { tell(work) }
        case .write(let works):
            for work in works where !open.contains(work) { problems.append("\(work) is written after its end") }
        case .nothing, .shakeHands, .close: return
        }
        if case .succeed = action { take(machine.whatIsLeft()) }
        if case .fail = action { take(machine.whatIsLeft()) }
    }

    private mutating func tell(_ work: Int) {
        if open.remove(work) == nil { problems.append("\(work) is told twice") }
    }
}

extension Mutations {
    fileprivate mutating func chance(_ part: Int) -> Bool { Int.random(in: 0..<part, using: &random) == 0 }
}

extension [UInt8] {
    /// Whether there is a list of very many elements in it, for which hiredis asks memory at once.
    fileprivate var promisesTooMuch: Bool {
        split(whereSeparator: { "*%>~".utf8.contains($0) }).contains { $0.prefix { (48...57).contains($0) }.count > 5 }
    }
}

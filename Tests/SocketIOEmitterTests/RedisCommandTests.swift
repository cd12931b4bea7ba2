import Payload
import Testing

@testable import SocketIOEmitter

@Suite struct RedisCommandTests {
    @Test(
        "A word that is written in place is the same as one that is appended, however long it might have been",
        arguments: [0, 1, 9, 10, 11, 99, 100, 115, 999, 1_000, 12_345]
    )
    func inPlace(length: Int) {
        let word = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        for slack in [0, 1, 5, 90, 950, 100_000] {
            var command = RedisCommand("PUBLISH", "channel")
            command.append(atMost: length + slack, MessagePackForm()) { cursor in
                word.withUnsafeBufferPointer { cursor.writeRaw($0) }
            }
            command.append("end")
            #expect(
                command
                    == RedisCommand(arguments: [Array("PUBLISH".utf8), Array("channel".utf8), word, Array("end".utf8)])
            )
            #expect(command.arguments[2] == word)
        }
    }

    @Test("Commands that share an envelope are those that are made one by one, moments included")
    func envelope() throws {
        let arguments: [[PayloadValue]] = [
            [], ["text"], [["text": .string(String(repeating: "x", count: 900))]],
            [.timestamp(milliseconds: 1_796_115_600_123)],
            [.timestamp(milliseconds: .max)], [.array(Array(repeating: .timestamp(milliseconds: -1), count: 40))],
        ]
        for dates in [MessagePackWriter.Dates.texts, .timestamps] {
            var wire = ClassicWire()
            wire.dates = dates
            var envelope: ClassicEnvelope?
            for arguments in arguments {
                let data = EventData(event: "e", arguments: arguments)
                let broadcast = Broadcast(rooms: ["a"], flags: [.volatile, .compress(true)], data: data)
                let shared = try Wire.classic(wire).command(for: broadcast, in: &envelope)
                #expect(try shared == wire.command(for: broadcast))
            }
            #expect(envelope != nil)
        }
    }
}

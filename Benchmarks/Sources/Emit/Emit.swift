import Foundation
import Logging
import SocketIOEmitter

/// Emits broadcasts in batches, and prints how many a second it encoded and emitted, as a line of JSON.
///
/// `emit PORT COUNT BATCH [ROOMS [BYTES]]`
@main
struct Emit {
    static func main() async throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard numbers.count >= 3 else {
            FileHandle.standardError.write(Data("usage: emit PORT COUNT BATCH [ROOMS [BYTES]]\n".utf8))
            exit(64)
        }
        let (port, count, batch) = (numbers[0], numbers[1], numbers[2])
        let rooms = numbers.count > 3 ? (0..<numbers[3]).map { "room-\($0)" } : []
        let text = String(repeating: "x", count: numbers.count > 4 ? numbers[4] : 43)
        let client = RedisClient(
            configuration: try RedisConfiguration(url: "redis://127.0.0.1:\(port)"),
            logger: Logger(label: "emit") { _ in SwiftLogNoOpLogHandler() }
        )
        let io = Emitter(redis: client).to(rooms)
        // The arguments are values, which are encoded each time.
        let broadcasts = (0..<batch).map { _ in io.broadcast("announcement", [["text": .string(text)]]) }
        let wire = ClassicWire()
        var bytes = 0
        let encoding = try await seconds {
            for _ in 0..<max(1, count / batch) {
                for broadcast in broadcasts { bytes += try wire.payload(for: broadcast).count }
            }
        }
        _ = try await io.emit(broadcasts)
        let emitting = try await seconds {
            for _ in 0..<max(1, count / batch) {
                for result in try await io.emit(broadcasts) { _ = try result.get() }
            }
        }
        let done = Double(max(1, count / batch) * batch)
        print(
            #"{"per_s":\#(Int(done / emitting)),"encode_per_s":\#(Int(done / encoding)),"bytes":\#(bytes / Int(done))}"#
        )
        await client.close()
    }

    private static func seconds(
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Void
    ) async rethrows -> Double {
        let clock = ContinuousClock()
        let began = clock.now
        try await body()
        return began.duration(to: clock.now) / .seconds(1)
    }
}

import AnnounceTestKit
import Foundation
import Logging
import SocketIOEmitter
import Synchronization

/// A subscriber that stands for a Socket.IO server: it keeps what Redis hands it, byte for byte.
final class Witness: Sendable {
    private final class Log: Sendable {
        let messages = Mutex<[RedisMessage]>([])
    }

    private let log = Log()
    private let client: RedisClient
    private let reading: Task<Void, any Error>

    /// Subscribes to every broadcast under a prefix; what is published afterwards is seen.
    init(_ url: String, prefix: String = "socket.io") async throws {
        client = RedisClient(configuration: try RedisConfiguration(url: url), logger: Logger(label: "witness"))
        let subscription = try await client.subscribe(patterns: ["\(prefix)#*"])
        let log = log
        // Unstructured: it reads for as long as the witness is there.
        reading = Task {
            for try await message in subscription { log.messages.withLock { $0.append(message) } }
        }
    }

    deinit {
        reading.cancel()
    }

    /// What was heard, in order.
    var messages: [RedisMessage] { log.messages.withLock { $0 } }

    /// The first argument of everything heard, where it is a text.
    var texts: [String] {
        messages.compactMap { message in
            try? Wire.classic(ClassicWire()).decode(message).broadcast?.arguments.first?.text
        }
    }

    /// Waits until so many messages were heard, and returns them.
    func heard(_ count: Int, within timeout: Duration = .seconds(15)) async throws -> [RedisMessage] {
        try await eventually(timeout: timeout, "\(count) messages are heard") { self.messages.count >= count }
        return messages
    }
}

import Logging
import Payload
import SocketIOEmitter

/// A Socket.IO server of the classic adapter, as far as it answers questions (redis-adapter 8.3.0 `lib/index.ts`).
enum ClassicServer {
    /// Starts one, and returns when it listens.
    ///
    /// - Parameters:
    ///   - redis: the URL of its Redis.
    ///   - namespace: the namespace that it has.
    ///   - sockets: its sockets and the rooms of each.
    ///   - isSilent: whether its clients acknowledge nothing.
    /// - Returns: the task that serves until it is cancelled.
    /// - Throws: when Redis cannot be reached.
    static func start(
        _ redis: String,
        namespace: String = "/",
        sockets: [String: Set<String>],
        isSilent: Bool = false
    ) async throws -> Task<Void, any Error> {
        let client = RedisClient(configuration: try RedisConfiguration(url: redis), logger: Logger(label: "server"))
        let requests = try await client.subscribe(channels: ["socket.io-request#\(namespace)#"])
        // Unstructured, because whoever asked for it goes on beside it.
        return Task {
            for try await message in requests {
                let isJSON = message.payload.first == UInt8(ascii: "{")
                let request =
                    try isJSON ? PayloadValue(json: message.payload) : PayloadValue(messagePack: message.payload)
                let names = request["rooms"]?.elements ?? request["opts"]?["rooms"]?.elements ?? []
                let rooms = Set(names.compactMap(\.text))
                let except = Set(request["opts"]?["except"]?.elements.compactMap(\.text) ?? [])
                let reached = sockets.keys.sorted().filter { id in
                    let own = (sockets[id] ?? []).union([id])
                    return (rooms.isEmpty || !own.isDisjoint(with: rooms)) && own.isDisjoint(with: except)
                }
                for answer in try answers(to: request, reached, isSilent: isSilent) {
                    let channel = Array("socket.io-response#\(namespace)#".utf8)
                    _ = try await client.send(RedisCommand(arguments: [Array("PUBLISH".utf8), channel, answer]))
                }
            }
        }
    }

    private static func answers(to request: PayloadValue, _ reached: [String], isSilent: Bool) throws -> [[UInt8]] {
        let id = request["requestId"] ?? .null
        guard request["type"] == 7 else {
            let sockets: PayloadValue = ["requestId": id, "sockets": .array(reached.map { .string($0) })]
            return [try sockets.jsonBytes()]
        }
        let count: PayloadValue = ["type": 8, "requestId": id, "clientCount": .integer(Int64(reached.count))]
        let acknowledgements = (isSilent ? [] : reached).map { socket -> PayloadValue in
            ["type": 9, "requestId": id, "packet": .string(socket)]
        }
        return [try count.jsonBytes()] + acknowledgements.map { $0.messagePack() }
    }
}

import Payload

@testable import SocketIOEmitter

/// A Socket.IO server of the namespace `/`, as far as it answers questions: written from the sources of the adapters, not from
/// the code under test.
///
/// It takes requests as redis-adapter 8.3.0 (`lib/index.ts` onrequest), its sharded adapter (`lib/sharded-adapter.ts`) and the
/// streams adapter 0.3.1 do, and its clients acknowledge what they get, but for those that are silent.
struct ServerPeer: Sendable {
    enum Kind: Sendable {
        case classic(onSpecificChannel: Bool)
        case sharded
        case streams
    }

    let kind: Kind
    /// The rooms of each socket, beside that of its own id.
    let sockets: [String: Set<String>]
    /// The sockets whose clients never acknowledge.
    var silent: Set<String> = []
    /// Whether the server takes requests and never answers.
    var isMute = false

    /// Serves until its task is cancelled; tells when it listens.
    func serve(_ client: RedisClient, listening: () -> Void) async throws {
        let messages: RedisSubscription
        switch kind {
        case .classic: messages = try await client.subscribe(channels: ["socket.io-request#/#"])
        case .sharded: messages = try await client.subscribe(shardChannels: ["socket.io#/#"])
        case .streams: messages = try await client.subscribe(channels: ["socket.io#/#"])
        }
        listening()
        for try await message in messages where !isMute {
            let isJSON = message.payload.first == UInt8(ascii: "{")
            let request =
                isJSON ? try PayloadValue(json: message.payload) : try PayloadValue(messagePack: message.payload)
            for answer in answers(to: request) { _ = try await client.send(answer) }
        }
    }

    private func answers(to request: PayloadValue) -> [RedisCommand] {
        switch kind {
        case .classic(let isSpecific): classic(request, isSpecific)
        case .sharded: cluster(request, "SPUBLISH") { (try? $0.jsonBytes()) ?? [] }
        case .streams: cluster(request, "PUBLISH") { $0.messagePack() }
        }
    }

    private func reached(rooms: PayloadValue?, except: PayloadValue?) -> [String] {
        let rooms = Set(rooms?.elements.compactMap(\.text) ?? [])
        let except = Set(except?.elements.compactMap(\.text) ?? [])
        return sockets.keys.sorted().filter { id in
            let own = (sockets[id] ?? []).union([id])
            return (rooms.isEmpty || !own.isDisjoint(with: rooms)) && own.isDisjoint(with: except)
        }
    }

    private func classic(_ request: PayloadValue, _ isSpecific: Bool) -> [RedisCommand] {
        let specific = isSpecific ? "\(request["uid"]?.text ?? "undefined")#" : ""
        func answer(_ payload: [UInt8]) -> RedisCommand {
            RedisCommand(arguments: [Array("PUBLISH".utf8), Array("socket.io-response#/#\(specific)".utf8), payload])
        }
        func json(_ value: PayloadValue) -> RedisCommand { answer((try? value.jsonBytes()) ?? []) }
        let id = request["requestId"] ?? .null
        let (opts, type) = (request["opts"], request["type"])
        if type == 0 {
            let ids = reached(rooms: request["rooms"], except: nil)
            return [json(["requestId": id, "sockets": .array(ids.map { .string($0) })])]
        }
        let ids = reached(rooms: opts?["rooms"], except: opts?["except"])
        if type == 5 {
            let sockets = ids.map { id -> PayloadValue in ["id": .string(id), "rooms": [], "data": [:]] }
            return [json(["requestId": id, "sockets": .array(sockets)])]
        }
        guard type == 7 else { return [] }
        let count = json(["type": 8, "requestId": id, "clientCount": .integer(Int64(ids.count))])
        return [count]
            + ids.filter { !silent.contains($0) }.map {
                answer(
                    (["type": 9, "requestId": id, "packet": .string("got it, \($0)")] as PayloadValue).messagePack()
                )
            }
    }

    private func cluster(
        _ request: PayloadValue,
        _ command: String,
        _ encode: (PayloadValue) -> [UInt8]
    ) -> [RedisCommand] {
        guard let data = request["data"], let id = data["requestId"] else { return [] }
        let channel = Array("socket.io#/#\(request["uid"]?.text ?? "")#".utf8)
        func answer(_ type: Int64, _ data: PayloadValue) -> RedisCommand {
            let message: PayloadValue = ["type": .integer(type), "data": data, "uid": "peer", "nsp": "/"]
            return RedisCommand(arguments: [Array(command.utf8), channel, encode(message)])
        }
        let ids = reached(rooms: data["opts"]?["rooms"], except: data["opts"]?["except"])
        switch request["type"] {
        case 7:
            let sockets = ids.map { id -> PayloadValue in ["id": .string(id), "rooms": [], "data": [:]] }
            return [answer(8, ["requestId": id, "sockets": .array(sockets)])]
        case 3:
            let count = answer(11, ["requestId": id, "clientCount": .integer(Int64(ids.count))])
            return [count]
                + ids.filter { !silent.contains($0) }.map {
                    answer(12, ["requestId": id, "packet": .string("got it, \($0)")])
                }
        default:
            return []
        }
    }
}

import Payload

extension SocketIOPeer {
    /// The channels of a server of the sharded or the streams adapter.
    public var clusterChannels: [String] {
        let common = "\(prefix)#\(namespace)#"
        var channels = [common, "\(common)\(uid)#"]
        if case .sharded(let mode) = adapter, mode != .static {
            let names = rooms.values.reduce(into: Set<String>()) { $0.formUnion($1) }.sorted()
            // A room of 20 characters is taken for a socket id (looksLikeASocketId).
            let heard = names.filter { mode == .dynamicPrivate || (rooms[$0] == nil && $0.count != 20) }
            channels += heard.map { "\(common)\($0)#" }
        }
        return channels
    }

    /// Takes a message of a channel of the sharded or the streams adapter.
    public mutating func receiveCluster(payload: [UInt8]) -> [Answer] {
        guard let message = PayloadValue(message: payload), case .object = message, message["uid"]?.text != uid,
            message["nsp"] == .string(namespace)
        else { return [] }
        return cluster(message["type"], message["data"], from: message["uid"]?.text ?? "")
    }

    /// Takes an entry of the stream.
    public mutating func receive(entry: [String: [UInt8]]) -> [Answer] {
        func text(_ key: String) -> String? { entry[key].map { String(decoding: $0, as: UTF8.self) } }
        guard text("nsp") == namespace, text("uid") != uid else { return [] }
        guard let bytes = entry["data"] else {
            return cluster(text("type").map(Self.number), nil, from: text("uid") ?? "")
        }
        let isJSON = bytes.first == UInt8(ascii: "{")
        guard
            let data = isJSON
                ? try? PayloadValue(json: bytes) : Base64.decoded(bytes).flatMap(PayloadValue.init(message:))
        else { return [] }
        return cluster(text("type").map(Self.number), data, from: text("uid") ?? "")
    }

    private static func number(_ text: String) -> PayloadValue { Int64(text).map { .integer($0) } ?? .null }

    // ClusterAdapter.onMessage
    private mutating func cluster(_ type: PayloadValue?, _ data: PayloadValue?, from asker: String) -> [Answer] {
        let options = data?["opts"]
        switch type {
        case 3: return broadcast(data, from: asker)
        case 4: move(selected(options), to: data?["rooms"], enter: true)
        case 5: move(selected(options), to: data?["rooms"], enter: false)
        case 6: for socket in selected(options) { disconnect(socket, "server namespace disconnect") }
        case 7:
            return [answer(8, ["sockets": .array(selected(options).map(Self.description))], data, to: asker)]
        case 9:
            guard let event = Self.event(data?["packet"]), take(serverEvent: event) else { return [] }
            return data?["requestId"] == nil ? [] : [answer(10, ["packet": "done"], data, to: asker)]
        default: break
        }
        return []
    }

    private mutating func broadcast(_ data: PayloadValue?, from asker: String) -> [Answer] {
        guard let packet = data?["packet"], let options = data?["opts"] else {
            crash = "a broadcast has no data"
            return []
        }
        let sockets = selected(options)
        deliver(packet, to: sockets)
        guard data?["requestId"] != nil else { return [] }
        return [answer(11, ["clientCount": .integer(Int64(sockets.count))], data, to: asker)]
            + sockets.filter { acknowledging[$0] != .never }.map { socket in
                let isLate = acknowledging[socket] == .late
                return answer(12, ["packet": Self.acknowledgement(of: socket)], data, to: asker, isLate: isLate)
            }
    }

    private func answer(
        _ type: Int64,
        _ fields: PayloadObject,
        _ request: PayloadValue?,
        to asker: String,
        isLate: Bool = false
    ) -> Answer {
        var data: PayloadObject = ["requestId": request?["requestId"] ?? .null]
        for (key, value) in fields { data[key] = value }
        let message: PayloadValue = [
            "type": .integer(type), "data": .object(data), "uid": .string(uid), "nsp": .string(namespace),
        ]
        let isStreams = adapter == .streams
        return Answer(
            command: isStreams ? "PUBLISH" : "SPUBLISH",
            channel: "\(prefix)#\(namespace)#\(asker)#",
            payload: isStreams ? message.messagePack() : message.json,
            isLate: isLate
        )
    }
}

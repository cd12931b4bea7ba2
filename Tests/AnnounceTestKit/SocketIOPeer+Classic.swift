import Payload

extension SocketIOPeer {
    /// The channels and patterns of a server of the classic adapter.
    var classicChannels: [String] {
        [
            "\(prefix)-request#\(namespace)#", "\(prefix)-response#\(namespace)#",
            "\(prefix)-response#\(namespace)#\(uid)#",
        ]
    }

    /// Takes a message of a channel of the classic adapter.
    public mutating func receiveClassic(channel: String, payload: [UInt8]) -> [Answer] {
        if channel == classicChannels[0] { return request(payload) }
        let head = "\(prefix)#\(namespace)#"
        if channel.hasPrefix(head) { broadcast(room: String(channel.dropFirst(head.count).dropLast()), payload) }
        return []
    }

    // RedisAdapter.onmessage
    private mutating func broadcast(room: String, _ payload: [UInt8]) {
        if !room.isEmpty, !rooms.values.contains(where: { $0.contains(room) }) { return }
        guard let message = try? PayloadValue(messagePack: payload), case .array(let parts) = message, parts.count > 1,
            case .object = parts[1]
        else {
            crash = "a message on \(room.isEmpty ? "the namespace" : room) is no [uid, packet, options]"
            return
        }
        if parts[0].text == uid || (parts[1]["nsp"] ?? "/") != .string(namespace) { return }
        guard parts.count > 2, case .object = parts[2] else {
            crash = "a message has no options"
            return
        }
        deliver(parts[1], to: selected(parts[2]))
    }

    // RedisAdapter.onrequest
    private mutating func request(_ payload: [UInt8]) -> [Answer] {
        guard let request = PayloadValue(message: payload), request["uid"]?.text != uid else { return [] }
        let options = request["opts"]
        switch request["type"] {
        case 0: return [answer(request, ["sockets": list(selected(["rooms": request["rooms"] ?? []]))])]
        case 1:
            return [answer(request, ["rooms": list(rooms.values.reduce(into: Set()) { $0.formUnion($1) }.sorted())])]
        case 2: move(selected(options), to: request["rooms"], enter: true)
        case 3: move(selected(options), to: request["rooms"], enter: false)
        case 4: for socket in selected(options) { disconnect(socket, "server namespace disconnect") }
        case 5: return [answer(request, ["sockets": .array(selected(options).map(Self.description))])]
        case 6: return serverSideEmit(request)
        case 7: return acknowledged(request)
        default: break
        }
        return []
    }

    private mutating func serverSideEmit(_ request: PayloadValue) -> [Answer] {
        guard let event = Self.event(request["data"]), take(serverEvent: event) else { return [] }
        guard request["requestId"] != nil else { return [] }
        return [answer(request, ["data": "done"], type: 6, isCommon: true)]
    }

    private mutating func acknowledged(_ request: PayloadValue) -> [Answer] {
        let sockets = selected(request["opts"])
        deliver(request["packet"] ?? .null, to: sockets)
        let count = answer(request, ["clientCount": .integer(Int64(sockets.count))], type: 8)
        return [count]
            + sockets.filter { acknowledging[$0] != .never }.map { socket in
                let fields: PayloadObject = [
                    "type": 9, "requestId": request["requestId"] ?? .null, "packet": Self.acknowledgement(of: socket),
                ]
                return Answer(
                    command: "PUBLISH",
                    channel: responseChannel(request),
                    payload: PayloadValue.object(fields).messagePack(),
                    isLate: acknowledging[socket] == .late
                )
            }
    }

    private func answer(
        _ request: PayloadValue,
        _ fields: PayloadObject,
        type: Int64? = nil,
        isCommon: Bool = false
    ) -> Answer {
        var all: PayloadObject = [:]
        if let type { all["type"] = .integer(type) }
        all["requestId"] = request["requestId"] ?? .null
        for (key, value) in fields { all[key] = value }
        let channel = isCommon ? classicChannels[1] : responseChannel(request)
        return Answer(command: "PUBLISH", channel: channel, payload: PayloadValue.object(all).json, isLate: false)
    }

    private func responseChannel(_ request: PayloadValue) -> String {
        guard case .classic(_, onSpecificChannel: true) = adapter else { return classicChannels[1] }
        return "\(classicChannels[1])\(request["uid"]?.text ?? "undefined")#"
    }

    private func list(_ names: [String]) -> PayloadValue { .array(names.map { .string($0) }) }

    static func description(of socket: String) -> PayloadValue {
        ["id": .string(socket), "handshake": ["auth": [:]], "rooms": [.string(socket)], "data": [:]]
    }
}

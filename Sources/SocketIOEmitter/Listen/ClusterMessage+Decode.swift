import Payload

extension ClusterMessage {
    /// Reads what servers of the sharded and the streams adapter send on channels: `{type, data, uid, nsp}`.
    static func decode(channel: String, payload: [UInt8]) throws(EmitterError) -> HeardMessage {
        let heard = Heard(place: channel)
        let isJSON = payload.first == UInt8(ascii: "{")
        let value = try heard.value(of: payload, isJSON: isJSON, harm: "servers ignore it")
        guard case .object(let message) = value else {
            if case .array = value { throw heard.notABroadcast("is one of the classic adapter") }
            throw heard.notABroadcast("is no object, so that servers ignore it")
        }
        return HeardMessage(
            channel: channel,
            namespace: try heard.optionalText(message["nsp"]) ?? "/",
            uid: try heard.optionalText(message["uid"]),
            content: try content(heard, type: message["type"], data: message["data"])
        )
    }

    /// Reads an entry of a stream of the streams adapter.
    ///
    /// - Parameters:
    ///   - stream: the stream's name.
    ///   - id: the entry's id.
    ///   - fields: names and values in turn.
    /// - Returns: the message.
    /// - Throws: ``EmitterError`` `.undecodable` and `.notABroadcast`.
    static func decode(stream: String, id: String, fields: [RedisReply]) throws(EmitterError) -> HeardMessage {
        let heard = Heard(place: "the stream \(stream), entry \(id),")
        var values: [String: [UInt8]] = [:]
        for (name, value) in zip(fields, fields.dropFirst()).enumerated().filter({ $0.offset % 2 == 0 }).map(\.element)
        {
            if case .string(let name) = name, case .string(let value) = value {
                values[String(decoding: name, as: UTF8.self)] = value
            }
        }
        func text(_ name: String) -> String? { values[name].map { String(decoding: $0, as: UTF8.self) } }
        guard let namespace = text("nsp") else { throw heard.notABroadcast("has no nsp, so that servers skip it") }
        let data = try values["data"].map { bytes throws(EmitterError) in try self.data(heard, bytes) }
        return HeardMessage(
            channel: stream,
            entryID: id,
            namespace: namespace,
            uid: text("uid"),
            content: try content(heard, type: text("type").flatMap(Int64.init).map { .integer($0) }, data: data)
        )
    }

    /// JSON, or Base64 of MessagePack.
    private static func data(_ heard: Heard, _ bytes: [UInt8]) throws(EmitterError) -> PayloadValue {
        let isJSON = bytes.first == UInt8(ascii: "{")
        guard let payload = isJSON ? bytes : Base64.decoded(bytes) else {
            throw heard.undecodable("has data that is neither JSON nor Base64.", harm: "servers skip it")
        }
        return try heard.value(of: payload, isJSON: isJSON, harm: "servers skip it")
    }

    // socket.io-adapter 2.5.8 `lib/cluster-adapter.ts` onMessage and onResponse.

    private static func content(
        _ heard: Heard,
        type: PayloadValue?,
        data: PayloadValue?
    ) throws(EmitterError) -> HeardMessage.Content {
        guard case .integer(let type)? = type else { throw heard.notABroadcast("has no type, so that servers skip it") }
        if let notice = notices[type] { return .notice(notice) }
        guard case .object(let data)? = data else {
            throw heard.notABroadcast("has no data, which ends servers or stops them from reading on")
        }
        let requestID = try heard.optionalText(data["requestId"])
        if type == 3 {
            guard case .object(let packet)? = data["packet"] else {
                throw heard.notABroadcast("has no packet, which ends servers or stops them from reading on")
            }
            let options = data["opts"]?.members ?? PayloadObject()
            return .broadcast(try heard.broadcast(packet: packet, options: options, requestID: data["requestId"]))
        }
        if let name = requests[type] {
            let options = data["opts"]?.members ?? PayloadObject()
            var details = data.without("opts", "requestId", "packet")
            if let packet = data["packet"] { details["data"] = packet }
            return .request(
                HeardRequest(
                    name: name,
                    requestID: requestID,
                    rooms: options.list("rooms"),
                    except: options.list("except"),
                    details: details
                )
            )
        }
        guard let (name, key) = responses[type] else { throw heard.notABroadcast("has the unknown type \(type)") }
        return .response(HeardResponse(name: name, requestID: requestID, value: data[key] ?? .null))
    }

    private static let notices: [Int64: String] = [1: "initialHeartbeat", 2: "heartbeat", 13: "adapterClose"]

    private static let requests: [Int64: String] = [
        4: "socketsJoin", 5: "socketsLeave", 6: "disconnectSockets", 7: "fetchSockets", 9: "serverSideEmit",
    ]

    private static let responses: [Int64: (name: String, key: String)] = [
        8: ("sockets", "sockets"), 10: ("serverSideEmit", "packet"), 11: ("clientCount", "clientCount"),
        12: ("acknowledgement", "packet"),
    ]
}

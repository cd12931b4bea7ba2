import Payload

extension ClassicWire {
    /// Reads a message that was heard on a channel of this wire: a broadcast, a request or a response.
    ///
    /// Both encodings are recognised: no MessagePack message of a broadcast begins with the byte of `[`, none of a request
    /// with that of `{`. The reading is as lenient as a server's (redis-adapter 8.3.0 `lib/index.ts` onmessage).
    ///
    /// - Throws: `.undecodable` for bytes that are neither MessagePack nor JSON (as a broadcast they end every Socket.IO server
    ///   of that prefix), `.notABroadcast` for what decodes and is no message of this wire.
    public func decode(channel: String, payload: [UInt8]) throws(EmitterError) -> HeardMessage {
        if let rest = channel.dropping(prefix: "\(prefix)-request#") {
            return try request(channel, namespace: String(rest.dropLast()), payload)
        }
        if let rest = channel.dropping(prefix: "\(prefix)-response#") {
            return try response(channel, namespace: Self.namespace(rest), payload)
        }
        return try broadcast(channel, payload)
    }

    /// The namespace of a channel of responses, which may end in the name of who asked: no such name has a slash.
    private static func namespace(_ rest: Substring) -> String {
        let whole = rest.dropLast()
        guard let hash = whole.lastIndex(of: "#"), !whole[hash...].contains("/") else { return String(whole) }
        return String(whole[..<hash])
    }

    private func broadcast(_ channel: String, _ payload: [UInt8]) throws(EmitterError) -> HeardMessage {
        let heard = Heard(place: channel)
        let message = try heard.value(
            of: payload,
            isJSON: payload.first == UInt8(ascii: "["),
            harm: "Socket.IO servers that decode it exit"
        )
        guard case .array(let parts) = message, parts.count >= 2, case .object(let packet) = parts[1] else {
            if message.members["nsp"] != nil {
                throw heard.notABroadcast("is one of the streams adapter, which ends servers of the classic one")
            }
            throw heard.notABroadcast("is not [uid, packet, options]")
        }
        let options = parts.count > 2 ? parts[2].members : PayloadObject()
        return HeardMessage(
            channel: channel,
            namespace: try heard.optionalText(packet["nsp"]) ?? "/",
            uid: try heard.optionalText(parts[0]),
            content: .broadcast(try heard.broadcast(packet: packet, options: options, requestID: nil))
        )
    }

    private func fields(_ heard: Heard, _ payload: [UInt8]) throws(EmitterError) -> PayloadObject {
        let isJSON = payload.first == UInt8(ascii: "{")
        let value = try heard.value(of: payload, isJSON: isJSON, harm: "servers ignore it")
        guard case .object(let fields) = value else {
            throw heard.notABroadcast("is no object, so that servers ignore it")
        }
        return fields
    }

    // redis-adapter 8.3.0 `lib/index.ts` onrequest and onresponse; socket.io-redis 5.4.0 `index.js`, which has other numbers
    // and writes `requestid`.

    private func request(
        _ channel: String,
        namespace: String,
        _ payload: [UInt8]
    ) throws(EmitterError) -> HeardMessage {
        let heard = Heard(place: channel)
        let fields = try fields(heard, payload)
        guard case .integer(let type)? = fields["type"] else {
            throw heard.notABroadcast("is a request without a type")
        }
        let isOld = fields["requestid"] != nil || generation == .two
        let requestID = fields["requestId"] ?? fields["requestid"]
        let content: HeardMessage.Content
        if type == 7, !isOld, case .object(let packet)? = fields["packet"] {
            let options = fields["opts"]?.members ?? PayloadObject()
            content = .broadcast(try heard.broadcast(packet: packet, options: options, requestID: requestID))
        } else {
            let options = fields["opts"]?.members
            let names = isOld ? Self.oldRequestNames : Self.requestNames
            let isQuestion = isOld || type == 0 || type == 1
            content = .request(
                HeardRequest(
                    name: names[type] ?? "type \(type)",
                    requestID: try heard.optionalText(requestID),
                    rooms: options?.list("rooms") ?? (isQuestion ? fields.list("rooms") : []),
                    except: options?.list("except") ?? [],
                    details: isQuestion
                        ? fields.without("type", "uid", "requestId", "requestid", "rooms")
                        : fields.without("type", "uid", "requestId", "requestid", "opts")
                )
            )
        }
        return HeardMessage(
            channel: channel,
            namespace: namespace,
            uid: try heard.optionalText(fields["uid"]),
            content: content
        )
    }

    private func response(
        _ channel: String,
        namespace: String,
        _ payload: [UInt8]
    ) throws(EmitterError) -> HeardMessage {
        let heard = Heard(place: channel)
        let fields = try fields(heard, payload)
        let (name, value): (String, PayloadValue) =
            switch fields["type"] {
            case .integer(6)?: ("serverSideEmit", fields["data"] ?? .null)
            case .integer(8)?: ("clientCount", fields["clientCount"] ?? .null)
            case .integer(9)?: ("acknowledgement", fields["packet"] ?? .null)
            default: Self.untyped(fields)
            }
        return HeardMessage(
            channel: channel,
            namespace: namespace,
            uid: nil,
            content: .response(
                HeardResponse(
                    name: name,
                    requestID: try heard.optionalText(fields["requestId"] ?? fields["requestid"]),
                    value: value
                )
            )
        )
    }

    private static func untyped(_ fields: PayloadObject) -> (String, PayloadValue) {
        for name in ["sockets", "rooms", "clients"] {
            if let value = fields[name] { return (name == "clients" ? "sockets" : name, value) }
        }
        let rest = fields.without("requestId", "requestid")
        return ("done", rest.isEmpty ? .null : .object(rest))
    }

    private static let requestNames: [Int64: String] = [
        0: "fetchSockets", 1: "allRooms", 2: "socketsJoin", 3: "socketsLeave", 4: "disconnectSockets",
        5: "fetchSockets",
        6: "serverSideEmit", 7: "emitWithAck",
    ]

    private static let oldRequestNames: [Int64: String] = [
        0: "clients", 1: "clientRooms", 2: "allRooms", 3: "remoteJoin", 4: "remoteLeave", 5: "customRequest",
        6: "remoteDisconnect",
    ]
}

extension String {
    /// What follows a prefix; nil where it does not begin so.
    fileprivate func dropping(prefix: String) -> Substring? {
        utf8.starts(with: prefix.utf8) ? Substring(utf8.dropFirst(prefix.utf8.count)) : nil
    }
}

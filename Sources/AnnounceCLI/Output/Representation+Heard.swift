import Payload
import Recurrence
import SocketIOEmitter

extension Representation {
    /// What was heard on Redis, with the same keys for every kind of message.
    static func heard(_ message: HeardMessage, on wire: String, at now: Timestamp) -> PayloadValue {
        var event: PayloadValue = .null
        var arguments: [PayloadValue] = []
        var (rooms, except, flags): ([PayloadValue], [PayloadValue], PayloadObject) = ([], [], [:])
        var (kind, name, requestID): (String, String?, String?)
        var details: PayloadValue = .null
        switch message.content {
        case .broadcast(let broadcast):
            (kind, name, requestID) = ("broadcast", nil, broadcast.requestID)
            (event, arguments) = (.string(broadcast.event), broadcast.arguments)
            (rooms, except, flags) = (broadcast.rooms, broadcast.except, broadcast.flags)
        case .request(let request):
            (kind, name, requestID) = ("request", request.name, request.requestID)
            (rooms, except) = (request.rooms, request.except)
            details = .object(request.details)
        case .response(let response):
            (kind, name, requestID) = ("response", response.name, response.requestID)
            details = response.value
        case .notice(let notice):
            (kind, name, requestID) = ("notice", notice, nil)
        }
        return [
            "receivedAt": instant(now),
            "wire": .string(wire),
            "channel": .string(message.channel),
            "namespace": .string(message.namespace),
            "event": event,
            "arguments": .array(arguments),
            "rooms": .array(rooms),
            "except": .array(except),
            "flags": .object(flags),
            "uid": optional(message.uid),
            "kind": .string(kind),
            "name": optional(name),
            "requestId": optional(requestID),
            "details": details,
            "entryId": optional(message.entryID),
        ]
    }

    /// The same as words.
    static func words(_ message: HeardMessage) -> String {
        var words = message.channel
        if let entry = message.entryID { words += " \(entry) \(message.namespace)" }
        switch message.content {
        case .broadcast(let broadcast):
            words += "  \(broadcast.event)  \(PayloadValue.array(broadcast.arguments).line)"
            // One room of the classic wire stands in the channel's name.
            if broadcast.rooms.count > 1 || !message.channel.contains("#\(broadcast.rooms.first?.line.unquoted ?? "")#")
            {
                words += list("rooms", broadcast.rooms)
            }
            words += list("except", broadcast.except)
            if let id = broadcast.requestID { words += "  (acknowledgements for \(id))" }
        case .request(let request):
            words += "  (\(request.name))"
            if !request.details.isEmpty { words += "  \(PayloadValue.object(request.details).line)" }
            words += list("rooms", request.rooms) + list("except", request.except)
            if let id = request.requestID { words += "  (question \(id))" }
        case .response(let response):
            words += "  (answer: \(response.name))  \(response.value.line)"
            if let id = response.requestID { words += "  (to \(id))" }
        case .notice(let notice):
            words += "  (\(notice))"
        }
        return words
    }

    private static func list(_ name: String, _ names: [PayloadValue]) -> String {
        names.isEmpty ? "" : "  \(name) \(PayloadValue.array(names).line)"
    }
}

extension String {
    /// A JSON string without its quotation marks.
    fileprivate var unquoted: String {
        hasPrefix("\"") && hasSuffix("\"") && count > 1 ? String(dropFirst().dropLast()) : self
    }
}

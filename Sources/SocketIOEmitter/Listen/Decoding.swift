import Payload

// What the decoders of several wires read alike.

extension Wire {
    /// Reads a message that was heard on a channel of this wire.
    ///
    /// The reading is as lenient as a server's: a missing namespace is `/`; missing options, rooms, exceptions and flags
    /// are empty.
    ///
    /// - Throws: ``EmitterError`` `.undecodable` for bytes that are in no format of the wire, `.notABroadcast` for what decodes
    ///   and is no message of it.
    public func decode(_ message: RedisMessage) throws(EmitterError) -> HeardMessage {
        switch self {
        case .classic(let wire): try wire.decode(channel: message.channel, payload: message.payload)
        case .sharded: try ClusterMessage.decode(channel: message.channel, payload: message.payload)
        case .streams: try ClusterMessage.decode(channel: message.channel, payload: message.payload)
        case .python(let wire): try wire.decode(channel: message.channel, payload: message.payload)
        }
    }
}

/// Where a message was heard, for the errors about it.
struct Heard {
    /// The channel, or the stream with the entry's id.
    let place: String

    /// Reads JSON where the first byte says so, else MessagePack.
    func value(of payload: [UInt8], isJSON: Bool, harm: String) throws(EmitterError) -> PayloadValue {
        do {
            return isJSON ? try PayloadValue(json: payload) : try PayloadValue(messagePack: payload)
        } catch {
            throw undecodable("is neither MessagePack nor JSON: \(error)", harm: harm, error)
        }
    }

    func undecodable(_ what: String, harm: String, _ cause: (any Error)? = nil) -> EmitterError {
        EmitterError(
            code: .undecodable,
            message: "A message on \(place) \(what) Find what publishes it; \(harm).",
            cause: cause
        )
    }

    func notABroadcast(_ what: String) -> EmitterError {
        EmitterError(
            code: .notABroadcast,
            message: "A message on \(place) \(what). Find what publishes it, and give it another channel or prefix."
        )
    }

    /// A text; of another value its JSON.
    func text(_ value: PayloadValue) throws(EmitterError) -> String {
        if case .string(let text) = value { return text }
        do {
            return try value.jsonText()
        } catch {
            throw notABroadcast("has binary data where a name belongs")
        }
    }

    /// A text that may be missing.
    func optionalText(_ value: PayloadValue?) throws(EmitterError) -> String? {
        guard let value, value != .null else { return nil }
        return try text(value)
    }

    /// A broadcast of a packet and its options.
    func broadcast(
        packet: PayloadObject,
        options: PayloadObject,
        requestID: PayloadValue?
    ) throws(EmitterError) -> HeardBroadcast {
        guard case .array(let data)? = packet["data"], let name = data.first else {
            throw notABroadcast("has no event in its packet's data, so that clients that get it disconnect")
        }
        return HeardBroadcast(
            event: try text(name),
            arguments: Array(data.dropFirst()),
            rooms: options.list("rooms"),
            except: options.list("except"),
            flags: options["flags"]?.members ?? PayloadObject(),
            requestID: try optionalText(requestID)
        )
    }
}

extension PayloadObject {
    func list(_ key: String) -> [PayloadValue] {
        if case .array(let elements)? = self[key] { elements } else { [] }
    }

    /// Without these keys.
    func without(_ keys: String...) -> PayloadObject {
        PayloadObject(filter { !keys.contains($0.key) }.map { ($0.key, $0.value) })
    }
}

extension PayloadValue {
    /// The members of an object; none of anything else.
    var members: PayloadObject {
        if case .object(let object) = self { object } else { PayloadObject() }
    }
}

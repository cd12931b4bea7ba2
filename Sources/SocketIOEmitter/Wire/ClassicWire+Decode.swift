import Payload

extension ClassicWire {
    /// Reads a message that was heard on a channel of this wire.
    ///
    /// Both encodings are recognised: no MessagePack message of a broadcast begins with the byte of `[`. The reading
    /// is as lenient as a server's (redis-adapter 8.3.0 `lib/index.ts` onmessage): a missing namespace is `/`; missing
    /// options, rooms, exceptions and flags are empty.
    ///
    /// - Throws: `.undecodable` for bytes that are neither MessagePack nor JSON (they end every Socket.IO server of
    ///   that prefix), `.notABroadcast` for anything else that is no `[uid, packet, options]`.
    public func decode(channel: String, payload: [UInt8]) throws(EmitterError) -> HeardBroadcast {
        let message = try Self.value(of: payload, channel: channel)
        guard case .array(let parts) = message, parts.count >= 2, case .object(let packet) = parts[1] else {
            throw Self.notABroadcast(channel, "is not [uid, packet, options]")
        }
        guard case .array(let data)? = packet["data"], let name = data.first else {
            throw Self.notABroadcast(channel, "has no event in its packet's data")
        }
        let options = parts.count > 2 ? parts[2].members : PayloadObject()
        return HeardBroadcast(
            channel: channel,
            namespace: try packet["nsp"].map { value throws(EmitterError) in try Self.text(value, channel) } ?? "/",
            event: try Self.text(name, channel),
            arguments: Array(data.dropFirst()),
            rooms: options.list("rooms"),
            except: options.list("except"),
            flags: options["flags"]?.members ?? PayloadObject(),
            uid: parts[0] == .null ? nil : try Self.text(parts[0], channel)
        )
    }

    private static func value(of payload: [UInt8], channel: String) throws(EmitterError) -> PayloadValue {
        if payload.first == UInt8(ascii: "[") {
            do {
                return try PayloadValue(json: payload)
            } catch {
                throw undecodable(channel, error.message, error)
            }
        }
        do {
            return try PayloadValue(messagePack: payload)
        } catch {
            throw undecodable(channel, error.message, error)
        }
    }

    private static func text(_ value: PayloadValue, _ channel: String) throws(EmitterError) -> String {
        if case .string(let text) = value {
            return text
        }
        do {
            return try value.jsonText()
        } catch {
            throw notABroadcast(channel, "has binary data where a name belongs")
        }
    }

    private static func undecodable(_ channel: String, _ why: String, _ cause: any Error) -> EmitterError {
        EmitterError(
            code: .undecodable,
            message: "A message on \(channel) is neither MessagePack nor JSON: \(why) "
                + "Find what publishes it; Socket.IO servers that decode it exit.",
            cause: cause
        )
    }

    private static func notABroadcast(_ channel: String, _ what: String) -> EmitterError {
        EmitterError(
            code: .notABroadcast,
            message: "A message on \(channel) \(what). Find what publishes it, and give it another channel or prefix."
        )
    }
}

extension PayloadObject {
    fileprivate func list(_ key: String) -> [PayloadValue] {
        if case .array(let elements)? = self[key] { elements } else { [] }
    }
}

extension PayloadValue {
    /// The members of an object; none of anything else.
    fileprivate var members: PayloadObject {
        if case .object(let object) = self { object } else { PayloadObject() }
    }
}

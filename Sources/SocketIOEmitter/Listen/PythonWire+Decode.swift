import Payload

extension PythonWire {
    /// Reads a message of python-socketio: JSON, or before 5.14 a pickle of plain values.
    ///
    /// What one list as `data` means depends on the version of the servers: a list of arguments, or before 5.15.1 one argument.
    ///
    /// - Throws: `.undecodable` for other bytes, and a pickle of more than plain values; `.notABroadcast` for what decodes and
    ///   is no message of python-socketio.
    public func decode(channel: String, payload: [UInt8]) throws(EmitterError) -> HeardMessage {
        let heard = Heard(place: channel)
        let (value, isTuple) = try value(heard, payload)
        guard case .object(let message) = value, case .string(let method)? = message["method"]
        else {
            throw heard.notABroadcast("has no method, so that servers ignore it")
        }
        return HeardMessage(
            channel: channel,
            namespace: try heard.optionalText(message["namespace"]) ?? "/",
            uid: try heard.optionalText(message["host_id"]),
            content: try content(heard, method, message, isTuple: isTuple)
        )
    }

    /// The message, and whether its data were a tuple, which JSON has not.
    private func value(
        _ heard: Heard,
        _ payload: [UInt8]
    ) throws(EmitterError) -> (message: PayloadValue, isTuple: Bool) {
        let ignored = "servers ignore it"
        if payload.first == PickleReader.firstByte {
            do throws(PickleReader.Failure) {
                var reader = PickleReader(payload)
                let message = try reader.document()
                return (message, reader.isDataTuple)
            } catch {
                throw heard.undecodable(
                    "is a pickle that holds more than plain values: \(error.message)",
                    harm: ignored
                )
            }
        }
        do {
            return (try PayloadValue(json: payload), false)
        } catch {
            throw heard.undecodable("is neither JSON nor a pickle: \(error.message)", harm: ignored, error)
        }
    }

    // python-socketio 5.11.4 and 5.18.1 `src/socketio/pubsub_manager.py`, _thread and the _handle methods.

    private func content(
        _ heard: Heard,
        _ method: String,
        _ message: PayloadObject,
        isTuple: Bool
    ) throws(EmitterError) -> HeardMessage.Content {
        switch method {
        case "emit":
            return .broadcast(
                HeardBroadcast(
                    event: try heard.optionalText(message["event"]) ?? "null",
                    arguments: arguments(message, isTuple: isTuple),
                    rooms: Self.names(message["room"]),
                    except: Self.names(message["skip_sid"])
                )
            )
        case "callback":
            let value = message["args"] ?? .null
            return .response(
                HeardResponse(name: method, requestID: try heard.optionalText(message["id"]), value: value)
            )
        default:
            return .request(
                HeardRequest(name: method, details: message.without("method", "namespace", "host_id"))
            )
        }
    }

    private func arguments(_ message: PayloadObject, isTuple: Bool) -> [PayloadValue] {
        var data = message["data"] ?? .null
        if message["binary"] == true, case .array(let parts) = data, let first = parts.first {
            let attachments = parts.dropFirst().map { part -> PayloadValue in
                guard case .string(let text) = part, let bytes = Base64.decoded(Array(text.utf8)) else { return part }
                return .binary(bytes)
            }
            data = Self.filled(first, attachments)
        }
        switch data {
        case .null: return []
        case .array(let list) where isTuple || version >= .severalArguments: return list
        default: return [data]
        }
    }

    /// The value with its placeholders replaced by what they stand for.
    private static func filled(_ value: PayloadValue, _ attachments: [PayloadValue]) -> PayloadValue {
        switch value {
        case .array(let elements):
            return .array(elements.map { filled($0, attachments) })
        case .object(let object):
            if object["_placeholder"] == true, case .integer(let number)? = object["num"],
                attachments.indices.contains(Int(clamping: number))
            {
                return attachments[Int(clamping: number)]
            }
            return .object(PayloadObject(object.map { ($0.key, filled($0.value, attachments)) }))
        default:
            return value
        }
    }

    /// None, one name, or a list.
    private static func names(_ value: PayloadValue?) -> [PayloadValue] {
        switch value {
        case nil, .null?: []
        case .array(let names)?: names
        case let name?: [name]
        }
    }
}

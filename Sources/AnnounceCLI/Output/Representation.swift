import Announce
import Payload
import Recurrence
import SocketIOEmitter

/// What the commands print, as JSON: keys in camelCase, instants in RFC 3339 with milliseconds.
enum Representation {
    static func announcement(_ announcement: Announcement) throws -> PayloadValue {
        let draft = announcement.draft
        return .object(
            PayloadObject([
                ("id", .integer(announcement.id)),
                ("name", optional(draft.name)),
                ("revision", .integer(Int64(announcement.revision))),
                ("event", .string(draft.data.event)),
                ("arguments", .array(try draft.data.arguments())),
                ("target", target(draft.target)),
                ("schedules", .array(draft.rules.map(\.json))),
                ("timezone", .string(draft.timezone)),
                ("priority", .integer(Int64(draft.priority))),
                ("allowUnheard", .bool(draft.allowUnheard)),
                ("labels", labels(draft.labels)),
                ("state", .string(announcement.state.rawValue)),
                ("reason", optional(announcement.reason)),
                ("nextAt", instant(announcement.next?.at)),
                ("nextPhase", optional(announcement.next?.phase.rawValue)),
                ("createdAt", instant(announcement.created)),
                ("createdBy", .string(announcement.createdBy)),
                ("updatedAt", instant(announcement.updated)),
            ])
        )
    }

    static func target(_ target: Target) -> PayloadValue {
        var rooms: [String] = []
        var sockets: [String] = []
        if case .some(let named, let ids) = target.audience { (rooms, sockets) = (named, ids) }
        return [
            "namespace": .string(target.namespace),
            "all": .bool(target.audience == .everyone),
            "rooms": strings(rooms),
            "sockets": strings(sockets),
            "except": strings(target.except),
            "volatile": .bool(target.volatile),
            "compress": target.compress.map(PayloadValue.bool) ?? .null,
        ]
    }

    static func occurrence(_ at: Timestamp, in schedule: Schedule, arguments: [PayloadValue]? = nil) -> PayloadValue {
        var pairs: [(String, PayloadValue)] = [
            ("at", .string(at.rfc3339(in: schedule.zone))),
            ("utc", instant(at)),
            ("phase", .string(Phase.start.rawValue)),
            ("anchor", .string(at.rfc3339(in: schedule.zone))),
            ("note", optional(schedule.note(for: at))),
        ]
        if let arguments { pairs.append(("arguments", .array(arguments))) }
        return .object(PayloadObject(pairs))
    }

    static func delivery(_ delivery: Delivery, event: String, name: String?) -> PayloadValue {
        [
            "kind": "delivery",
            "announcement": .integer(delivery.occurrence.announcement),
            "name": optional(name),
            "event": .string(event),
            "nominalAt": instant(delivery.occurrence.nominal),
            "phase": .string(delivery.occurrence.phase.rawValue),
            "outcome": .string(delivery.outcome.rawValue),
            "attempts": .integer(Int64(delivery.attempts)),
            "concludedAt": instant(delivery.concluded),
            "latenessMilliseconds": .integer(delivery.lateness),
            "receivers": delivery.receivers.map { .integer(Int64($0)) } ?? .null,
            "error": optional(delivery.error),
        ]
    }

    static func change(_ change: HistoryEntry.Change) -> PayloadValue {
        [
            "kind": "change",
            "announcement": .integer(change.announcement),
            "name": optional(change.name),
            "action": .string(change.action),
            "revision": .integer(Int64(change.revision)),
            "at": instant(change.at),
            "by": .string(change.by),
            "reason": optional(change.reason),
        ]
    }

    static func heard(_ broadcast: HeardBroadcast, at now: Timestamp) -> PayloadValue {
        [
            "receivedAt": instant(now),
            "wire": "classic",
            "channel": .string(broadcast.channel),
            "namespace": .string(broadcast.namespace),
            "event": .string(broadcast.event),
            "arguments": .array(broadcast.arguments),
            "rooms": .array(broadcast.rooms),
            "except": .array(broadcast.except),
            "flags": .object(broadcast.flags),
            "uid": optional(broadcast.uid),
        ]
    }

    static func optional(_ text: String?) -> PayloadValue {
        text.map(PayloadValue.string) ?? .null
    }

    static func instant(_ at: Timestamp?) -> PayloadValue {
        optional(at?.rfc3339())
    }

    private static func strings(_ strings: [String]) -> PayloadValue {
        .array(strings.map(PayloadValue.string))
    }

    private static func labels(_ labels: [String: String]) -> PayloadValue {
        .object(PayloadObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}

extension PayloadValue {
    /// The value as one line of JSON; what a listener heard can be binary, which is shown as its length.
    var line: String {
        (try? jsonText()) ?? (try? withoutBinary.jsonText()) ?? "null"
    }

    private var withoutBinary: PayloadValue {
        switch self {
        case .binary(let bytes): ["$bytes": .integer(Int64(bytes.count))]
        case .array(let values): .array(values.map(\.withoutBinary))
        case .object(let object): .object(PayloadObject(object.map { ($0.key, $0.value.withoutBinary) }))
        default: self
        }
    }
}

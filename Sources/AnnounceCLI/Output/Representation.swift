import Announce
import Payload
import Recurrence
import SocketIOEmitter

/// What the commands print, as JSON: keys in camelCase, instants in RFC 3339 with milliseconds.
enum Representation {
    static func announcement(_ announcement: Announcement, in zone: Zone) throws -> PayloadValue {
        let draft = announcement.draft
        let (plan, policy) = (draft.plan, draft.policy)
        return .object(
            PayloadObject([
                ("id", .integer(announcement.id)),
                ("name", optional(draft.name)),
                ("revision", .integer(Int64(announcement.revision))),
                ("event", .string(draft.data.event)),
                ("arguments", .array(try draft.data.arguments())),
                ("target", target(draft.target)),
                ("schedules", .array(plan.rules.map(\.json))),
                ("timezone", .string(plan.timezone)),
                ("start", bound(plan.start, isEnd: false, in: zone)),
                ("until", bound(plan.until, isEnd: true, in: zone)),
                ("count", plan.count.map { .integer(Int64($0)) } ?? .null),
                ("excludes", .array(plan.exclusions.map(exclusion))),
                ("leads", strings(plan.leads.map(\.compactDescription))),
                ("durationSeconds", plan.length.map { PayloadValue(seconds: $0.usualMilliseconds) } ?? .null),
                ("changedEnds", ends(plan.ends)),
                ("texts", texts(draft.style)),
                ("template", .bool(draft.style.isTemplate)),
                ("priority", .integer(Int64(draft.priority))),
                ("misfire", .string(policy.misfire.name)),
                ("misfireMax", policy.misfire.limit.map { .integer(Int64($0)) } ?? .null),
                ("graceSeconds", policy.grace.map { PayloadValue(seconds: $0) } ?? .null),
                ("expiresAt", expiresAt(policy.expiry, in: zone)),
                ("expiresAfterSeconds", expiresAfter(policy.expiry)),
                ("allowUnheard", .bool(draft.allowUnheard)),
                ("ackSeconds", draft.acknowledgeWithin.map { PayloadValue(seconds: $0) } ?? .null),
                ("labels", labels(draft.labels)),
                ("state", .string(announcement.state.rawValue)),
                ("reason", optional(announcement.reason)),
                ("resumesAt", instant(announcement.resumesAt)),
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
        var object: PayloadObject = [
            "namespace": .string(target.namespace),
            "all": .bool(target.audience == .everyone),
            "rooms": strings(rooms),
            "sockets": strings(sockets),
            "except": strings(target.except),
        ]
        if !target.exceptSockets.isEmpty { object["exceptSockets"] = strings(target.exceptSockets) }
        object["volatile"] = .bool(target.volatile)
        object["compress"] = target.compress.map(PayloadValue.bool) ?? .null
        return .object(object)
    }

    static func notice(_ preview: PreviewedNotice, in zone: Zone, withArguments: Bool = false) throws -> PayloadValue {
        var pairs: [(String, PayloadValue)] = [
            ("at", .string(preview.at.rfc3339(in: zone))),
            ("utc", instant(preview.at)),
            ("phase", .string(preview.notice.phase.rawValue)),
            ("anchor", .string(preview.notice.anchor.at.rfc3339(in: zone))),
            ("note", optional(preview.mark.map { "\($0)" })),
        ]
        if withArguments { pairs.append(("arguments", .array(try preview.data.arguments()))) }
        return .object(PayloadObject(pairs))
    }

    /// A calendar is shown by its name; its text is long.
    private static func exclusion(_ exclusion: Exclusion) -> PayloadValue {
        guard case .calendar(let source) = exclusion else { return exclusion.json }
        return ["kind": "calendar", "name": .string(source.name), "events": .integer(Int64(source.file.events.count))]
    }

    private static func bound(_ bound: Bound?, isEnd: Bool, in zone: Zone) -> PayloadValue {
        instant(bound?.instant(in: zone, isEnd: isEnd))
    }

    private static func expiresAt(_ expiry: Policy.Expiry?, in zone: Zone) -> PayloadValue {
        guard case .at(let bound)? = expiry else { return .null }
        return self.bound(bound, isEnd: true, in: zone)
    }

    private static func expiresAfter(_ expiry: Policy.Expiry?) -> PayloadValue {
        guard case .after(let span)? = expiry else { return .null }
        return PayloadValue(seconds: span.usualMilliseconds)
    }

    /// The ends of single windows that were extended or finished, by the number of the occurrence.
    private static func ends(_ ends: [Int: Timestamp]) -> PayloadValue {
        .object(PayloadObject(ends.sorted { $0.key < $1.key }.map { ("\($0.key)", instant($0.value)) }))
    }

    private static func texts(_ style: MessageStyle) -> PayloadValue {
        labels(Dictionary(uniqueKeysWithValues: style.texts.map { ($0.key.rawValue, $0.value) }))
    }

    static func delivery(_ delivery: Delivery, event: String, name: String?) -> PayloadValue {
        [
            "kind": "delivery",
            "announcement": .integer(delivery.occurrence.announcement),
            "name": optional(name),
            "event": .string(event),
            "nominalAt": instant(delivery.occurrence.nominal),
            "phase": .string(delivery.occurrence.phase.rawValue),
            "anchorAt": instant(delivery.anchor),
            "outcome": .string(delivery.outcome.rawValue),
            "attempts": .integer(Int64(delivery.attempts)),
            "concludedAt": instant(delivery.concluded),
            "latenessMilliseconds": .integer(delivery.lateness),
            "receivers": delivery.receivers.map { .integer(Int64($0)) } ?? .null,
            "addressed": delivery.acknowledgements.map { .integer(Int64($0.addressed)) } ?? .null,
            "acknowledged": delivery.acknowledgements.map { .integer(Int64($0.acknowledged)) } ?? .null,
            "firedBy": optional(delivery.firedBy),
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

    static func hold(_ hold: Hold) -> PayloadValue {
        ["since": instant(hold.since), "by": .string(hold.by), "reason": optional(hold.reason)]
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

extension Policy.Misfire {
    /// The policy as it is typed.
    var name: String {
        switch self {
        case .latest: "latest"
        case .skip: "skip"
        case .all: "all"
        }
    }

    /// How many are said at most, where that is limited.
    var limit: Int? {
        if case .all(let limit) = self { limit } else { nil }
    }
}

extension TimeSpan {
    /// The milliseconds of it when a day has 24 hours and a month 30 days.
    var usualMilliseconds: Int64 {
        Int64(months) * 30 * 86_400_000 + Int64(days) * 86_400_000 + milliseconds
    }
}

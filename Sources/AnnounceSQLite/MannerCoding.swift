import Announce
import Payload
import Recurrence

/// The column `manner`: what a dispatcher needs to know of an announcement beside its message, without what is usual.
extension Manner {
    /// The text of the column.
    static func json(of draft: AnnouncementDraft, isPlanned: Bool) throws -> String {
        let target = draft.target
        var pairs: [(String, PayloadValue)] = []
        func add(_ names: [String], _ key: String) {
            if !names.isEmpty { pairs.append((key, .array(names.map(PayloadValue.string)))) }
        }
        func add(_ number: Int64?, _ key: String) {
            if let number { pairs.append((key, .integer(number))) }
        }
        if target.namespace != "/" { pairs.append(("namespace", .string(target.namespace))) }
        if case .some(let rooms, let sockets) = target.audience {
            add(rooms, "rooms")
            add(sockets, "sockets")
        }
        add(target.except, "excluded")
        add(target.exceptSockets, "excludedSockets")
        if target.volatile { pairs.append(("volatile", true)) }
        if let compress = target.compress { pairs.append(("compress", .bool(compress))) }
        let misfire = draft.policy.misfire.stored
        if draft.policy.misfire != .latest { pairs.append(("misfire", .string(misfire.name))) }
        add(misfire.limit.map(Int64.init), "misfireLimit")
        add(draft.policy.grace, "grace")
        if let expiry = draft.policy.expiry { pairs.append(("expiry", expiry.json)) }
        if draft.allowUnheard { pairs.append(("allowUnheard", true)) }
        add(draft.acknowledgeWithin, "acknowledgeWithin")
        if isPlanned { pairs.append(("planned", true)) }
        return try PayloadValue.object(PayloadObject(pairs)).jsonText()
    }

    /// Reads the text of the column.
    static func reading(_ json: [UInt8]) throws -> (Manner, isPlanned: Bool) {
        guard case .object(let object) = try PayloadValue(json: json) else {
            throw StoredJSON.unreadable(String(decoding: json, as: UTF8.self))
        }
        func names(_ key: String) -> [String] {
            guard case .array(let values)? = object[key] else { return [] }
            return values.compactMap { if case .string(let name) = $0 { name } else { nil } }
        }
        func number(_ key: String) -> Int64? { if case .integer(let number)? = object[key] { number } else { nil } }
        func flag(_ key: String) -> Bool? { if case .bool(let flag)? = object[key] { flag } else { nil } }
        func text(_ key: String) -> String? { if case .string(let text)? = object[key] { text } else { nil } }
        let (rooms, sockets) = (names("rooms"), names("sockets"))
        let manner = Manner(
            target: Target(
                namespace: text("namespace") ?? "/",
                audience: rooms.isEmpty && sockets.isEmpty ? .everyone : .some(rooms: rooms, sockets: sockets),
                except: names("excluded"),
                exceptSockets: names("excludedSockets"),
                volatile: flag("volatile") ?? false,
                compress: flag("compress")
            ),
            policy: Policy(
                misfire: Policy.Misfire(stored: text("misfire"), limit: number("misfireLimit").map { Int($0) }),
                grace: number("grace"),
                expiry: try object["expiry"].map { try Policy.Expiry(json: $0) }
            ),
            allowUnheard: flag("allowUnheard") ?? false,
            acknowledgeWithin: number("acknowledgeWithin")
        )
        return (manner, flag("planned") ?? false)
    }
}

extension Policy.Misfire {
    /// As it is stored.
    var stored: (name: String, limit: Int?) {
        switch self {
        case .latest: ("latest", nil)
        case .skip: ("skip", nil)
        case .all(let limit): ("all", limit)
        }
    }

    init(stored name: String?, limit: Int?) {
        self =
            switch name {
            case "skip": .skip
            case "all": .all(limit: limit)
            default: .latest
            }
    }
}

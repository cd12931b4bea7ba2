import Payload
import Recurrence

/// Plans and policies as JSON, the same in the store and in the command line's output.
extension Plan {
    /// What limits the rules: `{"exclude":[…],"start":…,"until":…,"count":n,"ends":{"3":milliseconds}}`; what does not is
    /// left out.
    public var limitsJSON: PayloadValue {
        var pairs: [(String, PayloadValue)] = []
        if !exclusions.isEmpty { pairs.append(("exclude", .array(exclusions.map(\.json)))) }
        if let start { pairs.append(("start", start.json)) }
        if let until { pairs.append(("until", until.json)) }
        if let count { pairs.append(("count", .integer(Int64(count)))) }
        if !ends.isEmpty {
            let ends = ends.sorted { $0.key < $1.key }.map {
                ("\($0.key)", PayloadValue.integer($0.value.milliseconds))
            }
            pairs.append(("ends", .object(PayloadObject(ends))))
        }
        return .object(PayloadObject(pairs))
    }

    /// Reads what limits the rules.
    ///
    /// - Throws: ``AnnounceError`` when it is not of the form that ``limitsJSON`` has.
    public mutating func read(limits json: PayloadValue) throws(AnnounceError) {
        guard case .object(let object) = json else { throw .unreadable(json) }
        if case .array(let values)? = object["exclude"] {
            exclusions = []
            for value in values { exclusions.append(try Exclusion(json: value)) }
        }
        start = try object["start"].map { value throws(AnnounceError) in try Bound(json: value) }
        until = try object["until"].map { value throws(AnnounceError) in try Bound(json: value) }
        if case .integer(let number)? = object["count"] { count = Int(number) }
        if case .object(let values)? = object["ends"] {
            for (key, value) in values {
                guard let ordinal = Int(key), case .integer(let at) = value else { throw .unreadable(json) }
                ends[ordinal] = Timestamp(milliseconds: at)
            }
        }
    }
}

extension Bound {
    /// An instant as `"2026-12-01T00:00:00.000Z"`, a wall time as `"2026-12-01T09:00:00"`.
    public var json: PayloadValue {
        switch self {
        case .instant(let at): .string(at.rfc3339())
        case .wall(let wall): .string("\(wall)")
        }
    }

    init(json: PayloadValue) throws(AnnounceError) {
        guard case .string(let text) = json, let time = try? TimeExpression(text).resolve(now: .min, in: .utc) else {
            throw .unreadable(json)
        }
        if case .wall(let wall) = time.rule { self = .wall(wall) } else { self = .instant(time.at) }
    }
}

extension Exclusion {
    /// `{"kind":"day","on":"2026-12-25"}`, `{"kind":"instant","at":…}`, `{"kind":"wall","at":…}` or
    /// `{"kind":"calendar","name":…,"text":…}`.
    public var json: PayloadValue {
        switch self {
        case .day(let day): ["kind": "day", "on": .string("\(day)")]
        case .instant(let at): ["kind": "instant", "at": .string(at.rfc3339())]
        case .wall(let wall): ["kind": "wall", "at": .string("\(wall)")]
        case .calendar(let source): ["kind": "calendar", "name": .string(source.name), "text": .string(source.text)]
        }
    }

    init(json: PayloadValue) throws(AnnounceError) {
        guard case .object(let object) = json, case .string(let kind)? = object["kind"] else { throw .unreadable(json) }
        switch kind {
        case "day":
            guard case .string(let text)? = object["on"], let day = try? CivilDate(text) else {
                throw .unreadable(json)
            }
            self = .day(day)
        case "calendar":
            guard
                case .string(let name)? = object["name"], case .string(let text)? = object["text"],
                let source = try? CalendarSource(name: name, text: text)
            else { throw .unreadable(json) }
            self = .calendar(source)
        case "instant", "wall":
            switch try Bound(json: object["at"] ?? .null) {
            case .instant(let at): self = .instant(at)
            case .wall(let wall): self = .wall(wall)
            }
        default: throw .unreadable(json)
        }
    }
}

extension Policy.Expiry {
    /// `{"at":…}` or `{"after":"1h"}`.
    public var json: PayloadValue {
        switch self {
        case .at(let bound): ["at": bound.json]
        case .after(let span): ["after": .string(span.compactDescription)]
        }
    }

    /// Reads what ``json`` writes.
    ///
    /// - Throws: ``AnnounceError`` for anything else.
    public init(json: PayloadValue) throws(AnnounceError) {
        guard case .object(let object) = json else { throw .unreadable(json) }
        if case .string(let text)? = object["after"], let span = try? TimeSpan(text) {
            self = .after(span)
        } else {
            self = .at(try Bound(json: object["at"] ?? .null))
        }
    }
}

extension AnnounceError {
    /// The store holds something that this version does not know.
    static func unreadable(_ json: PayloadValue) -> AnnounceError {
        AnnounceError(
            .storeSchema,
            "The store holds a schedule that this version does not know. Use the version that wrote it, or a newer one.",
            cause: (try? json.jsonText()) ?? "not JSON"
        )
    }
}

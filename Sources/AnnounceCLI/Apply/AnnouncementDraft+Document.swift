import Announce
import Payload
import Recurrence

extension AnnouncementDraft {
    /// The draft as a document has it: the keys that ``EntryReader`` reads back to the same draft.
    ///
    /// - Parameter zone: the draft's zone.
    /// - Returns: the keys, in the order in which people write them.
    /// - Throws: what reading the stored arguments throws.
    func document(in zone: Zone) throws -> PayloadObject {
        var pairs: [(String, PayloadValue)] = []
        func add(_ key: String, _ value: PayloadValue?) {
            if let value { pairs.append((key, value)) }
        }
        func add(_ key: String, _ texts: [String]) {
            if !texts.isEmpty { pairs.append((key, .array(texts.map(PayloadValue.string)))) }
        }
        if style.form == .maintenance { add("maintenance", true) }
        var arguments = try data.arguments()[...]
        if style.hasText { add("text", arguments.popFirst()) }
        if !arguments.isEmpty { add("json", .array(Array(arguments))) }
        let usualEvent = style.form == .maintenance ? "maintenance" : "announcement"
        if data.event != usualEvent || data.isEmptyMessage { add("event", .string(data.event)) }
        if case .some(let rooms, let sockets) = target.audience {
            add("room", rooms)
            add("socket", sockets)
        } else {
            add("all", true)
        }
        add("except", target.except)
        add("except-socket", target.exceptSockets)
        if target.namespace != "/" { add("namespace", .string(target.namespace)) }
        if target.volatile { add("volatile", true) }
        add("compress", target.compress.map(PayloadValue.bool))
        for (key, value) in try plan.documentPairs { add(key, value) }
        if !style.isTemplate { add("template", false) }
        if !style.texts.isEmpty {
            let texts = NoticeKind.allCases.compactMap { kind in
                style.texts[kind].map { (kind.rawValue, PayloadValue.string($0)) }
            }
            add("texts", .object(PayloadObject(texts)))
        }
        for (key, value) in try policy.documentPairs { add(key, value) }
        if allowUnheard { add("allow-unheard", true) }
        add("ack", try acknowledgeWithin.map { .string(try span($0)) })
        if priority != Self.defaultPriority { add("priority", .integer(Int64(priority))) }
        if !labels.isEmpty {
            let sorted = labels.sorted { $0.key < $1.key }.map { ($0.key, PayloadValue.string($0.value)) }
            add("labels", .object(PayloadObject(sorted)))
        }
        add("timezone", .string(plan.timezone))
        return PayloadObject(pairs)
    }
}

/// A length of time as it is typed: `1h30m`.
private func span(_ milliseconds: Int64) throws -> String { try TimeSpan("\(milliseconds)ms").compactDescription }

extension Plan {
    /// The keys that say when; rules that the options of `add` can say are written as such.
    fileprivate var documentPairs: [(String, PayloadValue)] {
        get throws {
            // Rules of one kind are written as the option that makes them; others in their order, as `show -o json` prints them.
            let options = rules.map { option(for: $0) }
            var pairs: [(String, PayloadValue)] = []
            if let key = options[0]?.key, options.allSatisfy({ $0?.key == key }), key != "every" || rules.count == 1 {
                pairs.append((key, .array(options.compactMap { $0?.value })))
                if case .interval(let interval) = rules[0] {
                    pairs.append(("at", [.string(interval.anchor.rfc3339())]))
                }
            } else {
                pairs.append(("schedules", .array(rules.map(\.json))))
            }
            if let start { pairs.append(("start", start.json)) }
            if let until { pairs.append(("until", until.json)) }
            if let count { pairs.append(("count", .integer(Int64(count)))) }
            let times = exclusions.filter { !$0.isCalendar }.compactMap(\.text)
            if !times.isEmpty { pairs.append(("exclude", .array(times.map(PayloadValue.string)))) }
            let calendars = exclusions.compactMap { exclusion -> PayloadValue? in
                guard case .calendar(let source) = exclusion else { return nil }
                return ["name": .string(source.name), "text": .string(source.text)]
            }
            if !calendars.isEmpty { pairs.append(("calendars", .array(calendars))) }
            if !leads.isEmpty { pairs.append(("lead", .array(leads.map { .string($0.compactDescription) }))) }
            if let length { pairs.append(("for", .string(length.compactDescription))) }
            return pairs
        }
    }
}

extension Plan {
    /// The option that makes a rule, and its value; nil when none does.
    private func option(for rule: Rule) -> (key: String, value: PayloadValue)? {
        switch rule {
        case .instant(let at): ("at", .string(at.rfc3339()))
        case .wall(let wall): ("at", .string("\(wall)"))
        case .cron(let expression): ("cron", .string(expression.text))
        case .interval(let interval) where start == nil:
            (try? span(interval.every)).map { ("every", .string($0)) }
        case .recurrence(let anchored) where start == .wall(anchored.start):
            ("rrule", .string(anchored.rule.text))
        case .interval, .recurrence: nil
        }
    }
}

extension Exclusion {
    /// A day or a time as it is typed.
    fileprivate var text: String? {
        switch self {
        case .day(let day): "\(day)"
        case .instant(let at): at.rfc3339()
        case .wall(let wall): "\(wall)"
        case .calendar: nil
        }
    }
}

extension Policy {
    fileprivate var documentPairs: [(String, PayloadValue)] {
        get throws {
            var pairs: [(String, PayloadValue)] = []
            if misfire != .latest { pairs.append(("misfire", .string(misfire.name))) }
            if let limit = misfire.limit { pairs.append(("max", .integer(Int64(limit)))) }
            if let grace { pairs.append(("grace", .string(try span(grace)))) }
            switch expiry {
            case .at(let bound)?: pairs.append(("expires", bound.json))
            case .after(let length)?: pairs.append(("expires", .string(length.compactDescription)))
            case nil: break
            }
            return pairs
        }
    }
}

extension EventData {
    /// Whether it has no arguments, so that only the event's name says something.
    fileprivate var isEmptyMessage: Bool { (try? arguments().isEmpty) ?? false }
}

import Announce
import Payload
import Recurrence

/// Why an entry cannot be used: where in the document, and what to do.
struct EntryProblem: Error {
    let path: DocumentValue.Path
    let message: String
    /// The exit code: 65 unless it is something else than a value.
    var exitCode = CommandFailure.dataError

    init(_ path: DocumentValue.Path, _ message: String, exitCode: Int32 = CommandFailure.dataError) {
        self.path = path
        self.message = message
        self.exitCode = exitCode
    }
}

/// Reads an announcement of a document: its keys are the options of `add`.
struct EntryReader {
    /// Where the entry stands.
    let path: DocumentValue.Path
    private let pairs: [Pair]
    /// One bit for each key that is there: most are not.
    private let present: UInt64

    private struct Pair {
        let key: Key
        let written: String
        let value: DocumentValue
    }

    /// A key: an option of `add`.
    enum Key: Int, CaseIterable {
        case text, json, event, all, room, socket, except, exceptSocket, namespace, volatile, compress
        case allowUnheard, ack, at, after, every, on, cron, rrule, rdate, exdate, exclude
        case excludeCalendar, calendars, schedules, start, until, count, lead, length
        case template, texts, maintenance, misfire, max, grace, expires, priority, labels, timezone

        /// As it is written: `except-socket`.
        var name: String { Self.names[rawValue] }

        fileprivate var bit: UInt64 { 1 << UInt64(rawValue) }

        /// Its place in the alphabet.
        fileprivate var rank: Int { Self.ranks[rawValue] }

        private static let ranks = names.map { name in names.count { $0 < name } }

        private static let names = allCases.map { key in
            switch key {
            case .after: "in"
            case .length: "for"
            default: EntryReader.kebab("\(key)")
            }
        }
    }

    /// The keys by their names.
    private static let named = Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0.name, $0) })

    /// Other ways to write a key: what is a list may have its name in the plural.
    private static let aliases: [String: Key] = [
        "rooms": .room, "sockets": .socket, "except-sockets": .exceptSocket, "leads": .lead, "label": .labels,
        "tz": .timezone, "arguments": .json, "excludes": .exclude, "exclude-calendars": .excludeCalendar,
        "duration": .length,
    ]

    /// The keys that say when; as long as none of them changes, an announcement keeps the times that it has.
    static let scheduleKeys: Set<String> = [
        "at", "in", "every", "on", "cron", "rrule", "rdate", "exdate", "exclude", "exclude-calendar", "calendars",
        "schedules",
        "start", "until", "count", "lead", "for", "timezone",
    ]
    /// The keys that say what becomes of what is late.
    static let policyKeys: Set<String> = ["misfire", "max", "grace", "expires"]

    /// Takes an entry apart.
    ///
    /// - Throws: ``EntryProblem`` for a key that is none.
    init(_ entry: DocumentValue, at path: DocumentValue.Path) throws(EntryProblem) {
        self.path = path
        guard case .map(let written) = entry else {
            throw EntryProblem(path, "An announcement has keys, such as text: and at:. Write them below its name.")
        }
        var pairs: [Pair] = []
        var present: UInt64 = 0
        pairs.reserveCapacity(written.count)
        for pair in written where !pair.value.isNothing {
            guard let key = Self.key(pair.key) else {
                let plain = Self.kebab(pair.key)
                let names = Self.named.keys
                let near = names.min { (Self.distance($0, plain), $0) < (Self.distance($1, plain), $1) } ?? ""
                let hint =
                    Self.distance(near, plain) <= 2 ? "Did you mean \(near)?" : "Its keys are the options of add."
                throw EntryProblem(path + [.key(pair.key)], "There is no key \"\(pair.key)\". \(hint)")
            }
            if present & key.bit != 0, let other = pairs.first(where: { $0.key == key })?.written {
                throw EntryProblem(path + [.key(pair.key)], "\(other) and \(pair.key) are the same. Give one of them.")
            }
            pairs.append(Pair(key: key, written: pair.key, value: pair.value))
            present |= key.bit
        }
        self.pairs = pairs
        self.present = present
    }

    /// The zone that it names.
    var timezone: String? { get throws(EntryProblem) { try string(.timezone) } }

    /// The request, without the name.
    ///
    /// - Parameter folder: where the paths of calendars begin.
    /// - Returns: what is asked for.
    /// - Throws: ``EntryProblem``, and what reading lengths of time throws.
    func request(in folder: String) throws -> DraftRequest {
        let text = try string(.text)
        let json = try payloads(.json)
        let isMaintenance = try bool(.maintenance) ?? false
        let event = try string(.event)
        if text == nil && json.isEmpty && event == nil {
            throw EntryProblem(path, "There is nothing to say. Give a text, json or an event.")
        }
        if isMaintenance && text == nil {
            throw EntryProblem(path + [.key("maintenance")], "A maintenance notice says something. Give a text.")
        }
        var texts: [NoticeKind: String] = [:]
        for (key, value) in try strings(of: .texts) {
            guard let kind = NoticeKind(rawValue: key) else {
                let kinds = NoticeKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw EntryProblem(place(.texts) + [.key(key)], "There is no phase \"\(key)\". Write one of \(kinds).")
            }
            texts[kind] = value
        }
        let times = try times(in: folder)
        if times.isEmpty {
            throw EntryProblem(path, "There is no time. Say when: at, in, every, cron or rrule.")
        }
        let policy = PolicyRequest(
            misfire: try misfire(),
            max: try integer(.max),
            grace: try string(.grace),
            expires: try string(.expires)
        )
        for problem in [times.problem, policy.problem].compactMap({ $0 }) { throw EntryProblem(path, problem) }
        return DraftRequest(
            form: isMaintenance ? .maintenance : .arguments,
            event: event,
            arguments: (text.map { [.string($0)] } ?? []) + json,
            hasText: text != nil,
            target: try target(),
            times: times,
            policy: policy,
            isTemplate: try bool(.template),
            texts: texts,
            priority: try integer(.priority),
            allowUnheard: try bool(.allowUnheard),
            acknowledgeWithin: try string(.ack).map { try Duration(option: $0) },
            labels: Dictionary(uniqueKeysWithValues: try strings(of: .labels))
        )
    }

    /// What the entry says in one way of writing it, to see later whether it has changed.
    ///
    /// - Parameters:
    ///   - zone: the zone of its times, which it may have from elsewhere.
    ///   - calendars: the calendars that it excludes, with their text.
    /// - Returns: its keys in order, each in one form.
    /// - Throws: ``EntryProblem``.
    func source(zone: String, calendars: [CalendarSource]) throws -> PayloadObject {
        var entries: [(key: Key, value: PayloadValue)] = [(.timezone, .string(zone))]
        entries.reserveCapacity(pairs.count + 2)
        for pair in pairs where pair.key != .timezone && pair.key != .excludeCalendar {
            if let value = try source(of: pair) { entries.append((pair.key, value)) }
        }
        if !calendars.isEmpty {
            let values = calendars.map { PayloadValue.object(["name": .string($0.name), "text": .string($0.text)]) }
            entries.removeAll { $0.key == .calendars }
            entries.append((.calendars, .array(values)))
        }
        entries.sort { $0.key.rank < $1.key.rank }
        return PayloadObject(distinct: entries.map { ($0.key.name, $0.value) })
    }

    private func source(of pair: Pair) throws(EntryProblem) -> PayloadValue? {
        switch (pair.key, pair.value) {
        case (.json, .list), (.schedules, .list), (.calendars, .list), (.labels, _), (.texts, _): pair.value.payload
        case (_, .list): .array(try list(pair.key).map(PayloadValue.string))
        case (.all, _), (.volatile, _), (.compress, _), (.allowUnheard, _), (.template, _), (.maintenance, _):
            try bool(pair.key).map(PayloadValue.bool)
        case (.count, _), (.max, _), (.priority, _): try integer(pair.key).map { .integer(Int64($0)) }
        case (.json, _): .array([pair.value.payload])
        default:
            try string(pair.key).map { Self.lists.contains(pair.key) ? .array([.string($0)]) : .string($0) }
        }
    }

    private static let lists: [Key] = [
        .room, .socket, .except, .exceptSocket, .at, .every, .cron, .rrule, .rdate, .exdate, .exclude, .lead,
    ]

    // MARK: Parts

    private func times(in folder: String) throws -> ScheduleRequest {
        var request = ScheduleRequest(
            at: try list(.at),
            after: try string(.after),
            every: try list(.every),
            on: try string(.on),
            cron: try list(.cron),
            rrule: try list(.rrule),
            rdate: try list(.rdate),
            exclude: try list(.exdate) + list(.exclude),
            start: try string(.start),
            until: try string(.until),
            count: try integer(.count),
            lead: try list(.lead).flatMap { $0.split(separator: ",").map { String($0.trimmed) } },
            length: try string(.length)
        )
        request.takesPast = true
        for (index, file) in try list(.excludeCalendar).enumerated() {
            do {
                request.calendars.append(try ScheduleRequest.calendar(file.hasPrefix("/") ? file : folder + file))
            } catch let failure as CommandFailure {
                throw EntryProblem(place(.excludeCalendar) + [.index(index)], failure.message)
            }
        }
        for (index, value) in try values(.schedules).enumerated() {
            do throws(AnnounceError) {
                request.rules.append(try Rule(json: value.payload))
            } catch {
                throw EntryProblem(
                    place(.schedules) + [.index(index)],
                    "This is no schedule as `announce show -o json` prints them. Use at, every, cron or rrule."
                )
            }
        }
        for (index, value) in try values(.calendars).enumerated() {
            let path = place(.calendars) + [.index(index)]
            guard let name = value["name"]?.string, let text = value["text"]?.string else {
                throw EntryProblem(path, "A calendar has a name and a text. To read a file, use exclude-calendar.")
            }
            do throws(CalendarError) {
                request.calendars.append(try CalendarSource(name: name, text: text))
            } catch {
                throw EntryProblem(path, "The calendar \(name), \(error)")
            }
        }
        return request
    }

    private func target() throws(EntryProblem) -> Target {
        let isAll = try bool(.all) ?? false
        let (rooms, sockets) = (try list(.room).unique, try list(.socket).unique)
        if isAll && !(rooms.isEmpty && sockets.isEmpty) {
            throw EntryProblem(place(.all), "all and room or socket exclude each other. Give one or the other.")
        }
        if !isAll && rooms.isEmpty && sockets.isEmpty {
            throw EntryProblem(path, "Nobody is named. Say whom it is for: all: true, room or socket.")
        }
        return Target(
            namespace: try string(.namespace) ?? "/",
            audience: isAll ? .everyone : .some(rooms: rooms, sockets: sockets),
            except: try list(.except).unique,
            exceptSockets: try list(.exceptSocket).unique,
            volatile: try bool(.volatile) ?? false,
            compress: try bool(.compress)
        )
    }

    private func misfire() throws(EntryProblem) -> PolicyRequest.Misfire? {
        guard let text = try string(.misfire) else { return nil }
        if let misfire = PolicyRequest.Misfire(rawValue: text) { return misfire }
        throw EntryProblem(place(.misfire), "\"\(text)\" is no policy. Write latest, skip or all.")
    }

    // MARK: Values

    private func pair(_ key: Key) -> Pair? {
        present & key.bit == 0 ? nil : pairs.first { $0.key == key }
    }

    /// The path of a key, as it is written.
    func place(_ key: Key) -> DocumentValue.Path { path + (pair(key).map { [.key($0.written)] } ?? []) }

    private func string(_ key: Key) throws(EntryProblem) -> String? {
        guard let value = pair(key)?.value else { return nil }
        if case .list(let values) = value, values.count == 1, let text = values[0].string { return text }
        if let text = value.string { return text }
        throw EntryProblem(place(key), "\(key.name) is one text. Write it as \(key.name): \"…\".")
    }

    private func bool(_ key: Key) throws(EntryProblem) -> Bool? {
        guard let value = pair(key)?.value else { return nil }
        if case .bool(let bool) = value.payload { return bool }
        throw EntryProblem(place(key), "\(key.name) is true or false.")
    }

    private func integer(_ key: Key) throws(EntryProblem) -> Int? {
        guard let value = pair(key)?.value else { return nil }
        if case .integer(let number) = value.payload { return Int(number) }
        throw EntryProblem(place(key), "\(key.name) is a whole number.")
    }

    private func values(_ key: Key) throws(EntryProblem) -> [DocumentValue] {
        switch pair(key)?.value {
        case nil: []
        case .list(let values)?: values
        case let value?: [value]
        }
    }

    /// One text, or a list of them.
    private func list(_ key: Key) throws(EntryProblem) -> [String] {
        var texts: [String] = []
        for (index, value) in try values(key).enumerated() {
            guard let text = value.string else {
                throw EntryProblem(place(key) + [.index(index)], "\(key.name) is a text or a list of texts.")
            }
            texts.append(text)
        }
        return texts
    }

    private func payloads(_ key: Key) throws(EntryProblem) -> [PayloadValue] {
        try values(key).map(\.payload)
    }

    private func strings(of key: Key) throws(EntryProblem) -> [(String, String)] {
        guard let value = pair(key)?.value else { return [] }
        guard case .map(let pairs) = value else {
            throw EntryProblem(place(key), "\(key.name) has keys and texts. Write them below it, as key: text.")
        }
        var texts: [(String, String)] = []
        for pair in pairs {
            guard let text = pair.value.string else {
                throw EntryProblem(place(key) + [.key(pair.key)], "\(pair.key) is a text.")
            }
            texts.append((pair.key, text))
        }
        return texts
    }

    /// The key that is meant, in whatever way it is written; nil when there is none.
    private static func key(_ written: String) -> Key? {
        if let key = named[written] { return key }
        let plain = kebab(written)
        return named[plain] ?? aliases[plain]
    }

    /// `exceptSocket` and `except_socket` as `except-socket`.
    fileprivate static func kebab(_ key: String) -> String {
        key.reduce(into: "") { text, character in
            if character == "_" {
                text += "-"
            } else if character.isUppercase {
                text += (text.isEmpty ? "" : "-") + character.lowercased()
            } else {
                text.append(character)
            }
        }
    }

    /// How many letters have to be changed, added or left out (Levenshtein).
    private static func distance(_ one: String, _ other: String) -> Int {
        var row = Array(0...other.count)
        for (index, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, another) in other.enumerated() {
                let changed = diagonal + (letter == another ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, diagonal + 1, row[column] + 1)
            }
        }
        return row.last ?? 0
    }
}

extension Substring {
    /// Without spaces at its ends.
    fileprivate var trimmed: Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

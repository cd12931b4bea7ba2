import ArgumentParser
import Payload
import Recurrence

extension Document {
    /// Reads the lines of a crontab (crontab(5)) as announcements.
    ///
    /// A command `announce send …` says what and to whom; any other rest of a line is the text. `CRON_TZ=` and `TZ=` give the
    /// zone of the lines that follow. A comment `# name: …` names the line that follows; others are named after what they say.
    ///
    /// - Throws: ``DocumentError`` with the line.
    init(crontab text: String) throws(DocumentError) {
        var pairs: [DocumentValue.Pair] = []
        var lines: [String: Int] = [:]
        var (zone, name): (String?, String?)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let place = Place(line: index + 1, column: 1)
            let line = line.trimmingPrefix { $0 == " " || $0 == "\t" }
            if let comment = line.firstMatch(of: /^#\s*name:\s*(.+?)\s*$/) { name = String(comment.1) }
            if line.isEmpty || line.hasPrefix("#") { continue }
            if let assignment = line.firstMatch(of: /^([A-Za-z_]+)\s*=\s*"?([^"]*?)"?\s*$/) {
                if assignment.1 == "CRON_TZ" || assignment.1 == "TZ" { zone = String(assignment.2) }
                continue
            }
            let count = line.hasPrefix("@") ? 1 : 5
            let fields = line.split(maxSplits: count) { $0 == " " || $0 == "\t" }
            guard fields.count == count + 1 else {
                throw DocumentError("This line has no command. Write five fields, and what to say.", at: place)
            }
            if fields[0] == "@reboot" {
                throw DocumentError("@reboot is no time. Remove the line.", at: place)
            }
            var keys = try Self.keys(ofCommand: String(fields[count]), at: place)
            keys.append(.init(key: "cron", value: .text(fields[..<count].joined(separator: " "))))
            if let zone { keys.append(.init(key: "timezone", value: .text(zone))) }
            let said = DocumentValue.map(keys)["text"]?.string ?? DocumentValue.map(keys)["event"]?.string ?? "line"
            let wanted = name ?? said.slug
            var unique = wanted
            var number = 2
            while lines[unique] != nil {
                unique = "\(wanted)-\(number)"
                number += 1
            }
            lines[unique] = index + 1
            pairs.append(.init(key: unique, value: .map(keys)))
            name = nil
        }
        let known = lines
        root = .map([.init(key: "announcements", value: .map(pairs))])
        locator = {
            { path in
                guard path.count > 1, case .key(let name) = path[1] else { return Place(line: 1, column: 1) }
                return Place(line: known[name] ?? 1, column: 1)
            }
        }
    }

    private static func keys(
        ofCommand command: String,
        at place: Place
    ) throws(DocumentError) -> [DocumentValue.Pair] {
        let words = command.shellWords
        guard words.count > 1, words[0] == "announce" || words[0].hasSuffix("/announce"), words[1] == "send" else {
            return [.init(key: "text", value: .text(command))]
        }
        let message: MessageOptions
        let arguments: [PayloadValue]
        do {
            message = try MessageOptions.parse(Array(words.dropFirst(2)))
            arguments = try message.json.map { try PayloadValue(json: $0) }
        } catch {
            throw DocumentError("\(MessageOptions.message(for: error))", at: place)
        }
        let whom = message.whom
        var keys: [DocumentValue.Pair] = []
        func add(_ key: String, _ value: DocumentValue?) {
            if let value { keys.append(.init(key: key, value: value)) }
        }
        func add(_ key: String, _ texts: [String]) {
            if !texts.isEmpty { add(key, .list(texts.map(DocumentValue.text))) }
        }
        add("text", message.text.map(DocumentValue.text))
        if !arguments.isEmpty { add("json", .list(arguments.map { DocumentValue($0) })) }
        add("event", message.event.map(DocumentValue.text))
        if whom.all { add("all", .plain("true")) }
        add("room", whom.room)
        add("socket", whom.socket)
        add("except", whom.except)
        add("except-socket", whom.exceptSocket)
        add("namespace", whom.namespace.map(DocumentValue.text))
        add("volatile", message.volatile.map { .plain("\($0)") })
        add("compress", message.compress.map { .plain("\($0)") })
        add("allow-unheard", message.allowUnheard.map { .plain("\($0)") })
        add("ack", message.ack.map(DocumentValue.text))
        return keys
    }
}

extension String {
    /// The words of a shell command, without what surrounds and escapes them.
    fileprivate var shellWords: [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var isEscaped = false
        for character in self {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "\\" && quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
                word = word ?? ""
            } else if quote == nil, character == " " || character == "\t" {
                if let word { words.append(word) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return words
    }
}

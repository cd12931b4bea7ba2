// Writes the man pages: announce(1), one for each command, and announce.yaml(5).
// Run at the root of the package: swift packaging/manual.swift PROGRAM FOLDER DATE
//
// What they say comes from the program (`--experimental-dump-help`), from the table of exit codes in docs/operations.md and
// from config/announce.example.yaml, so that they are as true as those. DATE is YYYY-MM-DD.
import Foundation

struct Failure: Error, CustomStringConvertible {
    let description: String
}

// MARK: What the program tells of itself

struct ToolInfo: Decodable {
    let serializationVersion: Int
    let command: CommandInfo
}

struct CommandInfo: Decodable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let superCommands: [String]?
    let subcommands: [CommandInfo]?
    let arguments: [ArgumentInfo]?

    /// `announce-add`, as its page is called.
    var pageName: String { ((superCommands ?? []) + [commandName]).joined(separator: "-") }

    /// `announce add`, as it is typed.
    var typedName: String { ((superCommands ?? []) + [commandName]).joined(separator: " ") }

    var shownArguments: [ArgumentInfo] { (arguments ?? []).filter(\.shouldDisplay) }

    /// The prose before `Examples:`, as paragraphs.
    var paragraphs: [String] {
        let prose = (discussion ?? "").components(separatedBy: "Examples:\n")[0]
        return prose.components(separatedBy: "\n\n").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }
    }

    var examples: [String] {
        guard let text = (discussion ?? "").components(separatedBy: "Examples:\n").dropFirst().first else { return [] }
        return text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }
}

struct ArgumentInfo: Decodable {
    struct Name: Decodable {
        let kind: String
        let name: String
    }

    let kind: String
    let names: [Name]?
    let valueName: String?
    let abstract: String?
    let discussion: String?
    let defaultValue: String?
    let sectionTitle: String?
    let isOptional: Bool
    let isRepeating: Bool
    let shouldDisplay: Bool

    /// The names as mdoc has them: `Fl o , Fl -output`.
    var flags: String {
        let names = (names ?? []).sorted { $0.kind == "short" && $1.kind != "short" }
        return names.map { "Fl " + ($0.kind == "long" ? "-" : "") + $0.name }.joined(separator: " , ")
    }
}

func toolInfo(of program: String) throws -> CommandInfo {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["--experimental-dump-help"]
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let info = try JSONDecoder().decode(ToolInfo.self, from: data)
    guard info.serializationVersion == 0 else {
        throw Failure(
            description: "The program tells its help in a form of version \(info.serializationVersion), not 0."
        )
    }
    return info.command
}

// MARK: mdoc

/// A page as it grows, line by line (`mdoc(7)`).
struct Page {
    private(set) var lines: [String] = []

    init(_ title: String, section: Int, date: String) throws {
        let form = DateFormatter()
        form.locale = Locale(identifier: "en_US_POSIX")
        form.timeZone = TimeZone(identifier: "UTC")
        form.dateFormat = "yyyy-MM-dd"
        guard let day = form.date(from: date) else {
            throw Failure(description: "\(date) is no date: write YYYY-MM-DD.")
        }
        form.dateFormat = "MMMM d, yyyy"
        lines = [".Dd \(form.string(from: day))", ".Dt \(title.uppercased()) \(section)", ".Os"]
    }

    mutating func macro(_ line: String) { lines.append(line) }

    mutating func section(_ title: String) { lines.append(".Sh \(title)") }

    /// Prose: a line for each sentence, `code` in bold.
    mutating func prose(_ text: String) {
        let joined = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
        let sentences = joined.replacing(#/([.!?]\)?) (?=[A-Z])/#) { "\($0.1)\n" }
        for sentence in sentences.split(separator: "\n") {
            // Broken at 80 bytes, as editors and mandoc's lint want it; what is shown is filled anew.
            var line = ""
            for word in Self.inline(String(sentence)).split(separator: " ") {
                if !line.isEmpty && Self.length(of: line) + 1 + Self.length(of: String(word)) > 78 {
                    lines.append(Self.guarded(line))
                    line = ""
                }
                line += (line.isEmpty ? "" : " ") + word
            }
            lines.append(Self.guarded(line))
        }
    }

    /// Lines as they are, unfilled.
    mutating func literal(_ text: [String]) {
        lines.append(".Bd -literal -offset indent")
        lines += text.map { Self.guarded(Self.escaped($0)) }
        lines.append(".Ed")
    }

    /// A list whose items are made by the caller.
    mutating func list(_ width: String, _ items: (inout Page) -> Void) {
        lines.append(".Bl -tag -width \(width)")
        items(&self)
        lines.append(".El")
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    /// Characters that roff would take for its own, as they are typed: a hyphen that can be copied, straight quotes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            default: result.append(character)
            }
        }
        return result
    }

    /// Prose with its `code` in bold, and with the hyphens of what is typed as such.
    ///
    /// A name is not broken, as who copies it would copy the hyphen; but an address that fills a line has to be, after a comma.
    private static func inline(_ text: String) -> String {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { place, part in
            let isCode = !place.isMultiple(of: 2)
            let words = part.split(separator: " ", omittingEmptySubsequences: false).map { word in
                let isTyped = word.contains("--") || word.contains("_") || word.contains("://") || word.hasPrefix("-")
                if isCode || isTyped { return "\\%" + escaped(String(word)).replacing(",", with: ",\\:") }
                let isName = word.dropFirst().contains { $0.isUppercase }
                return (isName ? "\\%" : "") + escaped(String(word)).replacing("\\-", with: "-")
            }.joined(separator: " ")
            return isCode ? "\\fB\(words)\\fP" : words
        }.joined()
    }

    /// The bytes of a text as roff has it: what is not ASCII becomes `\[u2026]`.
    private static func length(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + ($1.isASCII ? 1 : 8) }
    }

    /// A line that roff does not take for a request.
    private static func guarded(_ line: String) -> String {
        line.hasPrefix(".") || line.hasPrefix("\\(aq") || line.hasPrefix("'") ? "\\&" + line : line
    }
}

/// `.Xr announce-add 1 ,` and so on.
func references(_ pages: [(name: String, section: Int)]) -> [String] {
    pages.enumerated().map { place, page in
        ".Xr \(page.name) \(page.section)" + (place < pages.count - 1 ? " ," : "")
    }
}

// MARK: The settings file

/// One key of config/announce.example.yaml.
struct Setting {
    let key: String
    let defaultValue: String
    let comment: [String]

    /// Its variable of the environment, as the comment names it.
    var variable: String {
        "ANNOUNCE_" + key.uppercased().replacing(#/[.-]/#, with: "_")
    }
}

/// Reads the example: a comment above each `#key: default`, sections above those, and what the file begins with.
func settings(_ text: String) throws -> (introduction: [String], settings: [Setting]) {
    var introduction: [String]?
    var comment: [String] = []
    var sections: [(indentation: Int, name: String, comment: [String])] = []
    var found: [Setting] = []
    for line in text.components(separatedBy: "\n") {
        let indentation = line.prefix { $0 == " " }.count
        let rest = line.dropFirst(indentation)
        if let match = rest.wholeMatch(of: #/#([a-z][a-z-]*): (.+)/#) {
            while let last = sections.last, last.indentation >= indentation { sections.removeLast() }
            let key = (sections.map(\.name) + [String(match.1)]).joined(separator: ".")
            // What is said of a section is said of its first key; a key without a comment shares that of the one above.
            let own = (sections.last?.comment ?? []) + comment
            let shared = own.isEmpty ? found.last?.comment ?? [] : own
            found.append(Setting(key: key, defaultValue: String(match.2), comment: shared))
            if !sections.isEmpty { sections[sections.count - 1].comment = [] }
            comment = []
        } else if let match = rest.wholeMatch(of: #/([a-z][a-z-]*):/#) {
            while let last = sections.last, last.indentation >= indentation { sections.removeLast() }
            sections.append((indentation, String(match.1), comment))
            comment = []
        } else if rest.hasPrefix("#") {
            comment.append(String(rest.dropFirst(rest.hasPrefix("# ") ? 2 : 1)))
        } else if rest.isEmpty {
            if introduction == nil { introduction = comment }
            comment = []
        } else {
            throw Failure(description: "config/announce.example.yaml has a line of no known form: \(line)")
        }
    }
    return (introduction ?? [], found)
}

extension Page {
    /// A comment of the example: prose, with what is indented in it as a list.
    mutating func comment(_ lines: [String]) {
        var prose: [String] = []
        var items: [String] = []
        for line in lines {
            if line.hasPrefix("    "), let last = items.popLast() {
                items.append(last + " " + line.trimmingCharacters(in: .whitespaces))
            } else if line.hasPrefix("  ") {
                items.append(line.trimmingCharacters(in: .whitespaces))
            } else {
                if !items.isEmpty { flush(&prose, &items) }
                prose.append(line)
            }
        }
        flush(&prose, &items)
    }

    private mutating func flush(_ prose: inout [String], _ items: inout [String]) {
        self.prose(prose.joined(separator: "\n"))
        if !items.isEmpty {
            macro(".Bl -bullet -compact")
            for item in items {
                macro(".It")
                self.prose(item)
            }
            macro(".El")
        }
        (prose, items) = ([], [])
    }
}

// MARK: The pages

struct Manual {
    let root: CommandInfo
    let date: String
    let introduction: [String]
    let settings: [Setting]
    /// The rows of the table of exit codes.
    let exitCodes: [(code: String, meaning: String)]

    var commands: [CommandInfo] { (root.subcommands ?? []).filter { $0.commandName != "help" } }

    func rootPage() throws -> Page {
        var page = try Page("announce", section: 1, date: date)
        page.section("NAME")
        page.macro(".Nm announce")
        page.macro(".Nd tells the users of a Socket.IO site something at the right moment")
        page.section("SYNOPSIS")
        page.macro(".Nm")
        page.macro(".Ar command")
        page.macro(".Op Ar options")
        page.macro(".Nm")
        page.macro(".Fl -version | -help")
        page.section("DESCRIPTION")
        page.prose(root.abstract ?? "")
        for paragraph in root.paragraphs {
            page.macro(".Pp")
            page.prose(paragraph)
        }
        page.section("COMMANDS")
        page.prose("Each has a page of its own.")
        page.list("maintenance") { page in
            for command in commands {
                page.macro(".It Xr \(command.pageName) 1")
                page.prose(command.abstract ?? "")
            }
        }
        environment(&page)
        files(&page)
        page.section("EXIT STATUS")
        page.list("Ds") { page in
            for (code, meaning) in exitCodes {
                page.macro(".It \(code)")
                page.prose(meaning)
            }
        }
        page.section("EXAMPLES")
        page.literal(root.examples)
        page.section("SEE ALSO")
        for line in references(commands.map { ($0.pageName, 1) }.sorted { $0.0 < $1.0 } + [("announce.yaml", 5)]) {
            page.macro(line)
        }
        return page
    }

    private func environment(_ page: inout Page) {
        page.section("ENVIRONMENT")
        page.list("Ds") { page in
            page.macro(".It Ev ANNOUNCE_CONFIG")
            page.prose("The settings file, where there is no --config.")
            for setting in settings {
                page.macro(".It Ev \(setting.variable)")
                page.prose("The setting `\(setting.key)` of announce.yaml(5).")
            }
            page.macro(".It Ev TZ , TZDIR")
            page.prose("The machine's zone, and the folder of zone files, as elsewhere.")
            page.macro(".It Ev XDG_CONFIG_HOME , XDG_DATA_HOME")
            page.prose("Where settings and the database are by default.")
            page.macro(".It Ev NOTIFY_SOCKET , WATCHDOG_USEC , WATCHDOG_PID")
            page.prose("Set by systemd: `announce run` tells it when it is ready, that it is alive, and when it stops.")
        }
    }

    private func files(_ page: inout Page) {
        page.section("FILES")
        page.list("Ds") { page in
            page.macro(".It Pa \\(ti/.config/announce/announce.yaml")
            page.macro(".It Pa /etc/announce/announce.yaml")
            page.prose("The settings: the first that can be read.")
            page.macro(".It Pa \\(ti/.local/share/announce/announce.sqlite")
            page.prose("The database of announcements, where no setting names another.")
            page.macro(".It Pa /var/lib/announce/announce.sqlite")
            page.prose("That of the service.")
        }
    }

    func page(of command: CommandInfo) throws -> Page {
        var page = try Page(command.pageName, section: 1, date: date)
        page.section("NAME")
        page.macro(".Nm \(command.pageName)")
        page.macro(".Nd \(Self.described(command.abstract ?? ""))")
        page.section("SYNOPSIS")
        page.macro(".Nm \(command.typedName)")
        page.macro(".Op Ar options")
        for argument in command.shownArguments where argument.kind == "positional" {
            let name = "Ar \(argument.valueName ?? "value")" + (argument.isRepeating ? " ..." : "")
            page.macro(argument.isOptional ? ".Op \(name)" : ".\(name)")
        }
        page.section("DESCRIPTION")
        page.prose(command.abstract ?? "")
        for paragraph in command.paragraphs {
            page.macro(".Pp")
            page.prose(paragraph)
        }
        options(of: command, &page)
        page.section("EXIT STATUS")
        page.macro("Those of")
        page.macro(".Xr announce 1 .")
        if !command.examples.isEmpty {
            page.section("EXAMPLES")
            page.literal(command.examples)
        }
        page.section("SEE ALSO")
        for line in references([("announce", 1), ("announce.yaml", 5)]) { page.macro(line) }
        return page
    }

    /// An abstract as the one line of a page: `schedules an announcement`.
    private static func described(_ abstract: String) -> String {
        let text = abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    private func options(of command: CommandInfo, _ page: inout Page) {
        page.section("OPTIONS")
        var titles: [String?] = [nil]
        for title in command.shownArguments.map(\.sectionTitle) where !titles.contains(title) { titles.append(title) }
        for title in titles {
            let arguments = command.shownArguments.filter { $0.sectionTitle == title }
            if arguments.isEmpty { continue }
            if let title { page.macro(".Ss \(title)") }
            page.list("Ds") { page in
                var pair = ""
                for (place, argument) in arguments.enumerated() {
                    let value = " Ar \(argument.valueName ?? "value")"
                    switch argument.kind {
                    case "positional": page.macro(".It\(value)")
                    case "option": page.macro(".It \(argument.flags)\(value)")
                    default:
                        // --compress and --no-compress share what is said of them.
                        let next = place + 1 < arguments.count ? arguments[place + 1] : nil
                        if next?.kind == "flag" && next?.abstract == argument.abstract {
                            pair = argument.flags + " , "
                            continue
                        }
                        page.macro(".It \(pair)\(argument.flags)")
                        pair = ""
                    }
                    page.prose(argument.abstract ?? "")
                    if let discussion = argument.discussion { page.prose(discussion) }
                    if let value = argument.defaultValue { page.prose("Default: \(value).") }
                }
            }
        }
    }

    func settingsPage() throws -> Page {
        var page = try Page("announce.yaml", section: 5, date: date)
        page.section("NAME")
        page.macro(".Nm announce.yaml")
        page.macro(".Nd settings of announce")
        page.section("DESCRIPTION")
        page.comment(introduction)
        page.macro(".Pp")
        page.prose(
            "A dot stands for a level: `redis.url` is the key `url` under `redis`. A key that is not known is refused."
        )
        page.list("Ds") { page in
            for setting in settings {
                page.macro(".It Ic \(setting.key)")
                page.comment(setting.comment)
                page.macro(".br")
                page.prose("Default: `\(setting.defaultValue)`")
            }
        }
        page.section("FILES")
        page.list("Ds") { page in
            page.macro(".It Pa /etc/announce/announce.yaml")
            page.macro(".It Pa \\(ti/.config/announce/announce.yaml")
        }
        page.section("EXAMPLES")
        page.literal(["redis:", "  url: rediss://announce:PASSWORD@redis.example.org", "timezone: Europe/Berlin"])
        page.section("SEE ALSO")
        page.macro(".Xr announce 1")
        return page
    }
}

/// The rows `| 64 | usage: … |` of the first table with codes.
func exitCodes(_ document: String) throws -> [(code: String, meaning: String)] {
    let rows = document.split(separator: "\n").compactMap { line in
        line.wholeMatch(of: #/\| (\d+) \| (.+) \|/#).map { (code: String($0.1), meaning: String($0.2)) }
    }
    if rows.isEmpty { throw Failure(description: "docs/operations.md has no table of exit codes.") }
    return rows
}

func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

do {
    let words = CommandLine.arguments
    guard words.count == 4 else { throw Failure(description: "Say: swift packaging/manual.swift PROGRAM FOLDER DATE") }
    let folder = words[2]
    let (introduction, settings) = try settings(try text("config/announce.example.yaml"))
    let manual = Manual(
        root: try toolInfo(of: words[1]),
        date: words[3],
        introduction: introduction,
        settings: settings,
        exitCodes: try exitCodes(try text("docs/operations.md"))
    )
    try manual.rootPage().text.write(toFile: "\(folder)/announce.1", atomically: true, encoding: .utf8)
    for command in manual.commands {
        try manual.page(of: command).text.write(
            toFile: "\(folder)/\(command.pageName).1",
            atomically: true,
            encoding: .utf8
        )
    }
    try manual.settingsPage().text.write(toFile: "\(folder)/announce.yaml.5", atomically: true, encoding: .utf8)
} catch {
    FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
    exit(1)
}

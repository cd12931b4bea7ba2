import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce list`: shows announcements.
struct ListCommand: AsyncParsableCommand {
    enum State: String, ExpressibleByArgument, CaseIterable {
        case scheduled, paused, finished, cancelled, failed, all
    }

    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Shows announcements, the next to go out first.",
        discussion: """
            Examples:
              announce list
              announce list --state all --room lobby -o json
              announce list --label team=ops
              announce list --search "good morn" --state all
              announce list --watch
            """
    )

    /// With so many columns there is room for whole times.
    private static let wide = 120

    @Option(parsing: .unconditional, help: "Which to show: scheduled, paused, finished, cancelled, failed or all.")
    var state = State.scheduled

    @Option(parsing: .unconditional, help: ArgumentHelp("Only those for this room.", valueName: "name"))
    var room: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Only those with this label; may be repeated.", valueName: "key=value")
    )
    var label: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Only those with words that begin with these, in any order, in their name or their texts.",
            valueName: "words"
        )
    )
    var search: String?

    @Option(parsing: .unconditional, help: "At most so many.")
    var limit = 100

    @OptionGroup var watch: WatchOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit \(limit) shows nothing. Give 1 or more.") }
    }

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let filter = AnnouncementFilter(
                state: Announcement.State(rawValue: state.rawValue),
                room: room,
                labels: try Labels.parse(label),
                search: try words(),
                limit: limit
            )
            let store = try composition.storeToRead()
            try await watch.show(store, composition.clock) {
                try show(try await store.announcements(matching: filter), composition)
            }
        }
    }

    private func show(_ found: [Announcement], _ composition: Composition) throws {
        switch output.output {
        case .json:
            let json = try found.map { try Representation.announcement($0, in: composition.zone(of: $0)) }
            Terminal.data(try PayloadValue.array(json).jsonText())
        case .table:
            printTable(found, now: composition.clock.wall, zone: try composition.zone())
            if found.count == limit { Terminal.note("These are the first \(limit). See more with --limit.") }
        }
    }

    private func words() throws -> [String] {
        guard let search else { return [] }
        let words = search.split(whereSeparator: \.isWhitespace).map(String.init)
        if words.contains(where: { $0.contains { $0.isLetter || $0.isNumber } }) { return words }
        throw CommandFailure(
            "--search \"\(search)\" has no word. Give the beginnings of words, such as --search \"good morn\".",
            exitCode: CommandFailure.dataError
        )
    }

    private func printTable(_ found: [Announcement], now: Timestamp, zone: Zone) {
        if found.isEmpty { return Terminal.note("There are no announcements like that.") }
        // A terminal that is not wide shows times without what is clear anyway, and leaves out what says least.
        if let width = Terminal.width, width < Self.wide {
            var table = Table("ID", "NAME", "STATE", "NEXT", "FOR", "MESSAGE", flexible: [1, 4, 5])
            for announcement in found {
                table.add(
                    "\(announcement.id)",
                    announcement.draft.name ?? "-",
                    announcement.state.rawValue,
                    next(of: announcement) { brief($0, in: zone, now: now) },
                    announcement.draft.target.summary,
                    announcement.draft.data.summary,
                    colour: announcement.state.colour
                )
            }
            return table.print()
        }
        var table = Table("ID", "NAME", "STATE", "NEXT", "", "FOR", "EVENT", "MESSAGE", flexible: [1, 5, 6, 7])
        for announcement in found {
            table.add(
                "\(announcement.id)",
                announcement.draft.name ?? "-",
                announcement.state.rawValue,
                next(of: announcement) { describe($0, in: zone) },
                announcement.next.map { distance(from: now, to: $0.at) } ?? "",
                announcement.draft.target.summary,
                announcement.draft.data.event,
                announcement.draft.data.summary,
                colour: announcement.state.colour
            )
        }
        table.print()
    }
}

/// A time without its zone, and without the year where it is the present one: `Fri 27 Nov 09:00`.
private func brief(_ at: Timestamp, in zone: Zone, now: Timestamp) -> String {
    let (wall, today) = (zone.civil(at: at), zone.civil(at: now).date)
    let words = describe(at, in: zone).split(separator: " ")
    // The weekday, the day, the month, the year, the time.
    guard words.count > 4 else { return describe(at, in: zone) }
    return words[0...2].joined(separator: " ") + (wall.date.year == today.year ? " " : " \(words[3]) ")
        + words[4].prefix { $0 != "." }
}

/// When it says something next, or is to be resumed.
private func next(of announcement: Announcement, _ words: (Timestamp) -> String) -> String {
    if let at = announcement.resumesAt { return "resumes \(words(at))" }
    return announcement.next.map { words($0.at) } ?? "-"
}

extension Announcement.State {
    /// What draws attention: what is silent, and what can never go out.
    fileprivate var colour: Colour? {
        switch self {
        case .scheduled: nil
        case .paused: .yellow
        case .failed: .red
        case .finished, .cancelled: .grey
        }
    }
}

extension EventData {
    /// The arguments in short, for a table: the bare text when there is one and nothing else.
    var summary: String {
        guard let arguments = try? arguments() else { return "?" }
        let text = arguments.map { value in
            if case .string(let text) = value { text } else { value.line }
        }
        .joined(separator: ", ")
        return text.count > 60 ? text.prefix(59) + "…" : text
    }
}

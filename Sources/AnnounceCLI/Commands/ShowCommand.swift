import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce show`: everything about one announcement.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one announcement, its next occurrences and its last deliveries.",
        discussion: """
            Examples:
              announce show 42
              announce show coffee -o json
            """
    )

    /// How many next occurrences and last deliveries are shown.
    private static let lines = 5

    @Argument(help: ArgumentHelp("The announcement's id or name.", valueName: "id|name"))
    var reference: String

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let store = try composition.storeToRead()
            let announcement = try await store.announcement(Reference(reference))
            let history = try await store.history(of: .id(announcement.id), limit: Self.lines)
            let zone = try composition.zones.zone(named: announcement.draft.timezone)
            let schedule = Schedule(rules: announcement.draft.rules, zone: zone)
            let next = announcement.next.map { next in
                // The store knows the first; the schedule knows those that follow it.
                [next.at] + schedule.occurrences(after: next.at).prefix(Self.lines - 1)
            }
            switch output.output {
            case .json: try printJSON(announcement, next ?? [], history, in: schedule)
            case .table: print(announcement, next ?? [], history, in: schedule, now: composition.clock.wall)
            }
        }
    }

    private func printJSON(
        _ announcement: Announcement,
        _ next: [Timestamp],
        _ history: [HistoryEntry],
        in schedule: Schedule
    ) throws {
        guard case .object(var object) = try Representation.announcement(announcement) else { return }
        object["next"] = .array(next.map { Representation.occurrence($0, in: schedule) })
        object["history"] = .array(history.map(\.json))
        Terminal.data(try PayloadValue.object(object).jsonText())
    }

    private func print(
        _ announcement: Announcement,
        _ next: [Timestamp],
        _ history: [HistoryEntry],
        in schedule: Schedule,
        now: Timestamp
    ) {
        let draft = announcement.draft
        let zone = schedule.zone
        func line(_ title: String, _ value: String) {
            Terminal.data(title.padded(to: 14) + Table.oneLine(value))
        }
        line("Announcement", "\(announcement.id)" + (draft.name.map { " (\($0))" } ?? ""))
        line("State", announcement.state.rawValue + (announcement.reason.map { ": \($0)" } ?? ""))
        line("For", draft.target.summary)
        line("Event", draft.data.event)
        line("Arguments", PayloadValue.array((try? draft.data.arguments()) ?? []).line)
        line("Schedule", draft.rules.map { $0.words(in: zone) }.joined(separator: "; "))
        line("Zone", draft.timezone)
        line("Priority", "\(draft.priority)")
        if draft.allowUnheard { line("Unheard", "counts as published") }
        if !draft.labels.isEmpty {
            line("Labels", draft.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ", "))
        }
        line("Created", "\(describe(announcement.created, in: zone)) by \(announcement.createdBy)")
        for (index, at) in next.enumerated() {
            line(index == 0 ? "Next" : "", "\(describe(at, in: zone)), \(distance(from: now, to: at))")
        }
        for (index, entry) in history.enumerated() { line(index == 0 ? "History" : "", entry.words(in: zone)) }
    }
}

extension Rule {
    /// The rule in words.
    func words(in zone: Zone) -> String {
        switch self {
        case .instant(let at): "at \(describe(at, in: zone))"
        case .wall(let at): "at \(at.description.replacing("T", with: " ")) by the clock on the wall"
        case .interval(let interval): "every \(interval.words) from \(describe(interval.anchor, in: zone))"
        }
    }
}

extension String {
    /// The text, with spaces up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

extension Interval {
    /// The distance of two occurrences in words: `2 h 30 min`.
    var words: String {
        let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")]
        var rest = every
        var parts: [String] = []
        for (length, name) in units where rest >= length {
            parts.append("\(rest / length) \(name)")
            rest %= length
        }
        return parts.joined(separator: " ")
    }
}

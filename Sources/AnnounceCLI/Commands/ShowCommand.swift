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
            let standing = try await store.standing(of: Reference(reference))
            let announcement = standing.announcement
            let history = try await store.history(of: .id(announcement.id), limit: Self.lines)
            let zone = try composition.zones.zone(named: announcement.draft.plan.timezone)
            let notices = composition.notices(of: announcement.draft.plan, in: zone)
            let now = composition.clock.wall
            let preview = Preview(
                announcement.draft,
                notices,
                id: announcement.id,
                revision: announcement.revision,
                now: now
            )
            let first = announcement.next == nil ? nil : standing.queued.first { !$0.occurrence.phase.kind.isChange }
            let next = try preview.notices(from: first?.planned, limit: Self.lines)
            switch output.output {
            case .json: try printJSON(announcement, next, history, in: zone)
            case .table: print(announcement, next, history, in: zone, now: now)
            }
        }
    }

    private func printJSON(
        _ announcement: Announcement,
        _ next: [PreviewedNotice],
        _ history: [HistoryEntry],
        in zone: Zone
    ) throws {
        guard case .object(var object) = try Representation.announcement(announcement, in: zone) else { return }
        object["next"] = .array(try next.map { try Representation.notice($0, in: zone, withArguments: true) })
        object["history"] = .array(history.map(\.json))
        Terminal.data(try PayloadValue.object(object).jsonText())
    }

    private func print(
        _ announcement: Announcement,
        _ next: [PreviewedNotice],
        _ history: [HistoryEntry],
        in zone: Zone,
        now: Timestamp
    ) {
        let draft = announcement.draft
        let plan = draft.plan
        func line(_ title: String, _ value: String) {
            Terminal.data(title.padded(to: 14) + Table.oneLine(value))
        }
        line("Announcement", "\(announcement.id)" + (draft.name.map { " (\($0))" } ?? ""))
        line("State", announcement.state.rawValue + (announcement.reason.map { ": \($0)" } ?? ""))
        line("For", draft.target.summary)
        line("Event", draft.data.event)
        line("Arguments", PayloadValue.array((try? draft.data.arguments()) ?? []).line)
        line("Schedule", plan.rules.map { $0.words(in: zone) }.joined(separator: "; "))
        if let start = plan.start { line("From", describe(start.instant(in: zone, isEnd: false), in: zone)) }
        if let until = plan.until { line("Until", describe(until.instant(in: zone, isEnd: true), in: zone)) }
        if let count = plan.count { line("Times", "\(count)") }
        if !plan.exclusions.isEmpty { line("Not", plan.exclusions.map { $0.words(in: zone) }.joined(separator: ", ")) }
        if !plan.leads.isEmpty { line("Told before", plan.leads.map(\.description).joined(separator: ", ")) }
        if let length = plan.length { line("Lasts", "\(length)") }
        line("Zone", plan.timezone)
        line("Priority", "\(draft.priority)")
        if draft.allowUnheard { line("Unheard", "counts as published") }
        if !draft.labels.isEmpty {
            line("Labels", draft.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ", "))
        }
        line("Created", "\(describe(announcement.created, in: zone)) by \(announcement.createdBy)")
        for (index, notice) in next.enumerated() {
            let phase = plan.isWindow ? " (\(notice.notice.phase))" : ""
            let mark = notice.mark.map { " (\($0))" } ?? ""
            let at = "\(describe(notice.at, in: zone)), \(distance(from: now, to: notice.at))"
            line(index == 0 ? "Next" : "", at + phase + mark)
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
        case .cron(let expression): "\(expression.words) (\(expression.text))"
        case .recurrence(let rule): "\(rule.rule.words) from \(rule.start) (\(rule.rule.text))"
        }
    }
}

extension Exclusion {
    /// The exclusion in words.
    func words(in zone: Zone) -> String {
        switch self {
        case .day(let day): "\(day.weekday) \(day)"
        case .instant(let at): describe(at, in: zone)
        case .wall(let wall): "\(wall)".replacing("T", with: " ")
        case .calendar(let source): "the events of \(source.name)"
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

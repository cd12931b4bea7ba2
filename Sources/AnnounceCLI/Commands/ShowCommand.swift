import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce show`: everything about one announcement.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one announcement, its next occurrences and its last deliveries.",
        usage: "announce show [<options>] <id|name>",
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
            let history = try await store.history(matching: HistoryFilter(of: .id(announcement.id), limit: Self.lines))
            let zone = try composition.zone(named: announcement.draft.plan.timezone)
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
            case .table:
                let windows = standing.queued.first.map { entry in
                    notices.windows(from: entry.planned, to: announcement.draft.plan.ends.keys.max() ?? 0)
                }
                print(announcement, next, history, windows: windows ?? [:], in: zone, now: now)
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
        windows: [Int: Timestamp],
        in zone: Zone,
        now: Timestamp
    ) {
        let draft = announcement.draft
        let plan = draft.plan
        func line(_ title: String, _ value: String) {
            Terminal.field(title, value)
        }
        line("Announcement", "\(announcement.id)" + (draft.name.map { " (\($0))" } ?? ""))
        line("State", announcement.state.rawValue + (announcement.reason.map { ": \($0)" } ?? ""))
        if let at = announcement.resumesAt {
            line("Resumes", "\(describe(at, in: zone)), \(distance(from: now, to: at))")
        }
        line("For", draft.target.summary)
        line("Event", draft.data.event)
        line("Arguments", PayloadValue.array((try? draft.data.arguments()) ?? []).line)
        for (title, value) in draft.style.lines { line(title, value) }
        line("Schedule", plan.rules.map { $0.words(in: zone) }.joined(separator: "; "))
        for (title, value) in plan.lines(in: zone, windows: windows) + draft.lines(in: zone) { line(title, value) }
        line("Created", "\(describe(announcement.created, in: zone)) by \(announcement.createdBy)")
        if announcement.revision > 1 {
            line("Changed", "\(describe(announcement.updated, in: zone)), revision \(announcement.revision)")
        }
        for (index, notice) in next.enumerated() {
            let phase = plan.isWindow ? " (\(notice.notice.phase))" : ""
            let mark = notice.mark.map { " (\($0))" } ?? ""
            let at = "\(describe(notice.at, in: zone)), \(distance(from: now, to: notice.at))"
            line(index == 0 ? "Next" : "", at + phase + mark)
        }
        for (index, entry) in history.enumerated() { line(index == 0 ? "History" : "", entry.words(in: zone)) }
    }
}

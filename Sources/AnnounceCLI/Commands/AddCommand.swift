import Announce
import ArgumentParser
import Payload
import Recurrence
import SocketIOEmitter

/// `announce add`: schedules an announcement.
struct AddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Schedules an announcement.",
        discussion: """
            Somebody must be named, and a time. What was understood is printed back.

            Examples:
              announce add --at 09:00 --room lobby "Good morning"
              announce add --in 10m --all "Ten minutes are over"
              announce add --every 15m --at 08:00 --room kitchen --name coffee "Coffee"
              announce add --at "fri 17:00" --socket S1H5pJcm8Kun5lOoAAAA --event ping
              announce add --in 1h --all --event warning --json '{"level":2}' --dry-run
            """
    )

    @OptionGroup var message: MessageOptions
    @OptionGroup(title: "Time") var times: ScheduleOptions

    @Option(parsing: .unconditional, help: "Of what is due at one instant, 5 goes first and 1 last.")
    var priority = AnnouncementDraft.defaultPriority

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A name of your own, unique among live announcements.", valueName: "key")
    )
    var name: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A label to find it by; may be repeated.", valueName: "key=value")
    )
    var label: [String] = []

    @Flag(help: "Store nothing and open nothing: show when it would go out, and the Redis command.")
    var dryRun = false

    @OptionGroup var wire: WireOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func validate() throws {
        if times.isEmpty {
            throw ValidationError("There is no time. Say when: --at TIME, --in DURATION or --every INTERVAL.")
        }
        if wire.isGiven && !dryRun {
            throw ValidationError("--wire and --prefix belong to `announce run`. Here they go with --dry-run only.")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common, wire: wire)
            let now = composition.clock.wall
            let schedule = try times.schedule(now: now, in: try composition.zone())
            let draft = try draft(schedule)
            guard let first = schedule.next(after: now - 1) else {
                throw CommandFailure("It would never go out. Give a time to come.", exitCode: CommandFailure.dataError)
            }
            if dryRun { return try preview(draft, schedule, now, composition.wire) }
            let announcement = try await composition.store().add(draft, first: first, by: composition.user, at: now)
            switch output.output {
            case .json: Terminal.data(try Representation.announcement(announcement).jsonText())
            case .table: Terminal.data("Announcement \(announcement.id): \(Self.echo(draft, first, schedule, now)).")
            }
        }
    }

    private func draft(_ schedule: Schedule) throws -> AnnouncementDraft {
        let draft = AnnouncementDraft(
            name: name,
            data: try message.data(),
            target: message.target,
            rules: schedule.rules,
            timezone: schedule.zone.identifier,
            priority: priority,
            allowUnheard: message.allowUnheard,
            labels: try Labels.parse(label)
        )
        try draft.validate()
        return draft
    }

    private func preview(_ draft: AnnouncementDraft, _ schedule: Schedule, _ now: Timestamp, _ wire: ClassicWire) throws
    {
        let occurrences = Array(schedule.occurrences(after: now - 1).prefix(NextCommand.defaultLimit))
        try DryRun(draft.target, draft.data, occurrences, in: schedule, over: wire).print(output.output, now: now)
    }

    /// What was understood: `room lobby, Tue 24 Nov 2026 09:00 JST (+09:00), in 3 h 12 min`.
    private static func echo(
        _ draft: AnnouncementDraft,
        _ first: Timestamp,
        _ schedule: Schedule,
        _ now: Timestamp
    ) -> String {
        var text = "\(draft.target.summary), \(describe(first, in: schedule.zone)), \(distance(from: now, to: first))"
        for case .interval(let interval) in draft.rules { text += ", then every \(interval.words)" }
        let others = draft.rules.count { if case .interval = $0 { false } else { true } } - 1
        if others > 0 && draft.rules.count > 1 { text += ", and \(others) more" }
        return text
    }
}

/// Labels as they are typed: `key=value`.
enum Labels {
    static func parse(_ texts: [String]) throws -> [String: String] {
        var labels: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw CommandFailure(
                    "The label \"\(text)\" has no value. Write it as key=value.",
                    exitCode: CommandFailure.dataError
                )
            }
            labels[String(parts[0])] = String(parts[1])
        }
        return labels
    }
}

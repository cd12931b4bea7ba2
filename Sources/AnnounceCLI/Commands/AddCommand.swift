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
    @OptionGroup var texts: TextOptions
    @OptionGroup(title: "Time") var times: ScheduleOptions
    @OptionGroup(title: "Late") var policy: PolicyOptions
    @OptionGroup var record: RecordOptions

    @Flag(help: "Store nothing and open nothing: show when it would go out, and the Redis command.")
    var dryRun = false

    @OptionGroup var wire: WireOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func validate() throws {
        try message.requireWhole()
        if times.isEmpty {
            throw ValidationError(
                "There is no time. Say when: --at TIME, --in DURATION, --every INTERVAL, --cron EXPR or --rrule RULE."
            )
        }
        if wire.isGiven && !dryRun {
            throw ValidationError("--wire and --prefix belong to `announce run`. Here they go with --dry-run only.")
        }
    }

    func run() async throws {
        try await Addition(message, texts, times, policy, record, form: .arguments)
            .run(dryRun: dryRun, wire, output.output, common)
    }
}

/// What `add` and `maintenance` have in common: a draft is made, and shown or stored.
struct Addition {
    private let message: MessageOptions
    private let texts: TextOptions
    private let times: ScheduleOptions
    private let policy: PolicyOptions
    private let record: RecordOptions
    private let form: MessageStyle.Form

    init(
        _ message: MessageOptions,
        _ texts: TextOptions,
        _ times: ScheduleOptions,
        _ policy: PolicyOptions,
        _ record: RecordOptions,
        form: MessageStyle.Form
    ) {
        (self.message, self.texts, self.times) = (message, texts, times)
        (self.policy, self.record, self.form) = (policy, record, form)
    }

    func run(
        dryRun: Bool,
        _ wire: WireOptions,
        _ format: OutputOptions.Format,
        _ common: CommonOptions
    ) async throws {
        try await reportingFailures {
            let composition = try await Composition(common, wire: wire)
            let now = composition.clock.wall
            let zone = try composition.zone()
            let draft = try draft(now: now, in: zone, zones: composition.zones)
            let notices = composition.notices(of: draft.plan, in: zone)
            guard let first = try draft.firstNotice(from: now, by: notices) else {
                throw CommandFailure("It would never go out. Give a time to come.", exitCode: CommandFailure.dataError)
            }
            if dryRun {
                let preview = Preview(draft, notices, id: 0, revision: 1, now: now)
                let shown = try preview.notices(from: first, limit: Self.previewed(draft))
                return try DryRun(draft, shown, in: zone, over: composition.wire).print(format, now: now)
            }
            let store = try composition.store()
            let announcement = try await store.add(draft, first: first, by: composition.user, at: now)
            switch format {
            case .json: Terminal.data(try Representation.announcement(announcement, in: zone).jsonText())
            case .table: Terminal.data("Announcement \(announcement.id): \(Echo(draft, first, notices, now)).")
            }
        }
    }

    /// How many notices a dry run shows: at least those of one whole window.
    private static func previewed(_ draft: AnnouncementDraft) -> Int {
        max(NextCommand.defaultLimit, draft.plan.leads.count + 2)
    }

    private func draft(now: Timestamp, in zone: Zone, zones: ZoneLoader) throws -> AnnouncementDraft {
        let plan = try times.plan(now: now, in: zone, zones: zones)
        var policy = Policy()
        try self.policy.change(&policy, now: now, in: zone)
        var style = MessageStyle(form: form, hasText: message.text != nil, isWindow: plan.isWindow)
        try texts.change(&style)
        let draft = AnnouncementDraft(
            name: record.name,
            data: try message.data(defaultEvent: form == .maintenance ? "maintenance" : "announcement"),
            style: style,
            target: message.target,
            plan: plan,
            policy: policy,
            priority: record.priority ?? AnnouncementDraft.defaultPriority,
            allowUnheard: message.allowUnheard ?? false,
            labels: try Labels.parse(record.label)
        )
        try draft.validate()
        return draft
    }
}

/// What was understood: `room lobby, Tue 24 Nov 2026 09:00 JST (+09:00), in 3 h 12 min`.
struct Echo: CustomStringConvertible {
    let description: String

    init(_ draft: AnnouncementDraft, _ first: PlannedNotice, _ notices: NoticePlan, _ now: Timestamp) {
        let plan = draft.plan
        let zone = notices.schedule.zone
        let anchor = first.notice.anchor
        var text = "\(draft.target.summary), \(describe(anchor.at, in: zone)), \(distance(from: now, to: anchor.at))"
        if let mark = notices.schedule.mark(of: anchor.at, after: nil) { text += " (\(mark))" }
        if let end = notices.end(of: anchor) { text += ", until \(describe(end, in: zone))" }
        let words = plan.rules.compactMap(\.recurrenceWords)
        if !words.isEmpty { text += ", " + words.joined(separator: " and ") }
        let others = plan.rules.count - words.count
        if plan.rules.count > 1 && others > (words.isEmpty ? 1 : 0) {
            text += ", and \(words.isEmpty ? others - 1 : others) more"
        }
        if !plan.leads.isEmpty { text += "; told " + plan.leads.map(\.description).joined(separator: ", ") + " before" }
        description = text
    }
}

extension Rule {
    /// How it goes on, in words; nil for what happens once.
    var recurrenceWords: String? {
        switch self {
        case .instant, .wall: nil
        case .interval(let interval): "then every \(interval.words)"
        case .cron(let expression): expression.words
        case .recurrence(let rule): rule.rule.words
        }
    }
}

/// How an announcement is kept.
struct RecordOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "Of what is due at one instant, 5 goes first and 1 last (default: 3).")
    var priority: Int?

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

import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce maintenance`: announces a window, before it, at its start and at its end.
struct MaintenanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintenance",
        abstract: "Announces a maintenance window: before it, when it begins, and when it is over.",
        discussion: """
            As add, with the event `maintenance` and one structured argument: {phase, text, startsAt, endsAt, startsInSeconds, \
            id, revision}.

            Examples:
              announce maintenance "Upgrade" --all --at "sun 02:00" --for 2h --lead 1d,1h
              announce maintenance "Backup" --all --every thu --at 09:00 --for 1h --lead 10m
            """
    )

    @OptionGroup var draft: DraftOptions

    func validate() throws {
        if draft.message.text == nil {
            throw ValidationError("What is it about? Give a text, such as \"Database upgrade\".")
        }
        if draft.times.request.isEmpty || draft.times.length == nil {
            throw ValidationError("A window has a time and a length. Give --at TIME and --for DURATION.")
        }
    }

    func run() async throws {
        try await draft.add(form: .maintenance)
    }
}

/// `announce extend`: lets a window last longer.
struct ExtendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extend",
        abstract: "Lets the present window, or else the next one, last longer.",
        discussion: """
            When a notice of the window went out, another tells the new end. Other windows of the announcement stay as they are.

            Examples:
              announce extend upgrade --for 30m
              announce extend upgrade --until "tomorrow 04:30"
            """
    )

    @Argument(help: ArgumentHelp("The announcement's id or name.", valueName: "id|name"))
    var reference: String

    @Option(
        name: .customLong("for"),
        parsing: .unconditional,
        help: ArgumentHelp("So much longer than until now.", valueName: "duration")
    )
    var length: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Until this time.", valueName: "time"))
    var until: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func validate() throws {
        if (length == nil) == (until == nil) {
            throw ValidationError("How long? Give either --for DURATION or --until TIME.")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let length = try self.length.map { try TimeSpan($0) }
            let until = try self.until.map { try TimeExpression($0) }
            try await WindowChange(reference, output.output, common).apply {
                (editor, standing, zone) throws(AnnounceError) in
                let end: Timestamp?
                do throws(TimeExpressionError) {
                    end = try until?.resolve(now: editor.now, in: zone).at
                } catch {
                    throw AnnounceError(.invalidValue, "\(error)")
                }
                return try editor.extend(standing) { old, zone throws(AnnounceError) in
                    end ?? length?.added(to: old, in: zone) ?? old
                }
            }
        }
    }
}

/// `announce finish`: ends a window now.
struct FinishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finish",
        abstract: "Ends the present window now, and tells so.",
        usage: "announce finish [<options>] <id|name>",
        discussion: """
            Examples:
              announce finish upgrade
            """
    )

    @Argument(help: ArgumentHelp("The announcement's id or name.", valueName: "id|name"))
    var reference: String

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await WindowChange(reference, output.output, common).apply {
            (editor, standing, _) throws(AnnounceError) in try editor.finish(standing)
        }
    }
}

/// A change of one announcement's window.
struct WindowChange {
    private let reference: Reference
    private let format: OutputOptions.Format
    private let common: CommonOptions

    init(_ reference: String, _ format: OutputOptions.Format, _ common: CommonOptions) {
        (self.reference, self.format, self.common) = (Reference(reference), format, common)
    }

    func apply(
        _ change: @escaping @Sendable (Editor, Standing, Zone) throws(AnnounceError) -> Revision?
    ) async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let store = try composition.storeToRead()
            let standing = try await store.standing(of: reference)
            let zone = composition.zone(of: standing.announcement)
            let changed = try await composition.change(
                [.id(standing.announcement.id)],
                expecting: standing.announcement.revision,
                in: store
            ) { (editor, standing) throws(AnnounceError) in try change(editor, standing, zone) }
            for announcement in changed {
                switch format {
                case .json: Terminal.data(try Representation.announcement(announcement, in: zone).jsonText())
                case .table:
                    let window = announcement.draft.plan.ends.max { $0.key < $1.key }?.value
                    let end = window.map { ": until \(describe($0, in: zone))" } ?? ""
                    Terminal.data("Announcement \(announcement.id)\(end).")
                }
            }
        }
    }
}

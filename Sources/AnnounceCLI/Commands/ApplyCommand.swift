import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce apply`: makes the schedule what files say.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Makes the schedule what a file says: creates and changes announcements by their names.",
        discussion: """
            The file is YAML or JSON: names, and below each the options of add as keys (text, room, at, every, lead, …). All of it is \
            applied or nothing. A second time there is nothing to do. What the file does not name stays, unless --prune is given. \
            iCalendar files and crontabs can be applied, too; they do not say whom it is for, so that --all, --room or --socket do.

            Examples:
              announce apply schedule.yaml --dry-run
              announce apply schedule.yaml --prune --yes
              announce export | ssh other announce apply -
              announce apply holidays.ics --all
              announce apply crontab --room ops
            """
    )

    @Argument(
        help: ArgumentHelp("The files; - is stdin.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var files: [String]

    @Flag(help: "Cancel live announcements with a name that no file has.")
    var prune = false

    @Flag(help: "Change nothing: show what would be.")
    var dryRun = false

    @Flag(help: "Do not ask before something is cancelled.")
    var yes = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "What the files are written in: yaml, json, ics or crontab; else their names say it.",
            valueName: "format"
        )
    )
    var format: ApplyFile.Format?

    @Flag(help: "Announcements of a calendar or crontab are for everyone.")
    var all = false

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Announcements of a calendar or crontab are for this room; may be repeated.",
            valueName: "name"
        )
    )
    var room: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Announcements of a calendar or crontab are for this socket; may be repeated.",
            valueName: "id"
        )
    )
    var socket: [String] = []

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func validate() throws {
        if all && !(room.isEmpty && socket.isEmpty) {
            throw ValidationError("--all and --room or --socket exclude each other. Give one or the other.")
        }
        if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("stdin can be read once. Give - once.") }
    }

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let read = try files.map { try ApplyFile($0, format: format) }
            // Where nothing is written, no database is made.
            let store = try dryRun ? composition.storeToRead() : composition.store(durability: .process)
            let planner = ApplyPlanner(
                composition: composition,
                store: store,
                now: composition.clock.wall,
                zone: try composition.zone(),
                target: target
            )
            let plan = try await planner.plan(read, isPruning: prune)
            let report = ApplyReport(plan)
            if output.output == .table { report.print(isQuiet: common.quiet) }
            if !dryRun {
                let run = ApplyRun(composition, store, isQuiet: common.quiet)
                if plan.isEmpty {
                    try await run.settle()
                } else {
                    try confirm(plan)
                    try await run.apply(plan)
                }
            }
            switch output.output {
            case .json: Terminal.data(try report.json.jsonText())
            case .table: report.printEnd(isDryRun: dryRun)
            }
        }
    }

    private func confirm(_ plan: ApplyPlan) throws {
        if plan.cancellations.isEmpty || yes || !Terminal.canAsk { return }
        if Terminal.ask("Cancel \(count(plan.cancellations.count, "announcement"))?") { return }
        throw CommandFailure("Nothing was changed.", exitCode: CommandFailure.tryAgain)
    }

    /// Whom what cannot say it is for is for.
    private var target: DocumentValue? {
        var pairs: [DocumentValue.Pair] = []
        if all { pairs.append(.init(key: "all", value: .plain("true"))) }
        if !room.isEmpty { pairs.append(.init(key: "room", value: .list(room.map(DocumentValue.text)))) }
        if !socket.isEmpty { pairs.append(.init(key: "socket", value: .list(socket.map(DocumentValue.text)))) }
        return pairs.isEmpty ? nil : .map(pairs)
    }
}

extension ApplyFile.Format: ExpressibleByArgument {}

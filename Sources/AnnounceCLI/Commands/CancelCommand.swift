import Announce
import ArgumentParser
import Payload

/// `announce cancel`: calls announcements off.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Calls off announcements; their history stays.",
        discussion: """
            All of them are cancelled, or none. One that is on its way at that moment can still go out; its history tells.

            Examples:
              announce cancel 42
              announce cancel coffee 43 --reason "the kitchen is closed"
            """
    )

    @Argument(help: ArgumentHelp("The ids or names of the announcements.", valueName: "id|name"))
    var references: [String]

    @Option(parsing: .unconditional, help: ArgumentHelp("Why, for the history.", valueName: "text"))
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let cancelled = try await composition.storeToRead().cancel(
                references.map { Reference($0) },
                reason: reason,
                by: composition.user,
                at: composition.clock.wall
            )
            switch output.output {
            case .json:
                Terminal.data(try PayloadValue.array(cancelled.map(Representation.announcement)).jsonText())
            case .table:
                for announcement in cancelled { Terminal.data("Announcement \(announcement.id) is cancelled.") }
            }
        }
    }
}

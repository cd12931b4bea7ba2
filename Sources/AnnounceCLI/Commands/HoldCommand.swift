import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce hold`: holds all dispatchers of a database.
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Holds the dispatcher: nothing goes out until it is released.",
        usage: "announce hold [<options>]",
        discussion: """
            It is kept in the database and holds whichever dispatcher leads, after a restart, too. What falls due meanwhile waits \
            and goes out on release, unless it is too late by then, as if no dispatcher had run. To silence single announcements, \
            pause them.

            Examples:
              announce hold --reason "wrong texts went out"
              announce release
            """
    )

    @Option(parsing: .unconditional, help: ArgumentHelp("Why, for those who see it in status.", valueName: "text"))
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let now = composition.clock.wall
            let hold = try await composition.store().hold(by: composition.user, reason: reason, at: now)
            switch output.output {
            case .json: Terminal.data(try Representation.hold(hold).jsonText())
            case .table: Terminal.data("The dispatcher is held \(hold.words(in: try composition.zone())).")
            }
        }
    }
}

/// `announce release`: lets dispatchers go on.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Lets a held dispatcher go on.",
        usage: "announce release [<options>]",
        discussion: """
            What fell due meanwhile goes out now, unless it is too late.

            Examples:
              announce release
            """
    )

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let hold = try await composition.storeToRead().release()
            switch output.output {
            case .json: Terminal.data(try hold.map { try Representation.hold($0).jsonText() } ?? "null")
            case .table:
                let zone = try composition.zone()
                Terminal.data(hold.map { "Released; it was held \($0.words(in: zone))." } ?? "It was not held.")
            }
        }
    }
}

extension Hold {
    /// Since when, by whom and why: `since Fri 27 Nov 2026 09:00 CET (+01:00) by eva: wrong texts`.
    func words(in zone: Zone) -> String {
        "since \(describe(since, in: zone)) by \(by)" + (reason.map { ": \($0)" } ?? "")
    }
}

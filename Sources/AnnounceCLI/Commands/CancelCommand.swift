import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce cancel`: calls announcements off.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Calls off announcements; their history stays.",
        discussion: """
            All of them are cancelled, or none. When a notice of a window went out, a last one tells that it does not happen. \
            One that is on its way at that moment is waited for, and what became of it is told.

            Examples:
              announce cancel 42
              announce cancel coffee 43 --reason "the kitchen is closed"
            """
    )

    @OptionGroup var change: ChangeOptions

    func run() async throws {
        let reason = change.reason
        try await change.apply("is cancelled") { editor, standing throws(AnnounceError) in
            try editor.cancel(standing, reason: reason)
        }
    }
}

/// `announce pause`: lets announcements say nothing for a while.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Lets announcements say nothing until they are resumed.",
        discussion: """
            What falls due meanwhile is skipped, and its record says so.

            Examples:
              announce pause coffee
              announce pause coffee --reason "the kitchen is closed"
            """
    )

    @OptionGroup var change: ChangeOptions

    func run() async throws {
        let reason = change.reason
        try await change.apply("is paused") { editor, standing throws(AnnounceError) in
            try editor.pause(standing, reason: reason)
        }
    }
}

/// `announce resume`: lets paused announcements speak again.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Lets paused announcements speak again, from now on or from a time on.",
        discussion: """
            With --at they stay paused until then, and the dispatcher resumes them.

            Examples:
              announce resume coffee
              announce pause coffee
              announce resume coffee --at "mon 08:00"
            """
    )

    @OptionGroup var change: ChangeOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Stay paused until this time.", valueName: "time")
    )
    var at: String?

    func run() async throws {
        let reason = change.reason
        guard let at else {
            return try await change.apply("is scheduled again") { editor, standing throws(AnnounceError) in
                try editor.resume(standing, reason: reason)
            }
        }
        try await reportingFailures {
            let composition = try await Composition(change.common)
            let now = composition.clock.wall
            let zone = try composition.zone()
            let time = try TimeExpression(at).resolve(now: now, in: zone).at
            let words = "is paused until \(describe(time, in: zone)), \(distance(from: now, to: time))"
            try await change.apply(words, composition) { editor, standing throws(AnnounceError) in
                var revision = try editor.resume(standing, at: time)
                revision?.fields = [
                    "resumesAt": [
                        Representation.instant(standing.announcement.resumesAt), Representation.instant(time),
                    ]
                ]
                return revision
            }
        }
    }
}

/// Which announcements are changed, and why.
struct ChangeOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The ids or names of the announcements.", valueName: "id|name"))
    var references: [String]

    @Option(parsing: .unconditional, help: ArgumentHelp("Why, for the history.", valueName: "text"))
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    /// Changes them all, or none, and prints what they are now.
    func apply(
        _ words: String,
        _ change: @escaping @Sendable (Editor, Standing) throws(AnnounceError) -> Revision?
    ) async throws {
        try await reportingFailures { try await apply(words, try await Composition(common), change) }
    }

    /// The same with what is composed already; its failures are the caller's.
    func apply(
        _ words: String,
        _ composition: Composition,
        _ change: @escaping @Sendable (Editor, Standing) throws(AnnounceError) -> Revision?
    ) async throws {
        let store = try composition.storeToRead()
        let changed = try await composition.change(references.map { Reference($0) }, in: store, change)
        switch output.output {
        case .json:
            let json = try changed.map { try Representation.announcement($0, in: composition.zone(of: $0)) }
            Terminal.data(try PayloadValue.array(json).jsonText())
        case .table:
            for announcement in changed { Terminal.data("Announcement \(announcement.id) \(words).") }
        }
    }
}

import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce prune`: removes records that are too old.
struct PruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract:
            "Removes records that are older than they are kept, and announcements that are over with their last one.",
        discussion: """
            The dispatcher does so by itself when nothing is due; this does it at once. Without options it keeps what the settings \
            retention.age and retention.count say. What is still to come is never removed.

            Examples:
              announce prune
              announce prune --older 7d
              announce prune --older 30d --keep 100000
            """
    )

    /// So many records are looked at in one transaction, so that a dispatcher beside it stays on time.
    private static let batch = 500

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Remove what is older than this: 30d, 12h.", valueName: "duration")
    )
    var older: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Keep only the newest so many records.", valueName: "number"))
    var keep: Int?

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func validate() throws {
        if let keep, keep < 1 { throw ValidationError("--keep \(keep) keeps none. Give 1 or more.") }
    }

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let retention = try retention(composition.settings.limits.retention)
            let store = try composition.storeToRead()
            var (deliveries, announcements) = (0, 0)
            var position: Int64?
            repeat {
                let pruned = try await store.prune(
                    retention,
                    after: position,
                    limit: Self.batch,
                    at: composition.clock.wall
                )
                deliveries += pruned.deliveries
                announcements += pruned.announcements
                position = pruned.next
                try await composition.giveWay()
            } while position != nil
            switch output.output {
            case .json:
                let json: PayloadValue = [
                    "deliveries": .integer(Int64(deliveries)), "announcements": .integer(Int64(announcements)),
                ]
                Terminal.data(try json.jsonText())
            case .table:
                Terminal.data("Removed \(count(deliveries, "record")) and \(count(announcements, "announcement")).")
            }
        }
    }

    private func retention(_ usual: Retention) throws -> Retention {
        var age = usual.age
        if let older {
            let span = try TimeSpan(older)
            guard span.months == 0, span != .zero else {
                throw CommandFailure(
                    "--older \(older) is no age. Write days or less, such as 30d or 12h.",
                    exitCode: CommandFailure.dataError
                )
            }
            age = Int64(span.days) * 86_400_000 + span.milliseconds
        }
        return Retention(age: age, count: keep ?? usual.count)
    }
}

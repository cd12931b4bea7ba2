import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce status`: how things stand.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows who dispatches, what is pending and what became of the last day's announcements.",
        usage: "announce status [<options>]",
        discussion: """
            Exits with 69 when nobody dispatches.

            Examples:
              announce status
              announce status -o json
              announce status --watch
            """
    )

    @OptionGroup var watch: WatchOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let store = try composition.storeToRead()
            try await watch.show(store, composition.clock) {
                let leads = try await show(store, composition)
                if leads || watch.watch { return }
                throw CommandFailure(
                    "Nobody dispatches, so nothing will go out. Start `announce run` with this database.",
                    exitCode: CommandFailure.unavailable
                )
            }
        }
    }

    /// Shows how things stand, and tells whether somebody leads.
    private func show(_ store: any AnnouncementStore, _ composition: Composition) async throws -> Bool {
        let status = try await store.status(at: composition.clock.wall)
        let leads = try await composition.isAlive(status.lease, in: store)
        let now = composition.clock.wall
        switch output.output {
        case .json: Terminal.data(try json(status, leads: leads, now: now).jsonText())
        case .table: print(status, leads: leads, now: now, zone: try composition.zone())
        }
        return leads
    }

    private func json(_ status: StoreStatus, leads: Bool, now: Timestamp) -> PayloadValue {
        let outcomes = Outcome.allCases.map { ($0.rawValue, PayloadValue.integer(Int64(status.outcomes[$0] ?? 0))) }
        return [
            "leader": leads ? Representation.optional(status.lease.holder) : .null,
            "term": .integer(status.lease.term),
            "hold": status.hold.map(Representation.hold) ?? .null,
            "pending": .integer(Int64(status.pending)),
            "overdue": .integer(Int64(status.overdue)),
            "inFlight": .integer(Int64(status.inFlight)),
            "nextDue": Representation.instant(status.nextDue),
            "lagMilliseconds": .integer(Self.lag(status, now)),
            "last24Hours": .object(PayloadObject(outcomes)),
            "databaseBytes": .integer(status.bytes),
            "troubles": .array(
                status.troubles.map { trouble in
                    [
                        "name": .string(trouble.name.rawValue), "since": Representation.instant(trouble.since),
                        "message": .string(trouble.message),
                    ]
                }
            ),
        ]
    }

    private func print(_ status: StoreStatus, leads: Bool, now: Timestamp, zone: Zone) {
        func line(_ title: String, _ value: String) { Terminal.field(title, value) }
        line("Leader", leads ? status.lease.holder ?? "nobody" : "nobody")
        if let hold = status.hold { line("Held", hold.words(in: zone)) }
        let overdue = status.overdue > 0 ? ", \(status.overdue) of them overdue" : ""
        line(
            "Pending",
            "\(status.pending)\(overdue)" + (status.inFlight > 0 ? ", \(status.inFlight) on their way" : "")
        )
        line(
            "Next due",
            status.nextDue.map { "\(describe($0, in: zone)), \(distance(from: now, to: $0))" } ?? "nothing"
        )
        line("Lag", "\(Self.lag(status, now)) ms")
        let outcomes = Outcome.allCases.map { "\($0.rawValue) \(status.outcomes[$0] ?? 0)" }
        line("Last 24 hours", outcomes.joined(separator: ", "))
        line("Database", "\(status.bytes / 1024) KiB")
        for trouble in status.troubles {
            line("Trouble", "since \(describe(trouble.since, in: zone)): \(trouble.message)")
        }
    }

    /// How long the first of what is queued has been due, in milliseconds.
    private static func lag(_ status: StoreStatus, _ now: Timestamp) -> Int64 {
        status.nextDue.map { max(0, now - $0) } ?? 0
    }
}

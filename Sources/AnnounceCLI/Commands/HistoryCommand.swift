import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce history`: what went out, what did not, and who changed what.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Shows deliveries and changes, the newest first.",
        discussion: """
            --outcome shows deliveries only. Records are kept for thirty days, or as the settings say.

            Examples:
              announce history
              announce history coffee --limit 50
              announce history --outcome missed --outcome unheard --since 7d
              announce history 42 --since yesterday -o json
            """
    )

    @Argument(help: ArgumentHelp("The id or name of one announcement; all without it.", valueName: "id|name"))
    var reference: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Only what ended so: published, unheard, missed, expired, skipped, failed or cancelled; may be repeated.",
            valueName: "outcome"
        )
    )
    var outcome: [Outcome] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only since then: 2h, 09:00, yesterday, 2030-12-01.", valueName: "duration|day|time")
    )
    var since: String?

    @Option(parsing: .unconditional, help: "At most so many.")
    var limit = 20

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit \(limit) shows nothing. Give 1 or more.") }
    }

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let now = composition.clock.wall
            let filter = HistoryFilter(
                of: reference.map { Reference($0) },
                outcomes: Set(outcome),
                since: try since.map { try past($0, before: now, in: composition.zone()) } ?? .min,
                limit: limit
            )
            let history = try await composition.storeToRead().history(matching: filter)
            switch output.output {
            case .json:
                Terminal.data(try PayloadValue.array(history.map(\.json)).jsonText())
            case .table:
                if history.isEmpty {
                    let isAll = reference == nil && outcome.isEmpty && since == nil
                    Terminal.note(isAll ? "Nothing has happened yet." : "There are no records like that.")
                }
                let zone = try composition.zone()
                for entry in history { Terminal.data(Table.oneLine(entry.words(in: zone))) }
            }
        }
    }
}

/// Reads a time that is over: `2h` ago, the last `09:00`, the beginning of `yesterday`, an instant.
private func past(_ text: String, before now: Timestamp, in zone: Zone) throws -> Timestamp {
    let found: Timestamp
    if let span = try? TimeSpan(text) {
        found = span.subtracted(from: now, in: zone)
    } else if text.lowercased() == "yesterday" {
        let yesterday = try TimeSpan("1d").subtracted(from: now, in: zone)
        found = try Bound(start: "today", now: yesterday, in: zone).instant(in: zone, isEnd: false)
    } else if let time = try? TimeExpression(text), time.timeOfDay != nil {
        found = try time.resolve(now: TimeSpan("1d").subtracted(from: now, in: zone), in: zone).at
    } else {
        found = try Bound(start: text, now: now, in: zone).instant(in: zone, isEnd: false)
    }
    if found <= now { return found }
    throw CommandFailure(
        "--since \(text) is still to come: \(describe(found, in: zone)). Give a time that is over, such as 2h or yesterday.",
        exitCode: CommandFailure.dataError
    )
}

extension Outcome: ExpressibleByArgument {}

extension HistoryEntry {
    var json: PayloadValue {
        switch self {
        case .delivery(let delivery, let event, let name): Representation.delivery(delivery, event: event, name: name)
        case .change(let change): Representation.change(change)
        }
    }

    /// The entry as a line: when, which announcement, what.
    func words(in zone: Zone) -> String {
        switch self {
        case .delivery(let delivery, let event, let name):
            var words = "\(describe(delivery.concluded, in: zone))  \(delivery.occurrence.announcement)"
            if let name { words += " (\(name))" }
            words += "  \(delivery.outcome.rawValue)  \(event)"
            if delivery.occurrence.phase != .start { words += " (\(delivery.occurrence.phase))" }
            if let receivers = delivery.receivers { words += ", \(receivers) \(receivers == 1 ? "server" : "servers")" }
            if let count = delivery.acknowledgements {
                words += ", acknowledged by \(count.acknowledged) of \(count.addressed)"
            }
            if delivery.outcome == .published { words += ", \(delivery.lateness) ms late" }
            if delivery.attempts > 1 { words += ", \(delivery.attempts) attempts" }
            if let user = delivery.firedBy { words += ", sent by \(user)" }
            if let error = delivery.error { words += ": \(error)" }
            return words
        case .change(let change):
            var words = "\(describe(change.at, in: zone))  \(change.announcement)"
            if let name = change.name { words += " (\(name))" }
            words += "  \(change.action) by \(change.by)"
            if let reason = change.reason { words += ": \(reason)" }
            return words
        }
    }
}

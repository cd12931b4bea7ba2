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
            Examples:
              announce history
              announce history coffee --limit 50
              announce history 42 -o json
            """
    )

    @Argument(help: ArgumentHelp("The id or name of one announcement; all without it.", valueName: "id|name"))
    var reference: String?

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
            let history = try await composition.storeToRead().history(of: reference.map { Reference($0) }, limit: limit)
            switch output.output {
            case .json:
                Terminal.data(try PayloadValue.array(history.map(\.json)).jsonText())
            case .table:
                if history.isEmpty { Terminal.note("Nothing has happened yet.") }
                let zone = try composition.zone()
                for entry in history { Terminal.data(Table.oneLine(entry.words(in: zone))) }
            }
        }
    }
}

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

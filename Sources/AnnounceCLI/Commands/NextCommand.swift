import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce next`: when something goes out.
struct NextCommand: AsyncParsableCommand {
    static let defaultLimit = 5

    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Shows when an announcement, or a schedule that is not stored, goes out.",
        discussion: """
            Examples:
              announce next 42
              announce next --every 36h --at "2030-12-01 09:00" --tz Europe/Berlin
              announce next --at 02:30 --tz America/New_York --from 2027-03-13T12:00:00Z
            """
    )

    @Argument(help: ArgumentHelp("The id or name of a stored announcement.", valueName: "id|name"))
    var reference: String?

    @OptionGroup(title: "Time") var times: ScheduleOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Show what comes after this instant, which is also the present of relative times.",
            valueName: "instant"
        )
    )
    var from: String?

    @Option(parsing: .unconditional, help: "At most so many.")
    var limit = Self.defaultLimit

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func validate() throws {
        if (reference == nil) == times.isEmpty {
            throw ValidationError("Name one schedule: an announcement's id or name, or --at, --in or --every.")
        }
        if limit < 1 { throw ValidationError("--limit \(limit) shows nothing. Give 1 or more.") }
    }

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let now = composition.clock.wall
            let zone = try composition.zone()
            let from = try from.map { try TimeExpression($0).resolve(now: now, in: zone).at }
            let schedule = try await schedule(composition, now: from ?? now, zone: zone)
            let occurrences = Array(schedule.occurrences(after: from ?? now - 1).prefix(limit))
            switch output.output {
            case .json:
                let json = occurrences.map { Representation.occurrence($0, in: schedule) }
                Terminal.data(try PayloadValue.array(json).jsonText())
            case .table:
                if occurrences.isEmpty { Terminal.note("Nothing goes out after that.") }
                for at in occurrences {
                    let note = schedule.note(for: at).map { " (\($0))" } ?? ""
                    Terminal.data("\(describe(at, in: schedule.zone)), \(distance(from: now, to: at))\(note)")
                }
            }
        }
    }

    private func schedule(_ composition: Composition, now: Timestamp, zone: Zone) async throws -> Schedule {
        guard let reference else { return try times.schedule(now: now, in: zone) }
        let announcement = try await composition.storeToRead().announcement(Reference(reference))
        guard announcement.state == .scheduled else { return Schedule(rules: [], zone: zone) }
        return Schedule(
            rules: announcement.draft.rules,
            zone: try composition.zones.zone(named: announcement.draft.timezone)
        )
    }
}

import Announce
import ArgumentParser

/// `announce doctor`: why nobody hears.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Says whether an announcement would be heard, and if not, why and what to do.",
        discussion: """
            Looks at the database and who dispatches, the clocks, the zone data, Redis and what its user may do, and who listens \
            there: with another prefix, in another namespace, on another wire, in another database. Give it the options that the \
            dispatcher has. It sends nothing that anybody hears.

            Each line begins with ok, warning or problem. Exits with 0 only when an announcement would be heard; else with 77 \
            where something is not permitted, 78 for a database of a newer version, 65 for a value that cannot be used, and 69.

            Examples:
              announce doctor
              announce doctor --namespace /admin
              announce doctor -o json
            """
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The Socket.IO namespace (default: /).", valueName: "/nsp")
    )
    var namespace: String?

    @OptionGroup var wire: WireOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common, wire: wire)
            let target = namespace.map { Target(namespace: $0, audience: .everyone) } ?? Target(audience: .everyone)
            try target.validate()
            let facts = try await Examination(composition: composition, namespace: target.namespace).facts()
            let diagnosis = Diagnosis(facts)
            switch output.output {
            case .json:
                Terminal.data(try FindingsReport.json(diagnosis).jsonText())
            case .table:
                let report = FindingsReport(
                    diagnosis: diagnosis,
                    width: Terminal.width,
                    hasColour: Terminal.hasColour
                )
                for line in report.lines { Terminal.data(line) }
            }
            // All is said.
            if !diagnosis.isHeard { throw ExitCode(diagnosis.exitCode) }
        }
    }
}

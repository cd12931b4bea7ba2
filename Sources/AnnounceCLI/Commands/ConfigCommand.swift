import ArgumentParser
import Payload
import SocketIOEmitter

/// `announce config`: the settings in use.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Shows the settings in use, and where each comes from; passwords are hidden.",
        discussion: """
            An option goes before ANNOUNCE_… in the environment, which goes before the settings file, which goes before the default.

            Examples:
              announce config
              announce config --wire streams -o json
            """
    )

    @OptionGroup var wire: WireOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common, wire: wire)
            let settings = composition.settings
            let values = settings.values(redisURL: try composition.redisConfiguration().description)
            switch output.output {
            case .json:
                let json = settings.sources.map { key, source -> PayloadValue in
                    [
                        "key": .string(key), "value": .string(values[key] ?? ""), "source": .string(source.kind),
                        "place": Representation.optional(source.place),
                    ]
                }
                Terminal.data(try PayloadValue.array(json).jsonText())
            case .table:
                var table = Table("KEY", "VALUE", "FROM", flexible: [1, 2])
                for (key, source) in settings.sources { table.add(key, values[key] ?? "", source.place ?? source.kind) }
                table.print()
            }
        }
    }
}

extension Settings.Source {
    /// Which of the four kinds it is.
    fileprivate var kind: String {
        switch self {
        case .option: "option"
        case .environment: "environment"
        case .file: "file"
        case .usual: "default"
        }
    }

    /// The variable or the file.
    fileprivate var place: String? {
        switch self {
        case .environment(let name): name
        case .file(let path): path
        case .option, .usual: nil
        }
    }
}

import Announce
import ArgumentParser
import Payload
import Recurrence
import SocketIOEmitter

/// `announce listen`: shows what Socket.IO's servers and emitters say to each other on Redis.
struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Shows every broadcast, request and response that is seen on Redis, decoded, one line each.",
        discussion: """
            Redis counts it as a receiver, so while it runs an announcement that no server hears counts as heard. On the \
            sharded wire servers take it for one of them: what asks them all (fetchSockets, acknowledgements) waits for it \
            until its timeout.

            When the connection is lost it says so and listens again as soon as Redis is back. Heartbeats of servers are \
            shown with --verbose.

            Examples:
              announce listen
              announce listen --wire streams --namespace /admin
              announce listen -o json | jq 'select(.kind == "broadcast") | .arguments'
            """
    )

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Only this namespace; may be repeated. Default: all.", valueName: "/nsp")
    )
    var namespace: [String] = []

    @OptionGroup var wire: WireOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common, wire: wire)
            let zone = try composition.zone()
            let redis = try composition.redis(name: composition.wire.clientName(listeningTo: namespace))
            let listener = Listener(redis: redis, wire: composition.wire, namespaces: namespace)
            try await listener.listen { event in
                switch event {
                case .listening(let places):
                    if !common.quiet { Terminal.note(note(places, composition.wire)) }
                case .heard(let message):
                    if case .notice = message.content, !common.verbose { return }
                    let now = composition.clock.wall
                    let wire = composition.settings.wire.wire
                    Terminal.data(line(message, wire, now, zone))
                case .unreadable(let error):
                    Terminal.note("Unreadable: \(error.message)")
                case .interrupted(let error):
                    Terminal.note("\(error.message) Listening again as soon as Redis is back.")
                }
            }
        }
    }

    private func note(_ places: [String], _ wire: Wire) -> String {
        let shown = places.count > 6 ? places.prefix(6).joined(separator: ", ") + ", …" : places.joined(separator: ", ")
        let counts = "Redis counts this as a receiver of what it sees."
        if case .sharded = wire {
            return "Listening to \(shown). \(counts) Servers take it for one of them and wait for its answers."
        }
        return "Listening to \(shown). \(counts)"
    }

    private func line(_ message: HeardMessage, _ wire: String, _ now: Timestamp, _ zone: Zone) -> String {
        switch output.output {
        case .json:
            return Representation.heard(message, on: wire, at: now).line
        case .table:
            let time = "\(zone.civil(at: now).time)".padded(to: 12)
            return Table.oneLine("\(time)  \(Representation.words(message))")
        }
    }
}

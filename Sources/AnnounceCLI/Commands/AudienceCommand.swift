import Announce
import ArgumentParser
import Payload
import Recurrence
import SocketIOEmitter

/// `announce audience`: whom a target reaches now.
struct AudienceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audience",
        abstract: "Shows how many servers and connected sockets a target reaches now.",
        discussion: """
            Asks the Socket.IO servers; without a room or a socket, for everyone in the namespace. It exits with 69 when there is \
            no server. Servers that do not answer in time are told of. Those of python-socketio only say how many they are.

            Examples:
              announce audience
              announce audience --room lobby --except vip
              announce audience --namespace /admin -o json
            """
    )

    @OptionGroup var whom: WhomOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long to wait for the last server (default: 5s).", valueName: "duration")
    )
    var timeout: String?

    @OptionGroup var wire: WireOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common, wire: wire)
            var target = Target(audience: .everyone)
            whom.change(&target)
            try target.validate()
            let time = try timeout.map(Duration.init(option:)) ?? .seconds(5)
            let redis = try composition.redis()
            let io = Emitter(redis: redis, wire: composition.wire).of(target.namespace).to(target.rooms)
                .except(target.except).exceptSockets(target.exceptSockets)
            if case .python = composition.wire {
                try printServers(try await io.serverCount(), target)
            } else {
                try print(try await io.audience(within: time), target, over: composition.wire)
            }
            await redis.close()
        }
    }

    private func print(_ audience: Audience, _ target: Target, over wire: Wire) throws {
        switch output.output {
        case .json:
            let json: PayloadValue = [
                "servers": .integer(Int64(audience.servers)), "answered": .integer(Int64(audience.answered)),
                "complete": .bool(audience.isComplete), "sockets": .integer(Int64(audience.sockets.count)),
                "socketIds": .array(audience.sockets.sorted().map { .string($0) }),
            ]
            Terminal.data(try json.jsonText())
        case .table where audience.isComplete:
            Terminal.data(
                "\(count(audience.servers, "server")), \(count(audience.sockets.count, "socket")): \(target.summary)."
            )
        case .table:
            Terminal.data(
                "\(audience.answered) of \(count(audience.servers, "server")) answered, with "
                    + "\(count(audience.sockets.count, "socket")): \(target.summary)."
            )
        }
        let isStreams = if case .streams = wire { true } else { false }
        try refuseNone(
            audience.servers,
            target,
            isStreams ? " Servers of the streams adapter before 0.3 cannot be asked." : ""
        )
    }

    private func printServers(_ servers: Int, _ target: Target) throws {
        switch output.output {
        case .json:
            let json: PayloadValue = [
                "servers": .integer(Int64(servers)), "answered": .null, "complete": false, "sockets": .null,
                "socketIds": .null,
            ]
            Terminal.data(try json.jsonText())
        case .table:
            Terminal.data("\(count(servers, "server")); those of python-socketio do not tell their sockets.")
        }
        try refuseNone(servers, target)
    }

    private func refuseNone(_ servers: Int, _ target: Target, _ remark: String = "") throws {
        if servers > 0 { return }
        throw CommandFailure(
            "No Socket.IO server listens to namespace \(target.namespace) with this prefix on this Redis. Check --redis, --wire, "
                + "--prefix and --namespace, or ask `announce doctor`.\(remark)",
            exitCode: CommandFailure.unavailable
        )
    }
}

extension Duration {
    /// Reads an option such as `5s` or `500ms`.
    init(option text: String) throws {
        // A span that cannot be read is told by reportingFailures.
        let span = try TimeSpan(text)
        guard span.isElapsed, span.milliseconds > 0, span.milliseconds <= 3_600_000 else {
            throw CommandFailure(
                "\(text) is no time to wait. Write from 1ms to 1h, such as 5s.",
                exitCode: CommandFailure.dataError
            )
        }
        self = .milliseconds(span.milliseconds)
    }

    /// In whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

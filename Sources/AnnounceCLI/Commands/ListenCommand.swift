import Announce
import ArgumentParser
import Payload
import Recurrence
import SocketIOEmitter

/// `announce listen`: shows every broadcast on Redis.
struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Shows every broadcast that is seen on Redis, decoded, one line each.",
        discussion: """
            Redis counts it as a receiver, so while it runs an announcement that no server hears counts as heard.

            Examples:
              announce listen
              announce listen -o json | jq .arguments
            """
    )

    @OptionGroup var wire: WireOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common, wire: wire)
            let redis = try composition.redis()
            guard case .classic(let wire) = composition.wire else {
                throw CommandFailure(
                    "listen decodes the classic wire only, so far. Leave --wire out where the servers are classic ones.",
                    exitCode: CommandFailure.dataError
                )
            }
            let pattern = wire.broadcastPattern
            let messages = try await redis.subscribe(channels: [], patterns: [pattern])
            if !common.quiet {
                Terminal.note("Listening to \(pattern). Redis counts this as a receiver of what it sees.")
            }
            let zone = try composition.zone()
            for try await message in messages {
                let now = composition.clock.wall
                do {
                    let heard = try wire.decode(channel: message.channel, payload: message.payload)
                    Terminal.data(line(heard, now, zone))
                } catch {
                    Terminal.note("\(message.channel): \(error)")
                }
            }
        }
    }

    private func line(_ heard: HeardBroadcast, _ now: Timestamp, _ zone: Zone) -> String {
        switch output.output {
        case .json:
            return Representation.heard(heard, at: now).line
        case .table:
            let time = "\(zone.civil(at: now).time)".padded(to: 12)
            var words = "\(time)  \(heard.channel)  \(heard.event)  \(PayloadValue.array(heard.arguments).line)"
            if heard.rooms.count > 1 { words += "  rooms \(PayloadValue.array(heard.rooms).line)" }
            if !heard.except.isEmpty { words += "  except \(PayloadValue.array(heard.except).line)" }
            return Table.oneLine(words)
        }
    }
}

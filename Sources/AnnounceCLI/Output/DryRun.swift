import Announce
import Payload
import Recurrence
import SocketIOEmitter

/// What a command would do: when, and with which Redis command; nothing was stored or opened.
struct DryRun {
    private let arguments: [PayloadValue]
    private let command: [[UInt8]]
    private let occurrences: [Timestamp]
    private let schedule: Schedule

    init(
        _ target: Target,
        _ data: EventData,
        _ occurrences: [Timestamp],
        in schedule: Schedule,
        over wire: ClassicWire
    ) throws {
        arguments = try data.arguments()
        command = try wire.command(for: Broadcast(target, data)).arguments
        self.occurrences = occurrences
        self.schedule = schedule
    }

    func print(_ format: OutputOptions.Format, now: Timestamp) throws {
        switch format {
        case .json:
            let json: PayloadValue = [
                "occurrences": .array(
                    occurrences.map { Representation.occurrence($0, in: schedule, arguments: arguments) }
                ),
                "command": .array(command.map { .string(String(decoding: $0, as: UTF8.self)) }),
                "commandBase64": .array(command.map { .string(base64($0)) }),
            ]
            Terminal.data(try json.jsonText())
        case .table:
            for at in occurrences {
                let text = PayloadValue.array(arguments).line
                Terminal.data("\(describe(at, in: schedule.zone)), \(distance(from: now, to: at)): \(text)")
            }
            let words = command.map { String(decoding: $0, as: UTF8.self) }
            Terminal.data("Redis: \(words.dropLast().joined(separator: " ")) (\(command.last?.count ?? 0) bytes)")
            Terminal.note("Nothing was stored or sent.")
        }
    }
}

import Announce
import ArgumentParser
import Payload
import Recurrence
import SocketIOEmitter

/// `announce send`: publishes a message now.
struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Publishes a message now; nothing is stored.",
        discussion: """
            Prints how many Socket.IO servers took it. When there is none, it exits with 69, unless --allow-unheard is given.

            Examples:
              announce send --all "The winner is ..."
              announce send --room lobby --event "chat message" "Hello"
              announce send --room lobby --json '{"unread":3}' --dry-run -o json
              announce send --room lobby --ack 5s "Are you there?"
            """
    )

    @OptionGroup var message: MessageOptions
    @Flag(help: "Open and send nothing: show the Redis command.") var dryRun = false

    @OptionGroup var wire: WireOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func validate() throws {
        try message.requireWhole()
    }

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common, wire: wire)
            let data = try message.data()
            try AnnouncementDraft.validate(data: data)
            try message.target.validate()
            let time = try message.acknowledgeWithin
            if dryRun {
                let now = composition.clock.wall
                let zone = try composition.zone()
                let draft = AnnouncementDraft(
                    data: data,
                    target: message.target,
                    plan: Plan(rules: [.instant(now)], timezone: zone.identifier),
                    acknowledgeWithin: time?.milliseconds
                )
                let notices = composition.notices(of: draft.plan, in: zone)
                let shown = try Preview(draft, notices, id: 0, revision: 1, now: now)
                    .notices(from: notices.first(from: now), limit: 1)
                return try DryRun(draft, shown, in: zone, over: composition.wire).print(output.output, now: now)
            }
            let redis = try composition.redis()
            let io = Emitter(redis: redis, wire: composition.wire)
            let broadcast = Broadcast(message.target, data)
            if let time {
                try report(try await io.emitWithAck(broadcast, within: time), over: composition.wire)
            } else {
                for result in try await io.emit([broadcast]) { try report(result.get()) }
            }
            await redis.close()
        }
    }

    private func report(_ receipt: Receipt) throws {
        switch (output.output, receipt.receivers) {
        case (.json, let receivers):
            Terminal.data("{\"receivers\":\(receivers.map(String.init) ?? "null")}")
        case (.table, let receivers?):
            Terminal.data(
                "Published to \(receivers) \(receivers == 1 ? "server" : "servers"): \(message.target.summary)."
            )
        case (.table, nil):
            Terminal.data("Published: \(message.target.summary).")
        }
        try refuseUnheard(receipt.receivers)
    }

    private func report(_ acknowledgements: Acknowledgements, over wire: Wire) throws {
        let (addressed, acknowledged) = (acknowledgements.addressed, acknowledgements.acknowledged)
        let (servers, answered) = (acknowledgements.servers, acknowledgements.answered)
        switch output.output {
        case .json:
            let json: PayloadValue = [
                "receivers": .integer(Int64(servers)), "answered": .integer(Int64(answered)),
                "addressed": .integer(Int64(addressed)), "acknowledged": .integer(Int64(acknowledged)),
                "complete": .bool(acknowledgements.isComplete), "answers": .array(acknowledgements.answers),
            ]
            Terminal.data(json.line)
        case .table:
            let silent = answered < servers ? "; \(answered) of \(servers) servers answered" : ""
            Terminal.data("addressed \(addressed), acknowledged \(acknowledged)\(silent): \(message.target.summary).")
        }
        guard case .streams = wire, servers == 0 else { return try refuseUnheard(servers) }
        Terminal.note(
            "It is in the stream. No server of the streams adapter 0.3 or later is there, and others cannot be asked."
        )
    }

    private func refuseUnheard(_ receivers: Int?) throws {
        if receivers == 0 && message.allowUnheard != true {
            throw CommandFailure(
                "No Socket.IO server listens to namespace \(message.target.namespace) with this prefix on this Redis, so "
                    + "nobody heard it. Check --redis, --wire, --prefix and --namespace, ask `announce doctor`, or give "
                    + "--allow-unheard.",
                exitCode: CommandFailure.unavailable
            )
        }
    }
}

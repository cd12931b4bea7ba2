import Announce
import ArgumentParser
import Payload
import Recurrence
import SocketIOEmitter

/// `announce fire`: sends a stored announcement now.
struct FireCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fire",
        abstract: "Sends an announcement now, outside of its schedule, which stays as it is.",
        discussion: """
            It goes out as the phase `manual`, about the present window or else the next one, and has its record in the history. \
            With --socket it goes to that socket only, as a rehearsal that is not recorded. When no Socket.IO server takes it, it \
            exits with 69.

            Examples:
              announce fire coffee
              announce fire upgrade --socket S1H5pJcm8Kun5lOoAAAA
            """
    )

    @Argument(help: ArgumentHelp("The announcement's id or name.", valueName: "id|name"))
    var reference: String

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Rehearse it to the socket with this id only; may be repeated.", valueName: "id")
    )
    var socket: [String] = []

    @OptionGroup var wire: WireOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common, wire: wire)
            let store = try composition.storeToRead()
            let standing = try await store.standing(of: Reference(reference))
            let announcement = standing.announcement
            let now = composition.clock.wall
            let notice = try composition.editor(at: now).notice(firing: standing)
            var target = announcement.draft.target
            if !socket.isEmpty { target.audience = .some(rooms: [], sockets: socket.unique) }
            let message = Broadcast(target, try data(notice, of: announcement, composition))
            let redis = try composition.redis()
            let emitter = Emitter(redis: redis, wire: composition.wire)
            let sent = try await Sent(message, announcement.draft.acknowledgeWithin, through: emitter)
            await redis.close()
            let isUnheard = sent.receivers == 0 && !announcement.draft.allowUnheard
            let delivery = Delivery(
                occurrence: Occurrence(announcement: announcement.id, nominal: now, phase: .manual),
                anchor: notice.anchor.at,
                outcome: isUnheard ? .unheard : .published,
                attempts: 1,
                concluded: composition.clock.wall,
                receivers: sent.receivers,
                acknowledgements: sent.acknowledgements,
                firedBy: composition.user
            )
            if socket.isEmpty { try await record(delivery, in: store) }
            if output.output == .json || !isUnheard { try print(delivery, announcement, target) }
            if isUnheard { throw Self.unheard(target) }
        }
    }

    private func data(
        _ notice: Notice,
        of announcement: Announcement,
        _ composition: Composition
    ) throws -> EventData {
        let draft = announcement.draft
        let zone = try composition.zone(named: draft.plan.timezone)
        let context = NoticeContext(
            id: announcement.id,
            revision: announcement.revision,
            name: draft.name,
            phase: notice.phase,
            anchor: notice.anchor.at,
            end: composition.notices(of: draft.plan, in: zone).end(of: notice.anchor),
            nominal: notice.at,
            now: notice.at,
            ordinal: notice.anchor.ordinal,
            zone: zone
        )
        return try MessageRenderer(draft.data, draft.style).render(in: context)
    }

    /// It is out: that it has no record is told, and does not look as if it had not been sent.
    private func record(_ delivery: Delivery, in store: any AnnouncementStore) async throws {
        do throws(AnnounceError) {
            try await store.recordFired(delivery)
        } catch {
            let failure = CommandFailure(error)
            throw CommandFailure(
                "It was sent, but has no record: \(failure.message)",
                exitCode: failure.exitCode
            )
        }
    }

    private func print(_ delivery: Delivery, _ announcement: Announcement, _ target: Target) throws {
        switch output.output {
        case .json:
            let draft = announcement.draft
            Terminal.data(
                try Representation.delivery(delivery, event: draft.data.event, name: draft.name).jsonText()
            )
        case .table:
            let servers = delivery.receivers.map { " to \(count($0, "server"))" } ?? ""
            let acknowledged = delivery.acknowledgements.map {
                ", acknowledged by \($0.acknowledged) of \($0.addressed)"
            }
            let rehearsal = socket.isEmpty ? "" : "; not recorded"
            Terminal.data(
                "Published announcement \(announcement.id)\(servers)\(acknowledged ?? ""): \(target.summary)\(rehearsal)."
            )
        }
    }

    private static func unheard(_ target: Target) -> CommandFailure {
        CommandFailure(
            "No Socket.IO server listens to namespace \(target.namespace) with this prefix on this Redis, so nobody heard it. "
                + "Check --redis, --prefix and --namespace; `announce doctor` looks for the cause.",
            exitCode: CommandFailure.unavailable
        )
    }
}

/// What Redis and the clients said to one message.
private struct Sent {
    let receivers: Int?
    let acknowledgements: AcknowledgementCount?

    init(_ message: Broadcast, _ acknowledgeWithin: Int64?, through emitter: Emitter) async throws {
        if let acknowledgeWithin {
            let answers = try await emitter.emitWithAck(message, within: .milliseconds(acknowledgeWithin))
            receivers = answers.servers
            acknowledgements = AcknowledgementCount(
                addressed: answers.addressed,
                acknowledged: answers.acknowledged
            )
        } else {
            receivers = try await emitter.emit([message]).first?.get().receivers
            acknowledgements = nil
        }
    }
}

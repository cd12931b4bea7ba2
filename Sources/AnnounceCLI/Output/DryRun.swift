import Announce
import Payload
import Recurrence
import SocketIOEmitter

/// What a command would do: when, with which texts, and with which Redis command; nothing was stored or opened.
struct DryRun {
    private let notices: [PreviewedNotice]
    private let command: [[UInt8]]
    private let zone: Zone
    private let isWindow: Bool

    init(_ draft: AnnouncementDraft, _ notices: [PreviewedNotice], in zone: Zone, over wire: Wire) throws {
        self.notices = notices
        self.zone = zone
        isWindow = draft.plan.isWindow
        let data = notices.first?.data ?? draft.data
        let broadcast = Broadcast(draft.target, data)
        command =
            try draft.acknowledgeWithin == nil
            ? wire.command(for: broadcast).arguments : wire.acknowledgedCommand(for: broadcast).arguments
    }

    func print(_ format: OutputOptions.Format, now: Timestamp) throws {
        switch format {
        case .json:
            let json: PayloadValue = [
                "occurrences": .array(try notices.map { try Representation.notice($0, in: zone, withArguments: true) }),
                "command": .array(command.map { .string(String(decoding: $0, as: UTF8.self)) }),
                "commandBase64": .array(command.map { .string(String(decoding: Base64.encoded($0), as: UTF8.self)) }),
            ]
            Terminal.data(try json.jsonText())
        case .table:
            for notice in notices {
                let phase = isWindow ? " (\(notice.notice.phase))" : ""
                let mark = notice.mark.map { " (\($0))" } ?? ""
                let text = PayloadValue.array(try notice.data.arguments()).line
                Terminal.data(
                    "\(describe(notice.at, in: zone)), \(distance(from: now, to: notice.at))\(phase)\(mark): \(text)"
                )
            }
            let words = command.map { String(decoding: $0, as: UTF8.self) }
            Terminal.data("Redis: \(words.dropLast().joined(separator: " ")) (\(command.last?.count ?? 0) bytes)")
            Terminal.note("Nothing was stored or sent.")
        }
    }
}

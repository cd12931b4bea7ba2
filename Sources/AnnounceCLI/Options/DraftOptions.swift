import Announce
import ArgumentParser
import Payload
import Recurrence

/// What `add` and `maintenance` have in common: the options of a new announcement.
struct DraftOptions: ParsableArguments {
    @OptionGroup var message: MessageOptions
    @OptionGroup var texts: TextOptions
    @OptionGroup(title: "Time") var times: ScheduleOptions
    @OptionGroup(title: "Late") var policy: PolicyOptions
    @OptionGroup var record: RecordOptions

    @Flag(help: "Store nothing and open nothing: show when it would go out, and the Redis command.")
    var dryRun = false

    @OptionGroup var wire: WireOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func validate() throws {
        try message.requireWhole()
        try wire.requireDryRun(dryRun)
    }

    /// Makes the draft, and shows or stores it.
    func add(form: MessageStyle.Form) async throws {
        let format = output.output
        try await reportingFailures {
            let composition = try await Composition(common, wire: wire)
            let now = composition.clock.wall
            let zone = try composition.zone()
            let draft = try request(form).draft(now: now, in: zone, zones: composition.zones)
            let notices = composition.notices(of: draft.plan, in: zone)
            guard let first = try draft.firstNotice(from: now, by: notices) else {
                throw CommandFailure(
                    "It would never go out. \(notices.givenUp(after: now) ?? "Give a time to come.")",
                    exitCode: CommandFailure.dataError
                )
            }
            let preview = Preview(draft, notices, id: 0, revision: 1, now: now)
            try draft.refuseExpired(before: preview.moment(of: first), in: zone)
            if dryRun {
                let shown = try preview.notices(from: first, limit: NextCommand.previewed(draft.plan))
                return try DryRun(draft, shown, in: zone, over: composition.wire).print(format, now: now)
            }
            let store = try composition.store()
            let announcement = try await store.add(draft, first: first, by: composition.user, at: now)
            switch format {
            case .json: Terminal.data(try Representation.announcement(announcement, in: zone).jsonText())
            case .table: Terminal.data("Announcement \(announcement.id): \(Echo(draft, first, notices, now)).")
            }
        }
    }

    private func request(_ form: MessageStyle.Form) throws -> DraftRequest {
        var style = MessageStyle()
        try texts.change(&style)
        return DraftRequest(
            form: form,
            event: message.event,
            arguments: try message.arguments(),
            hasText: message.text != nil,
            target: message.target,
            times: times.request,
            policy: policy.request,
            isTemplate: texts.template,
            texts: style.texts,
            name: record.name,
            priority: record.priority,
            allowUnheard: message.allowUnheard,
            acknowledgeWithin: try message.acknowledgeWithin,
            labels: try Labels.parse(record.label)
        )
    }
}

import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce edit`: changes an announcement.
struct EditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Changes an announcement that is still to come.",
        discussion: """
            Takes the options of add; what is not given stays. New times replace all old ones; --exclude and --exdate replace \
            the excluded days and times, --exclude-calendar the excluded calendars, --lead the leads. What is over is not \
            changed. When a notice of a window went out and the window now starts at another time or lasts longer, a notice \
            tells so.

            Examples:
              announce edit coffee "Tea is ready"
              announce edit coffee --every 30m --priority 5
              announce edit 42 --in 2h --revision 1
              announce edit coffee --cron "0 15 * * MON-FRI" --dry-run
            """
    )

    @Argument(help: ArgumentHelp("The announcement's id or name.", valueName: "id|name"))
    var reference: String

    @OptionGroup var message: MessageOptions
    @OptionGroup var texts: TextOptions
    @OptionGroup(title: "Time") var times: ScheduleOptions
    @OptionGroup(title: "Late") var policy: PolicyOptions
    @OptionGroup var record: RecordOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Refuse when it has another revision: somebody else changed it.", valueName: "number")
    )
    var revision: Int?

    @Flag(help: "Ask for no acknowledgements any more.")
    var noAck = false

    @Flag(help: "Change nothing: show what would change, when it would go out, and the Redis command.")
    var dryRun = false

    @OptionGroup var wire: WireOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func validate() throws {
        try wire.requireDryRun(dryRun)
        if noAck && message.ack != nil {
            throw ValidationError("--ack and --no-ack exclude each other. Give one of them.")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common, wire: wire)
            let now = composition.clock.wall
            let store = try composition.storeToRead()
            let standing = try await store.standing(of: Reference(reference))
            let announcement = standing.announcement
            // What was typed is understood once, outside of the transaction; that nobody came between is checked there.
            let zone = try common.timezone == nil ? composition.zone(of: announcement) : composition.zone()
            let draft = try draft(announcement.draft, now: now, in: zone, zones: composition.zones)
            let notices = composition.notices(of: draft.plan, in: zone)
            let isRetimed =
                (draft.plan, draft.policy.expiry) != (announcement.draft.plan, announcement.draft.policy.expiry)
            if isRetimed, let first = notices.first(after: now) {
                try draft.refuseExpired(before: first.notice.at, in: zone)
            }
            let fields = try ChangedFields(
                from: announcement.draft,
                composition.zone(of: announcement),
                to: draft,
                zone
            )
            if dryRun {
                try refuseChanged(announcement)
                return try show(draft, fields, standing, notices, composition, now)
            }
            let changed = try await composition.change(
                [.id(announcement.id)],
                expecting: revision ?? announcement.revision,
                in: store
            ) { (editor, standing) throws(AnnounceError) in
                var revision = try editor.edit(standing, to: draft)
                revision?.fields = fields.json
                return revision
            }
            for announcement in changed { try await print(announcement, composition, store, now) }
        }
    }

    private func refuseChanged(_ announcement: Announcement) throws {
        if let revision, revision != announcement.revision {
            throw AnnounceError(changed: announcement, not: revision)
        }
    }

    /// Shows what the change would come to.
    private func show(
        _ draft: AnnouncementDraft,
        _ fields: ChangedFields,
        _ standing: Standing,
        _ notices: NoticePlan,
        _ composition: Composition,
        _ now: Timestamp
    ) throws {
        let announcement = standing.announcement
        let revision = try composition.editor(at: now).edit(standing, to: draft)
        if output.output == .table {
            if revision == nil { return Terminal.data("Nothing would change.") }
            for field in fields.fields { Terminal.data(field.words) }
        }
        let removed = Set(revision?.removed.map(\.occurrence) ?? [])
        let queued = standing.queued.filter { !removed.contains($0.occurrence) } + (revision?.added ?? [])
        let preview = Preview(
            revision?.draft ?? draft,
            notices,
            id: announcement.id,
            revision: announcement.revision + 1,
            now: now
        )
        let first = queued.min { $0.due < $1.due }?.planned
        let shown = try preview.notices(from: first, limit: NextCommand.previewed(draft.plan))
        let zone = notices.schedule.zone
        try DryRun(draft, shown, in: zone, over: composition.wire).print(output.output, now: now)
    }

    private func draft(
        _ old: AnnouncementDraft,
        now: Timestamp,
        in zone: Zone,
        zones: ZoneLoader
    ) throws -> AnnouncementDraft {
        var draft = old
        let times = times.request
        if !times.isEmpty {
            draft.plan = Plan(
                rules: try times.allRules(now: now, in: zone),
                timezone: zone.identifier,
                exclusions: old.plan.exclusions,
                start: old.plan.start,
                until: old.plan.until,
                count: old.plan.count,
                leads: old.plan.leads,
                length: old.plan.length
            )
        } else if common.timezone != nil {
            draft.plan.timezone = zone.identifier
        }
        try times.change(&draft.plan, now: now, in: zone, zones: zones)
        try policy.request.change(&draft.policy, now: now, in: zone)
        message.change(&draft.target)
        (draft.data, draft.style.hasText) = try message.change(draft.data, hasText: draft.style.hasText)
        try draft.keepData(of: old)
        try texts.change(&draft.style)
        draft.style.isWindow = draft.plan.isWindow
        if let name = record.name { draft.name = name }
        if let priority = record.priority { draft.priority = priority }
        if let allowUnheard = message.allowUnheard { draft.allowUnheard = allowUnheard }
        if let time = try message.acknowledgeWithin { draft.acknowledgeWithin = time.milliseconds }
        if noAck { draft.acknowledgeWithin = nil }
        for (key, value) in try Labels.parse(record.label) { draft.labels[key] = value }
        return draft
    }

    private func print(
        _ announcement: Announcement,
        _ composition: Composition,
        _ store: any AnnouncementStore,
        _ now: Timestamp
    ) async throws {
        let zone = composition.zone(of: announcement)
        switch output.output {
        case .json: Terminal.data(try Representation.announcement(announcement, in: zone).jsonText())
        case .table:
            let standing = try await store.standing(of: .id(announcement.id))
            let notices = composition.notices(of: announcement.draft.plan, in: zone)
            guard let first = standing.queued.first?.planned else {
                return Terminal.data("Announcement \(announcement.id): \(announcement.draft.target.summary).")
            }
            Terminal.data("Announcement \(announcement.id): \(Echo(announcement.draft, first, notices, now)).")
        }
    }
}

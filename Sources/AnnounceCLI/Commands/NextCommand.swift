import Announce
import ArgumentParser
import Payload
import Recurrence

/// `announce next`: when something goes out.
struct NextCommand: AsyncParsableCommand {
    static let defaultLimit = 5

    /// How many notices a dry run shows: at least those of one whole window.
    static func previewed(_ plan: Plan) -> Int { max(defaultLimit, plan.leads.count + 2) }

    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Shows when an announcement, or a schedule that is not stored, goes out.",
        discussion: """
            Of a paused announcement the table tells what would follow once it is resumed; as JSON there is nothing.

            Examples:
              announce next 42
              announce next --every 36h --at "2030-12-01 09:00" --tz Europe/Berlin
              announce next --at 02:30 --tz America/New_York --from 2027-03-13T12:00:00Z
            """
    )

    @Argument(help: ArgumentHelp("The id or name of a stored announcement.", valueName: "id|name"))
    var reference: String?

    @OptionGroup(title: "Time") var times: ScheduleOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Show what comes after this instant, or from the beginning of this day on; the present of relative times.",
            valueName: "instant"
        )
    )
    var from: String?

    @Option(parsing: .unconditional, help: "At most so many.")
    var limit = Self.defaultLimit

    @OptionGroup var output: OutputOptions
    @OptionGroup(title: "Settings") var common: CommonOptions

    func validate() throws {
        if (reference == nil) == times.request.isEmpty {
            throw ValidationError(
                "Name one schedule: an announcement's id or name, or --at, --in, --every, --cron or --rrule."
            )
        }
        if limit < 1 { throw ValidationError("--limit \(limit) shows nothing. Give 1 or more.") }
    }

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let now = composition.clock.wall
            let zone = try composition.zone()
            let from = try from.map { try Bound(start: $0, now: now, in: zone).instant(in: zone, isEnd: false) }
            // A day begins with its first instant, any other time leaves itself out.
            let isDay = try self.from.map { try TimeExpression.day($0, now: now, in: zone) != nil } ?? false
            let asked = try await asked(composition, now: now, from: from, zone: zone)
            let after = max((from ?? now) - (isDay ? 1 : 0), asked.announcement?.resumesAt ?? .min)
            let plan = asked.plan
            let draft = AnnouncementDraft(
                data: EventData(event: "announcement", arguments: []),
                target: Target(audience: .everyone),
                plan: plan,
                policy: asked.announcement?.draft.policy ?? Policy()
            )
            let shownZone = try reference == nil ? zone : composition.zone(named: plan.timezone)
            let notices = composition.notices(of: plan, in: shownZone)
            let preview = Preview(draft, notices, id: 0, revision: 1, now: from ?? now)
            let found =
                asked.isLive
                ? try preview.notices(from: asked.first ?? notices.first(after: after), limit: limit, after: after) : []
            if let words = asked.silence(isShown: !found.isEmpty && output.output == .table, in: shownZone) {
                Terminal.note(words)
            } else if found.isEmpty {
                Terminal.note(notices.givenUp(after: after) ?? "Nothing goes out after that.")
            }
            try print(found, asked, in: shownZone, now: from ?? now)
        }
    }

    private func print(_ found: [PreviewedNotice], _ asked: Asked, in zone: Zone, now: Timestamp) throws {
        let plan = asked.plan
        switch output.output {
        case .json:
            // What would only go out if somebody resumed it is no occurrence.
            let occurrences = asked.isPaused ? [] : found
            Terminal.data(
                try PayloadValue.array(occurrences.map { try Representation.notice($0, in: zone) }).jsonText()
            )
        case .table:
            let words = plan.rules.compactMap(\.recurrenceWords).joined(separator: " and ")
            let limits = plan.limits(in: zone, from: found.first?.notice.anchor.at, now: now)
            let course = ([words].filter { !$0.isEmpty } + limits).joined(separator: ", ")
            if !course.isEmpty && asked.isLive && !common.quiet { Terminal.note(course) }
            for notice in found {
                let phase = plan.isWindow ? " (\(notice.notice.phase))" : ""
                let mark = notice.mark.map { " (\($0))" } ?? ""
                let condition = asked.isPaused ? " (once resumed)" : ""
                let at = "\(describe(notice.at, in: zone)), \(distance(from: now, to: notice.at))"
                Terminal.data(at + phase + mark + condition)
            }
        }
    }

    /// What is asked for, and where it stands when it is a stored one and no other time is asked for.
    private func asked(
        _ composition: Composition,
        now: Timestamp,
        from: Timestamp?,
        zone: Zone
    ) async throws -> Asked {
        guard let reference else {
            return Asked(plan: try times.request.plan(now: from ?? now, in: zone, zones: composition.zones))
        }
        let standing = try await composition.storeToRead().standing(of: Reference(reference))
        let plan = standing.announcement.draft.plan
        var asked = Asked(plan: plan, announcement: standing.announcement)
        guard standing.announcement.state == .scheduled, from == nil else { return asked }
        let stored = try composition.zone(named: plan.timezone)
        // As it will be once the dispatcher has seen the present rules of the zone.
        let entry = standing.queued.first { !$0.occurrence.phase.kind.isChange }
        asked.first = entry.flatMap { entry in
            composition.notices(of: plan, in: stored).replanned(entry, at: now).map { $0.entry?.planned }
                ?? entry.planned
        }
        return asked
    }
}

/// A schedule of the command line, or a stored announcement.
private struct Asked {
    let plan: Plan
    var announcement: Announcement?
    /// Where a scheduled one stands.
    var first: PlannedNotice?

    var isPaused: Bool { announcement?.state == .paused }

    /// Whether something goes out, or would once it is resumed.
    var isLive: Bool { announcement.map { $0.state == .scheduled || $0.state == .paused } ?? true }

    /// Why nothing goes out although the schedule may go on; nil when nothing keeps it.
    func silence(isShown: Bool, in zone: Zone) -> String? {
        guard let announcement, announcement.state != .scheduled else { return nil }
        let reason = announcement.reason.map { " (\($0))" } ?? ""
        let words = "Announcement \(announcement.id) is \(announcement.state)\(reason)"
        guard isPaused else { return "\(words): nothing goes out any more." }
        let end = announcement.resumesAt.map { "\(describe($0, in: zone))" }
        return "\(words): nothing goes out until \(end ?? "`announce resume \(announcement.id)`")."
            + (isShown ? " This would follow:" : "")
    }
}

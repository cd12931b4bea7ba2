import Recurrence

/// One notice of an announcement: when it goes out, which it is, and of which occurrence.
public struct Notice: Hashable, Sendable {
    /// When it goes out.
    public let at: Timestamp
    /// Which of the occurrence's notices it is.
    public let phase: Phase
    /// The occurrence that it is about: the start of the window.
    public let anchor: Schedule.Position

    /// Makes a notice.
    public init(at: Timestamp, phase: Phase, anchor: Schedule.Position) {
        self.at = at
        self.phase = phase
        self.anchor = anchor
    }
}

/// A notice that is to come, with what is needed to find the one after it, also after the zone's rules have changed.
public struct PlannedNotice: Hashable, Sendable {
    /// The notice.
    public let notice: Notice
    /// Every notice of the occurrences up to this one is over.
    public let handled: Schedule.Position
    /// The same as ``wall``, in milliseconds: most that are due are never asked for it.
    package let wallMilliseconds: Int64

    /// What the zone's clocks showed at ``handled``.
    public var wall: CivilDateTime { CivilDateTime(localMilliseconds: wallMilliseconds) }

    /// Makes a planned notice.
    public init(notice: Notice, handled: Schedule.Position, wall: CivilDateTime) {
        self.init(notice: notice, handled: handled, wallMilliseconds: wall.localMilliseconds)
    }

    /// Makes a planned notice of what is stored of one.
    package init(notice: Notice, handled: Schedule.Position, wallMilliseconds: Int64) {
        self.notice = notice
        self.handled = handled
        self.wallMilliseconds = wallMilliseconds
    }
}

/// The notices of a plan in a zone, one by one, in the order of time.
///
/// Each occurrence has a notice for each lead, one at its start, and one at its end when it has a length. Those of
/// neighbouring occurrences may overlap: with a daily occurrence and a lead of a day, two fall on one instant.
public struct NoticePlan: Sendable {
    private let plan: Plan
    /// The occurrences, without their notices.
    public let schedule: Schedule

    /// How many occurrences may have notices to come at one time; a plan beyond that is refused when it is entered.
    static let deepestOverlap = 64

    /// Makes the notices of a plan.
    ///
    /// - Parameters:
    ///   - plan: the plan.
    ///   - zone: its zone.
    ///   - zones: finds the zones that an excluded calendar names.
    public init(_ plan: Plan, in zone: Zone, zones: ZoneLoader) {
        self.plan = plan
        schedule = plan.schedule(in: zone, zones: zones)
    }

    /// The first notice of the first occurrence at or after an instant: a lead, even one that should have gone out before
    /// then.
    public func first(from now: Timestamp) -> PlannedNotice? {
        guard let handled = position(before: now), let anchor = schedule.next(after: handled) else { return nil }
        let wall = schedule.zone.civil(at: handled.at)
        let notices = notices(of: anchor)
        // Of the leads that lie in the past the most urgent one is enough.
        let notice = notices.last { $0.phase.kind == .lead && $0.at <= now } ?? notices.first
        return notice.map { PlannedNotice(notice: $0, handled: handled, wall: wall) }
    }

    /// The first notice strictly after an instant, whichever occurrence it is of.
    public func first(after instant: Timestamp) -> PlannedNotice? {
        guard let handled = beginning(of: instant) else { return nil }
        let before = Notice(at: instant, phase: .last, anchor: Schedule.Position(at: .max, ordinal: .max))
        return next(after: before, handled: handled, wall: schedule.zone.civil(at: handled.at))
    }

    /// What to say where nothing is found after an instant because the search was given up
    /// (``Recurrence/Schedule/searchLimit(after:)``); nil when there is nothing.
    public func givenUp(after instant: Timestamp) -> String? {
        guard let last = schedule.searchLimit(after: instant) else { return nil }
        return "All that was looked at, up to \(last), is excluded, and there the search ends. Exclude less."
    }

    /// The first notice at or after an instant, of occurrences that a planned notice had still before it.
    func first(notBefore instant: Timestamp, from planned: PlannedNotice) -> PlannedNotice? {
        let before = Notice(at: instant - 1, phase: .last, anchor: Schedule.Position(at: .max, ordinal: .max))
        return next(after: before, handled: planned.handled, wall: planned.wall)
    }

    /// The notice after another.
    public func next(after planned: PlannedNotice) -> PlannedNotice? {
        next(after: planned.notice, handled: planned.handled, wall: planned.wall)
    }

    /// The same notice by the present rules of the zone: the occurrence is found anew by its wall time.
    ///
    /// - Returns: the notice at its new time; nil when there is no such occurrence any more.
    public func replanned(_ planned: PlannedNotice) -> PlannedNotice? {
        var anchor = schedule.next(after: planned.handled, wall: planned.wall)
        while let found = anchor, found.ordinal < planned.notice.anchor.ordinal { anchor = schedule.next(after: found) }
        guard let anchor else { return nil }
        let notice = notices(of: anchor).first { $0.phase == planned.notice.phase }
        return notice.map { PlannedNotice(notice: $0, handled: planned.handled, wall: planned.wall) }
    }

    /// When the window of an occurrence is over; nil when it has no length.
    public func end(of anchor: Schedule.Position) -> Timestamp? {
        plan.ends[anchor.ordinal] ?? plan.length.map { $0.added(to: anchor.at, in: schedule.zone) }
    }

    /// Refuses a plan with so many overlapping windows that it cannot be meant.
    ///
    /// - Throws: ``AnnounceError`` with code ``AnnounceError/Code/invalidValue``.
    func validate(from first: PlannedNotice) throws(AnnounceError) {
        guard plan.isWindow else { return }
        let anchor = first.notice.anchor
        let last = notices(of: anchor).last?.at ?? anchor.at
        var position = anchor
        for _ in 0..<Self.deepestOverlap {
            guard let next = schedule.next(after: position), let notice = notices(of: next).first else { return }
            if notice.at > last { return }
            position = next
        }
        throw AnnounceError(
            .invalidValue,
            "More than \(Self.deepestOverlap) windows of this announcement would overlap. "
                + "Shorten --lead or --for, or let it happen less often."
        )
    }

    /// The occurrence at an instant by the number that a search for notices after `now` gives it; nil when there is none.
    ///
    /// With `hasEnds` that of a plan in which single windows have ends of their own, which lets the search begin earlier.
    func position(at instant: Timestamp, after now: Timestamp, hasEnds: Bool? = nil) -> Schedule.Position? {
        guard let beginning = beginning(of: now, hasEnds: hasEnds) else { return nil }
        var position = schedule.next(after: beginning)
        while let found = position, found.at < instant { position = schedule.next(after: found) }
        return position?.at == instant ? position : nil
    }

    /// The first occurrence after an instant, by the number that a search for notices after it gives it.
    func position(following now: Timestamp) -> Schedule.Position? {
        guard let beginning = beginning(of: now) else { return nil }
        var position = schedule.next(after: beginning)
        while let found = position, found.at <= now { position = schedule.next(after: found) }
        return position
    }

    /// Whether the plan has the same notice, whatever its number.
    func hasNotice(like notice: Notice) -> Bool {
        guard let anchor = schedule.next(after: Schedule.Position(at: notice.anchor.at - 1, ordinal: 0)),
            anchor.at == notice.anchor.at
        else { return false }
        return notices(of: anchor).contains { $0.at == notice.at && $0.phase == notice.phase }
    }

    /// The notices that follow one, up to an instant, and the first after that.
    ///
    /// - Returns: at most ``Judge/longestRun`` notices; where there are more, the next one is the first after the instant all
    ///   the same.
    func passed(from planned: PlannedNotice, upTo instant: Timestamp) -> ([PlannedNotice], next: PlannedNotice?) {
        var passed: [PlannedNotice] = []
        var next = self.next(after: planned)
        while let found = next, found.notice.at <= instant {
            if passed.count == Judge.longestRun { return (passed, first(after: instant)) }
            passed.append(found)
            next = self.next(after: found)
        }
        return (passed, next)
    }

    // MARK: Finding them

    /// Where a search for notices after an instant begins: of occurrences that began so long ago the end may still be ahead.
    private func beginning(of instant: Timestamp, hasEnds: Bool? = nil) -> Schedule.Position? {
        let reach = hasEnds ?? !plan.ends.isEmpty ? Self.longestExtension : 0
        return position(before: instant - reach - (plan.length.map { $0.longestMilliseconds } ?? 0))
    }

    /// The notices of one occurrence in the order of time; those that fall on one instant, a lead before the start.
    func notices(of anchor: Schedule.Position) -> [Notice] {
        guard plan.isWindow else { return [Notice(at: anchor.at, phase: .start, anchor: anchor)] }
        var notices = plan.leads.map { lead in
            Notice(at: lead.subtracted(from: anchor.at, in: schedule.zone), phase: .lead(lead), anchor: anchor)
        }
        notices.append(Notice(at: anchor.at, phase: .start, anchor: anchor))
        if let end = end(of: anchor) { notices.append(Notice(at: max(end, anchor.at), phase: .end, anchor: anchor)) }
        return notices.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private func next(after notice: Notice, handled: Schedule.Position, wall: CivilDateTime) -> PlannedNotice? {
        var (handled, wall) = (handled, wall)
        var best: Notice?
        // A lead in days to 02:15 can be later than one to 03:00, on the day when 02:15 does not exist.
        let disorder = plan.leads.allSatisfy(\.isElapsed) ? 0 : Self.longestGap
        var anchor = schedule.next(after: handled)
        var isPast = true
        while let found = anchor {
            let notices = notices(of: found)
            if let best, let first = notices.first, first.at > best.at + disorder { break }
            if let candidate = notices.first(where: { notice.precedes($0) }) {
                if best.map({ candidate.precedes($0) }) ?? true { best = candidate }
                isPast = false
            }
            if isPast { (handled, wall) = (found, schedule.zone.civil(at: found.at)) }
            anchor = schedule.next(after: found)
        }
        return best.map { PlannedNotice(notice: $0, handled: handled, wall: wall) }
    }

    /// A position from which the next occurrence is the first at or after an instant.
    private func position(before instant: Timestamp) -> Schedule.Position? {
        guard schedule.count != nil else { return Schedule.Position(at: instant - 1, ordinal: 0) }
        var ordinal = 0
        var found = schedule.first
        while let position = found, position.at < instant {
            ordinal = position.ordinal
            found = schedule.next(after: position)
        }
        return found == nil ? nil : Schedule.Position(at: instant - 1, ordinal: ordinal)
    }

    /// No change of clocks jumps over more than a day, with an hour to spare.
    private static let longestGap: Int64 = 25 * 3_600_000

    /// How much longer than planned a window may have been made, when its end is looked for.
    private static let longestExtension: Int64 = 31 * 86_400_000
}

extension Notice {
    /// The order of dispatch of one announcement's notices: by time, then by occurrence, then by phase.
    func precedes(_ other: Notice) -> Bool {
        if at != other.at { return at < other.at }
        if anchor.at != other.anchor.at { return anchor.at < other.anchor.at }
        return phase.rank < other.phase.rank
    }
}

extension TimeSpan {
    /// The most milliseconds that it can last: a day of 25 hours, a month of 31 days.
    var longestMilliseconds: Int64 {
        Int64(months) * 31 * 90_000_000 + Int64(days) * 90_000_000 + milliseconds
    }
}

extension NoticePlan {
    /// A queued notice that moved with the rules of the zone.
    public struct Replanned: Hashable, Sendable {
        /// The notice at its new time, or the one that follows it when it is gone; nil when there is none.
        public let entry: QueueEntry?
        /// Whether it is of a window, of which people may have heard already.
        public let isWindow: Bool
    }

    /// Plans a queued notice anew by the present rules of the zone.
    ///
    /// What is due already, or was tried, stays: it is work. So does what a person has caused.
    /// - Returns: nil when the notice stays where it is.
    public func replanned(_ entry: QueueEntry, at now: Timestamp) -> Replanned? {
        guard !entry.isChange, entry.attempts == 0, entry.occurrence.nominal > now else { return nil }
        let planned = replanned(entry.planned) ?? first(notBefore: now, from: entry.planned)
        guard let planned else { return Replanned(entry: nil, isWindow: plan.isWindow) }
        if planned.notice == entry.planned.notice { return nil }
        return Replanned(
            entry: QueueEntry(
                announcement: entry.occurrence.announcement,
                planned: planned,
                priority: entry.priority
            ),
            isWindow: plan.isWindow
        )
    }
}

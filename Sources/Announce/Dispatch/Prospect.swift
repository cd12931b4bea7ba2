import Recurrence
import Synchronization

/// What a plan says about one of its notices: found by searching its schedule, and the same for all announcements with that plan.
final class Prospect: Sendable {
    let notices: NoticePlan
    /// When the window of the notice is over, if it has an end.
    let end: Timestamp?
    /// The notice that follows.
    let next: PlannedNotice?
    /// Whether more than three occurrences lie within a second.
    let isBurst: Bool

    fileprivate init(_ plan: Plan, _ planned: PlannedNotice, in zone: Zone, zones: ZoneLoader) {
        notices = NoticePlan(plan, in: zone, zones: zones)
        end = notices.end(of: planned.notice.anchor)
        // What a person has caused is followed by nothing: the plan goes on beside it.
        next = planned.notice.phase.kind.isChange ? nil : notices.next(after: planned)
        isBurst = !planned.notice.phase.kind.isChange && notices.schedule.isBurst(at: planned.notice.anchor)
    }
}

/// The prospects that were found within the last second: in a burst of recurring announcements most have their plan in common with
/// others.
final class ProspectMemo: Sendable {
    private struct Key: Hashable {
        let plan: ObjectIdentifier
        let planned: PlannedNotice

        /// What tells one from nearly all others.
        func hash(into hasher: inout Hasher) {
            hasher.combine(plan)
            hasher.combine(planned.notice.at)
        }
    }

    private struct Known {
        /// Kept, so that no other plan gets its identity.
        let plan: SharedPlan
        let zone: Zone
        let prospect: Prospect
    }

    /// For so long, in milliseconds: files of zones and calendars may change.
    private static let lifetime: Int64 = 1_000

    private let state = Mutex<(since: Timestamp, known: [Key: Known])>((.min, [:]))

    func prospect(
        of plan: SharedPlan,
        at planned: PlannedNotice,
        in zone: Zone,
        zones: ZoneLoader,
        now: Timestamp
    ) -> Prospect {
        state.withLock { state in
            if now < state.since || now - state.since > Self.lifetime { state = (now, [:]) }
            let key = Key(plan: ObjectIdentifier(plan), planned: planned)
            if let known = state.known[key], known.zone == zone { return known.prospect }
            let prospect = Prospect(plan.plan, planned, in: zone, zones: zones)
            state.known[key] = Known(plan: plan, zone: zone, prospect: prospect)
            return prospect
        }
    }
}

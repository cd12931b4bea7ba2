import Announce
import AnnounceTestKit
import Payload
import Recurrence
import Testing

/// Policies for what is late: which of the missed ones are said, until when, and when nothing may be.
@Suite struct PolicyTests {
    private let judge = Judge(zones: ZoneSource { _ in .utc })

    private func due(
        _ plan: Plan?,
        at nominal: Timestamp = .morning,
        phase: Phase = .start,
        anchor: Timestamp? = nil,
        policy: Policy = Policy(),
        isPaused: Bool = false,
        attempts: Int = 0
    ) -> DueOccurrence {
        let position = Schedule.Position(at: anchor ?? nominal, ordinal: 1)
        let handled = Schedule.Position(at: (anchor ?? nominal) - 1, ordinal: 0)
        let planned = PlannedNotice(
            notice: Notice(at: nominal, phase: phase, anchor: position),
            handled: handled,
            wall: CivilDateTime(localMilliseconds: handled.at.milliseconds)
        )
        return DueOccurrence(
            entry: QueueEntry(announcement: 7, planned: planned, priority: 3, attempts: attempts),
            data: EventData(event: "e", arguments: []),
            target: Target(audience: .everyone),
            allowUnheard: false,
            isPaused: isPaused,
            policy: policy,
            plan: plan
        )
    }

    private func minutely() throws -> Plan {
        Plan(rules: [.interval(try Interval(every: 60_000, anchor: .morning))], timezone: "UTC")
    }

    private func settled(_ due: DueOccurrence, _ late: Int64) throws -> Settlement {
        guard case .settle(let settlement) = judge.judge(due, at: due.entry.occurrence.nominal + late) else {
            throw AnnounceError(.invalidValue, "it would be sent")
        }
        return settlement
    }

    private func isSent(_ due: DueOccurrence, _ late: Int64) -> Bool {
        if case .send = judge.judge(due, at: due.entry.occurrence.nominal + late) { true } else { false }
    }

    @Test("skip: what is more than five seconds late is skipped, on time it is sent")
    func skip() throws {
        let due = due(try minutely(), policy: Policy(misfire: .skip))
        #expect(isSent(due, 5_000))
        let settlement = try settled(due, 5_001)
        #expect(settlement.deliveries.map(\.outcome) == [.skipped])
        #expect(settlement.queued.map(\.occurrence.nominal) == [.morning + 60_000])
    }

    @Test("all: every missed one is said within its grace, with a limit only the newest so many")
    func all() throws {
        let all = due(try minutely(), policy: Policy(misfire: .all(limit: nil), grace: 3_600_000))
        #expect(isSent(all, 600_000))
        let limited = due(try minutely(), policy: Policy(misfire: .all(limit: 3), grace: 3_600_000))
        #expect(isSent(limited, 179_000))
        let settlement = try settled(limited, 180_000)
        #expect(settlement.deliveries.map(\.outcome) == [.skipped])
        #expect(settlement.queued.map(\.occurrence.nominal) == [.morning + 60_000])
        #expect(
            try settled(due(try minutely(), policy: Policy(misfire: .all(limit: nil))), 30_001).deliveries.map(
                \.outcome
            ) == [.missed]
        )
    }

    @Test("A grace of one's own counts, also below five seconds")
    func grace() throws {
        let due = due(nil, policy: Policy(grace: 1_000))
        #expect(isSent(due, 1_000))
        #expect(try settled(due, 1_001).deliveries.map(\.outcome) == [.missed])
    }

    @Test("What is no longer true has expired, and nothing is queued beyond the end of truth")
    func expiry() throws {
        let after = due(try minutely(), policy: Policy(grace: 3_600_000, expiry: .after(try TimeSpan("10s"))))
        #expect(isSent(after, 10_000))
        #expect(try settled(after, 10_001).deliveries.map(\.outcome) == [.expired])
        #expect(try settled(after, 10_001).queued.map(\.occurrence.nominal) == [.morning + 60_000])
        let at = due(try minutely(), policy: Policy(expiry: .at(.instant(.morning + 30_000))))
        #expect(isSent(at, 1_000))
        #expect(try settled(at, 30_001).deliveries.map(\.outcome) == [.expired])
        #expect(try settled(at, 30_001).queued.isEmpty)
    }

    @Test("Paused: what falls due is skipped, each with its record, and the next waits; a one-shot is over")
    func paused() throws {
        let settlement = try settled(due(try minutely(), isPaused: true), 150_000)
        #expect(settlement.deliveries.map(\.outcome) == [.skipped, .skipped, .skipped])
        #expect(settlement.deliveries.allSatisfy { $0.error == "the announcement is paused" })
        #expect(settlement.queued.map(\.occurrence.nominal) == [.morning + 180_000])
        let once = try settled(due(nil, isPaused: true), 0)
        #expect(once.deliveries.map(\.outcome) == [.skipped])
        #expect(once.queued.isEmpty)
        // That it was called off is told all the same.
        #expect(isSent(due(nil, phase: .change(.cancelled, revision: 2), isPaused: true), 0))
    }

    @Test("Leads that come too late collapse into the most urgent one, whatever the policy", arguments: [true, false])
    func leads(isAll: Bool) throws {
        let plan = Plan(
            rules: [.instant(.morning)],
            timezone: "UTC",
            leads: [try TimeSpan("1d"), try TimeSpan("1h"), try TimeSpan("15m")]
        )
        let policy = Policy(misfire: isAll ? .all(limit: nil) : .latest)
        func lead(_ span: String) throws -> DueOccurrence {
            let span = try TimeSpan(span)
            let at = span.subtracted(from: .morning, in: .utc)
            return due(plan, at: at, phase: .lead(span), anchor: .morning, policy: policy)
        }
        // Ten minutes before the start only the last lead is true.
        let now = Timestamp.morning - 600_000
        guard case .settle(let settlement) = judge.judge(try lead("1d"), at: now) else {
            Issue.record("a lead of a day is sent ten minutes before")
            return
        }
        #expect(settlement.deliveries.allSatisfy { $0.outcome == .skipped && $0.anchor == .morning })
        #expect(settlement.queued.map(\.occurrence.phase.rawValue) == [isAll ? "lead 1h" : "lead 15m"])
        guard case .send(let approved) = judge.judge(try lead("15m"), at: now) else {
            Issue.record("the most urgent lead is not sent")
            return
        }
        #expect(approved.next?.notice.phase == .start)
        guard case .settle(let late) = judge.judge(try lead("15m"), at: .morning) else {
            Issue.record("a lead is sent at the start")
            return
        }
        #expect(late.queued.map(\.occurrence.phase) == [.start])
    }

    @Test("A schedule with more than three occurrences within a second is stopped with the reason")
    func burst() throws {
        let rules = try (0..<4).map { Rule.interval(try Interval(every: 1_000, anchor: .morning + Int64($0) * 200)) }
        let settlement = try settled(due(Plan(rules: rules, timezone: "UTC")), 0)
        #expect(settlement.deliveries.map(\.outcome) == [.failed])
        #expect(settlement.queued.isEmpty)
        #expect(settlement.failure?.contains("three times") == true)
        #expect(isSent(due(Plan(rules: Array(rules.prefix(3)), timezone: "UTC")), 0))
    }
}

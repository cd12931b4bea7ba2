import Announce
import AnnounceTestKit
import Payload
import Recurrence
import Testing

/// Late, missed, superseded, tried again: decisions as values.
@Suite struct JudgeTests {
    private let judge = Judge(backoff: Backoff(minimum: 100, maximum: 30_000), zones: ZoneSource { _ in .utc })
    private static let hour: Int64 = 3_600_000

    private struct Unexpected: Error {
        let verdict: Judge.Verdict
    }

    private func due(
        every: Int64? = nil,
        nominal: Timestamp = .morning,
        attempts: Int = 0,
        error: String? = nil,
        allowUnheard: Bool = false
    ) throws -> DueOccurrence {
        DueOccurrence(
            entry: QueueEntry(
                occurrence: Occurrence(announcement: 7, nominal: nominal),
                priority: 3,
                attempts: attempts,
                error: error
            ),
            data: EventData(event: "e", arguments: []),
            target: Target(audience: .everyone),
            allowUnheard: allowUnheard,
            plan: try every.map {
                Plan(rules: [.interval(try Interval(every: $0, anchor: .morning))], timezone: "UTC")
            }
        )
    }

    private func approved(_ due: DueOccurrence, at now: Timestamp) throws -> Judge.Approved {
        guard case .send(let approved) = judge.judge(due, at: now) else {
            throw Unexpected(verdict: judge.judge(due, at: now))
        }
        return approved
    }

    private func settled(_ due: DueOccurrence, at now: Timestamp) throws -> Settlement {
        guard case .settle(let settlement) = judge.judge(due, at: now) else {
            throw Unexpected(verdict: judge.judge(due, at: now))
        }
        return settlement
    }

    private func settle(_ approved: Judge.Approved, _ result: PublishResult, at now: Timestamp) -> Settlement {
        var generator = SeededGenerator(seed: 1)
        return judge.settle(approved, result, at: now, using: &generator)
    }

    @Test("What has its record already is passed over in silence, and the next by its plan follows")
    func recorded() throws {
        let (once, again) = (try due(), try due(every: 60_000))
        func recorded(_ due: DueOccurrence) -> DueOccurrence {
            DueOccurrence(
                entry: due.entry,
                data: due.data,
                target: due.target,
                allowUnheard: false,
                isRecorded: true,
                plan: due.plan
            )
        }
        #expect(try settled(recorded(once), at: .morning) == Settlement(entry: once.entry, deliveries: [], queued: []))
        let settlement = try settled(recorded(again), at: .morning)
        #expect(settlement.deliveries.isEmpty)
        #expect(settlement.queued.map(\.occurrence.nominal) == [.morning + 60_000])
    }

    @Test("A one-shot is sent up to an hour late", arguments: [0, 5_001, 60_000, JudgeTests.hour])
    func oneShotInTime(late: Int64) throws {
        let approved = try approved(due(), at: .morning + late)
        #expect(approved.deadline == .morning + Self.hour)
        #expect(approved.next == nil)
    }

    @Test func `A one-shot that is more than an hour late is missed`() throws {
        let settlement = try settled(due(), at: .morning + Self.hour + 1)
        #expect(settlement.deliveries.map(\.outcome) == [.missed])
        #expect(settlement.queued.isEmpty)
    }

    @Test(
        "A recurring one may be late by half its distance, at least ten seconds and at most an hour",
        arguments: [(1_000, 10_000), (60_000, 30_000), (2 * 3_600_000 + 2, 3_600_000), (86_400_000, 3_600_000)]
            as [(Int64, Int64)]
    )
    func grace(every: Int64, grace: Int64) throws {
        #expect(try approved(due(every: every), at: .morning).deadline == .morning + grace)
    }

    @Test func `What was sent is followed by the next nominal time, however late it was`() throws {
        let approved = try approved(due(every: 60_000), at: .morning + 4_999)
        let settlement = settle(approved, .taken(receivers: 3), at: .morning + 5_010)
        #expect(settlement.deliveries.map(\.receivers) == [3])
        #expect(settlement.deliveries.map(\.concluded) == [.morning + 5_010])
        #expect(settlement.queued.map(\.occurrence.nominal) == [.morning + 60_000])
        #expect(settlement.queued.map(\.attempts) == [0])
    }

    @Test
    func `Of several missed occurrences only the latest is left to be said, and each of the others has its record`()
        throws
    {
        let settlement = try settled(due(every: 60_000), at: .morning + 10 * 60_000 + 1)
        #expect(settlement.deliveries.map(\.occurrence.nominal) == (0..<10).map { .morning + $0 * 60_000 })
        #expect(settlement.deliveries.map(\.outcome) == Array(repeating: .missed, count: 10))
        #expect(settlement.queued.map(\.occurrence.nominal) == [.morning + 600_000])
    }

    @Test func `A late occurrence within its grace is skipped, not missed, when a newer one is due`() throws {
        // 12 s late, of a schedule with 10 s between occurrences and 10 s of grace: the first is missed, the second not.
        let settlement = try settled(due(every: 4_000), at: .morning + 12_000)
        #expect(settlement.deliveries.map(\.outcome) == [.missed, .skipped, .skipped])
        #expect(settlement.queued.map(\.occurrence.nominal) == [.morning + 12_000])
    }

    @Test func `Up to five seconds late, every occurrence is said although a newer one is due`() throws {
        #expect(try approved(due(every: 1_000), at: .morning + 5_000).next?.notice.at == .morning + 1_000)
    }

    @Test func `A long outage is worked off in bounded steps`() throws {
        let settlement = try settled(due(every: 1_000), at: .morning + 86_400_000)
        #expect(settlement.deliveries.count == Judge.longestRun)
        #expect(settlement.queued.map(\.occurrence.nominal) == [.morning + 1_000_000])
    }

    @Test func `What nobody heard is tried again until its grace is over, then it is unheard`() throws {
        let first = settle(try approved(due(), at: .morning), .taken(receivers: 0), at: .morning + 1)
        let retry = try #require(first.queued.first)
        #expect(first.deliveries.isEmpty)
        #expect(retry.occurrence.nominal == .morning)
        #expect(retry.attempts == 1)
        #expect((.morning + 51)...(.morning + 101) ~= retry.due)
        let late = try due(attempts: 9)
        let last = settle(try approved(late, at: .morning + Self.hour), .taken(receivers: 0), at: .morning + Self.hour)
        #expect(last.deliveries.map(\.outcome) == [.unheard])
        #expect(last.deliveries.map(\.attempts) == [10])
        #expect(try settled(late, at: .morning + Self.hour + 1).deliveries.map(\.outcome) == [.unheard])
    }

    @Test func `What nobody heard counts as published when that is allowed`() throws {
        let settlement = settle(try approved(due(allowUnheard: true), at: .morning), .taken(receivers: 0), at: .morning)
        #expect(settlement.deliveries.map(\.outcome) == [.published])
        #expect(settlement.deliveries.map(\.receivers) == [0])
    }

    @Test func `Receivers that cannot be known count as heard`() throws {
        let settlement = settle(try approved(due(), at: .morning), .taken(receivers: nil), at: .morning)
        #expect(settlement.deliveries.map(\.outcome) == [.published])
    }

    @Test func `A try that did not do still queues the next occurrence, once`() throws {
        let first = settle(try approved(due(every: 60_000), at: .morning), .taken(receivers: 0), at: .morning)
        #expect(first.queued.map(\.occurrence.nominal) == [.morning, .morning + 60_000])
        let second = settle(
            try approved(due(every: 60_000, attempts: 1), at: .morning),
            .taken(receivers: 1),
            at: .morning
        )
        #expect(second.queued.isEmpty)
    }

    @Test func `A newer occurrence ends the tries of the older`() throws {
        let settlement = try settled(due(every: 10_000, attempts: 4), at: .morning + 10_000)
        #expect(settlement.deliveries.map(\.outcome) == [.skipped])
        #expect(settlement.deliveries.map(\.attempts) == [4])
        #expect(settlement.queued.isEmpty)
    }

    @Test func `What Redis refuses is tried again with its reason, and missed in the end`() throws {
        let first = settle(try approved(due(), at: .morning), .refused("READONLY"), at: .morning)
        #expect(first.queued.map(\.error) == ["READONLY"])
        let late = try due(attempts: 9, error: "READONLY")
        let last = try settled(late, at: .morning + Self.hour + 1).deliveries
        #expect(last.map(\.outcome) == [.missed])
        #expect(last.map(\.error) == ["READONLY"])
    }

    @Test func `What can never be sent is failed at once, and with it the whole announcement`() throws {
        let settlement = settle(try approved(due(every: 60_000), at: .morning), .impossible("binary"), at: .morning)
        #expect(settlement.deliveries.map(\.outcome) == [.failed])
        #expect(settlement.queued.isEmpty)
        #expect(settlement.failure == "binary")
    }

    @Test func `A schedule whose zone cannot be read waits in the queue with the reason`() throws {
        let judge = Judge(zones: ZoneSource { name in throw AnnounceError(.invalidValue, "no \(name)") })
        let wall = DueOccurrence(
            entry: QueueEntry(occurrence: Occurrence(announcement: 7, nominal: .morning), priority: 3),
            data: EventData(event: "e", arguments: []),
            target: Target(audience: .everyone),
            allowUnheard: false,
            plan: Plan(
                rules: [.wall(try CivilDateTime("2026-12-01T09:00:00")), .instant(.morning)],
                timezone: "Mars/Olympus"
            )
        )
        guard case .settle(let settlement) = judge.judge(wall, at: .morning) else {
            Issue.record("it was sent")
            return
        }
        #expect(settlement.deliveries.isEmpty)
        #expect(settlement.queued.map(\.error) == ["no Mars/Olympus"])
        #expect(settlement.queued.map(\.attempts) == [0])
    }

    /// Whatever happens, an occurrence ends once, the schedule goes on, and nothing is sent early or past its grace.
    @Test("Every occurrence ends exactly once", arguments: 1...200 as ClosedRange<UInt64>)
    func everyOccurrenceEndsOnce(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let every = Int64.random(in: 1_000...120_000, using: &generator)
        var queue = [try due(every: every).entry]
        var now = Timestamp.morning
        var ended: [Timestamp: Outcome] = [:]
        for _ in 1...300 {
            queue.sort { ($0.due, $0.occurrence.nominal) < ($1.due, $1.occurrence.nominal) }
            let entry = queue.removeFirst()
            // Usually in time, sometimes after an outage.
            let outage = Int64.random(in: 0..<10, using: &generator) == 0
            now = max(now, entry.due) + (outage ? Int64.random(in: 0...600_000, using: &generator) : 1)
            let due = try due(every: every, nominal: entry.occurrence.nominal, attempts: entry.attempts)
            let settlement: Settlement
            switch judge.judge(due, at: now) {
            case .settle(let decided): settlement = decided
            case .send(let approved):
                #expect(now >= entry.occurrence.nominal && now <= approved.deadline)
                let receivers = Int.random(in: 0...1, using: &generator)
                settlement = judge.settle(approved, .taken(receivers: receivers), at: now, using: &generator)
            }
            for delivery in settlement.deliveries {
                #expect(ended.updateValue(delivery.outcome, forKey: delivery.occurrence.nominal) == nil, "seed \(seed)")
            }
            for entry in settlement.queued where !queue.contains(where: { $0.occurrence == entry.occurrence }) {
                #expect(ended[entry.occurrence.nominal] == nil, "seed \(seed)")
                queue.append(entry)
            }
        }
        // All nominal times up to the last are accounted for: they ended, or they are queued.
        let last = try #require(ended.keys.max())
        for nominal in stride(from: Timestamp.morning.milliseconds, through: last.milliseconds, by: Int(every)) {
            let time = Timestamp(milliseconds: nominal)
            #expect(ended[time] != nil || queue.contains { $0.occurrence.nominal == time }, "seed \(seed)")
        }
    }
}

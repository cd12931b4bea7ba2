import Announce
import AnnounceTestKit
import GRDB
import Recurrence
import Testing

@testable import AnnounceSQLite

/// Databases of earlier schemas, brought to the newest one with everything that is in them.
@Suite struct UpgradeTests {
    /// What the first schema held of a wall time in New York, and of an interval.
    private static let firstSchema = """
        INSERT INTO announcements (id, name, event, arguments, packed, namespace, everyone, rooms, sockets, excluded, volatile,
            rules, timezone, recurring, priority, allow_unheard, labels, created_at, created_by, updated_at)
        VALUES
            (1, 'once', 'e', '["hi"]', x'92a165a26869', '/', 1, '[]', '[]', '[]', 0,
            '[{"kind":"wall","at":"2026-12-02T09:00:00"}]', 'America/New_York', 0, 3, 0, '{}', 1, 'eva', 1),
            (2, NULL, 'e', '[]', x'91a165', '/', 0, '["lobby"]', '[]', '[]', 0,
            '[{"kind":"interval","everySeconds":60,"from":"2026-12-01T09:00:00.000Z"}]', 'UTC', 1, 3, 0, '{}', 1, 'eva', 1);
        INSERT INTO queue (due_at, rank, announcement_id, nominal_at, phase) VALUES
            (1796220000000, 2, 1, 1796220000000, 'start'), (1796115660000, 2, 2, 1796115660000, 'start');
        INSERT INTO deliveries (announcement_id, nominal_at, phase, outcome, attempts, concluded_at, receivers)
        VALUES (2, 1796115600000, 'start', 'published', 1, 1796115600003, 2);
        UPDATE totals SET value = 2 WHERE name = 'pending';
        """

    /// The schemas before the newest.
    static let earlier = Migrations.all.migrations.dropLast()

    @Test(
        "An earlier schema: what was queued goes out at its time, by the present rules of its zone",
        arguments: earlier
    )
    func upgrade(from schema: String) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.sqlite")
        do {
            let database = try DatabaseQueue(path: path)
            try await database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
            try Migrations.all.migrate(database, upTo: schema)
            try await database.write { database in
                try database.execute(sql: Self.firstSchema)
                // What was on its way when the program was stopped for the upgrade is asked for afterwards.
                if try database.tableExists("batches") {
                    try database.execute(
                        sql: """
                            INSERT INTO batches (token, term, opened_at, size, members)
                            VALUES ('t', 1, 2, 1, '[[1,1796220000000,"start"]]')
                            """
                    )
                }
            }
            try database.close()
        }
        let store = try SQLiteStore(path: path)
        let open = try await store.openBatches()
        #expect(open.map(\.token) == (schema < "V0004" ? [] : ["t"]))
        #expect(open.allSatisfy { $0.members.map { $0?.entry.occurrence.announcement } == [1] })
        let zones = ZoneLoader.system(environment: [:])
        let moves = try await store.replan(zones: ZoneSource(zone: { try zones.zone(named: $0) }), at: .morning)
        #expect(moves.isEmpty)
        let once = try await store.announcement(.name("once"))
        #expect(once.next?.at == Timestamp(milliseconds: 1_796_220_000_000))
        #expect(once.draft.plan.rules == [.wall(try CivilDateTime("2026-12-02T09:00:00"))])
        let due = try await StoreContract.claim(store, at: .morning + 60_000).due
        #expect(due.map(\.entry.occurrence.announcement) == [2])
        guard case .send(let approved) = Judge(zones: ZoneSource { _ in .utc }).judge(due[0], at: .morning + 60_000)
        else {
            Issue.record("it is not sent")
            return
        }
        #expect(approved.next?.notice.at == .morning + 120_000)
        #expect(try await store.history(matching: HistoryFilter(of: .id(2), limit: 9)).count == 2)
    }
}

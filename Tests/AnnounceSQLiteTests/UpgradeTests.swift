import Announce
import AnnounceTestKit
import GRDB
import Payload
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
        UPDATE sqlite_sequence SET seq = 7 WHERE name = 'announcements';
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
                if schema >= "V0010" {
                    try database.execute(sql: #"UPDATE announcements SET manner = '{"planned":true}' WHERE recurring"#)
                }
                // What was on its way when the program was stopped for the upgrade is asked for afterwards.
                if try database.tableExists("batches") {
                    let member = schema < "V0010" ? #"[1,1796220000000,"start"]"# : #"[1796220000000,"start",[1]]"#
                    try database.execute(
                        sql: "INSERT INTO batches (token, term, opened_at, size, members) VALUES ('t', 1, 2, 1, ?)",
                        arguments: ["[\(member)]"]
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
        // Nothing gets the id of what is gone.
        #expect(try await store.add(.sample("new"), first: .morning, by: "eva", at: .morning).id == 8)
        let found = try await store.database.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
        #expect(found == ["ok"])
    }

    @Test("What the upgrade makes of the columns is what the program writes")
    func manner() async throws {
        let store = try SQLiteStore()
        for draft in try Self.drafts() { _ = try await store.add(draft, first: .morning, by: "eva", at: .morning) }
        let migration = String(decoding: PackageResources.V0010__manner_sql, as: UTF8.self)
        let update = try #require(migration.firstMatch(of: /UPDATE announcements[^;]*;/)).output
        let (written, upgraded) = try await store.database.write { database in
            let written = try String.fetchAll(database, sql: "SELECT manner FROM announcements ORDER BY id")
            try database.execute(sql: String(update))
            return (written, try String.fetchAll(database, sql: "SELECT manner FROM announcements ORDER BY id"))
        }
        #expect(written == upgraded)
        // The last two are both planned, and nothing else.
        #expect(written.first == "{}" && Set(written).count == written.count - 1)
        let drafts = try Self.drafts()
        for (text, draft) in zip(written, drafts) {
            let (manner, isPlanned) = try Manner.reading(Array(text.utf8))
            #expect(manner.target == draft.target && manner.policy == draft.policy)
            #expect(manner.allowUnheard == draft.allowUnheard && manner.acknowledgeWithin == draft.acknowledgeWithin)
            #expect(isPlanned == (draft.plan.isRecurring || draft.policy.expiry != nil || draft == drafts.last))
        }
    }

    /// Announcements of which each has something unusual, but for the first.
    private static func drafts() throws -> [AnnouncementDraft] {
        var drafts = [AnnouncementDraft.sample()]
        func add(_ change: (inout AnnouncementDraft) throws -> Void) rethrows {
            var draft = AnnouncementDraft.sample()
            try change(&draft)
            drafts.append(draft)
        }
        add { $0.target.namespace = "/a\"b" }
        add { $0.target.audience = .some(rooms: ["lobby", "\u{1F600} \\"], sockets: []) }
        add { $0.target.audience = .some(rooms: [], sockets: ["s"]) }
        add { $0.target.except = ["mods"] }
        add { $0.target.exceptSockets = ["t"] }
        add { $0.target.volatile = true }
        add { $0.target.compress = false }
        add { $0.target.compress = true }
        add { $0.policy.misfire = .skip }
        add { $0.policy.misfire = .all(limit: nil) }
        add { $0.policy.misfire = .all(limit: 3) }
        add { $0.policy.grace = 0 }
        add { $0.policy.grace = 9_007_199_254_740_993 }
        try add { $0.policy.expiry = .after(try TimeSpan("1h")) }
        add { $0.allowUnheard = true }
        add { $0.acknowledgeWithin = 5_000 }
        try add { $0.plan.rules = [.interval(try Interval(every: 60_000, anchor: .morning))] }
        add {
            $0.style.hasText = true
            $0.data = EventData(event: "e", arguments: ["number {{count}}"])
        }
        return drafts
    }
}

import Announce
import AnnounceTestKit
import GRDB
import Recurrence
import Testing

@testable import AnnounceSQLite

/// Lists of what matches, found in other ways where few match, where many do, and where very many do.
@Suite struct ListTests {
    @Test(arguments: [30, 6_000, 51_000])
    func `a page is the same however many match`(count: Int) async throws {
        let store = try SQLiteStore()
        var draft = AnnouncementDraft.sample("a", name: nil)
        draft.target = Target(audience: .some(rooms: ["lobby"], sockets: []))
        _ = try await store.add(draft, first: .at(.morning), by: "eva", at: .morning)
        let due = try await store.write { database -> [Int64: Int64] in
            let names = try database.columns(in: "announcements").map(\.name).filter { $0 != "id" && $0 != "name" }
                .joined(separator: ", ")
            // Of four in a row one is over, one is for another room, and two are to come in no order of their ids.
            try database.execute(
                sql: """
                    WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < \(count * 4 / 3))
                    INSERT INTO announcements (id, \(names)) SELECT n.n, \(names) FROM n JOIN announcements ON id = 1;
                    UPDATE announcements SET rooms = '["Lobby"]' WHERE id % 4 = 3;
                    INSERT INTO search (rowid, name, words, marks) SELECT id, name, 'a', 'lobby' FROM announcements WHERE id > 1;
                    INSERT INTO queue (due_at, rank, announcement_id, nominal_at, phase)
                    SELECT \(Timestamp.morning.milliseconds) + id * 7919 % 10007, 2, id, 0, 'start'
                    FROM announcements WHERE id > 1 AND id % 4 <> 2;
                    """
            )
            let rows = try Row.fetchAll(database, sql: "SELECT announcement_id, due_at FROM queue")
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
        }
        let ids = (1...Int64(count * 4 / 3)).filter { $0 % 4 != 3 }
        let coming = ids.filter { due[$0] != nil }.sorted { (due[$0] ?? 0, $0) < (due[$1] ?? 0, $1) }
        let over = ids.filter { due[$0] == nil }.sorted(by: >)
        func page(_ state: Announcement.State?, limit: Int) async throws -> [Int64] {
            try await store.announcements(matching: AnnouncementFilter(state: state, room: "lobby", limit: limit)).map(
                \.id
            )
        }
        #expect(try await page(.scheduled, limit: 20) == Array(coming.prefix(20)))
        #expect(try await page(.finished, limit: 20) == Array(over.prefix(20)))
        #expect(try await page(nil, limit: 20) == Array((coming + over).prefix(20)))
    }
}

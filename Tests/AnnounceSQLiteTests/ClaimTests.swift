import Announce
import AnnounceTestKit
import GRDB
import Recurrence
import Testing

@testable import AnnounceSQLite

/// Claims that follow each other.
struct ClaimTests {
    @Test("Each claim goes on behind the one before, and together they are all that is due, once", arguments: 1...40)
    func following(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let store = try SQLiteStore()
        for _ in 0..<5 { _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning) }
        // Few different values of each column, so that keys have as much in common as can be.
        let rows = (0..<60).map { _ in
            (
                Timestamp.morning + .random(in: -2...2, using: &random), Int.random(in: 1...3, using: &random),
                Announcement.ID.random(in: 1...5, using: &random), Int64.random(in: 0...3, using: &random),
                Bool.random(using: &random) ? "start" : "end"
            )
        }
        try await store.database.write { database in
            try database.execute(sql: "DELETE FROM queue")
            for (due, rank, id, nominal, phase) in rows {
                try database.execute(
                    sql: """
                        INSERT INTO queue (due_at, rank, announcement_id, nominal_at, phase) VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT DO NOTHING
                        """,
                    arguments: [due.milliseconds, rank, id, nominal, phase]
                )
            }
        }
        let all = try await StoreContract.claim(store)
        let due = all.due.map(\.entry)
        #expect(due.count > 10 && due.allSatisfy { $0.due <= .morning })
        #expect(zip(due, due.dropFirst()).allSatisfy { $0.isBefore($1) })
        var found: [QueueEntry] = []
        var last: QueueEntry?
        repeat {
            let limit = Int.random(in: 1...7, using: &random)
            let claim = try await store.claim(term: all.term, at: .morning, limit: limit, after: last, excluding: [])
            found += claim.due.map(\.entry)
            last = claim.last
        } while last != nil && found.count <= due.count
        #expect(found == due)
    }

    @Test("Plans that differ in one thing only are told apart, whichever was read first")
    func plans() async throws {
        let store = try SQLiteStore()
        let drafts = try [
            { _ in }, { $0.timezone = "Europe/Berlin" }, { $0.count = 3 }, { $0.leads = [try TimeSpan("1h")] },
            { $0.length = try TimeSpan("1h") }, { (plan: inout Plan) in plan.leads = [try TimeSpan("2h")] },
        ].map { (change: (inout Plan) throws -> Void) in
            var draft = try AnnouncementDraft.every(60_000)
            try change(&draft.plan)
            return draft
        }
        for draft in drafts { _ = try await store.add(draft, first: .morning, by: "eva", at: .morning) }
        for _ in 1...2 {
            #expect(try await StoreContract.claim(store).due.map(\.plan) == drafts.map(\.plan))
        }
    }

    @Test("A row that cannot be read is an error that says so, and no longer than it is there")
    func unreadable() async throws {
        let store = try SQLiteStore()
        for _ in 0..<3 { _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning) }
        func write(_ manner: String) async throws {
            try await store.database.write {
                try $0.execute(sql: "UPDATE announcements SET manner = ? WHERE id = 2", arguments: [manner])
            }
        }
        try await write("{no")
        let error = await #expect(throws: AnnounceError.self) { try await StoreContract.claim(store) }
        #expect("\(error, default: "none")".contains("expected a key in double quotes"))
        try await write("{}")
        #expect(try await StoreContract.claim(store).due.count == 3)
    }
}

import AnnounceTestKit
import GRDB
import Testing

@testable import AnnounceSQLite

/// What the schema itself forbids, and what its keys are for.
@Suite struct SchemaTests {
    private let folder: TemporaryFolder
    private let store: SQLiteStore

    private static let delivery = """
        INSERT INTO deliveries (announcement_id, nominal_at, phase, outcome, attempts, concluded_at, addressed, acknowledged)
        """

    init() async throws {
        folder = try TemporaryFolder()
        store = try SQLiteStore(path: folder.file("a.sqlite"))
        _ = try await store.add(.sample(), first: .morning, by: "eva", at: .morning)
    }

    @Test(
        "What must never be is forbidden by the schema",
        arguments: [
            "UPDATE announcements SET priority = 6",
            "UPDATE announcements SET event = 'disconnect'",
            "UPDATE announcements SET arguments = '{}'",
            "UPDATE announcements SET arguments = 'no JSON'",
            "UPDATE announcements SET everyone = 0",
            "UPDATE announcements SET rooms = '[\"lobby\"]'",
            "UPDATE announcements SET namespace = 'admin'",
            "UPDATE announcements SET rules = '[]'",
            "UPDATE announcements SET state = 'gone'",
            "UPDATE announcements SET revision = 'one'",
            "UPDATE announcements SET labels = '[]'",
            "UPDATE announcements SET source = 'text'",
            "UPDATE announcements SET source = ''",
            "UPDATE announcements SET manner = '|}'",
            "UPDATE announcements SET rules = '{}'",
            "UPDATE announcements SET packed = x''",
            "UPDATE announcements SET timezone = ''",
            "UPDATE announcements SET length = ''",
            "UPDATE announcements SET style = '[]'",
            "UPDATE announcements SET expiry = '[]'",
            "INSERT INTO staged VALUES (1, 1, 1, 0, 1, 'start', NULL, 1, NULL, NULL, 0)",
            "UPDATE queue SET phase = ''",
            "\(delivery) VALUES (1, 2, '', 'published', 1, 1, NULL, NULL)",
            "\(delivery) VALUES (1, 2, 'start', 'published', 1, 1, 2, NULL)",
            "\(delivery) VALUES (1, 2, 'start', 'published', 1, 1, NULL, 2)",
            "\(delivery) VALUES (1, 2, 'start', 'published', 1, 1, -1, 0)",
            "\(delivery) VALUES (1, 2, 'start', 'published', 1, 1, 0, -1)",
            "INSERT INTO queue (due_at, rank, announcement_id, nominal_at, phase, attempts, error) VALUES (2, 0, 1, 1796115600000, 'start', 0, NULL)",
            "INSERT INTO queue (due_at, rank, announcement_id, nominal_at, phase, attempts, error) VALUES (1, 0, 99, 1, 'start', 0, NULL)",
            "UPDATE queue SET rank = 5",
            "INSERT INTO deliveries (id, announcement_id, nominal_at, phase, outcome, attempts, concluded_at, receivers, error) VALUES (2, 1, 1, 'start', 'published', 1, 1, 1, NULL)",
            "INSERT INTO deliveries (id, announcement_id, nominal_at, phase, outcome, attempts, concluded_at, receivers, error) VALUES (3, 1, 2, 'start', 'lost', 1, 1, 1, NULL)",
            "INSERT INTO lease VALUES (2, 1, 1, NULL, 1)",
            "INSERT INTO hold VALUES (2, 1, 'eva', NULL)",
            "UPDATE announcements SET resume_at = 1",
            "DELETE FROM announcements",
        ]
    )
    func forbidden(_ sql: String) throws {
        try store.database.write { database in
            try database.execute(
                sql:
                    "INSERT INTO deliveries (id, announcement_id, nominal_at, phase, outcome, attempts, concluded_at, receivers, error) VALUES (1, 1, 1, 'start', 'published', 1, 1, 1, NULL)"
            )
        }
        let error = #expect(throws: DatabaseError.self) { try store.database.write { try $0.execute(sql: sql) } }
        // What is no JSON fails in the function that the constraint asks.
        let isForbidden = error?.resultCode == .SQLITE_CONSTRAINT || error?.message == "malformed JSON"
        #expect(isForbidden, "\(error?.message ?? "no error")")
    }

    /// Whether what is due has its record already.
    private static let isRecorded = ["CORRELATED SCALAR SUBQUERY", "SEARCH deliveries USING COVERING INDEX"]

    /// A part of what is asked from behind a key on, and by which columns of the key it goes.
    private static func following(_ part: Int, _ columns: String) -> (String, [String]) {
        (
            SQLiteStore.followingQueries[part].replacing(/\?\d/, with: "1"),
            ["SEARCH queue USING PRIMARY KEY (\(columns))", "SEARCH announcements USING INTEGER PRIMARY KEY"]
                + isRecorded
        )
    }

    @Test(
        "What the dispatcher asks goes by a key, however much is pending",
        arguments: [
            (
                SQLiteStore.dueQuery.replacing("?", with: "1"),
                ["SEARCH queue USING PRIMARY KEY (due_at<?)", "SEARCH announcements USING INTEGER PRIMARY KEY"]
                    + isRecorded
            ),
            following(
                0,
                "due_at=? AND rank=? AND announcement_id=? AND (nominal_at,phase)>(?,?)"
            ),
            following(1, "due_at=? AND rank=? AND announcement_id>?"),
            following(2, "due_at=? AND rank>?"),
            following(3, "due_at>? AND due_at<?"),
            (
                ClaimFacts.query.replacing("?1", with: "1"),
                [
                    "SCAN CONSTANT ROW", "SCALAR SUBQUERY", "SCAN lease", "SCALAR SUBQUERY", "SEARCH totals",
                    "SCALAR SUBQUERY",
                    "SEARCH totals", "SCALAR SUBQUERY", "SCAN hold", "SCALAR SUBQUERY", "SCAN imports",
                    "SCALAR SUBQUERY",
                    "SEARCH announcements USING COVERING INDEX announcements_resume (resume_at<?)", "SCALAR SUBQUERY",
                    "SEARCH announcements USING COVERING INDEX announcements_resume (resume_at>?)",
                ]
            ),
            (
                DueRow.more.replacing(/\?\d/, with: "1"),
                [
                    "SEARCH announcements USING INTEGER PRIMARY KEY", "SCALAR SUBQUERY",
                    "SEARCH deliveries USING COVERING INDEX",
                ]
            ),
            (
                "DELETE FROM queue WHERE \(QueueRun.condition)".replacing(/\?\d/, with: "1"),
                ["SEARCH queue USING PRIMARY KEY (due_at=? AND rank=? AND announcement_id>? AND announcement_id<?)"]
            ),
            (
                "SELECT max(announcement_id) FROM (SELECT announcement_id \(ImportTable.first))"
                    .replacing(/\?\d/, with: "1"),
                ["CO-ROUTINE", "SEARCH staged USING PRIMARY KEY (import_id=?)", "SEARCH"]
            ),
            (
                "DELETE \(ImportTable.part)".replacing(/\?\d/, with: "1"),
                ["SEARCH staged USING PRIMARY KEY (import_id=? AND announcement_id<?)"]
            ),
            (
                "SELECT 1 FROM announcements WHERE \(AnnouncementRow.byName)".replacing("?1", with: "'a'"),
                [
                    "SEARCH announcements USING INTEGER PRIMARY KEY", "SCALAR SUBQUERY",
                    "SEARCH announcements USING INDEX announcements_live_name (name=?)", "CORRELATED SCALAR SUBQUERY",
                    "SEARCH imports", "SCALAR SUBQUERY",
                    "SEARCH announcements USING INDEX announcements_former_name (name=?)", "CORRELATED SCALAR SUBQUERY",
                    "SEARCH imports",
                ]
            ),
            ("SELECT due_at FROM queue ORDER BY due_at LIMIT 1", ["SCAN queue"]),
            ("SELECT * FROM queue WHERE announcement_id = 1", ["SEARCH queue USING INDEX queue_occurrence"]),
            (
                "SELECT id FROM announcements WHERE resume_at <= 1 ORDER BY resume_at LIMIT 9",
                ["SEARCH announcements USING COVERING INDEX announcements_resume (resume_at<?)"]
            ),
            (
                "SELECT * FROM deliveries WHERE outcome = 'missed' AND outcome <> 'published' ORDER BY deliveries.id DESC",
                ["SEARCH deliveries USING INDEX deliveries_unusual (outcome=?)"]
            ),
        ]
    )
    func plan(_ sql: String, _ steps: [String]) throws {
        let plan = try store.database.read { database in
            try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String }
        }
        #expect(plan.count == steps.count, "\(plan)")
        for (found, expected) in zip(plan, steps) { #expect(found.hasPrefix(expected)) }
    }
}

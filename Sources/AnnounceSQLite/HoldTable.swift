import Announce
import GRDB
import Recurrence

/// The row of `hold`, which is there while the dispatcher is held.
enum HoldTable {
    static func hold(in database: Database) throws -> Hold? {
        let statement = try database.cachedStatement(sql: "SELECT since, held_by, reason FROM hold")
        return try Row.fetchOne(statement).map { row in
            Hold(since: Timestamp(milliseconds: row["since"]), by: row["held_by"], reason: row["reason"])
        }
    }

    /// Holds it, unless it is held already.
    static func insert(_ hold: Hold, in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO hold (id, since, held_by, reason) VALUES (1, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            arguments: [hold.since.milliseconds, hold.by, hold.reason]
        )
    }

    static func delete(in database: Database) throws {
        try database.execute(sql: "DELETE FROM hold")
    }
}

/// The paused announcements that are to speak again by themselves.
enum Resumptions {
    /// So many are resumed at once, so that what is due does not wait for them.
    private static let most = 100

    /// Those whose time has come, the first first; one with nothing left to say is over.
    static func due(at now: Timestamp, in database: Database) throws -> [Announcement.ID] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT id FROM announcements WHERE resume_at <= ?
                    AND EXISTS (SELECT 1 FROM queue WHERE announcement_id = announcements.id)
                ORDER BY resume_at LIMIT ?
                """
        )
        return try Int64.fetchAll(statement, arguments: [now.milliseconds, most])
    }
}

import Announce
import GRDB
import Recurrence

/// Who dispatches.
extension SQLiteStore {
    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func lease() async throws(AnnounceError) -> Lease {
        let path = path
        try refuseLostFile()
        return try await read { database in
            try Self.refuseNewerSchema(in: database, path: path)
            return try Self.lease(in: database)
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func acquireLease(
        seen: Lease,
        holder: String,
        at now: Timestamp
    ) async throws(AnnounceError) -> Lease? {
        try await write { database in
            try database.execute(
                sql: """
                    UPDATE lease SET term = term + 1, counter = 0, holder = ?, renewed_at = ?
                    WHERE term = ? AND counter = ? AND holder IS ?
                    """,
                arguments: [holder, now.milliseconds, seen.term, seen.counter, seen.holder]
            )
            return database.changesCount > 0 ? try Self.lease(in: database) : nil
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func renewLease(term: Int64, at now: Timestamp) async throws(AnnounceError) -> Bool {
        try refuseLostFile()
        return try await write { database in
            let sql = "UPDATE lease SET counter = counter + 1, renewed_at = ? WHERE term = ? AND holder IS NOT NULL"
            try database.cachedStatement(sql: sql).execute(arguments: [now.milliseconds, term])
            return database.changesCount > 0
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func releaseLease(term: Int64, at now: Timestamp) async throws(AnnounceError) {
        try await writeAndRing { database in
            try database.execute(
                sql: "UPDATE lease SET holder = NULL, renewed_at = ? WHERE term = ?",
                arguments: [now.milliseconds, term]
            )
        }
    }

    /// The present term; it is asked for with everything that a leader writes.
    static func term(in database: Database) throws -> Int64? {
        try FastStatement("SELECT term FROM lease", in: database).first { $0.integer(0) }
    }

    static func lease(in database: Database) throws -> Lease {
        let statement = try database.cachedStatement(sql: "SELECT term, counter, holder, renewed_at FROM lease")
        guard let row = try Row.fetchOne(statement) else {
            throw AnnounceError(.storeUnavailable, "The store has lost its lease row. Restore a backup.")
        }
        return Lease(
            term: row["term"],
            counter: row["counter"],
            holder: row["holder"],
            renewed: Timestamp(milliseconds: row["renewed_at"])
        )
    }
}

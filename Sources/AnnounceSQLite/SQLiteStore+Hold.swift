import Announce
import Recurrence

/// Holding the dispatcher as a whole.
extension SQLiteStore {
    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func hold(by user: String, reason: String?, at now: Timestamp) async throws(AnnounceError) -> Hold {
        try await writeAndRing { database in
            let hold = Hold(since: now, by: user, reason: reason)
            try HoldTable.insert(hold, in: database)
            // What was claimed before this does not hold any more.
            try ChangeCount.add(1, in: database)
            return try HoldTable.hold(in: database) ?? hold
        }
    }

    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func release() async throws(AnnounceError) -> Hold? {
        try await writeAndRing { database in
            let hold = try HoldTable.hold(in: database)
            try HoldTable.delete(in: database)
            return hold
        }
    }
}

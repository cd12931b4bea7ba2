import Announce
import Recurrence

extension AnnouncementStore {
    /// Claims from the beginning of the queue on.
    public func claim(
        term: Int64,
        at now: Timestamp,
        limit: Int,
        excluding inFlight: Set<Occurrence>
    ) async throws(AnnounceError) -> Claim {
        try await claim(term: term, at: now, limit: limit, after: nil, excluding: inFlight)
    }

    /// Stores batches, with no records of others.
    public func open(
        _ batches: [NewBatch],
        changes: Int64,
        term: Int64,
        at now: Timestamp
    ) async throws(AnnounceError) -> Bool {
        try await open(batches, recording: [], changes: changes, term: term, at: now)
    }
}

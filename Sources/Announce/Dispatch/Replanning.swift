import Logging
import Recurrence

/// How far the queue is planned anew by the present rules of the zones.
struct Replanning {
    /// From the beginning.
    static let begun = Replanning(position: nil, isGoingOn: true, told: 0)

    fileprivate(set) var position: ReplanPosition?
    /// Whether a part is left.
    fileprivate(set) var isGoingOn: Bool
    fileprivate var told: Int

    /// Begins again, where it is at its end: the files of the zones may be others now.
    ///
    /// One that is going on has the new rules from here on; what it did by older ones is found by the next look.
    mutating func lookAgain() {
        if !isGoingOn { self = .begun }
    }
}

extension Dispatcher {
    /// So many announcements are planned anew in one transaction, so that what is due does not wait for them.
    private static var replanBatch: Int { 200 }
    /// So many moves are told one by one.
    private static var toldMoves: Int { 20 }

    /// Plans a part of the queue anew by the present rules of the zones, and says what moved.
    func step(_ replanning: inout Replanning, term: Int64) async throws(AnnounceError) {
        let part = ReplanPart.next(after: replanning.position, limit: Self.replanBatch)
        let step = try await shielded { () async throws(AnnounceError) in
            try await store.replan(part, zones: zones, term: term, at: clock.wall)
        }
        replanning.position = step.next
        replanning.isGoingOn = step.next != nil
        for move in step.moves where replanning.told < Self.toldMoves {
            replanning.told += 1
            tell(move)
        }
        let untold = step.moves.count - min(step.moves.count, Self.toldMoves)
        if untold > 0 { logger.notice("moved with their zones", metadata: ["announcements": "\(untold)"]) }
    }

    /// Plans what is due anew, while the rest waits for its turn.
    ///
    /// - Returns: whether something has moved.
    func replan(_ due: [DueOccurrence], term: Int64) async throws(AnnounceError) -> Bool {
        let ids = Set(due.map(\.entry.occurrence.announcement)).sorted()
        let step = try await store.replan(.these(ids), zones: zones, term: term, at: clock.wall)
        for move in step.moves { tell(move) }
        return !step.moves.isEmpty
    }

    private func tell(_ move: Move) {
        logger.notice(
            "moved with its zone",
            metadata: [
                "announcement.id": "\(move.announcement)", "zone": "\(move.zone)", "from": "\(move.from)",
                "to": "\(move.to.map { "\($0)" } ?? "never")",
            ]
        )
    }
}

import Logging
import Recurrence

/// What the dispatcher has to complain about, told to the log when it begins and ends, and kept in the store meanwhile.
struct Troubles<C: WallClock> {
    private let dispatcher: Dispatcher<C>
    private var present: [Trouble.Name: Trouble] = [:]
    /// What the store has; nil when that is not known.
    private var stored: [Trouble.Name: Trouble]?
    /// Since when each round has to wait for its turn.
    private var heldSince: Timestamp?
    /// So long a backlog is nothing to speak of, in milliseconds.
    private static var toldHold: Int64 { 1_000 }

    init(_ dispatcher: Dispatcher<C>) {
        self.dispatcher = dispatcher
    }

    /// A batch was answered.
    mutating func published(_ outcome: BatchOutcome) {
        if let trouble = present.removeValue(forKey: .publishing) {
            dispatcher.logger.notice(
                "publishing again",
                metadata: ["trouble.ms": "\(dispatcher.clock.wall - trouble.since)"]
            )
        }
        let reason: String?
        switch outcome {
        case .carriedOut(_, let plainly), .void(let plainly): reason = plainly
        case .interrupted: return
        }
        guard let plainly = reason else {
            if present.removeValue(forKey: .publishOnce) != nil {
                dispatcher.logger.notice("published once again, under tokens")
            }
            return
        }
        begin(.publishOnce, plainly, "published without a token, a crash or a lost reply can repeat it")
    }

    /// Nothing could be published.
    mutating func unpublished(_ error: PublishError) {
        begin(.publishing, error.message, "nothing can be published")
    }

    /// A round begins; whether the one before had to wait for its turn (``Pace``).
    mutating func paced(_ isHeld: Bool) {
        let now = dispatcher.clock.wall
        guard isHeld else {
            heldSince = nil
            if present.removeValue(forKey: .pacing) != nil { dispatcher.logger.notice("the backlog has gone out") }
            return
        }
        let since = heldSince ?? now
        heldSince = since
        if now - since < Self.toldHold || present[.pacing] != nil { return }
        let message =
            "More is due than may go out at once. Nothing is lost; raise the pace where the servers can take more."
        present[.pacing] = Trouble(.pacing, since: since, message: message)
        dispatcher.logger.notice("a backlog goes out at the pace that is set")
    }

    private mutating func begin(_ name: Trouble.Name, _ message: String, _ words: StaticString) {
        if present[name]?.message == message { return }
        let since = present[name]?.since ?? dispatcher.clock.wall
        present[name] = Trouble(name, since: since, message: message)
        dispatcher.logger.error("\(words)", metadata: ["error": "\(message)"])
    }

    /// What there is to complain about, if the store does not know it yet.
    var unstored: [Trouble]? { stored == present ? nil : Array(present.values) }

    /// The store knows these now; nil: it is not known what it knows.
    mutating func store(_ troubles: [Trouble]?) {
        stored = troubles.map { Dictionary(uniqueKeysWithValues: $0.map { ($0.name, $0) }) }
    }
}

import Recurrence

/// A batch that is about to be sent, for the store to keep until its results are recorded.
public struct NewBatch: Hashable, Sendable {
    /// The token under which Redis carries it out once.
    public let token: String
    /// Its members, in the order in which they are sent.
    public let members: [DueOccurrence]

    /// Makes a batch of claimed occurrences; there is at least one.
    public init(token: String, members: [DueOccurrence]) {
        self.token = token
        self.members = members
    }
}

/// A batch that was stored to be sent, and of which no results are recorded yet.
public struct OpenBatch: Hashable, Sendable {
    /// The token under which Redis carries it out once.
    public let token: String
    /// When it was stored, a moment before it was to be sent.
    public let opened: Timestamp
    /// Its members as they are queued, in the order in which they are sent; nil in the place of one that is not queued.
    public let members: [DueOccurrence?]

    /// Makes a batch as a store read it.
    public init(token: String, opened: Timestamp, members: [DueOccurrence?]) {
        self.token = token
        self.opened = opened
        self.members = members
    }

    /// The occurrences that are on their way with it.
    var occurrences: [Occurrence] { members.compactMap { $0?.entry.occurrence } }
}

/// What became of claimed occurrences, and how sure that is.
public struct Conclusion: Hashable, Sendable {
    /// From what it follows.
    public enum Ground: Hashable, Sendable {
        /// From what was claimed, without sending: it holds as long as the caller leads and no person has changed anything
        /// since; `changes` is the claim's number.
        case claim(changes: Int64)
        /// From the results of a stored batch, which is closed with it: it holds as long as nobody else has closed it. `changes`
        /// is the number of the claim that it comes from; nil where that is not known any more.
        case batch(token: String, changes: Int64? = nil)
        /// From the results of what was sent without a token: it holds in any case.
        case plain
    }

    /// From what it follows.
    public let ground: Ground
    /// What simply went out.
    public let publications: [Publication]
    /// What becomes of each other occurrence; those of a batch that are nowhere stay queued as they are.
    public let settlements: [Settlement]

    /// How many occurrences it tells of.
    var count: Int { publications.reduce(settlements.count) { $0 + $1.members.count } }

    /// Makes a conclusion.
    public init(_ ground: Ground, _ settlements: [Settlement], publications: [Publication] = []) {
        self.ground = ground
        self.settlements = settlements
        self.publications = publications
    }
}

/// Occurrences that went out together, to as many servers each.
///
/// Each leaves the queue with a record, and its next notice enters it: nearly all that there is to say in a burst, said once.
public struct Publication: Hashable, Sendable {
    /// The occurrences, in the order in which they were sent.
    public let members: ArraySlice<Judge.Approved>
    /// How many Socket.IO servers Redis gave each to; nil where that cannot be known.
    public let receivers: Int?
    /// When Redis had taken them.
    public let concluded: Timestamp

    /// Makes a publication; there is at least one member.
    public init(_ members: ArraySlice<Judge.Approved>, receivers: Int?, at concluded: Timestamp) {
        self.members = members
        self.receivers = receivers
        self.concluded = concluded
    }

    /// What becomes of each member.
    package var settlements: some Sequence<Settlement> {
        members.lazy.map { [receivers, concluded] member in
            let entry = member.due.entry
            let delivery = entry.ended(.published, attempts: entry.attempts + 1, at: concluded, receivers: receivers)
            return Settlement(entry: entry, deliveries: [delivery], queued: member.following.map { [$0] } ?? [])
        }
    }
}

/// Something that the dispatcher cannot mend by itself, for whoever looks at the status.
public struct Trouble: Hashable, Sendable {
    /// What it is about.
    public enum Name: String, Hashable, Sendable, CaseIterable {
        /// Nothing can be published.
        case publishing
        /// Messages are published without a token: a crash or a lost reply can repeat them.
        case publishOnce = "publish-once"
        /// More is due than may go out at once (``Pace``).
        case pacing
    }

    /// What it is about.
    public let name: Name
    /// Since when.
    public let since: Timestamp
    /// What is wrong and what to do, in words.
    public let message: String

    /// Makes a trouble.
    public init(_ name: Name, since: Timestamp, message: String) {
        self.name = name
        self.since = since
        self.message = message
    }
}

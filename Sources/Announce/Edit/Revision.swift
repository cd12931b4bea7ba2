import Payload
import Recurrence

/// An announcement as it stands when somebody changes it.
public struct Standing: Hashable, Sendable {
    /// The announcement.
    public let announcement: Announcement
    /// What is queued of it, the first first.
    public let queued: [QueueEntry]
    /// The starts of windows of which a notice went out, the newest first; at most ``mostAnnounced``.
    public let announced: [Timestamp]

    /// What has its record although its time is still to come: the clock was set back since.
    public let recordedAhead: Set<Occurrence>

    /// How many windows are looked back at.
    public static let mostAnnounced = 100

    /// Makes a standing as a store read it.
    public init(
        announcement: Announcement,
        queued: [QueueEntry],
        announced: [Timestamp],
        recordedAhead: Set<Occurrence> = []
    ) {
        self.announcement = announcement
        self.queued = queued
        self.announced = announced
        self.recordedAhead = recordedAhead
    }
}

/// What a change makes of an announcement; a store applies it as a whole.
public struct Revision: Hashable, Sendable {
    /// What was done, for the history: `cancelled`, `edited`, `paused`, `resumed`, `extended`, `finished`, `moved`.
    public var action: String
    /// What is asked for now; nil for what was.
    public var draft: AnnouncementDraft?
    /// Where it is in its life now; nil for where it was.
    public var state: Announcement.State?
    /// Why, in the user's words.
    public var reason: String?
    /// When a paused one is to speak again by itself; it goes with a ``state``.
    public var resumesAt: Timestamp?
    /// What was changed, for the history: a JSON object with the old and the new value of each key; nil when that is not told.
    public var fields: PayloadValue?
    /// What becomes of what a document said of it.
    public var source = Source.kept
    /// What is taken out of the queue.
    public var removed: [QueueEntry]
    /// How what is taken out ended; nil when it just is not to come any more, which leaves no record.
    public var outcome: Outcome?
    /// What is queued.
    public var added: [QueueEntry]
    /// Records of occurrences that ended with it, each with an outcome of its own.
    public var ended: [Delivery] = []

    /// What becomes of what a document said of an announcement.
    public enum Source: Hashable, Sendable {
        /// It holds still.
        case kept
        /// A command says something else now, but of its times and what becomes of what is late.
        case drifted
        /// A command says something else now.
        case dropped
        /// A document says this, as compact JSON.
        case written(String)
    }

    /// Makes a revision that changes nothing but what is given.
    public init(
        action: String,
        draft: AnnouncementDraft? = nil,
        state: Announcement.State? = nil,
        reason: String? = nil,
        removed: [QueueEntry] = [],
        outcome: Outcome? = nil,
        added: [QueueEntry] = []
    ) {
        self.action = action
        self.draft = draft
        self.state = state
        self.reason = reason
        self.removed = removed
        self.outcome = outcome
        self.added = added
    }
}

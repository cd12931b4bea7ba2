import Recurrence

/// What a dispatcher got to do: occurrences that are due, and how long there is nothing else.
public struct Claim: Sendable {
    /// Due occurrences in the order of dispatch.
    public let due: [DueOccurrence]
    /// From where on more is due, for a claim that goes on there; nil where nothing is.
    public let last: QueueEntry?
    /// When the next occurrence after these is due, or a pause ends; in the past when more is due than was asked for.
    public let nextDue: Timestamp?
    /// How many changes by people the store had seen then.
    public let changes: Int64
    /// How many occurrences are queued.
    public let pending: Int
    /// The hold, while the dispatcher is held: nothing is due then.
    public let hold: Hold?
    /// The paused announcements that are to speak again now.
    public let toResume: [Announcement.ID]
    /// Whether documents have brought something that is not queued yet.
    public let hasArrivals: Bool

    /// When the first of what is due has waited for longer than this, in milliseconds, what fell due last gets a part of a claim.
    public static let fairAfter: Int64 = 1_000

    /// Makes a claim as a store read it.
    public init(
        due: [DueOccurrence],
        last: QueueEntry? = nil,
        nextDue: Timestamp?,
        changes: Int64,
        pending: Int,
        hold: Hold? = nil,
        toResume: [Announcement.ID] = [],
        hasArrivals: Bool = false
    ) {
        self.due = due
        self.last = last
        self.nextDue = nextDue
        self.changes = changes
        self.pending = pending
        self.hold = hold
        self.toResume = toResume
        self.hasArrivals = hasArrivals
    }
}

extension Claim {
    /// How long the first of what is due has been due, in milliseconds.
    func lag(at now: Timestamp) -> Int64 { due.first.map { now - $0.entry.due } ?? 0 }

    /// Whether there is nothing to do at the moment.
    var isIdle: Bool { due.isEmpty && hold == nil && toResume.isEmpty && !hasArrivals }
}

/// A row of the queue: an occurrence, and when it is to be tried.
public struct QueueEntry: Hashable, Sendable {
    /// Which occurrence it is.
    public let occurrence: Occurrence
    /// When to try it: its nominal time, or later after a failure.
    public let due: Timestamp
    /// The announcement's priority, 1 to 5.
    public let priority: Int
    /// How often it was given to Redis already.
    public let attempts: Int
    /// Why the last attempt did not do.
    public let error: String?
    /// Where the announcement's plan stands with it.
    public let planned: PlannedNotice

    /// Makes an entry of the plan; by default one that is due at its nominal time and was never tried.
    public init(
        announcement: Announcement.ID,
        planned: PlannedNotice,
        due: Timestamp? = nil,
        priority: Int,
        attempts: Int = 0,
        error: String? = nil
    ) {
        occurrence = Occurrence(
            announcement: announcement,
            nominal: planned.notice.at,
            phase: planned.notice.phase
        )
        self.planned = planned
        self.due = due ?? occurrence.nominal
        self.priority = priority
        self.attempts = attempts
        self.error = error
    }
}

/// What becomes of a claimed queue entry: it leaves the queue, records are written, other entries are queued.
public struct Settlement: Hashable, Sendable {
    /// The entry that was claimed.
    public let entry: QueueEntry
    /// How occurrences ended: this one, and later ones that were passed over with it.
    public let deliveries: [Delivery]
    /// What is queued in its place: itself at a later time, or the next occurrence.
    public let queued: [QueueEntry]
    /// Why the whole announcement has failed, if it has: nothing of it is queued any more.
    public let failure: String?
    /// The acknowledgements of what went out, where they were asked for.
    public let acknowledgements: PendingAcknowledgements?

    /// Makes a settlement; where both `deliveries` and `queued` are empty, the entry just leaves the queue.
    public init(
        entry: QueueEntry,
        deliveries: [Delivery],
        queued: [QueueEntry],
        failure: String? = nil,
        acknowledgements: PendingAcknowledgements? = nil
    ) {
        self.entry = entry
        self.deliveries = deliveries
        self.queued = queued
        self.failure = failure
        self.acknowledgements = acknowledgements
    }
}

extension QueueEntry {
    /// Whether it comes before another in the order of dispatch.
    package func isBefore(_ other: QueueEntry) -> Bool {
        if due != other.due { return due < other.due }
        if priority != other.priority { return priority > other.priority }
        if occurrence.announcement != other.occurrence.announcement {
            return occurrence.announcement < other.occurrence.announcement
        }
        if occurrence.nominal != other.occurrence.nominal { return occurrence.nominal < other.occurrence.nominal }
        return occurrence.phase.rawValue.utf8.lexicographicallyPrecedes(other.occurrence.phase.rawValue.utf8)
    }
}

import Payload
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
}

/// An occurrence that is due, with all that is needed to send it.
///
/// It is passed on from step to step unchanged, by reference: to copy its many parts for each step would take longer than the
/// steps do.
public final class DueOccurrence: Hashable, Sendable {
    /// The queue entry that it is.
    public let entry: QueueEntry
    /// The announcement's revision.
    public let revision: Int
    /// The event and its encoded arguments.
    public let data: EventData
    /// Whom it is for.
    public let target: Target
    /// Whether it counts as published although nobody was listening.
    public let allowUnheard: Bool
    /// How long its clients' acknowledgements are waited for, in milliseconds; nil where none are asked for.
    public let acknowledgeWithin: Int64?
    /// Whether the announcement says nothing at the moment.
    public let isPaused: Bool
    /// Whether it has its record already: a plan that was changed can come to an occurrence a second time.
    public let isRecorded: Bool
    /// What becomes of it when it is late.
    public let policy: Policy
    /// The plan, when another notice can follow or the message has to be rendered; `nil` for the only occurrence of a
    /// one-shot.
    public let plan: Plan?
    /// What the message is made of, when it is not sent as it is stored.
    public let rendering: Rendering?

    /// What a message is made of beside the arguments.
    public struct Rendering: Hashable, Sendable {
        /// How the arguments become the message.
        public let style: MessageStyle
        /// The announcement's name.
        public let name: String?

        /// Makes a rendering.
        public init(style: MessageStyle, name: String?) {
            self.style = style
            self.name = name
        }
    }

    /// Makes an occurrence as a store read it.
    public init(
        entry: QueueEntry,
        revision: Int = 1,
        data: EventData,
        target: Target,
        allowUnheard: Bool,
        acknowledgeWithin: Int64? = nil,
        isPaused: Bool = false,
        isRecorded: Bool = false,
        policy: Policy = Policy(),
        plan: Plan?,
        rendering: Rendering? = nil
    ) {
        self.entry = entry
        self.revision = revision
        self.data = data
        self.target = target
        self.allowUnheard = allowUnheard
        self.acknowledgeWithin = acknowledgeWithin
        self.isPaused = isPaused
        self.isRecorded = isRecorded
        self.policy = policy
        self.plan = plan
        self.rendering = rendering
    }

    /// Whether two are the same occurrence, with the same of everything.
    public static func == (left: DueOccurrence, right: DueOccurrence) -> Bool {
        left === right
            || left.entry == right.entry && left.revision == right.revision && left.data == right.data
                && left.target == right.target && left.allowUnheard == right.allowUnheard
                && left.acknowledgeWithin == right.acknowledgeWithin && left.isPaused == right.isPaused
                && left.isRecorded == right.isRecorded && left.policy == right.policy && left.plan == right.plan
                && left.rendering == right.rendering
    }

    /// Hashes its queue entry.
    public func hash(into hasher: inout Hasher) { hasher.combine(entry) }
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

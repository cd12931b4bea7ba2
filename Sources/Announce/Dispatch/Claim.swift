import Payload
import Recurrence

/// What a dispatcher got to do: occurrences that are due, and how long there is nothing else.
public struct Claim: Sendable {
    /// Due occurrences in the order of dispatch.
    public let due: [DueOccurrence]
    /// When the next occurrence after these is due; in the past when more is due than was asked for.
    public let nextDue: Timestamp?

    /// Makes a claim as a store read it.
    public init(due: [DueOccurrence], nextDue: Timestamp?) {
        self.due = due
        self.nextDue = nextDue
    }
}

/// An occurrence that is due, with all that is needed to send it.
public struct DueOccurrence: Hashable, Sendable {
    /// The queue entry that it is.
    public let entry: QueueEntry
    /// The event and its encoded arguments.
    public let data: EventData
    /// Whom it is for.
    public let target: Target
    /// Whether it counts as published although nobody was listening.
    public let allowUnheard: Bool
    /// The schedule, when another occurrence can follow; `nil` for the only occurrence of a one-shot.
    public let schedule: StoredSchedule?

    /// Makes an occurrence as a store read it.
    public init(
        entry: QueueEntry,
        data: EventData,
        target: Target,
        allowUnheard: Bool,
        schedule: StoredSchedule?
    ) {
        self.entry = entry
        self.data = data
        self.target = target
        self.allowUnheard = allowUnheard
        self.schedule = schedule
    }
}

/// A schedule as it is stored: rules, and the name of the zone that gives them meaning.
public struct StoredSchedule: Hashable, Sendable {
    /// When it is said: the union of these.
    public let rules: [Rule]
    /// The zone of wall times, by name.
    public let timezone: String

    /// Makes a schedule as a store read it.
    public init(rules: [Rule], timezone: String) {
        self.rules = rules
        self.timezone = timezone
    }
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

    /// Makes an entry; by default one that is due at its nominal time and was never tried.
    public init(
        occurrence: Occurrence,
        due: Timestamp? = nil,
        priority: Int,
        attempts: Int = 0,
        error: String? = nil
    ) {
        self.occurrence = occurrence
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

    /// Makes a settlement; at least one of `deliveries` and `queued` is not empty.
    public init(entry: QueueEntry, deliveries: [Delivery], queued: [QueueEntry]) {
        self.entry = entry
        self.deliveries = deliveries
        self.queued = queued
    }
}

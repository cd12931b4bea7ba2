import Recurrence

/// A line of an announcement's history: something it did, or something a person did to it.
public enum HistoryEntry: Hashable, Sendable {
    /// The record of an occurrence.
    case delivery(Delivery, event: String, name: String?)
    /// A change by a person.
    case change(Change)

    /// What a person changed.
    public struct Change: Hashable, Sendable {
        /// The announcement.
        public let announcement: Announcement.ID
        /// The announcement's name, when it has one.
        public let name: String?
        /// What was done: `created`, `cancelled`.
        public let action: String
        /// The revision that it made.
        public let revision: Int
        /// When it was done.
        public let at: Timestamp
        /// By which user.
        public let by: String
        /// Why, in the user's words.
        public let reason: String?

        /// Makes a line; see the properties for what the values mean.
        public init(
            announcement: Announcement.ID,
            name: String?,
            action: String,
            revision: Int,
            at: Timestamp,
            by: String,
            reason: String?
        ) {
            self.announcement = announcement
            self.name = name
            self.action = action
            self.revision = revision
            self.at = at
            self.by = by
            self.reason = reason
        }
    }

    /// When it happened.
    public var at: Timestamp {
        switch self {
        case .delivery(let delivery, _, _): delivery.concluded
        case .change(let change): change.at
        }
    }
}

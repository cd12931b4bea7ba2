import Recurrence

/// How a person names an announcement: by id or by name.
public enum Reference: Hashable, Sendable, CustomStringConvertible {
    /// The announcement's id.
    case id(Announcement.ID)
    /// The announcement's name.
    case name(String)

    /// Reads digits as an id and anything else as a name.
    public init(_ text: String) {
        self = Int64(text).map(Reference.id) ?? .name(text)
    }

    /// The reference as it was written.
    public var description: String {
        switch self {
        case .id(let id): "\(id)"
        case .name(let name): name
        }
    }
}

/// Which announcements to list.
public struct AnnouncementFilter: Hashable, Sendable {
    /// Only those in this state; `nil` for all.
    public var state: Announcement.State?
    /// Only those for this room.
    public var room: String?
    /// Only those with all of these labels.
    public var labels: [String: String]
    /// Only those with words that begin with these, in any order, in their name or their texts.
    public var search: [String]
    /// At most so many.
    public var limit: Int

    /// Makes a filter; by default it lets everything through.
    public init(
        state: Announcement.State? = nil,
        room: String? = nil,
        labels: [String: String] = [:],
        search: [String] = [],
        limit: Int = .max
    ) {
        self.state = state
        self.room = room
        self.labels = labels
        self.search = search
        self.limit = limit
    }
}

/// Which records to show.
public struct HistoryFilter: Hashable, Sendable {
    /// Only those of this announcement; `nil` for all.
    public var reference: Reference?
    /// Only deliveries that ended in one of these ways; all records when it is empty.
    public var outcomes: Set<Outcome>
    /// Only what happened at or after this.
    public var since: Timestamp
    /// At most so many.
    public var limit: Int

    /// Makes a filter; by default it lets everything through.
    public init(
        of reference: Reference? = nil,
        outcomes: Set<Outcome> = [],
        since: Timestamp = .min,
        limit: Int = .max
    ) {
        self.reference = reference
        self.outcomes = outcomes
        self.since = since
        self.limit = limit
    }
}

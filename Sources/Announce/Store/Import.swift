import Recurrence

/// The number of a document that is being brought in.
public struct ImportID: Hashable, Sendable {
    /// The number in the store.
    public let number: Int64

    /// Takes a number of a store.
    public init(_ number: Int64) {
        self.number = number
    }
}

/// An announcement as a document asks for it.
///
/// A class, since there may be very many that are put in order and passed on.
public final class SourcedAnnouncement: Sendable {
    /// A validated draft.
    public let draft: AnnouncementDraft
    /// The first notice by the draft's plan.
    public let first: PlannedNotice
    /// What the document says of it, as compact JSON.
    public let source: String

    /// Makes a new announcement; see the properties for what the values mean.
    public init(draft: AnnouncementDraft, first: PlannedNotice, source: String) {
        self.draft = draft
        self.first = first
        self.source = source
    }
}

/// What is known of a name: the live announcement that has it, or else the last one that had.
public struct NamedState: Hashable, Sendable {
    /// The announcement.
    public let id: Announcement.ID
    /// Its name.
    public let name: String
    /// Where it is in its life.
    public let state: Announcement.State
    /// Its revision.
    public let revision: Int
    /// What a document said of it, as compact JSON, with ``drifted`` when a command has changed it since but for its times; nil
    /// when a command has made it, or changed its times.
    public let source: String?

    /// The key in ``source`` that is there when a command has changed something else than the times.
    public static let drifted = "drifted"

    /// Whether it is still to say something.
    public var isLive: Bool { state == .scheduled || state == .paused }

    /// Makes a state as a store read it.
    public init(id: Announcement.ID, name: String, state: Announcement.State, revision: Int, source: String?) {
        self.id = id
        self.name = name
        self.state = state
        self.revision = revision
        self.source = source
    }
}

/// A change of an announcement that belongs to a document.
public struct ImportedChange: Sendable {
    /// The announcement.
    public let id: Announcement.ID
    /// The revision that it is expected to have.
    public let revision: Int
    /// What becomes of it; nil when there is nothing to do.
    public let change: @Sendable (Standing) throws(AnnounceError) -> Revision?

    /// Makes a change; see the properties for what the values mean.
    public init(
        id: Announcement.ID,
        revision: Int,
        change: @escaping @Sendable (Standing) throws(AnnounceError) -> Revision?
    ) {
        self.id = id
        self.revision = revision
        self.change = change
    }
}

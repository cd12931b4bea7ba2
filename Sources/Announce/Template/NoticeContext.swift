import Recurrence

/// Everything that the text of a notice may mention: which announcement, which notice, which times.
public struct NoticeContext: Hashable, Sendable {
    /// The announcement.
    public var id: Announcement.ID
    /// The announcement's revision.
    public var revision: Int
    /// The announcement's name.
    public var name: String?
    /// Which notice it is.
    public var phase: Phase
    /// When the window starts; for a plain announcement the moment itself.
    public var anchor: Timestamp
    /// When the window ends, if it has a length.
    public var end: Timestamp?
    /// When this notice was due.
    public var nominal: Timestamp
    /// When it is sent.
    public var now: Timestamp
    /// Which occurrence of the announcement it is, from 1.
    public var ordinal: Int
    /// The zone in which people read times.
    public var zone: Zone

    /// Makes a context; see the properties for what the values mean.
    public init(
        id: Announcement.ID,
        revision: Int,
        name: String? = nil,
        phase: Phase,
        anchor: Timestamp,
        end: Timestamp? = nil,
        nominal: Timestamp,
        now: Timestamp,
        ordinal: Int = 1,
        zone: Zone
    ) {
        self.id = id
        self.revision = revision
        self.name = name
        self.phase = phase
        self.anchor = anchor
        self.end = end
        self.nominal = nominal
        self.now = now
        self.ordinal = ordinal
        self.zone = zone
    }
}

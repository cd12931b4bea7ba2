import Payload
import Recurrence

/// A message, whom it is for, and when it is said.
public struct Announcement: Hashable, Sendable, Identifiable {
    /// A positive number that is never used twice in one store.
    public typealias ID = Int64

    /// Where an announcement is in its life.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// At least one occurrence is still to come.
        case scheduled
        /// It says nothing until it is resumed.
        case paused
        /// Its last occurrence is over.
        case finished
        /// Somebody called it off.
        case cancelled
        /// It can never go out; ``Announcement/reason`` says why.
        case failed
    }

    /// The number by which people and clients refer to it.
    public let id: ID
    /// Counts its changes, from 1.
    public let revision: Int
    /// What was asked for.
    public let draft: AnnouncementDraft
    /// Where it is in its life.
    public let state: State
    /// Why it was cancelled, paused or failed.
    public let reason: String?
    /// When a paused one speaks again by itself; nil when somebody has to resume it.
    public let resumesAt: Timestamp?
    /// When its next notice goes out, and which it is; `nil` when nothing is to come.
    public let next: Next?
    /// When it was made, and by whom.
    public let created: Timestamp
    /// The user who made it.
    public let createdBy: String
    /// When it was last changed.
    public let updated: Timestamp

    /// The next notice of an announcement.
    public struct Next: Hashable, Sendable {
        /// When it goes out, or is tried again.
        public let at: Timestamp
        /// Which notice it is.
        public let phase: Phase

        /// Makes the description of a next notice.
        public init(at: Timestamp, phase: Phase) {
            self.at = at
            self.phase = phase
        }
    }

    /// Makes an announcement as a store read it.
    public init(
        id: ID,
        revision: Int,
        draft: AnnouncementDraft,
        state: State,
        reason: String?,
        resumesAt: Timestamp? = nil,
        next: Next?,
        created: Timestamp,
        createdBy: String,
        updated: Timestamp
    ) {
        self.id = id
        self.revision = revision
        self.draft = draft
        self.state = state
        self.reason = reason
        self.resumesAt = resumesAt
        self.next = next
        self.created = created
        self.createdBy = createdBy
        self.updated = updated
    }
}

/// What a person asks for when they add an announcement.
public struct AnnouncementDraft: Hashable, Sendable {
    /// A name of one's own, unique among live announcements.
    public var name: String?
    /// The event and its arguments.
    public var data: EventData
    /// How the arguments become the message of a notice.
    public var style: MessageStyle
    /// Whom it is for.
    public var target: Target
    /// When it is said.
    public var plan: Plan
    /// What becomes of an occurrence that could not go out in time.
    public var policy: Policy
    /// 1 to 5; of what is due at one instant, 5 goes first.
    public var priority: Int
    /// Whether it counts as published although no Socket.IO server was listening.
    public var allowUnheard: Bool
    /// How long clients' acknowledgements are waited for, in milliseconds; nil where none are asked for.
    public var acknowledgeWithin: Int64?
    /// Keys and values to find it by.
    public var labels: [String: String]

    /// The priority of an announcement that asks for none.
    public static let defaultPriority = 3
    /// The most bytes that a message may have as MessagePack.
    public static let maximumMessageBytes = 1 << 20

    /// Makes a draft; see the properties for what the values mean.
    public init(
        name: String? = nil,
        data: EventData,
        style: MessageStyle = MessageStyle(),
        target: Target,
        plan: Plan,
        policy: Policy = Policy(),
        priority: Int = defaultPriority,
        allowUnheard: Bool = false,
        acknowledgeWithin: Int64? = nil,
        labels: [String: String] = [:]
    ) {
        self.name = name
        self.data = data
        self.style = style
        self.target = target
        self.plan = plan
        self.policy = policy
        self.priority = priority
        self.allowUnheard = allowUnheard
        self.acknowledgeWithin = acknowledgeWithin
        self.labels = labels
    }

    /// Refuses what no store may hold.
    ///
    /// - Throws: ``AnnounceError`` with code ``AnnounceError/Code/invalidValue`` that names the value and the remedy.
    public func validate() throws(AnnounceError) {
        try Self.validate(data: data)
        _ = try MessageRenderer(data, style)
        try target.validate()
        if plan.rules.isEmpty {
            throw AnnounceError(.invalidValue, "The announcement has no time. Give it an instant or an interval.")
        }
        if !(1...5).contains(priority) {
            throw AnnounceError(
                .invalidValue,
                "The priority \(priority) is not between 1 and 5. Use 5 for the most urgent."
            )
        }
        if let name, name.isEmpty || name.count > 200 || Int64(name) != nil {
            throw AnnounceError(
                .invalidValue,
                "The name \"\(name.prefix(40))\" cannot be used. Use 1 to 200 characters that are not just a number."
            )
        }
    }

    /// The first notice at or after `now`; a lead also when it should have gone out before.
    ///
    /// - Parameters:
    ///   - now: where to begin.
    ///   - notices: those of ``plan``.
    /// - Returns: nil when it would never go out.
    /// - Throws: ``AnnounceError`` with code ``AnnounceError/Code/invalidValue`` for a plan that cannot be meant, and for a
    ///   message that cannot be rendered.
    public func firstNotice(from now: Timestamp, by notices: NoticePlan) throws(AnnounceError) -> PlannedNotice? {
        guard let first = notices.first(from: now) else { return nil }
        try notices.validate(from: first)
        if notices.schedule.isBurst(at: first.notice.anchor) {
            throw AnnounceError(
                .invalidValue,
                "It would go out more than three times within one second. Let it happen less often."
            )
        }
        return first
    }

    /// Refuses what is no longer true when it could first go out.
    ///
    /// - Parameters:
    ///   - first: when that is.
    ///   - zone: that of ``plan``.
    /// - Throws: ``AnnounceError`` with code ``AnnounceError/Code/invalidValue``.
    public func refuseExpired(before first: Timestamp, in zone: Zone) throws(AnnounceError) {
        guard case .at(let bound)? = policy.expiry, bound.instant(in: zone, isEnd: true) < first else { return }
        let expiry = describe(bound.instant(in: zone, isEnd: true), in: zone)
        throw AnnounceError(
            .invalidValue,
            "It would never go out: it expires before \(describe(first, in: zone)), at \(expiry). Let it expire later."
        )
    }

    /// Refuses a message that Socket.IO clients could not take.
    ///
    /// - Throws: ``AnnounceError`` with code ``AnnounceError/Code/invalidValue``.
    public static func validate(data: EventData) throws(AnnounceError) {
        if EventData.isReserved(data.event) {
            throw AnnounceError(
                .invalidValue,
                "Socket.IO reserves the event \"\(data.event)\" and would disconnect every client that receives it. "
                    + "Use another event name."
            )
        }
        do {
            try data.checkArguments()
        } catch {
            throw AnnounceError(.invalidValue, error.message)
        }
        let size = data.messagePack().count
        if size > maximumMessageBytes {
            throw AnnounceError(
                .invalidValue,
                "The message has \(size) bytes and may have \(maximumMessageBytes). Send a link to the content instead."
            )
        }
    }
}

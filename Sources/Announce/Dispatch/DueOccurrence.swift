import Payload
import Recurrence

/// An occurrence that is due, with all that is needed to send it.
///
/// It is passed on from step to step unchanged, by reference, and holds by reference what it has in common with others: to copy its
/// many parts for each step would take longer than the steps do.
public final class DueOccurrence: Hashable, Sendable {
    /// The queue entry that it is.
    public let entry: QueueEntry
    /// The announcement's revision.
    public let revision: Int
    /// The event and its encoded arguments.
    public let data: EventData
    /// Whom it is for, and how.
    package let manner: Manner
    /// Whether the announcement says nothing at the moment.
    public let isPaused: Bool
    /// Whether it has its record already: a plan that was changed can come to an occurrence a second time.
    public let isRecorded: Bool
    /// What follows, for ``plan``.
    package let sharedPlan: SharedPlan?
    /// What the message is made of, when it is not sent as it is stored.
    public let rendering: Rendering?

    /// Whom it is for.
    public var target: Target { manner.target }
    /// Whether it counts as published although nobody was listening.
    public var allowUnheard: Bool { manner.allowUnheard }
    /// How long its clients' acknowledgements are waited for, in milliseconds; nil where none are asked for.
    public var acknowledgeWithin: Int64? { manner.acknowledgeWithin }
    /// What becomes of it when it is late.
    public var policy: Policy { manner.policy }
    /// The plan, when another notice can follow or the message has to be rendered; `nil` for the only occurrence of a
    /// one-shot.
    public var plan: Plan? { sharedPlan?.plan }

    /// What a message is made of beside the arguments.
    public final class Rendering: Hashable, Sendable {
        /// How the arguments become the message.
        public let style: MessageStyle
        /// The announcement's name.
        public let name: String?

        /// Makes a rendering.
        public init(style: MessageStyle, name: String?) {
            self.style = style
            self.name = name
        }

        /// Whether two say the same.
        public static func == (left: Rendering, right: Rendering) -> Bool {
            left.style == right.style && left.name == right.name
        }

        /// Hashes the name.
        public func hash(into hasher: inout Hasher) { hasher.combine(name) }
    }

    /// Makes an occurrence of its own parts.
    public convenience init(
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
        self.init(
            entry: entry,
            revision: revision,
            data: data,
            manner: Manner(
                target: target,
                policy: policy,
                allowUnheard: allowUnheard,
                acknowledgeWithin: acknowledgeWithin
            ),
            isPaused: isPaused,
            isRecorded: isRecorded,
            plan: plan.map(SharedPlan.init),
            rendering: rendering
        )
    }

    /// Makes an occurrence of parts that others have as well.
    package init(
        entry: QueueEntry,
        revision: Int,
        data: EventData,
        manner: Manner,
        isPaused: Bool,
        isRecorded: Bool,
        plan: SharedPlan?,
        rendering: Rendering?
    ) {
        self.entry = entry
        self.revision = revision
        self.data = data
        self.manner = manner
        self.isPaused = isPaused
        self.isRecorded = isRecorded
        sharedPlan = plan
        self.rendering = rendering
    }

    /// Whether two are the same occurrence, with the same of everything.
    public static func == (left: DueOccurrence, right: DueOccurrence) -> Bool {
        left === right
            || left.entry == right.entry && left.revision == right.revision && left.data == right.data
                && left.manner == right.manner && left.isPaused == right.isPaused
                && left.isRecorded == right.isRecorded && left.plan == right.plan && left.rendering == right.rendering
    }

    /// Hashes its queue entry.
    public func hash(into hasher: inout Hasher) { hasher.combine(entry) }
}

/// Whom announcements are for, and how they go out.
package final class Manner: Hashable, Sendable {
    package let target: Target
    package let policy: Policy
    package let allowUnheard: Bool
    package let acknowledgeWithin: Int64?

    package init(target: Target, policy: Policy, allowUnheard: Bool, acknowledgeWithin: Int64?) {
        self.target = target
        self.policy = policy
        self.allowUnheard = allowUnheard
        self.acknowledgeWithin = acknowledgeWithin
    }

    package static func == (left: Manner, right: Manner) -> Bool {
        left === right
            || left.target == right.target && left.policy == right.policy && left.allowUnheard == right.allowUnheard
                && left.acknowledgeWithin == right.acknowledgeWithin
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(target) }
}

/// A plan that many announcements may have.
package final class SharedPlan: Sendable {
    package let plan: Plan
    /// Whether the rules of the zone matter to it; see ``Plan/needsZone``.
    package let needsZone: Bool

    package init(_ plan: Plan) { (self.plan, needsZone) = (plan, plan.needsZone) }
}

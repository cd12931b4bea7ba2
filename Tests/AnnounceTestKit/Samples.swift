import Announce
import Payload
import Recurrence

extension Timestamp {
    /// 2026-12-01T09:00:00Z: the morning on which the tests happen.
    public static let morning = Timestamp(milliseconds: 1_796_115_600_000)
}

extension AnnouncementDraft {
    /// A draft as tests like it: everything that they do not care about has a usual value.
    public static func sample(
        _ text: String = "Good morning",
        name: String? = nil,
        target: Target = Target(audience: .everyone),
        rules: [Rule] = [.instant(.morning)],
        priority: Int = defaultPriority,
        allowUnheard: Bool = false,
        labels: [String: String] = [:]
    ) -> AnnouncementDraft {
        AnnouncementDraft(
            name: name,
            data: EventData(event: "announcement", arguments: [.string(text)]),
            target: target,
            rules: rules,
            timezone: "UTC",
            priority: priority,
            allowUnheard: allowUnheard,
            labels: labels
        )
    }

    /// A draft for an interval of so many milliseconds from the morning on.
    public static func every(_ milliseconds: Int64, _ text: String = "tick") throws -> AnnouncementDraft {
        sample(text, rules: [.interval(try Interval(every: milliseconds, anchor: .morning))])
    }
}

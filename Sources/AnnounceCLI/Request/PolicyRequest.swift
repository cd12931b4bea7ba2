import Announce
import Recurrence

/// What is to become of what could not go out in time, as it was typed.
struct PolicyRequest {
    enum Misfire: String, CaseIterable {
        case latest, skip, all
    }

    var misfire: Misfire?
    var max: Int?
    var grace: String?
    var expires: String?

    /// What does not fit together, in words; nil when all does.
    var problem: String? {
        if max != nil && misfire != .all { return "--max goes with --misfire all. Give that too." }
        if let max, max < 1 { return "--max \(max) says none. Give 1 or more, or --misfire skip." }
        return nil
    }

    /// Puts the options that were given in place of those of a policy.
    func change(_ policy: inout Policy, now: Timestamp, in zone: Zone) throws {
        switch misfire {
        case .latest: policy.misfire = .latest
        case .skip: policy.misfire = .skip
        case .all: policy.misfire = .all(limit: max)
        case nil: break
        }
        if let grace {
            let span = try TimeSpan(grace)
            policy.grace = span.added(to: now, in: zone) - now
        }
        if let expires {
            if let span = try? TimeSpan(expires) {
                policy.expiry = .after(span)
            } else {
                policy.expiry = .at(try Bound(end: expires, now: now, in: zone))
            }
        }
    }
}

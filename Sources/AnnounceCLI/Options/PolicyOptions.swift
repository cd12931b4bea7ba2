import Announce
import ArgumentParser
import Recurrence

/// What becomes of an announcement that could not go out in time.
struct PolicyOptions: ParsableArguments {
    enum Misfire: String, ExpressibleByArgument, CaseIterable {
        case latest, skip, all
    }

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Which of several missed ones are still said: latest (default), skip (none) or all.",
            valueName: "policy"
        )
    )
    var misfire: Misfire?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --misfire all: only the newest so many.", valueName: "number")
    )
    var max: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How late it may be: 10m. Usually an hour; half the distance to the next one when it recurs.",
            valueName: "duration"
        )
    )
    var grace: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "No longer true after this day or time, or so long after its own: 30m.",
            valueName: "duration|day|time"
        )
    )
    var expires: String?

    func validate() throws {
        if max != nil && misfire != .all { throw ValidationError("--max goes with --misfire all. Give that too.") }
        if let max, max < 1 { throw ValidationError("--max \(max) says none. Give 1 or more, or --misfire skip.") }
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

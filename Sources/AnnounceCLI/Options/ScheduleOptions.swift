import ArgumentParser
import Recurrence

/// When it is said.
struct ScheduleOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "At this time: 09:00, \"2026-12-01 09:00\", 2026-12-01T09:00:00+09:00, \"fri 17:00\"; may be repeated.",
            valueName: "time"
        )
    )
    var at: [String] = []

    @Option(
        name: .customLong("in"),
        parsing: .unconditional,
        help: ArgumentHelp("After this time from now: 90s, 10m, 2h30m, 1d.", valueName: "duration")
    )
    var after: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Again and again at this interval, first at --at or after one interval: 15m, 36h.",
            valueName: "interval"
        )
    )
    var every: [String] = []

    /// Whether a time was given at all.
    var isEmpty: Bool { at.isEmpty && after == nil && every.isEmpty }

    func validate() throws {
        if after != nil && !(at.isEmpty && every.isEmpty) {
            throw ValidationError("--in stands alone. Give --in, or --at and --every.")
        }
    }

    /// What was asked for, understood at the time `now` in a zone.
    ///
    /// A one-shot that is over already is refused; a past beginning of an interval is not.
    ///
    /// - Throws: `TimeExpressionError`, ``CommandFailure``.
    func schedule(now: Timestamp, in zone: Zone) throws -> Schedule {
        if let after {
            let time = try TimeExpression("in " + after).resolve(now: now, in: zone)
            return Schedule(rules: [time.rule], zone: zone)
        }
        let times = try at.map { try TimeExpression($0).resolve(now: now, in: zone) }
        if every.isEmpty {
            if let past = times.first(where: { $0.at < now }) {
                throw CommandFailure(
                    "\(describe(past.at, in: zone)) is over (\(distance(from: now, to: past.at))). Give a time to come.",
                    exitCode: CommandFailure.dataError
                )
            }
            return Schedule(rules: times.map(\.rule), zone: zone)
        }
        // The earliest time begins the intervals; the others are occurrences of their own.
        let first = times.min { $0.at < $1.at }
        var rules: [Rule] = []
        for text in every {
            let length = try Interval.parse(text)
            rules.append(.interval(try Interval(every: length, anchor: first?.at ?? now + length)))
        }
        rules += times.filter { $0.at != first?.at && $0.at >= now }.map(\.rule)
        return Schedule(rules: rules, zone: zone)
    }
}

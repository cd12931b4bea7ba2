import ArgumentParser

/// When it is said.
struct ScheduleOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "At this time: 09:00, \"2030-12-01 09:00\", 2030-12-01T09:00:00+09:00, \"fri 17:00\"; may be repeated.",
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
            "Again and again: 15m, 36h (first at --at or --start, else after one interval); day, weekday, weekend, mon,thu, "
                + "week, month or year with --at; may be repeated.",
            valueName: "interval|days"
        ),
        completion: .list(["15m", "1h", "day", "weekday", "weekend", "week", "month", "year"])
    )
    var every: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "With --every week, month or year: mon, 1, last, \"last friday\", \"15 march\".",
            valueName: "day"
        )
    )
    var on: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "By a cron expression of 5 to 7 fields, or @daily and the like; may be repeated.",
            valueName: "expr"
        )
    )
    var cron: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("By a recurrence rule of RFC 5545 from --start on; may be repeated.", valueName: "rule")
    )
    var rrule: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("At this time too; may be repeated.", valueName: "time")
    )
    var rdate: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("But not at this time; may be repeated.", valueName: "time")
    )
    var exdate: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "But not on this day, or at this time: 2030-12-25, tomorrow; may be repeated.",
            valueName: "day|time"
        )
    )
    var exclude: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("But not during the events of this iCalendar file; may be repeated.", valueName: "file.ics"),
        completion: .file(extensions: ["ics"])
    )
    var excludeCalendar: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Not before this day or time: fri, 2030-12-01.", valueName: "day|time")
    )
    var start: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Not after this day or time: \"15 march\".", valueName: "day|time")
    )
    var until: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("At most so many times.", valueName: "number"))
    var count: Int?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Tell so long before, too: 15m, or several as 1d,1h,15m; may be repeated.",
            valueName: "durations"
        )
    )
    var lead: [String] = []

    @Option(
        name: .customLong("for"),
        parsing: .unconditional,
        help: ArgumentHelp("It lasts so long, and its end is told, too: 2h.", valueName: "duration")
    )
    var length: String?

    /// What was asked for.
    var request: ScheduleRequest {
        ScheduleRequest(
            at: at,
            after: after,
            every: every,
            on: on,
            cron: cron,
            rrule: rrule,
            rdate: rdate,
            exclude: exdate + exclude,
            excludeCalendar: excludeCalendar,
            start: start,
            until: until,
            count: count,
            lead: lead.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) },
            length: length
        )
    }

    func validate() throws {
        if let problem = request.problem { throw ValidationError(problem) }
    }
}

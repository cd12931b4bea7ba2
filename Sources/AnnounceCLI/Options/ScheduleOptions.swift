import Announce
import ArgumentParser
import Glibc
import Recurrence

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

    /// Whether a time was given at all.
    var isEmpty: Bool { !hasRules && after == nil }

    private var hasRules: Bool { !(at.isEmpty && every.isEmpty && cron.isEmpty && rrule.isEmpty && rdate.isEmpty) }

    /// Whether any option of a schedule was given.
    var isGiven: Bool {
        !isEmpty || changesLimits || !lead.isEmpty || length != nil
    }

    private var changesLimits: Bool {
        start != nil || until != nil || count != nil || !(exdate.isEmpty && exclude.isEmpty && excludeCalendar.isEmpty)
    }

    func validate() throws {
        if after != nil && hasRules {
            throw ValidationError("--in stands alone. Give --in, or the other times.")
        }
        if on != nil && every.isEmpty {
            throw ValidationError("--on goes with --every month, week or year. Give that too.")
        }
        if on != nil, let interval = every.first(where: { CronExpression.isInterval($0) }) {
            throw ValidationError(
                "--on goes with --every month, week or year, not with \(interval). Leave it out, or say which days."
            )
        }
        if let count, count < 1 { throw ValidationError("--count \(count) is never. Give 1 or more.") }
    }

    // MARK: What was asked for

    /// What was asked for, understood at the time `now` in a zone.
    ///
    /// - Throws: `TimeExpressionError`, `CronError`, `RecurrenceRuleError`, ``CommandFailure``.
    func plan(now: Timestamp, in zone: Zone, zones: ZoneLoader) throws -> Plan {
        var plan = Plan(rules: try rules(now: now, in: zone), timezone: zone.identifier)
        try change(&plan, now: now, in: zone, zones: zones)
        if plan.count != nil && plan.start == nil {
            plan.start = .instant(plan.schedule(in: zone, zones: zones).next(after: now - 1) ?? now)
        }
        return plan
    }

    /// Puts the options that were given in place of those of a plan.
    func change(_ plan: inout Plan, now: Timestamp, in zone: Zone, zones: ZoneLoader) throws {
        if let start { plan.start = try Bound(start: start, now: now, in: zone) }
        if let until { plan.until = try Bound(end: until, now: now, in: zone) }
        if let count { plan.count = count }
        // Days and times replace days and times, calendars replace calendars.
        let times = try (exdate + exclude).map { try Exclusion($0, now: now, in: zone) }
        if !times.isEmpty { plan.exclusions = times + plan.exclusions.filter(\.isCalendar) }
        let calendars = try calendars(in: zone, zones: zones)
        if !calendars.isEmpty { plan.exclusions = plan.exclusions.filter { !$0.isCalendar } + calendars }
        if !lead.isEmpty { plan.leads = try leads(now: now, in: zone) }
        if let length { plan.length = try Self.span(length, option: "--for") }
    }

    /// The rules: the union of what was given.
    func rules(now: Timestamp, in zone: Zone) throws -> [Rule] {
        if let after { return [try TimeExpression("in " + after).resolve(now: now, in: zone).rule] }
        let calendar = try every.map { text in
            CronExpression.isInterval(text) ? nil : try CronExpression.every(text, on: on, at: timesOfDay())
        }
        var rules: [Rule] = calendar.compactMap { $0 }.flatMap { $0 }.map(Rule.cron)
        var times = rules.isEmpty ? try at.map { try TimeExpression($0).resolve(now: now, in: zone) } : []
        let intervals = zip(every, calendar).filter { $0.1 == nil }.map(\.0)
        if !intervals.isEmpty {
            // The earliest time begins the intervals; the others are occurrences of their own.
            let start = try self.start.map { try Bound(start: $0, now: now, in: zone).instant(in: zone, isEnd: false) }
            let first = times.min { $0.at < $1.at }
            times.removeAll { $0.at == first?.at || $0.at < now }
            for text in intervals {
                let length = try Interval.parse(text)
                rules.append(.interval(try Interval(every: length, anchor: first?.at ?? start ?? now + length)))
            }
        }
        if let past = times.first(where: { $0.at < now }), rules.isEmpty, cron.isEmpty, rrule.isEmpty {
            throw CommandFailure(
                "\(describe(past.at, in: zone)) is over (\(distance(from: now, to: past.at))). Give a time to come.",
                exitCode: CommandFailure.dataError
            )
        }
        rules += times.map(\.rule)
        rules += try cron.map { .cron(try CronExpression($0)) }
        rules += try rdate.map { try TimeExpression($0).resolve(now: now, in: zone).rule }
        if !rrule.isEmpty {
            let start = try ruleStart(now: now, in: zone)
            rules += try rrule.map { .recurrence(AnchoredRule(try RecurrenceRule($0), start: start)) }
        }
        return rules
    }

    /// The times of day of `--every weekday --at 9am`.
    private func timesOfDay() throws -> [CivilTime] {
        try at.map { text in
            guard let time = try TimeExpression(text).timeOfDay else {
                throw CommandFailure(
                    "\"\(text)\" is more than a time of day. With --every and days, write one such as --at 09:00.",
                    exitCode: CommandFailure.dataError
                )
            }
            return time
        }
    }

    /// DTSTART: `--start`, else the minute that has begun.
    private func ruleStart(now: Timestamp, in zone: Zone) throws -> CivilDateTime {
        guard let start else {
            let wall = zone.civil(at: now).localMilliseconds
            return CivilDateTime(localMilliseconds: wall - wall % 60_000)
        }
        switch try Bound(start: start, now: now, in: zone) {
        case .wall(let wall): return wall
        case .instant(let at): return zone.civil(at: at)
        }
    }

    private func leads(now: Timestamp, in zone: Zone) throws -> [TimeSpan] {
        let spans = try lead.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map {
            try Self.span(String($0), option: "--lead")
        }
        var seen: Set<TimeSpan> = []
        return spans.filter { seen.insert($0).inserted }
            .sorted { $0.subtracted(from: now, in: zone) < $1.subtracted(from: now, in: zone) }
    }

    private static func span(_ text: String, option: String) throws -> TimeSpan {
        let span = try TimeSpan(text)
        if span == TimeSpan.zero {
            throw CommandFailure(
                "\(option) \(text) is no time at all. Give one such as 15m.",
                exitCode: CommandFailure.dataError
            )
        }
        return span
    }

    /// The iCalendar files, read and checked.
    private func calendars(in zone: Zone, zones: ZoneLoader) throws -> [Exclusion] {
        try excludeCalendar.map { path in
            guard let bytes = Bytes.all(ofFile: path) else {
                throw CommandFailure(
                    "The calendar \(path) cannot be read: \(String(cString: strerror(errno))). Name an .ics file.",
                    exitCode: CommandFailure.dataError
                )
            }
            do throws(CalendarError) {
                let name = path.split(separator: "/").last.map(String.init) ?? path
                let source = try CalendarSource(name: name, text: String(decoding: bytes, as: UTF8.self))
                _ = try CalendarExclusion(source.file, in: zone, zones: zones)
                return .calendar(source)
            } catch {
                throw CommandFailure("The calendar \(path), \(error)", exitCode: CommandFailure.dataError)
            }
        }
    }
}

extension Exclusion {
    /// Whether it is a whole calendar, and not a day or a time.
    var isCalendar: Bool {
        if case .calendar = self { true } else { false }
    }
}

import Announce
import Glibc
import Recurrence

/// When something is to be said, as it was typed: options of the command line, or keys of a document.
struct ScheduleRequest {
    var at: [String] = []
    var after: String?
    var every: [String] = []
    var on: String?
    var cron: [String] = []
    var rrule: [String] = []
    var rdate: [String] = []
    var exclude: [String] = []
    /// Paths of iCalendar files.
    var excludeCalendar: [String] = []
    var start: String?
    var until: String?
    var count: Int?
    var lead: [String] = []
    var length: String?
    /// Rules that need not be read: what no option can say.
    var rules: [Rule] = []
    /// Calendars that need not be read.
    var calendars: [CalendarSource] = []
    /// Whether a time that is over is no error.
    var takesPast = false

    /// Whether a time was given at all.
    var isEmpty: Bool { !hasRules && after == nil }

    private var hasRules: Bool {
        !(at.isEmpty && every.isEmpty && cron.isEmpty && rrule.isEmpty && rdate.isEmpty && rules.isEmpty)
    }

    /// What does not fit together, in words; nil when all does.
    var problem: String? {
        if after != nil && hasRules { return "--in stands alone. Give --in, or the other times." }
        if on != nil && every.isEmpty { return "--on goes with --every month, week or year. Give that too." }
        if on != nil, let interval = every.first(where: { CronExpression.isInterval($0) }) {
            return "--on goes with --every month, week or year, not with \(interval). Leave it out, or say which days."
        }
        if let count, count < 1 { return "--count \(count) is never. Give 1 or more." }
        return nil
    }

    // MARK: What was asked for

    /// What was asked for, understood at the time `now` in a zone.
    ///
    /// - Throws: `TimeExpressionError`, `CronError`, `RecurrenceRuleError`, ``CommandFailure``.
    func plan(now: Timestamp, in zone: Zone, zones: ZoneLoader) throws -> Plan {
        var plan = Plan(rules: try allRules(now: now, in: zone), timezone: zone.identifier)
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
        let times = try exclude.map { try Exclusion($0, now: now, in: zone) }
        if !times.isEmpty { plan.exclusions = times + plan.exclusions.filter(\.isCalendar) }
        let calendars = try allCalendars(in: zone, zones: zones)
        if !calendars.isEmpty { plan.exclusions = plan.exclusions.filter { !$0.isCalendar } + calendars }
        if !lead.isEmpty { plan.leads = try leads(now: now, in: zone) }
        if let length { plan.length = try Self.span(length, option: "--for") }
    }

    /// The rules: the union of what was given.
    func allRules(now: Timestamp, in zone: Zone) throws -> [Rule] {
        if let after { return [try TimeExpression("in " + after).resolve(now: now, in: zone).rule] }
        let calendar = try every.map { text in
            CronExpression.isInterval(text) ? nil : try CronExpression.every(text, on: on, at: timesOfDay())
        }
        var rules: [Rule] = rules + calendar.compactMap { $0 }.flatMap { $0 }.map(Rule.cron)
        var times =
            calendar.allSatisfy { $0 == nil } ? try at.map { try TimeExpression($0).resolve(now: now, in: zone) } : []
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
        if !takesPast, let past = times.first(where: { $0.at < now }), rules.isEmpty, cron.isEmpty, rrule.isEmpty {
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
        let spans = try lead.map { try Self.span($0, option: "--lead") }
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
    private func allCalendars(in zone: Zone, zones: ZoneLoader) throws -> [Exclusion] {
        let sources = try excludeCalendar.map(Self.calendar) + calendars
        for source in sources {
            do throws(CalendarError) {
                _ = try CalendarExclusion(source.file, in: zone, zones: zones)
            } catch {
                throw Self.failure(source.name, error)
            }
        }
        return sources.map(Exclusion.calendar)
    }

    /// Reads an iCalendar file.
    ///
    /// - Throws: ``CommandFailure`` for a file that cannot be read, or is no calendar.
    static func calendar(_ path: String) throws -> CalendarSource {
        guard let bytes = Bytes.all(ofFile: path) else {
            throw CommandFailure(
                "The calendar \(path) cannot be read: \(String(cString: strerror(errno))). Name an .ics file.",
                exitCode: CommandFailure.dataError
            )
        }
        do throws(CalendarError) {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return try CalendarSource(name: name, text: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw failure(path, error)
        }
    }

    private static func failure(_ calendar: String, _ error: CalendarError) -> CommandFailure {
        CommandFailure("The calendar \(calendar), \(error)", exitCode: CommandFailure.dataError)
    }
}

extension Exclusion {
    /// Whether it is a whole calendar, and not a day or a time.
    var isCalendar: Bool {
        if case .calendar = self { true } else { false }
    }
}

import Payload
import Recurrence

/// Rules as JSON, the same in the store and in the command line's output.
///
/// | rule | JSON |
/// | --- | --- |
/// | instant | `{"kind":"instant","at":"2026-12-01T00:00:00.000Z"}` |
/// | wall time | `{"kind":"wall","at":"2026-12-01T09:00:00"}` |
/// | cron | `{"kind":"cron","expression":"0 9 * * MON-FRI"}` |
/// | rule of RFC 5545 | `{"kind":"rrule","rule":"FREQ=MONTHLY;BYDAY=-1FR","from":"2026-01-01T09:00:00"}` |
/// | interval | `{"kind":"interval","everySeconds":900,"from":"2026-12-01T00:00:00.000Z"}` |
extension Rule {
    /// The rule as a JSON object.
    public var json: PayloadValue {
        switch self {
        case .instant(let at):
            ["kind": "instant", "at": .string(at.rfc3339())]
        case .wall(let at):
            ["kind": "wall", "at": .string("\(at)")]
        case .interval(let interval):
            [
                "kind": "interval",
                "everySeconds": PayloadValue(seconds: interval.every),
                "from": .string(interval.anchor.rfc3339()),
            ]
        case .cron(let expression):
            ["kind": "cron", "expression": .string(expression.text)]
        case .recurrence(let rule):
            ["kind": "rrule", "rule": .string(rule.rule.text), "from": .string("\(rule.start)")]
        }
    }

    /// Reads a rule back.
    ///
    /// - Throws: ``AnnounceError`` when it is none of the kinds above.
    public init(json: PayloadValue) throws(AnnounceError) {
        guard case .object(let object) = json, case .string(let kind)? = object["kind"] else {
            throw .unreadable(json)
        }
        switch (kind, object["at"], object["from"]) {
        case ("instant", .string(let text)?, _):
            guard let at = Self.instant(text) else { throw .unreadable(json) }
            self = .instant(at)
        case ("wall", .string(let text)?, _):
            guard let at = try? CivilDateTime(text) else { throw .unreadable(json) }
            self = .wall(at)
        case ("interval", _, .string(let text)?):
            guard
                let from = Self.instant(text),
                let every = object["everySeconds"]?.milliseconds,
                let interval = try? Interval(every: every, anchor: from)
            else { throw .unreadable(json) }
            self = .interval(interval)
        case ("cron", _, _):
            guard case .string(let text)? = object["expression"], let expression = try? CronExpression(text) else {
                throw .unreadable(json)
            }
            self = .cron(expression)
        case ("rrule", _, .string(let text)?):
            guard
                case .string(let rule)? = object["rule"],
                let rule = try? RecurrenceRule(rule),
                let from = try? CivilDateTime(text)
            else { throw .unreadable(json) }
            self = .recurrence(AnchoredRule(rule, start: from))
        default:
            throw .unreadable(json)
        }
    }

    private static func instant(_ text: String) -> Timestamp? {
        guard
            let expression = try? TimeExpression(text),
            case .instant(let at)? = try? expression.resolve(now: .min, in: .utc).rule
        else { return nil }
        return at
    }
}

extension PayloadValue {
    /// A duration in milliseconds as a JSON number of seconds: a whole one wherever possible.
    public init(seconds milliseconds: Int64) {
        self = milliseconds.isMultiple(of: 1000) ? .integer(milliseconds / 1000) : .number(Double(milliseconds) / 1000)
    }

    /// A JSON number of seconds in milliseconds; `nil` for anything else.
    var milliseconds: Int64? {
        switch self {
        case .integer(let seconds):
            let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
            return overflow ? nil : product
        case .number(let seconds):
            return Int64(exactly: (seconds * 1000).rounded())
        default:
            return nil
        }
    }
}

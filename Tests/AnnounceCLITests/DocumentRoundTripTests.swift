import Announce
import AnnounceTestKit
import Payload
import Recurrence
import Testing

@testable import AnnounceCLI

/// What is exported is what is applied, whatever the announcement is.
@Suite struct DocumentRoundTripTests {
    private static let now = Timestamp.morning

    /// A draft by chance: every key in many forms.
    private struct Maker {
        var random: SeededGenerator

        mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

        mutating func pick<Value>(_ values: [Value]) -> Value {
            values[Int.random(in: 0..<values.count, using: &random)]
        }

        mutating func text() -> String {
            pick([
                "Coffee", "09:00", "yes", "null", "0123", "1e3", "- a", "# no comment", "a: b", " x ", "",
                "{{id}} at {{startsAt}}",
                "two\nlines\n", "tab\tquote\"back\\slash", "日本語🎉", "~", "true", "2026-12-01", "'", "%", "&a", "*a",
                "!x", "\u{7F}\u{85}",
            ])
        }

        mutating func rule() throws -> Rule {
            let at = Timestamp.morning + Int64.random(in: 1...10_000_000, using: &random) * 1000
            let wall = CivilDateTime(localMilliseconds: at.milliseconds)
            switch Int.random(in: 0...4, using: &random) {
            case 0: return .instant(at)
            case 1: return .wall(wall)
            case 2: return .cron(try CronExpression(pick(["0 9 * * MON-FRI", "*/5 * * * *", "0 18 L * *"])))
            case 3: return .interval(try Interval(every: pick([1_000, 900_000, 5_400_000, 86_400_000]), anchor: at))
            default:
                return .recurrence(
                    AnchoredRule(try RecurrenceRule(pick(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=TU"])), start: wall)
                )
            }
        }

        mutating func plan() throws -> Plan {
            var plan = Plan(rules: [try rule()], timezone: pick(["Europe/Berlin", "Etc/UTC", "Asia/Tokyo"]))
            while chance(30) { plan.rules.append(try rule()) }
            if case .recurrence(let anchored) = plan.rules[0], chance(50) { plan.start = .wall(anchored.start) }
            if chance(20) {
                plan.until = pick([
                    .instant(.morning + 99_000_000_000), .wall(try CivilDateTime("2099-01-01T00:00:00")),
                ])
            }
            if chance(20) {
                plan.count = Int.random(in: 1...9, using: &random)
                plan.start = plan.start ?? .instant(.morning)
            }
            if chance(20) {
                plan.exclusions = [.instant(.morning + 5_000), .wall(try CivilDateTime("2099-01-01T00:00:00"))]
            }
            if chance(20) {
                let calendar =
                    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTART;VALUE=DATE:20990101\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
                plan.exclusions.append(.calendar(try CalendarSource(name: "a.ics", text: calendar)))
            }
            if chance(30) { plan.leads = [try TimeSpan("1d"), try TimeSpan("1h30m")] }
            if chance(30) { plan.length = try TimeSpan(pick(["2h", "1d", "1mo"])) }
            return plan
        }

        mutating func draft() throws -> AnnouncementDraft {
            let plan = try plan()
            let hasText = chance(70)
            var arguments: [PayloadValue] = hasText ? [.string(text())] : []
            while chance(40) {
                arguments.append(
                    pick([.null, true, 5, -1, 1.5, "x", ["09:00", .string(text())], ["a": ["b": .null]]])
                )
            }
            let event = arguments.isEmpty || chance(20) ? "ev: ent" : "announcement"
            var target = Target(audience: .everyone)
            if chance(60) {
                target.audience = .some(
                    rooms: [pick(["lobby", "a b", "1", "yes", "é"])],
                    sockets: chance(30) ? ["s1"] : []
                )
            }
            if chance(20) { target.except = ["vip", "2"] }
            if chance(20) { target.exceptSockets = ["s2"] }
            if chance(20) {
                target = Target(namespace: "/admin", audience: target.audience, volatile: true, compress: false)
            }
            var draft = AnnouncementDraft(
                data: EventData(event: event, arguments: arguments),
                target: target,
                plan: plan
            )
            draft.style = MessageStyle(hasText: hasText, isTemplate: chance(80), isWindow: plan.isWindow)
            if hasText, chance(20) { draft.style.texts = [.end: "over {{count}}", .lead: "09:00"] }
            if chance(20) { draft.policy.misfire = pick([.skip, .all(limit: nil), .all(limit: 3)]) }
            if chance(20) { draft.policy.grace = pick([0, 90_000, 3_600_000]) }
            if chance(20) {
                draft.policy.expiry = pick([.after(try TimeSpan("30m")), .at(.instant(.morning + 99_000_000_000))])
            }
            if chance(20) { draft.priority = 5 }
            if chance(20) { draft.allowUnheard = true }
            if chance(20) { draft.acknowledgeWithin = 5_000 }
            if chance(30) { draft.labels = ["team": "ops", "when": "09:00", "n": "1"] }
            return draft
        }
    }

    @Test("A draft becomes YAML and JSON and the same draft again", arguments: 1...400)
    func roundTrip(seed: Int) throws {
        var maker = Maker(random: SeededGenerator(seed: UInt64(seed)))
        let draft = try maker.draft()
        let zones = ZoneLoader.system(environment: [:])
        let zone = try zones.zone(named: draft.plan.timezone)
        let value: PayloadValue = ["n": .object(try draft.document(in: zone))]
        for document in [try Document(json: value.jsonBytes()), try Document(yaml: ExportCommand.yaml(value))] {
            let entry = try #require(document.root["n"])
            let request = try EntryReader(entry, at: [.key("n")]).request(in: "")
            var again = try request.draft(now: Self.now, in: zone, zones: zones)
            #expect(try again.data.arguments() == draft.data.arguments())
            again.data = draft.data
            #expect(again == draft, "\(value.line)")
        }
    }
}

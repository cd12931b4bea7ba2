import Recurrence
import Testing

/// The library against the slow evaluator, and the invariants of every schedule.
struct RuleOracleTests {
    private static let long: [RecurrenceRule.Frequency] = [.daily, .weekly, .monthly, .yearly]
    private static let short: [RecurrenceRule.Frequency] = [.secondly, .minutely, .hourly]

    @Test(arguments: seeds)
    func `rules of wall times occur where each single day says so`(seed: UInt64) throws {
        var rules = RandomRules(seed: seed)
        var compared = 0
        for _ in 0..<150 {
            let zone = try zone(RandomRules.zones.randomElement(using: &rules.random) ?? "UTC")
            let rule = try rules.rule(Self.long)
            let start = rules.start(in: zone)
            let walls = RuleOracle(rule: rule, start: start).walls(through: start.date.year + 3)
            let expected = Self.instants(walls, in: zone).filter { zone.civil(at: $0).date.year < start.date.year + 3 }
            let found = AnchoredRule(rule, start: start).occurrences(after: .min, in: zone).prefix(expected.count)
            #expect(Array(found) == expected, "\(rule) from \(start) in \(zone)")
            compared += expected.count
        }
        #expect(compared > 5000)
    }

    private static func instants(_ walls: [CivilDateTime], in zone: Zone) -> [Timestamp] {
        Set(
            walls.compactMap { wall in
                let instants = zone.instants(of: wall)
                if case .gap(let before, let after, _) = instants, before - after > 3 * 3_600_000 { return nil }
                return instants.resolved
            }
        ).sorted()
    }

    @Test(arguments: seeds)
    func `COUNT keeps the first wall times that exist`(seed: UInt64) throws {
        var rules = RandomRules(seed: seed)
        for _ in 0..<80 {
            let zone = try zone(RandomRules.zones.randomElement(using: &rules.random) ?? "UTC")
            let rule = try rules.rule(Self.long)
            let count = Int.random(in: 1...40, using: &rules.random)
            let start = rules.start(in: zone)
            let oracle = RuleOracle(rule: rule, start: start)
            let existing = oracle.walls(through: start.date.year + 2).filter {
                guard case .gap(let before, let after, _) = zone.instants(of: $0) else { return true }
                return before - after <= 3 * 3_600_000
            }
            guard existing.count >= count else { continue }
            let expected = Self.instants(Array(existing.prefix(count)), in: zone)
            let counted = AnchoredRule(try RecurrenceRule("\(rule.text);COUNT=\(count)"), start: start)
            #expect(Array(counted.occurrences(after: .min, in: zone)) == expected, "\(counted) in \(zone)")
            var last: Timestamp? = .min
            var own: [Timestamp] = []
            while let next = last.flatMap({ counted.next(after: $0, in: zone) }) {
                own.append(next)
                last = next
            }
            #expect(own == expected, "\(counted) in \(zone), asked without a ZonedRule")
        }
    }

    @Test(arguments: seeds)
    func `rules of elapsed time occur where each single second says so`(seed: UInt64) throws {
        var rules = RandomRules(seed: seed)
        for _ in 0..<60 {
            let zone = try zone(RandomRules.zones.randomElement(using: &rules.random) ?? "UTC")
            let rule = try rules.rule(Self.short)
            let start = rules.start(in: zone)
            let all = RuleOracle(rule: rule, start: start).instants(
                hours: rule.frequency == .hourly ? 96 : 6,
                in: zone
            )
            let expected = Array(all.prefix(500))
            let anchored = AnchoredRule(rule, start: start)
            let found = Array(anchored.occurrences(after: .min, in: zone).prefix(expected.count))
            #expect(found == expected, "\(rule) from \(start) in \(zone)")
            guard !expected.isEmpty else { continue }
            let count = Int.random(in: 1...expected.count, using: &rules.random)
            let counted = AnchoredRule(try RecurrenceRule("\(rule.text);COUNT=\(count)"), start: start)
            #expect(Array(counted.occurrences(after: .min, in: zone)) == Array(expected.prefix(count)))
            #expect(counted.next(after: expected[count - 1], in: zone) == nil, "\(counted) in \(zone)")
            #expect(counted.next(after: expected[count - 1] - 1, in: zone) == expected[count - 1])
        }
    }

    @Test(arguments: seeds)
    func `the next occurrence is later, and the same for every instant before it`(seed: UInt64) throws {
        var rules = RandomRules(seed: seed)
        for _ in 0..<400 {
            let zone = try zone(RandomRules.zones.randomElement(using: &rules.random) ?? "UTC")
            let rule = AnchoredRule(try rules.rule(Self.long + Self.short), start: rules.start(in: zone))
            var at = zone.instants(of: rules.start(in: zone)).resolved
            for _ in 0..<6 {
                guard let next = rule.next(after: at, in: zone) else { break }
                #expect(next > at)
                for _ in 0..<4 {
                    let between = Timestamp(
                        milliseconds: Int64.random(in: at.milliseconds..<next.milliseconds, using: &rules.random)
                    )
                    #expect(rule.next(after: between, in: zone) == next, "\(rule) in \(zone) at \(between)")
                }
                #expect(rule.next(after: next - 1, in: zone) == next, "\(rule) in \(zone)")
                at = next
            }
        }
    }

    @Test(arguments: seeds)
    func `every rule reads back from its normal form and has words`(seed: UInt64) throws {
        var rules = RandomRules(seed: seed)
        for _ in 0..<500 {
            let rule = try rules.rule(Self.long + Self.short)
            #expect(try RecurrenceRule(rule.text.lowercased()) == rule)
            #expect(rule.words.hasPrefix("every "))
            #expect(!rule.words.contains("  ") && !rule.words.hasSuffix(" "))
        }
    }
}

import Recurrence
import Testing

/// What holds for every expression in every zone.
struct CronPropertyTests {
    private static let zones = [
        "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "Africa/Casablanca", "Pacific/Apia",
        "Europe/Dublin", "UTC", "Asia/Gaza", "America/Havana", "Africa/Cairo", "America/Santiago", "Asia/Tehran",
        "Pacific/Chatham", "Pacific/Kiritimati", "America/Nuuk",
    ]

    private static func zone(_ random: inout SeededGenerator) throws -> Zone {
        try fixtureZones.zone(named: zones[Int.random(in: 0..<zones.count, using: &random)])
    }

    /// A change of a zone between 1980 and 2040, at a whole minute.
    private static func change(of zone: Zone, _ random: inout SeededGenerator) -> Timestamp {
        let start = Timestamp(seconds: Int64.random(in: 5_259_492...36_816_480, using: &random) * 60)
        return zone.nextTransition(after: start) ?? start
    }

    private static func expression(_ cron: RandomCron) throws -> CronExpression? {
        do {
            return try CronExpression(cron.text)
        } catch  where error.code == .neverComes {
            return nil
        }
    }

    @Test(arguments: seeds)
    func `near changes of the clocks the occurrences are those of a watched clock`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var count = 0
        for _ in 0..<60 {
            let zone = try Self.zone(&random)
            let change = Self.change(of: zone, &random)
            let (start, end) = (change - 14_400_000, change + 93_600_000)
            for _ in 0..<3 {
                let wall = zone.civil(at: change + Int64.random(in: -120...120, using: &random) * 60_000)
                let cron = RandomCron(withSeconds: false, near: wall, &random)
                guard let expression = try Self.expression(cron) else { continue }
                let expected = WatchedClock.occurrences(of: cron, in: zone, from: start, to: end, tick: 60_000)
                var found: [Timestamp] = []
                var last = start
                while let next = expression.next(after: last, in: zone), next <= end {
                    found.append(next)
                    last = next
                }
                #expect(found == expected, "seed \(seed): \(cron.text) in \(zone) from \(start)")
                count += found.count
            }
        }
        #expect(count > 300)
    }

    @Test(arguments: seeds)
    func `seconds too are those of a watched clock`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<25 {
            let zone = try Self.zone(&random)
            let change = Self.change(of: zone, &random)
            let (start, end) = (change - 600_000, change + 4_200_000)
            let wall = zone.civil(at: change + Int64.random(in: -1800...1800, using: &random) * 1000)
            let cron = RandomCron(withSeconds: true, near: wall, &random)
            guard let expression = try Self.expression(cron) else { continue }
            let expected = WatchedClock.occurrences(of: cron, in: zone, from: start, to: end, tick: 1000)
            var found: [Timestamp] = []
            var last = start
            while let next = expression.next(after: last, in: zone), next <= end {
                found.append(next)
                last = next
            }
            #expect(found == expected, "seed \(seed): \(cron.text) in \(zone) from \(start)")
        }
    }

    @Test(arguments: seeds)
    func `the next day is the first one that fits`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<250 {
            let day = CivilDate(daysSinceEpoch: Int.random(in: -700_000...2_900_000, using: &random))
            let start = CivilDateTime(date: day, time: .midnight)
            let cron = RandomCron(withSeconds: Bool.random(using: &random), near: start, &random)
            guard let expression = try Self.expression(cron) else { continue }
            let expected = (1...2000).map(day.adding(days:)).first(where: cron.matchesDay)
            let endOfDay = CivilDateTime(localMilliseconds: start.localMilliseconds + 86_399_999)
            let next = expression.nextWall(after: endOfDay)
            if let expected {
                #expect(next?.date == expected, "seed \(seed): \(cron.text) after \(day)")
            } else if let next {
                #expect(next.date > day.adding(days: 2000), "seed \(seed): \(cron.text) after \(day)")
            }
            if let next { #expect(cron.matches(next), "seed \(seed): \(cron.text) has \(next)") }
        }
    }

    /// Zones of the fixtures and, where there are any, of the system.
    private static var allZones: [Zone] {
        let system = ZoneLoader(folders: ZoneLoader.usualFolders)
        return (zones.compactMap { try? fixtureZones.zone(named: $0) })
            + system.zoneNames().compactMap { try? system.zone(named: $0) }
    }

    @Test(arguments: seeds)
    func `the next occurrence is later, and the same for every instant before it`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for zone in Self.allZones {
            for _ in 0..<3 {
                let far = Int64.random(in: Timestamp.min.milliseconds...Timestamp.max.milliseconds, using: &random)
                let start =
                    Bool.random(using: &random)
                    ? Timestamp(milliseconds: far)
                    : Self.change(of: zone, &random) + Int64.random(in: -9_000_000...9_000_000, using: &random)
                let cron = RandomCron(withSeconds: Bool.random(using: &random), near: zone.civil(at: start), &random)
                guard let expression = try Self.expression(cron) else { continue }
                var last = start
                for _ in 0..<3 {
                    guard let next = expression.next(after: last, in: zone) else { break }
                    #expect(next > last)
                    for _ in 0..<3 {
                        let between = last + Int64.random(in: 0..<(next - last), using: &random)
                        #expect(
                            expression.next(after: between, in: zone) == next,
                            "seed \(seed): \(cron.text) in \(zone) from \(between)"
                        )
                    }
                    #expect(expression.next(after: next - 1, in: zone) == next)
                    let isShifted = expression.mark(of: next, after: nil, in: zone) == .shifted
                    #expect(
                        cron.matches(zone.civil(at: next)) != isShifted,
                        "seed \(seed): \(cron.text) in \(zone) at \(next)"
                    )
                    last = next
                }
            }
        }
    }

    @Test(arguments: seeds)
    func `a new plan with the same rules goes on where the old one was`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<250 {
            let zone = try Self.zone(&random)
            let start = Self.change(of: zone, &random) + Int64.random(in: -9_000_000...9_000_000, using: &random)
            let cron = RandomCron(withSeconds: false, near: zone.civil(at: start), &random)
            guard !cron.followsElapsedTime, let expression = try Self.expression(cron),
                let first = expression.next(after: start, in: zone)
            else { continue }
            let second = expression.next(after: first, in: zone)
            #expect(
                expression.next(afterWall: zone.civil(at: first), in: zone) == second,
                "seed \(seed): \(cron.text) in \(zone) after \(first)"
            )
        }
    }

    @Test(arguments: seeds)
    func `no text crashes the reader, and what it accepts has words and ends`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let zone = try fixtureZones.zone(named: "Antarctica/Troll")
        let pieces = [
            "*", "/", "-", ",", "?", "+", "#", "L", "W", "L-", "LW", "0", "1", "7", "15", "31", "59", "2027", "MON",
            "fri",
            "JAN", "feb", " ", "  ", "\t", "é", "🕘", "\0", "@daily", "@", "99999999999999999999", "5#5", "*/5", "٣",
            "\r\n",
        ]
        for round in 0..<6000 {
            var text: String
            if round % 3 == 0 {
                text = String(
                    decoding: (0..<Int.random(in: 0...30, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    },
                    as: UTF8.self
                )
            } else {
                let fields = (0..<Int.random(in: 4...8, using: &random)).map { _ in
                    (0..<Int.random(in: 1...3, using: &random)).map { _ in
                        pieces[Int.random(in: 0..<(round % 3 == 1 ? 21 : pieces.count), using: &random)]
                    }.joined()
                }
                text = fields.joined(separator: " ")
            }
            let expression: CronExpression
            do {
                expression = try CronExpression(text)
            } catch {
                #expect(error.message.hasSuffix("."))
                continue
            }
            #expect(!expression.words.isEmpty)
            #expect(try CronExpression(expression.text) == expression)
            let start = Timestamp(
                milliseconds: .random(in: Timestamp.min.milliseconds...Timestamp.max.milliseconds, using: &random)
            )
            if let next = expression.next(after: start, in: zone) { #expect(next > start) }
        }
    }

    @Test(arguments: seeds)
    func `zones that change often and oddly are followed too`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            var sample = TZifSample()
            sample.names = "A\0"
            sample.types = (0..<5).map { _ in (Int32.random(in: -1499...1499, using: &random) * 60, false, 0) }
            var time: Int64 = 1_000_000_020
            for _ in 0..<40 {
                sample.transitions.append((time, UInt8.random(in: 0..<5, using: &random)))
                time += Int64.random(in: 1...2000, using: &random) * 60
            }
            let zone = try Zone(identifier: "Odd/Odd", tzif: sample.bytes)
            // Far enough before the first change for the watched clock to know how late it has been.
            let (start, end) = (Timestamp(seconds: 1_000_000_020 - 60), Timestamp(seconds: time + 3600))
            let wall = zone.civil(at: Timestamp(seconds: Int64.random(in: 1_000_000_000...time, using: &random)))
            let cron = RandomCron(withSeconds: false, near: wall, &random)
            guard let expression = try Self.expression(cron) else { continue }
            let expected = WatchedClock.occurrences(of: cron, in: zone, from: start, to: end, tick: 60_000)
            var found: [Timestamp] = []
            var last = start
            while let next = expression.next(after: last, in: zone), next <= end {
                found.append(next)
                last = next
            }
            #expect(found == expected, "seed \(seed): \(cron.text)")
        }
    }
}

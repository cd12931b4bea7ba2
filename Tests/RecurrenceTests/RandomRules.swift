import Recurrence

/// Random rules that parse, and starts near a zone's changes.
struct RandomRules {
    var random: SeededGenerator

    static let zones = [
        "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "Africa/Casablanca", "Pacific/Apia",
        "Europe/Dublin", "UTC", "America/Santiago", "Asia/Gaza", "Asia/Tokyo", "Africa/Monrovia", "America/Havana",
    ]

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    mutating func pick(_ range: ClosedRange<Int>, most: Int, signed: Bool = false) -> String {
        (0..<Int.random(in: 1...most, using: &random)).map { _ in
            let number = Int.random(in: range, using: &random)
            return String(signed && chance(3) ? -number : number)
        }.joined(separator: ",")
    }

    private mutating func days(ordinals: Int?) -> String {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in
            let code = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].randomElement(using: &random) ?? "MO"
            guard let ordinals, chance(2) else { return code }
            return "\(chance(2) ? "-" : "")\(Int.random(in: 1...ordinals, using: &random))\(code)"
        }.joined(separator: ",")
    }

    /// A rule without COUNT and UNTIL.
    mutating func rule(_ frequencies: [RecurrenceRule.Frequency]) throws -> RecurrenceRule {
        let frequency = frequencies.randomElement(using: &random) ?? .daily
        let name = "\(frequency)".uppercased()
        var parts = ["FREQ=\(name)"]
        let isLong = frequency >= .daily
        if chance(2) { parts.append("INTERVAL=\(Int.random(in: 1...(isLong ? 4 : 50), using: &random))") }
        let before = parts.count
        let byMonth = chance(4)
        if byMonth { parts.append("BYMONTH=\(pick(1...12, most: 4))") }
        let byWeek = frequency == .yearly && chance(4)
        if byWeek { parts.append("BYWEEKNO=\(pick(1...53, most: 4, signed: true))") }
        if frequency == .yearly && chance(4) || frequency < .daily && chance(8) {
            parts.append("BYYEARDAY=\(pick(1...366, most: isLong ? 5 : 100, signed: true))")
        }
        if frequency != .weekly, chance(4) { parts.append("BYMONTHDAY=\(pick(1...31, most: 5, signed: true))") }
        if chance(2) {
            let ordinals =
                frequency == .monthly || frequency == .yearly && byMonth ? 5 : frequency == .yearly ? 53 : nil
            parts.append("BYDAY=\(days(ordinals: byWeek ? nil : ordinals))")
        }
        if chance(3) { parts.append("BYHOUR=\(pick(0...(isLong && chance(2) ? 4 : 23), most: 4))") }
        if chance(3) { parts.append("BYMINUTE=\(pick(0...59, most: 3))") }
        if chance(6) { parts.append("BYSECOND=\(pick(0...59, most: 2))") }
        if parts.count > before, chance(4) { parts.append("BYSETPOS=\(pick(1...5, most: 2, signed: true))") }
        if chance(4) { parts.append("WKST=\(days(ordinals: nil).prefix(2))") }
        parts.shuffle(using: &random)
        return try RecurrenceRule(parts.joined(separator: ";"))
    }

    /// A wall time within some hours or days of one of a zone's changes.
    mutating func start(in zone: Zone) -> CivilDateTime {
        let span: ClosedRange<Int64> =
            zone.identifier == "Africa/Monrovia" ? 0...94_694_400 : 1_262_304_000...2_208_988_800
        let any = Timestamp(seconds: Int64.random(in: span, using: &random))
        let change = zone.nextTransition(after: any) ?? any
        let distance = Int64.random(in: chance(2) ? -18_000...18_000 : -900_000...900_000, using: &random)
        return zone.civil(at: Timestamp(seconds: change.milliseconds / 1000 + distance))
    }
}

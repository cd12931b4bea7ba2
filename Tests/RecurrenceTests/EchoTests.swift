import Recurrence
import Testing

struct EchoTests {
    @Test(arguments: [
        ("2026-11-24T00:00:00Z", "Asia/Tokyo", "Tue 24 Nov 2026 09:00 JST (+09:00)"),
        ("2026-11-24T00:00:00Z", "UTC", "Tue 24 Nov 2026 00:00 UTC (+00:00)"),
        ("2026-11-24T00:00:05Z", "America/New_York", "Mon 23 Nov 2026 19:00:05 EST (-05:00)"),
        ("2026-11-24T00:00:00.25Z", "Asia/Kolkata", "Tue 24 Nov 2026 05:30:00.250 IST (+05:30)"),
        ("2026-01-01T00:00:00Z", "America/Sao_Paulo", "Wed 31 Dec 2025 21:00 (-03:00)"),
        ("2026-01-01T00:00:00Z", "+09:00", "Thu 1 Jan 2026 09:00 (+09:00)"),
        ("9999-12-31T23:59:59Z", "Europe/Berlin", "Fri 31 Dec 9999 23:59:59 UTC (+00:00)"),
        ("0001-01-01T00:00:00Z", "America/New_York", "Mon 1 Jan 0001 00:00 UTC (+00:00)"),
        ("1970-01-01T00:00:00Z", "Africa/Monrovia", "Wed 31 Dec 1969 23:15:30 MMT (-00:44:30)"),
    ])
    func `an instant is described in its zone`(time: String, name: String, expected: String) throws {
        #expect(describe(try instant(time), in: try zone(name)) == expected)
    }

    @Test(
        arguments: [
            (11_520_000, "in 3 h 12 min"), (11_559_000, "in 3 h 12 min"), (-120_000, "2 min ago"), (0, "now"),
            (499, "now"),
            (-499, "now"), (500, "in 1 s"), (600_000, "in 10 min"), (599_995, "in 10 min"), (90_000, "in 1 min 30 s"),
            (86_400_000, "in 1 d"), (86_700_000, "in 1 d"), (-97_200_000, "1 d 3 h ago"), (3_605_000, "in 1 h"),
            (31_536_000_000, "in 365 d"),
        ] as [(Int64, String)]
    )
    func `a distance is told in its two largest units`(milliseconds: Int64, expected: String) {
        let now = Timestamp(seconds: 1_790_000_000)
        #expect(distance(from: now, to: now + milliseconds) == expected)
    }
}

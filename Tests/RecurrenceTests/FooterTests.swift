import Recurrence
import Testing

/// The TZ string in the last line of a TZif file.
struct FooterTests {
    /// A zone that consists of a footer alone.
    private func zone(footer: String, version: Character = "3") throws -> Zone {
        try Zone(identifier: "Test", tzif: TZifSample(version: version, footer: footer).bytes)
    }

    @Test(arguments: [
        // Negative daylight saving: Dublin's winter is the exception (RFC 9636 §3.3.1).
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2050-01-15T00:00:00Z", 0, "GMT", true),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2050-07-15T00:00:00Z", 3600, "IST", false),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2050-03-27T00:59:59Z", 0, "GMT", true),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2050-03-27T01:00:00Z", 3600, "IST", false),
        // Nuuk: a time before the day begins, and names in angle brackets.
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T00:59:59Z", -7200, "-02", false),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-03-27T01:00:00Z", -3600, "-01", true),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-10-30T01:00:00Z", -7200, "-02", false),
        // Gaza: a time 50 hours after the day begins (the fourth Thursday of March, then Saturday 02:00).
        ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2050-03-25T23:59:59Z", 7200, "EET", false),
        ("EET-2EEST,M3.4.4/50,M10.4.4/50", "2050-03-26T00:00:00Z", 10_800, "EEST", true),
        // Daylight saving all year: each end is the next beginning.
        ("XXX3EDT4,0/0,J365/23", "2050-01-01T03:00:00Z", -14_400, "EDT", true),
        ("XXX3EDT4,0/0,J365/23", "2051-12-31T23:59:59Z", -14_400, "EDT", true),
        // Each end lies an hour after the next beginning: still all year.
        ("XXX3EDT4,0/0,J365/24", "2050-06-01T00:00:00Z", -14_400, "EDT", true),
        // Julian days: J60 is 1 March in every year, 59 is 29 February in leap years only.
        ("AAA0BBB,J60/0,J300/0", "2028-02-29T23:59:59Z", 0, "AAA", false),
        ("AAA0BBB,J60/0,J300/0", "2028-03-01T00:00:00Z", 3600, "BBB", true),
        ("AAA0BBB,J60/0,J300/0", "2027-03-01T00:00:00Z", 3600, "BBB", true),
        ("AAA0BBB,J59/0,J300/0", "2028-02-27T23:59:59Z", 0, "AAA", false),
        ("AAA0BBB,J59/0,J300/0", "2028-02-28T00:00:00Z", 3600, "BBB", true),
        ("AAA0BBB,59/0,300/0", "2028-02-29T00:00:00Z", 3600, "BBB", true),
        ("AAA0BBB,59/0,300/0", "2027-02-28T23:59:59Z", 0, "AAA", false),
        ("AAA0BBB,59/0,300/0", "2027-03-01T00:00:00Z", 3600, "BBB", true),
        // South of the equator the new year lies within daylight saving; offsets may have minutes and seconds.
        ("<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45", "2050-01-01T00:00:00Z", 49_500, "+1345", true),
        ("LMT-0:44:30", "2050-01-01T00:00:00Z", 2670, "LMT", false),
        ("EST5EDT,M3.2.0,M11.1.0", "0001-07-01T00:00:00Z", -14_400, "EDT", true),
        ("EST5EDT,M3.2.0,M11.1.0", "9999-12-31T23:59:59Z", -18_000, "EST", false),
    ])
    func `a footer says what holds`(
        footer: String,
        time: String,
        offset: Int,
        abbreviation: String,
        isDaylight: Bool
    ) throws {
        let zone = try zone(footer: footer)
        let moment = try instant(time)
        #expect(zone.offset(at: moment) == offset)
        #expect(zone.abbreviation(at: moment) == abbreviation)
        #expect(zone.isDaylightSaving(at: moment) == isDaylight)
    }

    @Test(arguments: [
        "EST", "E5", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,M3.2.0,M11.1.0,", "EST26", "EST5EDT,J0,J1", "EST5EDT,366,1", "EST5EDT,M3.2.0/168,M11.1.0", "<+03-3",
        "<+3>-3",
        "EST5:60", "EST5EDT,M3.2.0/,M11.1.0", ":Europe/Berlin", "EST999999999999999999999", "-", "É5",
    ])
    func `a footer that is no TZ string is refused`(footer: String) {
        #expect(throws: ZoneError.self) { try zone(footer: footer) }
    }

    @Test(arguments: ["2", "3", "4"] as [Character])
    func `every version with a footer is read`(version: Character) throws {
        #expect(try zone(footer: "XYZ-3", version: version).offset(at: .max) == 10_800)
    }

    @Test func `version 1 has 32-bit times and no footer`() throws {
        var bytes = Array("TZif".utf8) + [UInt8](repeating: 0, count: 16)
        for count in [0, 0, 0, 1, 2, 8] as [UInt32] { bytes += TZifSample.bigEndian(count) }
        bytes += TZifSample.bigEndian(Int32(-1000)) + [1]
        bytes += TZifSample.bigEndian(Int32(60)) + [0, 0] + TZifSample.bigEndian(Int32(3600)) + [1, 4]
        bytes += Array("LMT\0CET\0".utf8)
        let zone = try Zone(identifier: "Old", tzif: bytes)
        #expect(zone.offset(at: Timestamp(seconds: -1001)) == 60)
        #expect(zone.offset(at: Timestamp(seconds: -1000)) == 3600)
        #expect(zone.abbreviation(at: .max) == "CET")
        #expect(zone.nextTransition(after: .min) == Timestamp(seconds: -1000))
    }

    @Test func `transitions beyond the calendar do no harm`() throws {
        var sample = TZifSample(
            transitions: [(.min, 1), (-1 << 59, 0), (0, 1), (1 << 40, 0), (.max, 1)],
            types: [(0, false, 0), (3600, false, 4)],
            names: "AAA\0BBB\0"
        )
        let zone = try Zone(identifier: "Test", tzif: sample.bytes)
        #expect(zone.abbreviation(at: .min) == "AAA")
        #expect(zone.abbreviation(at: .max) == "BBB")
        #expect(zone.nextTransition(after: .min) == Timestamp(seconds: 0))
        #expect(zone.nextTransition(after: Timestamp(seconds: 0)) == nil)
        sample.footer = "EST5EDT,M3.2.0,M11.1.0"
        #expect(try Zone(identifier: "Test", tzif: sample.bytes).abbreviation(at: .max) == "BBB")
    }
}

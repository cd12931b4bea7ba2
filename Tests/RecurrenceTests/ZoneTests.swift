import Foundation
import Recurrence
import Testing

/// What zones answer, against Python's zoneinfo and against known oddities.
struct ZoneTests {
    @Test func `offsets, names and wall times are those of Python's zoneinfo`() throws {
        let table = try String(contentsOf: fixtures.appending(path: "zone-samples.tsv"), encoding: .utf8)
        var zones: [String: Zone] = [:]
        var count = 0
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: "\t").map(String.init)
            let name = fields[0]
            let zone = try zones[name] ?? zone(name)
            zones[name] = zone
            let numbers = fields.compactMap(Int64.init)
            if fields[1] == "at" {
                let moment = Timestamp(seconds: numbers[0])
                #expect(zone.offset(at: moment) == Int(numbers[1]), "\(line)")
                #expect(zone.abbreviation(at: moment) == fields[4], "\(line)")
                #expect(zone.isDaylightSaving(at: moment) == (fields[5] == "1"), "\(line)")
            } else {
                let wall = CivilDateTime(localMilliseconds: numbers[0] * 1000)
                let (first, second) = (Timestamp(seconds: numbers[1]), Timestamp(seconds: numbers[2]))
                switch zone.instants(of: wall) {
                case .one(let only): #expect(only == first && only == second, "\(line)")
                case .gap(let before, let after, _):
                    #expect(before == first && after == second && first > second, "\(line)")
                case .overlap(let one, let two): #expect(one == first && two == second && first < second, "\(line)")
                }
            }
            count += 1
        }
        #expect(count > 2000)
        #expect(zones.count == 21)
    }

    @Test(arguments: [
        // 30 minutes; 2 hours; Ramadan ends; a lost day.
        ("Australia/Lord_Howe", "2025-10-05T02:15:00", "02:45+11:00", "01:45+10:30", "2025-10-05T02:30:00+11:00"),
        ("Antarctica/Troll", "2025-03-30T02:30:00", "04:30+02:00", "00:30Z", "2025-03-30T03:00:00+02:00"),
        ("Africa/Casablanca", "2025-04-06T02:30:00", "03:30+01:00", "01:30Z", "2025-04-06T03:00:00+01:00"),
        ("America/New_York", "2026-03-08T02:30:00", "03:30-04:00", "01:30-05:00", "2026-03-08T03:00:00-04:00"),
    ])
    func `a wall time in a gap has a reading on either side`(
        name: String,
        wall: String,
        before: String,
        after: String,
        end: String
    ) throws {
        let day = wall.prefix(11)
        let instants = try zone(name).instants(of: CivilDateTime(wall))
        #expect(
            instants == .gap(before: try instant(day + before), after: try instant(day + after), end: try instant(end))
        )
        #expect(instants.resolved == (try instant(day + before)))
        #expect(instants.isGap && !instants.isOverlap)
    }

    @Test func `the day that Apia lost lies in one gap of 24 hours`() throws {
        let apia = try zone("Pacific/Apia")
        for wall in ["2011-12-30T00:00:00", "2011-12-30T12:00:00", "2011-12-30T23:59:59.999"] {
            guard case .gap(let before, let after, let end) = apia.instants(of: try CivilDateTime(wall)) else {
                Issue.record("\(wall) is not in a gap")
                continue
            }
            #expect(before - after == 86_400_000)
            #expect(end == (try instant("2011-12-31T00:00:00+14:00")))
        }
        #expect(
            apia.instants(of: try CivilDateTime("2011-12-29T23:59:59"))
                == .one(try instant("2011-12-29T23:59:59-10:00"))
        )
        #expect(
            apia.instants(of: try CivilDateTime("2011-12-31T00:00:00"))
                == .one(try instant("2011-12-31T00:00:00+14:00"))
        )
    }

    @Test(arguments: [
        ("Australia/Lord_Howe", "2025-04-06T01:45:00", "+11:00", "+10:30"),
        ("Antarctica/Troll", "2025-10-26T02:00:00", "+02:00", "Z"),
        ("Africa/Casablanca", "2025-02-23T02:30:00", "+01:00", "Z"),
        ("America/New_York", "2026-11-01T01:30:00", "-04:00", "-05:00"),
        ("America/New_York", "9998-11-01T01:30:00", "-04:00", "-05:00"),
    ])
    func `a wall time in an overlap happens twice`(name: String, wall: String, first: String, second: String) throws {
        let instants = try zone(name).instants(of: CivilDateTime(wall))
        #expect(instants == .overlap(first: try instant(wall + first), second: try instant(wall + second)))
        #expect(instants.resolved == (try instant(wall + first)))
    }

    @Test func `Monrovia kept an offset with seconds until 1972`() throws {
        let monrovia = try zone("Africa/Monrovia")
        #expect(monrovia.offset(at: try instant("1972-01-06T23:59:59Z")) == -2670)
        #expect(
            monrovia.nextTransition(after: try instant("1971-01-01T00:00:00Z")) == (try instant("1972-01-07T00:44:30Z"))
        )
        #expect(monrovia.civil(at: Timestamp(seconds: 0)).description == "1969-12-31T23:15:30")
        #expect(
            monrovia.instants(of: try CivilDateTime("1972-01-07T00:10:00"))
                == .gap(
                    before: try instant("1972-01-07T00:54:30Z"),
                    after: try instant("1972-01-07T00:10:00Z"),
                    end: try instant("1972-01-07T00:44:30Z")
                )
        )
    }

    @Test func `transitions follow each other by the footer to the year 9999`() throws {
        let newYork = try zone("America/New_York")
        var moment = try instant("2200-01-01T00:00:00Z")
        var count = 0
        while let next = newYork.nextTransition(after: moment) {
            #expect(newYork.offset(at: next) != newYork.offset(at: next - 1))
            #expect(newYork.lastTransition(atOrBefore: next) == next)
            #expect(newYork.lastTransition(atOrBefore: next - 1) ?? .min <= moment)
            moment = next
            count += 1
        }
        #expect(count == 2 * 7800)
        #expect(moment == (try instant("9999-11-07T06:00:00Z")))
        #expect(try zone("Asia/Kolkata").nextTransition(after: moment) == nil)
        #expect(Zone.utc.nextTransition(after: .min) == nil)
        #expect(Zone.utc.lastTransition(atOrBefore: .max) == nil)
    }

    @Test(arguments: [
        ("+09:00", "+09:00", 32_400), ("-03:30", "-03:30", -12_600), ("+0900", "+09:00", 32_400),
        ("-08", "-08:00", -28_800),
        ("+00:00", "UTC", 0), ("utc", "UTC", 0), ("Z", "UTC", 0), ("+23:59", "+23:59", 86_340),
    ])
    func `fixed offsets are zones`(name: String, identifier: String, offset: Int) throws {
        let zone = try ZoneLoader(folders: []).zone(named: name)
        #expect(zone.identifier == identifier)
        #expect(zone.offset(at: .min) == offset)
        #expect(zone.offset(at: .max) == offset)
    }

    @Test func `zones are equal by name and data`() throws {
        let bytes = TZifSample(footer: "EST5EDT,M3.2.0,M11.1.0").bytes
        let other = TZifSample(footer: "EST5EDT,M3.2.0,M11.2.0").bytes
        let zone = try Zone(identifier: "A", tzif: bytes)
        #expect(try zone == Zone(identifier: "A", tzif: bytes))
        #expect(try zone != Zone(identifier: "B", tzif: bytes))
        #expect(try zone != Zone(identifier: "A", tzif: other))
        #expect(try Set([zone, Zone(identifier: "A", tzif: bytes), Zone(identifier: "A", tzif: other)]).count == 2)
    }
}

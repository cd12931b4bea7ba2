import Foundation
import Testing

@testable import Recurrence

/// The recorded RRULE cases, on which independent programs agree or of which the reading is decided.
struct RuleVectorTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let id: String
        let expr: String
        let tz: String
        let dtstart: String
        let exdate: [String]?
        let rdate: [String]?
        let expected: [String]

        var testDescription: String { "\(id): \(expr) from \(dtstart) in \(tz)" }
    }

    static func cases() throws -> [Case] {
        try JSONDecoder().decode([Case].self, from: Data(contentsOf: fixtures.appending(path: "rrule.json")))
    }

    @Test func `there are 45 cases`() throws {
        #expect(try Self.cases().count == 45)
    }

    @Test(arguments: try RuleVectorTests.cases())
    func `a rule occurs as recorded`(vector: Case) throws {
        let zone = try zone(vector.tz)
        let rule = AnchoredRule(try RecurrenceRule(vector.expr), start: try wall(basic: vector.dtstart))
        let instants = { (texts: [String]?) in try (texts ?? []).map { zone.instants(of: try wall(basic: $0)).resolved }
        }
        let excluded = Set(try instants(vector.exdate))
        // A record holds the first five, or six, and fewer where the rule ends.
        let own = rule.occurrences(after: .min, in: zone).prefix(10)
        let all = Set(own).union(try instants(vector.rdate)).subtracting(excluded).sorted()
        let found = all.prefix(vector.expected.count < 5 ? 10 : vector.expected.count)
        #expect(try Array(found) == vector.expected.map(instant))
    }
}

/// Reads a wall time such as `20260308T023000`.
func wall(basic text: String) throws -> CivilDateTime {
    guard case .wall(let wall) = BasicMoment(text) else { throw TestFailure(description: "\(text) is no wall time") }
    return wall
}

import Foundation
import Recurrence
import Testing

/// The recorded one-shot cases, on which independent programs agree.
struct OnceVectorTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let id: String
        let expr: String
        let tz: String
        let from: String?
        let expected: Expected

        var testDescription: String { "\(id): \(expr) in \(tz)" }
    }

    enum Expected: Decodable, Sendable {
        case refused
        case instants([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            self = (try? container.decode([String].self)).map(Expected.instants) ?? .refused
        }
    }

    static func cases() throws -> [Case] {
        try JSONDecoder().decode([Case].self, from: Data(contentsOf: fixtures.appending(path: "once.json")))
    }

    @Test func `there are 49 cases`() throws {
        #expect(try Self.cases().count == 49)
    }

    @Test(arguments: try OnceVectorTests.cases())
    func `a one-shot means the recorded instant`(vector: Case) throws {
        let zone = try zone(vector.tz)
        let now = try vector.from.map(instant) ?? Timestamp(milliseconds: 0)
        switch vector.expected {
        case .refused:
            #expect(throws: TimeExpressionError.self) {
                try TimeExpression(vector.expr).resolve(now: now, in: zone)
            }
        case .instants(let expected):
            let resolved = try TimeExpression(vector.expr).resolve(now: now, in: zone)
            let schedule = Schedule(rules: [resolved.rule], zone: zone)
            // The stored rule must give the same instant as the expression that it came from.
            let fired = Array(schedule.occurrences(after: min(now, resolved.at - 1)))
            #expect(fired == [resolved.at])
            #expect(try fired == expected.map(instant))
            let printed = resolved.at.rfc3339(in: zone).replacingOccurrences(of: "Z", with: "+00:00")
            #expect([printed.replacingOccurrences(of: ".000", with: "")] == expected)
        }
    }
}

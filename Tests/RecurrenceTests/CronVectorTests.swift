import Foundation
import Recurrence
import Testing

/// The recorded cron cases, on which independent programs were asked.
struct CronVectorTests {
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let id: String
        let expr: String
        let tz: String
        let from: String
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
        try JSONDecoder().decode([Case].self, from: Data(contentsOf: fixtures.appending(path: "cron.json")))
    }

    @Test func `there are 126 cases`() throws {
        #expect(try Self.cases().count == 126)
    }

    @Test(arguments: try CronVectorTests.cases())
    func `an expression has the recorded occurrences`(vector: Case) throws {
        guard case .instants(let expected) = vector.expected else {
            #expect(throws: CronError.self) { try CronExpression(vector.expr) }
            return
        }
        let zone = try zone(vector.tz)
        var last = try instant(vector.from)
        let expression: CronExpression
        do {
            expression = try CronExpression(vector.expr)
        } catch {
            // What never comes is told when it is entered.
            #expect(error.code == .neverComes && expected.isEmpty)
            return
        }
        var fired: [String] = []
        while fired.count < 5, let next = expression.next(after: last, in: zone) {
            let printed = next.rfc3339(in: zone).replacingOccurrences(of: "Z", with: "+00:00")
            fired.append(printed.replacingOccurrences(of: ".000", with: ""))
            last = next
        }
        #expect(fired == expected)
    }
}

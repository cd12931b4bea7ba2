import CAllocations
import Foundation
import Recurrence

/// Measures `next(after:)` of the rules in a file.
///
///     recurrence time CASES                     a line of JSON for each rule
///     recurrence allocations CASES [--deliberate]
///                                               exits with 1 where a step asks for memory, as one does on purpose with
///                                               --deliberate
@main
enum RecurrenceBenchmark {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 2 else { throw Failure("usage: recurrence time|allocations CASES [--deliberate]") }
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(filePath: arguments[1])))
        switch (arguments[0], arguments.dropFirst(2)) {
        case ("time", []):
            for element in cases { print(try element.timed()) }
        case ("allocations", []):
            exit(try count(in: cases) { $0.next(after: $1) })
        case ("allocations", ["--deliberate"]):
            exit(try count(in: cases) { schedule, last in [last].compactMap { schedule.next(after: $0) }.first })
        default:
            throw Failure("usage: recurrence time|allocations CASES [--deliberate]")
        }
    }

    /// Counts what a thousand steps of each rule ask for; 1 when any asked for memory.
    private static func count(in cases: [Case], step: (Schedule, Timestamp) -> Timestamp?) throws -> Int32 {
        var status: Int32 = 0
        for element in cases {
            let schedule = try element.schedule()
            let first = Case.instants[0]
            var last = first
            let before = allocation_count()
            for _ in 0..<1000 { last = step(schedule, last) ?? first }
            let count = allocation_count() - before
            if count > 0 {
                status = 1
                print("\(element.name): 1000 steps asked for memory \(count) times")
            }
        }
        if status == 0 { print("\(cases.count) rules, 1000 steps each: none asked for memory") }
        return status
    }
}

import Announce
import Foundation

/// `swift run Simulation [FIRST [COUNT]]`: runs seeds and tells which violate what.
@main
enum Simulate {
    static func main() throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        let first = numbers.first ?? 1
        let count = numbers.dropFirst().first ?? 1
        var (violated, kills, faults) = (0, 0, 0)
        var outcomes: [Outcome: Int] = [:]
        for seed in first..<first + count {
            let run = try Run(seed: seed)
            (kills, faults) = (kills + run.kills, faults + run.faults)
            outcomes.merge(run.outcomes, uniquingKeysWith: +)
            let done = seed - first + 1
            if done % 1_000 == 0 { print("seeds \(seed - 999) to \(seed) are done, \(violated) violated a promise") }
            if run.violations.isEmpty { continue }
            violated += 1
            print("seed \(seed):")
            for violation in run.violations { print("  \(violation)") }
        }
        let ended = Outcome.allCases.compactMap { outcome in outcomes[outcome].map { "\(outcome.rawValue) \($0)" } }
        print(
            "Seeds \(first) to \(first + count - 1): \(kills) kills, \(faults) faults, "
                + "\(outcomes.values.reduce(0, +)) occurrences (\(ended.joined(separator: ", "))); "
                + "\(violated) of \(count) runs violate a promise."
        )
        if violated > 0 { exit(1) }
    }
}

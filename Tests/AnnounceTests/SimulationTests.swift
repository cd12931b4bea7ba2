import Foundation
import Testing

@testable import Simulation

/// Runs of the simulation; `swift run Simulation SEED` repeats one.
@Suite("Whatever happens, nothing is lost, nothing twice, and the records are true", .timeLimit(.minutes(5)))
struct SimulationTests {
    /// A run keeps its thread busy, so it gets one of its own.
    private func run(_ seed: UInt64) async throws -> Run {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try Run(seed: seed) }) }
        }
    }

    @Test func `No run violates a promise`() async throws {
        // `scripts/simulate` runs thousands.
        for seed in UInt64(1)...20 {
            let violations = try await run(seed).violations
            #expect(violations.isEmpty, "seed \(seed): \(violations)")
        }
    }

    @Test("A seed repeats its run", arguments: [3, 23, 296] as [UInt64])
    func repeats(seed: UInt64) async throws {
        let (first, second) = (try await run(seed), try await run(seed))
        #expect(first.outcomes == second.outcomes)
        #expect(first.kills == second.kills && first.faults == second.faults)
    }
}

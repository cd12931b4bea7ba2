import Announce
import AnnounceTestKit
import Testing

@Suite struct BackoffTests {
    @Test func `Waits double from the minimum to the maximum and are never the same for all`() {
        var generator = SeededGenerator(seed: 42)
        let backoff = Backoff.standard
        for (failures, ceiling) in [(0, 100), (1, 200), (5, 3_200), (8, 25_600), (9, 30_000), (500, 30_000)]
            as [(Int, Int64)]
        {
            let delays = (0..<200).map { _ in backoff.delay(after: failures, using: &generator) }
            #expect(delays.allSatisfy { max(100, ceiling / 2)...ceiling ~= $0 })
            if failures > 0 { #expect(Set(delays).count > 20) }
        }
    }
}

import AnnounceTestKit
import Recurrence
import Testing

@testable import Announce

/// What waits to be recorded, and how it is taken out.
struct BacklogTests {
    private func conclusion(_ token: String, _ count: Int) -> Conclusion {
        let settlements = (0..<count).map { number in
            let entry = QueueEntry(announcement: Int64(number + 1), planned: .at(.morning), priority: 3)
            return Settlement(entry: entry, deliveries: [], queued: [])
        }
        return Conclusion(.batch(token: token), settlements)
    }

    @Test("The first go, until they are as many, and the others stay in their order", arguments: 0...12)
    func parts(most: Int) {
        let all = [conclusion("a", 2), conclusion("b", 3), conclusion("c", 1), conclusion("d", 4)]
        var left = all
        let taken = left.take(most: most)
        #expect(taken + left == all)
        #expect(taken.dropLast().reduce(0) { $0 + $1.count } < max(most, 1))
        #expect(taken.reduce(0) { $0 + $1.count } >= min(most, 10))
    }
}

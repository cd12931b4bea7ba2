import AnnounceTestKit
import Testing

@testable import Announce

/// How fast messages go out.
@Suite struct PacerTests {
    private typealias Sent = (at: Duration, bytes: Int, messages: Int)
    private let start = ManualClock(wall: .morning).now

    /// Sends batches of random sizes as soon as they may go out, with a pause now and then.
    private func send(_ pace: Pace, batch: Int, seed: UInt64) -> [Sent] {
        var random = SeededGenerator(seed: seed)
        var pacer = Pacer<ManualClock.Instant>(pace, batch: batch)
        var now = start
        var sent: [Sent] = []
        for _ in 0..<400 {
            if Int.random(in: 0..<40, using: &random) == 0 { now = now.advanced(by: .seconds(2)) }
            now = pacer.opens(at: now) ?? now
            #expect(pacer.opens(at: now) == nil)
            let messages = Int.random(in: 1...batch, using: &random)
            let bytes = messages * Int.random(in: 40...800, using: &random)
            pacer.sent(bytes: bytes, messages: messages, at: now)
            sent.append((start.duration(to: now), bytes, messages))
        }
        return sent
    }

    @Test(
        "In no second does more go out than may run ahead, follow in it, and is in one batch",
        arguments: 1...20 as ClosedRange<UInt64>
    )
    func bytes(seed: UInt64) {
        var pace = Pace()
        (pace.bytesAhead, pace.bytesPerSecond) = (300_000, 1_000_000)
        let sent = send(pace, batch: 512, seed: seed)
        for (index, first) in sent.enumerated() {
            let window = sent[index...].prefix { $0.at - first.at <= .seconds(1) }
            let most = pace.bytesAhead + pace.bytesPerSecond + (window.map(\.bytes).max() ?? 0)
            #expect(window.reduce(0) { $0 + $1.bytes } <= most)
        }
        // It is no slower than it has to be.
        let (total, time) = (sent.reduce(0) { $0 + $1.bytes }, sent.last?.at ?? .zero)
        #expect(total > 1_000_000)
        #expect(time < .milliseconds(total / 1_000) + .seconds(2 * 40))
    }

    @Test("In no second do more messages go out than may", arguments: 1...20 as ClosedRange<UInt64>)
    func messages(seed: UInt64) {
        var pace = Pace()
        pace.messagesPerSecond = 5_000
        let sent = send(pace, batch: 512, seed: seed)
        for (index, first) in sent.enumerated() {
            let window = sent[index...].prefix { $0.at - first.at < .seconds(1) }
            #expect(window.reduce(0) { $0 + $1.messages } <= 5_000)
        }
    }

    @Test func `What runs ahead goes out at once, and a message that is larger than that all the same`() {
        var pacer = Pacer<ManualClock.Instant>(Pace(), batch: 512)
        pacer.sent(bytes: 8 << 20, messages: 1, at: start)
        #expect(pacer.opens(at: start) == nil)
        pacer.sent(bytes: 16 << 20, messages: 1, at: start)
        #expect(pacer.opens(at: start) == start.advanced(by: .seconds(1)))
        #expect(pacer.opens(at: start.advanced(by: .seconds(1))) == nil)
    }
}

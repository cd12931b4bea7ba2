/// How fast messages may go out, so that a burst does no harm to the servers that read them.
///
/// Redis cuts off a subscriber whose output buffer passes its limit (`client-output-buffer-limit`, by default
/// `pubsub 32mb 8mb 60`), and trims a stream before slow readers saw all of it.
public struct Pace: Hashable, Sendable {
    /// After a pause so many bytes may go out at once.
    public var bytesAhead = 8 << 20
    /// So many bytes a second may follow.
    public var bytesPerSecond = 16 << 20
    /// So many messages may go out in any second; nil for any number.
    public var messagesPerSecond: Int?

    /// The defaults.
    public init() {}
}

/// Says when the next batch may go out.
///
/// A batch goes out whole; what it is more than the pace allows at its moment, those after it wait for (the generic cell rate
/// algorithm, ITU-T I.371).
struct Pacer<Instant: InstantProtocol> where Instant.Duration == Swift.Duration {
    /// One of the measures that is kept.
    private struct Meter {
        let perSecond: Int
        let ahead: Int
        /// When all that went out is paid for.
        var paid: Instant?

        init(perSecond: Int, ahead: Int = 0) {
            (self.perSecond, self.ahead) = (max(1, perSecond), ahead)
        }

        /// When the next may go out.
        var opens: Instant? { paid.map { $0.advanced(by: .zero - time(for: ahead)) } }

        mutating func add(_ amount: Int, at now: Instant) {
            paid = max(paid ?? now, now).advanced(by: time(for: amount))
        }

        private func time(for amount: Int) -> Duration {
            .nanoseconds(Int64(Double(amount) / Double(perSecond) * 1e9))
        }
    }

    private var bytes: Meter
    private var messages: Meter?

    /// Makes a pacer.
    ///
    /// - Parameters:
    ///   - pace: how fast.
    ///   - batch: the most messages that go out together.
    init(_ pace: Pace, batch: Int) {
        bytes = Meter(perSecond: pace.bytesPerSecond, ahead: pace.bytesAhead)
        // What goes out in a second is what is paid for in it and the last batch.
        messages = pace.messagesPerSecond.map { Meter(perSecond: $0 - batch) }
    }

    /// When the next batch may go out; nil when it may now.
    func opens(at now: Instant) -> Instant? {
        guard let moment = [bytes.opens, messages?.opens].compactMap({ $0 }).max(), moment > now else { return nil }
        return moment
    }

    /// Something went out.
    mutating func sent(bytes: Int, messages: Int, at now: Instant) {
        self.bytes.add(bytes, at: now)
        self.messages?.add(messages, at: now)
    }
}

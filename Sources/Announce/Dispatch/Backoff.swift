/// How long to wait after a failure: twice as long after each one, never exactly as long as everybody else.
public struct Backoff: Hashable, Sendable {
    /// The shortest wait, in milliseconds.
    public let minimum: Int64
    /// The longest wait, in milliseconds.
    public let maximum: Int64

    /// From 0.1 s to 30 s, as Redis clients reconnect.
    public static let standard = Backoff(minimum: 100, maximum: 30_000)

    /// From 0.1 s to 1 s: how often Redis is asked for a sign of life, which costs nobody anything.
    static let probing = Backoff(minimum: 100, maximum: 1_000)

    /// Makes a backoff between two waits, in milliseconds.
    public init(minimum: Int64, maximum: Int64) {
        self.minimum = minimum
        self.maximum = maximum
    }

    /// The wait, in milliseconds, after `failures` failures in a row (0 counts as the first).
    ///
    /// It is random between half of the exponential delay and all of it, so that many that failed together do not return
    /// together.
    public func delay(after failures: Int, using generator: inout some RandomNumberGenerator) -> Int64 {
        let doublings = min(max(failures, 0), 32)
        let (product, overflow) = minimum.multipliedReportingOverflow(by: 1 << Int64(doublings))
        let ceiling = overflow ? maximum : min(product, maximum)
        return max(minimum, Int64.random(in: ceiling / 2...ceiling, using: &generator))
    }
}

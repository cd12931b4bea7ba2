import Recurrence

/// The one source of time: a monotonic clock to sleep by, and the wall clock that says when something is due.
///
/// It is made once, in the composition root, and handed to everything that needs time.
public protocol WallClock: Clock where Duration == Swift.Duration {
    /// Both clocks, read together.
    func reading() -> ClockReading<Instant>
}

extension WallClock {
    /// The wall clock now.
    public var wall: Timestamp { reading().wall }
}

/// Both clocks at one moment.
public struct ClockReading<Instant: InstantProtocol> where Instant.Duration == Swift.Duration {
    /// The wall clock, which an operator may step at any moment, in whole milliseconds.
    public let wall: Timestamp
    /// How far the wall clock is past `wall`, less than a millisecond.
    public let fraction: Duration
    /// The monotonic clock, which measures how long something takes.
    public let monotonic: Instant

    /// Makes a reading of two clocks.
    public init(wall: Timestamp, fraction: Duration = .zero, monotonic: Instant) {
        self.wall = wall
        self.fraction = fraction
        self.monotonic = monotonic
    }

    /// When, by the monotonic clock, the wall clock will show `time`, if nobody steps it.
    public func instant(of time: Timestamp) -> Instant {
        monotonic.advanced(by: .milliseconds(time - wall) - fraction)
    }
}

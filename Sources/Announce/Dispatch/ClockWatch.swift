import Recurrence

/// Notices that time did not pass as it should: the wall clock was stepped, or this process stood still.
///
/// What follows from it needs no path of its own: what is due is late, and is judged like everything that is late. It is said
/// so that an operator can explain it.
struct ClockWatch<C: WallClock> {
    /// What happened.
    enum Event: Equatable {
        /// The wall clock went so many milliseconds further than the monotonic one.
        case stepped(by: Int64)
        /// The process woke so many milliseconds later than it meant to: suspended, stopped, or starved.
        case stoodStill(for: Int64)
    }

    /// The smallest step that is told, in milliseconds: clocks are slewed by less.
    static var smallestStep: Int64 { 1_000 }
    /// The shortest standstill that is told, in milliseconds.
    static var shortestStandstill: Int64 { 2_000 }

    private var last: ClockReading<C.Instant>?
    private var deadline: C.Instant?

    /// Compares a reading with the one before.
    mutating func observe(_ reading: ClockReading<C.Instant>) -> Event? {
        defer {
            last = reading
            deadline = nil
        }
        guard let last else { return nil }
        let step = reading.wall - last.wall - last.monotonic.duration(to: reading.monotonic).milliseconds
        if abs(step) >= Self.smallestStep { return .stepped(by: step) }
        guard let deadline else { return nil }
        let late = deadline.duration(to: reading.monotonic).milliseconds
        return late >= Self.shortestStandstill ? .stoodStill(for: late) : nil
    }

    /// Notes that a sleep begins which ends at the latest at a moment.
    mutating func sleeps(until deadline: C.Instant) {
        self.deadline = deadline
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}

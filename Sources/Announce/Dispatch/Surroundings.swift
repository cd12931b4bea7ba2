/// What a simulation puts in place of the thread pool and of chance, so that a run can be repeated.
package enum Surroundings {
    /// Where tasks run that outlive the one that makes them; nil: on the thread pool.
    @TaskLocal package static var executor: (any TaskExecutor)?
    /// Where random numbers come from; nil: from the system.
    @TaskLocal package static var random: RandomSource?
}

/// Where random numbers come from.
///
/// A struct, for an optional function as a task-local value crashes in an optimised build (Swift 6.3.1).
package struct RandomSource: Sendable {
    let next: @Sendable () -> UInt64

    package init(next: @escaping @Sendable () -> UInt64) {
        self.next = next
    }
}

/// Random numbers from the surroundings.
struct Chance: RandomNumberGenerator {
    mutating func next() -> UInt64 {
        if let random = Surroundings.random { return random.next() }
        var system = SystemRandomNumberGenerator()
        return system.next()
    }
}

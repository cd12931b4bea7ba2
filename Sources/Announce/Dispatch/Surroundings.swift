/// What a simulation puts in place of the thread pool and of chance, so that a run can be repeated.
package enum Surroundings {
    /// Where tasks run that outlive the one that makes them; nil: on the thread pool.
    @TaskLocal package static var executor: (any TaskExecutor)?
    /// Where random numbers come from; nil: from the system.
    @TaskLocal package static var random: (@Sendable () -> UInt64)?
}

/// Random numbers from the surroundings.
struct Chance: RandomNumberGenerator {
    mutating func next() -> UInt64 {
        if let random = Surroundings.random { return random() }
        var system = SystemRandomNumberGenerator()
        return system.next()
    }
}

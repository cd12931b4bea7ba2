import Foundation

/// Runs tasks one job at a time on the thread that drives a simulation, in an order that repeats itself.
///
/// What is made ready on this thread waits its turn. While a call to the database is out, nothing else runs until its answer,
/// which comes from a thread of its own: so it does not matter how fast the database is.
final class StepExecutor: TaskExecutor {
    private let condition = NSCondition()
    private let driver = pthread_self()
    // Touched with the condition locked only.
    nonisolated(unsafe) private var own: [UnownedJob] = []
    nonisolated(unsafe) private var answers: [UnownedJob] = []

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.lock()
        if pthread_equal(pthread_self(), driver) != 0 {
            own.append(job)
        } else {
            answers.append(job)
            condition.signal()
        }
        condition.unlock()
    }

    /// Runs until nothing is ready; while there are calls to the database, their answers first.
    func run(calls: () -> Int) {
        while let job = next(waits: calls() > 0) { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private func next(waits: Bool) -> UnownedJob? {
        condition.lock()
        defer { condition.unlock() }
        while waits && answers.isEmpty { condition.wait() }
        if !answers.isEmpty { return answers.removeFirst() }
        return own.isEmpty ? nil : own.removeFirst()
    }
}

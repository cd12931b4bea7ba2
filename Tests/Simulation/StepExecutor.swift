import Foundation

/// Runs tasks one job at a time on the thread that drives a simulation, in the order in which they were made ready.
final class StepExecutor: TaskExecutor {
    private let condition = NSCondition()
    // Touched with the condition locked only.
    nonisolated(unsafe) private var jobs: [UnownedJob] = []

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.lock()
        jobs.append(job)
        condition.signal()
        condition.unlock()
    }

    /// Runs all that is ready; with `isWaiting`, what becomes ready elsewhere too, until it says no.
    func run(while isWaiting: () -> Bool) {
        while true {
            condition.lock()
            while jobs.isEmpty && isWaiting() { condition.wait() }
            let ready = jobs
            jobs = []
            condition.unlock()
            if ready.isEmpty { return }
            for job in ready { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }
}

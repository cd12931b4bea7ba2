/// Runs work to its end even when the task that waits for it is cancelled.
///
/// A shutdown may end the waiting, never the work: a message that Redis has taken must still be recorded.
func shielded<Value: Sendable>(
    _ work: @escaping @Sendable () async throws(AnnounceError) -> Value
) async throws(AnnounceError) -> Value {
    // Unstructured on purpose: cancellation of the waiting task does not reach it.
    let task = Task(executorPreference: Surroundings.executor) { () async -> Result<Value, AnnounceError> in
        do throws(AnnounceError) {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }
    return try await task.value.get()
}

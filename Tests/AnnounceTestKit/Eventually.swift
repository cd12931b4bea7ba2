/// What ``eventually(timeout:_:condition:)`` throws when its time is over.
public struct NeverHappened: Error, CustomStringConvertible {
    /// What was waited for, how long, and the last error of the condition.
    public let description: String
}

/// Waits until something outside of this process is so: the one place where tests look again and again.
///
/// A condition that throws is not yet so. Whatever can be awaited as an event should be; this is for processes and
/// files.
///
/// - Parameters:
///   - timeout: how long to look.
///   - what: what should become so, for the message.
///   - condition: whether it is so.
/// - Throws: ``NeverHappened`` when it was not so within the time.
public func eventually(
    timeout: Duration = .seconds(10),
    _ what: String,
    condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: timeout)
    var lastError: (any Error)?
    repeat {
        do {
            if try await condition() { return }
            lastError = nil
        } catch {
            lastError = error
        }
        try await clock.sleep(for: .milliseconds(5))
    } while clock.now < end
    let why = lastError.map { ": \($0)" } ?? ""
    throw NeverHappened(description: "within \(timeout) it did not happen that \(what)\(why)")
}

/// What ``eventually(timeout:_:condition:)`` throws when its time is over.
public struct NeverHappened: Error, CustomStringConvertible {
    /// What was waited for, how long, and the last error of the condition.
    public let description: String
}

/// Waits until something outside of this process is so: the one place where tests look again and again.
///
/// A condition that throws is not yet so. Whatever can be awaited as an event should be; this is for processes and
/// files. It gives up only after it has looked often as well as long: tests that compute hold the threads of the pool, and
/// time passes without a look.
///
/// - Parameters:
///   - timeout: how long to look at least.
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
    var looks = 0
    repeat {
        do {
            if try await condition() { return }
            lastError = nil
        } catch {
            lastError = error
        }
        looks += 1
        try await clock.sleep(for: .milliseconds(5))
    } while clock.now < end || looks < fewestLooks
    let why = lastError.map { ": \($0)" } ?? ""
    throw NeverHappened(description: "within \(timeout) it did not happen that \(what)\(why)")
}

/// How often ``eventually(timeout:_:condition:)`` looks at least: a second's worth where nothing holds it up.
private let fewestLooks = 200

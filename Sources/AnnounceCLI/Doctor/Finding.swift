/// What a check has found.
struct Finding: Hashable {
    /// What is checked; the names are those of `-o json`.
    enum Check: String, CaseIterable {
        case database
        case leader
        case dispatcher
        case clock
        case zoneData
        case zonePlans
        case redis
        case redisServer
        case eviction
        case latency
        case permissions
        case servers
        case otherServers
        case listeners
    }

    /// How it stands.
    enum Status: String {
        case ok
        /// It works, and can bring harm.
        case warning
        /// An announcement would not be heard, or not at its time.
        case problem
    }

    let check: Check
    let status: Status
    /// What was found: a sentence.
    let message: String
    /// What to do: a sentence.
    let remedy: String?
    /// What completes "Nobody would hear it, because …"; of a problem.
    let reason: String
    /// The exit code of a problem.
    let exitCode: Int32

    private init(
        _ check: Check,
        _ status: Status,
        _ message: String,
        _ remedy: String?,
        _ reason: String,
        _ code: Int32
    ) {
        self.check = check
        self.status = status
        self.message = message
        self.remedy = remedy
        self.reason = reason
        exitCode = code
    }

    static func ok(_ check: Check, _ message: String) -> Finding {
        Finding(check, .ok, message, nil, "", 0)
    }

    static func warning(_ check: Check, _ message: String, _ remedy: String?) -> Finding {
        Finding(check, .warning, message, remedy, "", 0)
    }

    static func problem(
        _ check: Check,
        _ message: String,
        _ remedy: String?,
        because reason: String,
        exitCode: Int32 = CommandFailure.unavailable
    ) -> Finding {
        Finding(check, .problem, message, remedy, reason, exitCode)
    }

    /// A problem that a failure tells of: its last sentence is the remedy.
    static func problem(_ check: Check, _ failure: CommandFailure, because reason: String) -> Finding {
        let (message, remedy) = split(failure.message)
        return problem(check, message, remedy, because: reason, exitCode: failure.exitCode)
    }

    /// A warning with the sentences of an error: the last one is the remedy.
    static func warning(_ check: Check, _ text: String) -> Finding {
        let (message, remedy) = split(text)
        return warning(check, message, remedy)
    }

    /// The last sentence of a text, and what comes before it.
    static func split(_ text: String) -> (message: String, remedy: String?) {
        guard let end = text.matches(of: /\. (?=[A-Z`])/).last else { return (text, nil) }
        return (String(text[..<end.range.lowerBound]) + ".", String(text[end.range.upperBound...]))
    }
}

import ArgumentParser

/// What becomes of an announcement that could not go out in time.
struct PolicyOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Which of several missed ones are still said: latest (default), skip (none) or all.",
            valueName: "policy"
        )
    )
    var misfire: PolicyRequest.Misfire?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With --misfire all: only the newest so many.", valueName: "number")
    )
    var max: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How late it may be: 10m. Usually an hour; half the distance to the next one when it recurs.",
            valueName: "duration"
        )
    )
    var grace: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "No longer true after this day or time, or so long after its own: 30m.",
            valueName: "duration|day|time"
        )
    )
    var expires: String?

    func validate() throws {
        if let problem = request.problem { throw ValidationError(problem) }
    }

    /// What was asked for.
    var request: PolicyRequest { PolicyRequest(misfire: misfire, max: max, grace: grace, expires: expires) }
}

extension PolicyRequest.Misfire: ExpressibleByArgument {}

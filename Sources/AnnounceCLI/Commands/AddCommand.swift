import ArgumentParser

/// `announce add`: schedules an announcement.
struct AddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Schedules an announcement.",
        discussion: """
            Somebody must be named, and a time. What was understood is printed back.

            Examples:
              announce add --at 09:00 --room lobby "Good morning"
              announce add --in 10m --all "Ten minutes are over"
              announce add --every 15m --at 08:00 --room kitchen --name coffee "Coffee"
              announce add --at "fri 17:00" --socket S1H5pJcm8Kun5lOoAAAA --event ping
              announce add --every weekday --at 9am --lead 5m --room team "Stand-up"
              announce add --cron "0 18 L * *" --all "The month is over"
              announce add --in 1h --all --event warning --json '{"level":2}' --dry-run
            """
    )

    @OptionGroup var draft: DraftOptions

    func validate() throws {
        if draft.times.request.isEmpty {
            throw ValidationError(
                "There is no time. Say when: --at TIME, --in DURATION, --every INTERVAL, --cron EXPR or --rrule RULE."
            )
        }
    }

    func run() async throws {
        try await draft.add(form: .arguments)
    }
}

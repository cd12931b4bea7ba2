import ArgumentParser

/// How an announcement is kept.
struct RecordOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: "Of what is due at one instant, 5 goes first and 1 last (default: 3).",
        completion: .list(["5", "4", "3", "2", "1"])
    )
    var priority: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A name of your own, unique among live announcements.", valueName: "key")
    )
    var name: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A label to find it by; may be repeated.", valueName: "key=value")
    )
    var label: [String] = []
}

/// Labels as they are typed: `key=value`.
enum Labels {
    static func parse(_ texts: [String]) throws -> [String: String] {
        var labels: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw CommandFailure(
                    "The label \"\(text)\" has no \(parts.count == 2 ? "key" : "value"). Write it as key=value.",
                    exitCode: CommandFailure.dataError
                )
            }
            labels[String(parts[0])] = String(parts[1])
        }
        return labels
    }
}

import Announce
import ArgumentParser

/// How the message becomes that of each notice.
struct TextOptions: ParsableArguments {
    @Flag(
        inversion: .prefixedNo,
        help: "Whether {{startsIn}}, {{startsAt}}, {{endsAt}} and the like are filled in (default: yes)."
    )
    var template: Bool?

    @Option(
        name: .customLong("text"),
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "The text of one phase instead of the usual one: end=\"Back again\"; lead, start, end, moved, extended or "
                + "cancelled; may be repeated.",
            valueName: "phase=text"
        )
    )
    var phases: [String] = []

    /// Puts the options that were given in place of those of a style.
    func change(_ style: inout MessageStyle) throws {
        if let template { style.isTemplate = template }
        for text in phases {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let kind = NoticeKind(rawValue: parts[0]) else {
                throw CommandFailure(
                    "--text \(text) names no phase. Write it as end=\"Back again\", with one of "
                        + NoticeKind.allCases.map(\.rawValue).joined(separator: ", ") + ".",
                    exitCode: CommandFailure.dataError
                )
            }
            style.texts[kind] = parts[1]
        }
    }
}

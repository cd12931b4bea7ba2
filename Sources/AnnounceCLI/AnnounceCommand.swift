import ArgumentParser
import Glibc

/// `announce`: the root of all commands.
@main
struct AnnounceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "announce",
        abstract: "Tells the connected users of a Socket.IO site something at the right moment.",
        discussion: """
            Announcements are kept in a SQLite file. `announce run` sends what is due through Redis, and unchanged Socket.IO \
            servers deliver it; the other commands manage the schedule.

            Examples:
              announce run
              announce add --at 09:00 --room lobby "Good morning"
              announce add --in 10m --all --event maintenance --json '{"minutes":30}'
              announce send --all "The winner is ..."
            """,
        version: Version.current,
        groupedSubcommands: [
            CommandGroup(
                name: "Schedule",
                subcommands: [
                    AddCommand.self, MaintenanceCommand.self, EditCommand.self, CancelCommand.self, PauseCommand.self,
                    ResumeCommand.self, ExtendCommand.self, FinishCommand.self, ApplyCommand.self, ExportCommand.self,
                ]
            ),
            CommandGroup(name: "Send now", subcommands: [SendCommand.self, FireCommand.self]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    ListCommand.self, ShowCommand.self, NextCommand.self, HistoryCommand.self, ListenCommand.self,
                    AudienceCommand.self,
                ]
            ),
            CommandGroup(
                name: "Operate",
                subcommands: [
                    RunCommand.self, StatusCommand.self, DoctorCommand.self, ConfigCommand.self, HoldCommand.self,
                    ReleaseCommand.self,
                    PruneCommand.self, MigrateCommand.self, CompletionsCommand.self,
                ]
            ),
        ]
    )

    static func main() async {
        // A peer that went away, or a file that may not grow, is an error of the write, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        do {
            try refuseGarbledWords()
            let words = arguments
            try refuseEmptyAssignments(in: words)
            var command = try parseAsRoot(words)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            Terminal.error(failure.message)
            Glibc.exit(failure.exitCode)
        } catch {
            // Help, the version, and what cannot be parsed (exit code 64).
            exit(withError: error)
        }
    }
}

extension AnnounceCommand {
    /// Refuses words that are not UTF-8: Swift would put other characters in their place.
    private static func refuseGarbledWords() throws {
        for number in 0..<Int(CommandLine.argc) {
            guard let word = CommandLine.unsafeArgv[number] else { return }
            guard String(validatingCString: word) == nil else { continue }
            throw CommandFailure(
                "Word \(number) of the command line is not UTF-8 text: \(String(cString: word)). Type it in a UTF-8 locale.",
                exitCode: CommandFailure.dataError
            )
        }
    }

    /// Refuses `--option=` without a value, for which the parser would take the next word.
    private static func refuseEmptyAssignments(in words: [String]) throws {
        for word in words.prefix(while: { $0 != "--" }) where word.hasPrefix("--") && word.hasSuffix("=") {
            let name = word.dropLast()
            if name.dropFirst(2).contains(where: { !($0.isASCII && $0.isLetter) && $0 != "-" }) { continue }
            throw CommandFailure(
                "\(word) has no value. Write it after the =, or as a word of its own: \(name) ''.",
                exitCode: CommandFailure.usage
            )
        }
    }

    /// The words after the program's name.
    ///
    /// Swift looks for them on the stack, beside the environment, and finds none where a preloaded library has moved the
    /// environment, as libfaketime does. The kernel knows them too (`proc_pid_cmdline(5)`).
    private static var arguments: [String] {
        if !CommandLine.arguments.isEmpty { return Array(CommandLine.arguments.dropFirst()) }
        let bytes = Bytes.all(ofFile: "/proc/self/cmdline") ?? []
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropFirst().dropLast()
            .map { String(decoding: $0, as: UTF8.self) }
    }
}

/// The program's version.
enum Version {
    static let current = "0.1.0"
}

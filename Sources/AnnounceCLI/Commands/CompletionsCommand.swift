import ArgumentParser

/// `announce completions`: prints what makes a shell complete the program's commands and options.
struct CompletionsCommand: ParsableCommand {
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        /// The parser's name for it.
        var dialect: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Prints the script that completes commands and options in a shell.",
        discussion: """
            An installed package has put it in its place. Otherwise let the shell read it at its start: in ~/.bashrc, in \
            ~/.zshrc after `compinit`, or in a file of fish's own.

            Examples:
              announce completions bash > announce.bash
              announce completions zsh > _announce
              announce completions fish > announce.fish
            """
    )

    @Argument(help: "The shell: bash, zsh or fish.") var shell: Shell

    func run() {
        Terminal.data(AnnounceCommand.completionScript(for: shell.dialect))
    }
}

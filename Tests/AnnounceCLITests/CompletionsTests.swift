import AnnounceTestKit
import Foundation
import Testing

/// `announce completions`, in the shells that it is for.
@Suite struct CompletionsTests {
    private let announce: Program

    init() throws {
        announce = try Program()
    }

    /// Words of a command line, of which the last is to be completed, and something that must be offered.
    private static let cases: [(words: [String], offers: String)] = [
        (["announce", "ad"], "add"), (["announce", "mai"], "maintenance"), (["announce", "list", "--sta"], "--state"),
        (["announce", "list", "--state", "pau"], "paused"), (["announce", "run", "--wire", "sha"], "sharded"),
        (["announce", "add", "--misfire", "la"], "latest"),
        (["announce", "add", "--tz", "Europe/Berl"], "Europe/Berlin"),
        (["announce", "completions", "fi"], "fish"),
        (["announce", "add", "--config", "config/announce/ann"], "config/announce/announce.yaml"),
    ]

    /// Runs a script in a shell, in the program's folder, with the completions as its first argument.
    private func shell(_ command: String, _ name: String, _ script: String) async throws -> [String] {
        let completions = try await announce.run("completions", name)
        try #require(completions.status == 0, "\(completions.stderr)")
        let file = try announce.write(completions.stdout, to: name == "zsh" ? "zsh/_announce" : "completions.\(name)")
        let place = "cd '\(announce.folder.path)' && mkdir -p home && "
        let finished = try await announce.shell(place + #"exec timeout 60 \#(command) "$1" "$2""#, script, file)
        #expect(finished.status == 0, "\(name): \(finished.stderr)")
        #expect(finished.stderr == "", "\(name)")
        return finished.lines
    }

    @Test("bash completes commands, options, their values and files")
    func bash() async throws {
        var script = """
            source "$0"
            offer() {
                COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMPREPLY=()
                _announce "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                echo ":${COMPREPLY[*]}:"
            }
            complete -p announce >/dev/null

            """
        for (words, _) in Self.cases { script += "offer \(words.joined(separator: " "))\n" }
        let offered = try await shell("bash --norc --noprofile -c", "bash", script)
        try #require(offered.count == Self.cases.count)
        for (offered, expected) in zip(offered, Self.cases) {
            #expect(offered == ":\(expected.offers):", "\(expected.words)")
        }
    }

    @Test("fish completes commands, options, their values and files")
    func fish() async throws {
        var script = "source $argv[1]\n"
        for (words, _) in Self.cases { script += "complete -C '\(words.joined(separator: " "))'; echo .\n" }
        let text = try await shell("fish --no-config -c", "fish", script).joined(separator: "\n")
        let offered = text.components(separatedBy: "\n.")
        try #require(offered.count == Self.cases.count + 1)
        for (offered, expected) in zip(offered, Self.cases) {
            let words = offered.split(separator: "\n").map { $0.split(separator: "\t")[0] }
            #expect(words.contains(Substring(expected.offers)), "\(expected.words): \(offered)")
        }
    }

    @Test("zsh completes commands, options, their values and files on a terminal")
    func zsh() async throws {
        var script = """
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell "fpath=(${0:h} \\$fpath); autoload -U compinit; compinit -u -D; PS1=; echo loaded \\$_comps[announce]"
            zpty -r shell answer '*loaded _announce*' || exit 1

            """
        for (words, offers) in Self.cases {
            // Tab ends the word, and control-U takes the line away.
            script += """
                zpty -n -w shell '\(words.joined(separator: " "))'$'\\t'
                zpty -r shell answer '*\(offers)*' || exit 1
                zpty -n -w shell $'\\025'
                print -r -- '\(offers)'

                """
        }
        script += "zpty -d shell\n"
        #expect(try await shell("zsh -f -c", "zsh", script) == Self.cases.map(\.offers))
    }

    @Test("Another shell is refused, and the three are named", arguments: ["tcsh", "", "BASH", "--all"])
    func unknown(_ name: String) async throws {
        expect(try await announce.run("completions", "--", name), refusedWith: 64, says: ["bash", "zsh", "fish"])
    }

    @Test("Without a shell the usage is told")
    func none() async throws {
        expect(try await announce.run("completions"), refusedWith: 64, says: ["<shell>"])
    }
}

import Foundation
import Testing

/// A command as the documentation shows it.
struct ShownCommand: Sendable, CustomTestStringConvertible {
    let place: String
    let line: String
    /// The lines that the document shows below it, up to the next command.
    var output: [String] = []

    var testDescription: String { "\(place): \(line)" }

    /// The words of the line, as a shell would split them, up to a pipe, an ampersand or a redirection.
    var words: [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            switch (character, quote) {
            case ("'", nil), ("\"", nil):
                quote = character
                word = word ?? ""
            case (character, .some(character)): quote = nil
            case (" ", nil):
                if let done = word { words.append(done) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return Array(words.prefix { $0 != "|" && $0 != "&" && $0 != ">" })
    }

    /// The value that follows an option.
    func value(of option: String) -> String? {
        let words = words
        guard let index = words.firstIndex(of: option), index + 1 < words.count else { return nil }
        return words[index + 1]
    }
}

/// A document, taken apart into what a reader would type, save and copy.
///
/// Commands are the lines behind `$ ` in blocks marked as `console`, the indented lines outside of blocks that begin with
/// `announce` or `make`, and what a CI job says to `run:`. A block is a file when a name follows its language.
struct ShownDocument: Sendable {
    struct Block: Sendable {
        let language: String
        let name: String?
        let text: String
        let line: Int
    }

    let place: String
    let text: String
    private(set) var commands: [ShownCommand] = []
    private(set) var blocks: [Block] = []
    /// What stands in backticks and begins with `announce`: a command in a sentence.
    private(set) var mentions: [String] = []

    var files: [Block] { blocks.filter { $0.name != nil } }

    init(_ text: String, of place: String) {
        self.place = place
        self.text = text
        var open: (info: [String], line: Int, lines: [String])?
        var prose = ""
        for (index, line) in text.components(separatedBy: "\n").enumerated() {
            if var block = open {
                if line == "```" {
                    let info = block.info
                    let (language, name) = (info.first ?? "", info.dropFirst().first)
                    let content = block.lines.map { $0 + "\n" }.joined()
                    blocks.append(Block(language: language, name: name, text: content, line: block.line))
                    open = nil
                    continue
                }
                block.lines.append(line)
                open = block
                if let match = line.wholeMatch(of: /\$ (.+)/), block.info.first == "console" {
                    commands.append(ShownCommand(place: place, line: String(match.1)))
                } else if block.info.first == "console", !commands.isEmpty {
                    commands[commands.count - 1].output.append(line)
                } else if let match = line.wholeMatch(of: /\s+- run: (.+)/), block.info.first == "yaml" {
                    commands.append(ShownCommand(place: place, line: String(match.1)))
                }
            } else if line.hasPrefix("```") {
                open = (line.dropFirst(3).split(separator: " ").map(String.init), index + 1, [])
            } else if let match = line.wholeMatch(of: /\s+((?:announce|make) [a-z].*)/), !line.contains("──") {
                // The lines of a picture are no commands.
                commands.append(ShownCommand(place: place, line: String(match.1)))
            } else {
                prose += line + " "
            }
        }
        mentions = prose.matches(of: /`(announce [a-z][^`]*)`/).map { String($0.1) }
    }
}

import Glibc
import Payload

/// How findings are shown: a line for each with its remedy below, and the verdict.
struct FindingsReport {
    /// What messages are indented by; the status stands before the first line of each.
    private static let indent = 9

    let diagnosis: Diagnosis
    /// How wide a line may be; nil for as wide as it is.
    let width: Int?
    let hasColour: Bool

    /// The lines for people.
    var lines: [String] {
        var lines: [String] = []
        for finding in diagnosis.findings {
            let texts = [finding.message] + (finding.remedy.map { [$0] } ?? [])
            let indented = texts.flatMap { wrapped(Table.oneLine($0), to: width.map { $0 - Self.indent }) }
            for (number, text) in indented.enumerated() {
                let title = number == 0 ? finding.status.rawValue : ""
                let head = title + String(repeating: " ", count: Self.indent - title.count)
                lines.append(hasColour && number == 0 ? "\(finding.status.colour)\(head)\u{1B}[0m\(text)" : head + text)
            }
        }
        return lines + wrapped(Table.oneLine(diagnosis.verdict), to: width)
    }

    /// The same for programs.
    static func json(_ diagnosis: Diagnosis) -> PayloadValue {
        [
            "heard": .bool(diagnosis.isHeard),
            "servers": diagnosis.servers.map { .integer(Int64($0)) } ?? .null,
            "findings": .array(
                diagnosis.findings.map { finding in
                    [
                        "check": .string(finding.check.rawValue), "status": .string(finding.status.rawValue),
                        "message": .string(finding.message), "remedy": Representation.optional(finding.remedy),
                    ]
                }
            ),
        ]
    }
}

extension Finding.Status {
    /// The escape sequence for its colour: green, yellow, red (ECMA-48, SGR).
    fileprivate var colour: String {
        switch self {
        case .ok: "\u{1B}[32m"
        case .warning: "\u{1B}[33m"
        case .problem: "\u{1B}[31m"
        }
    }
}

/// A text in lines of at most so many characters; a word that is longer has a line of its own.
func wrapped(_ text: String, to width: Int?) -> [String] {
    guard let width, width > 0 else { return [text] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
        if !line.isEmpty && line.count + 1 + word.count > width {
            lines.append(line)
            line = ""
        }
        line += line.isEmpty ? String(word) : " \(word)"
    }
    return lines + [line]
}

extension Terminal {
    /// How many columns standard output has; nil where it is no terminal.
    static var width: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Whether to use colours: on a terminal that has them, where nobody forbids it (https://no-color.org).
    static func hasColour(_ environment: [String: String]) -> Bool {
        isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }
}

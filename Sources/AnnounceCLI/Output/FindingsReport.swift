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
                let head = title.padded(to: Self.indent)
                lines.append((hasColour && number == 0 ? finding.status.colour.applied(to: head) : head) + text)
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
    fileprivate var colour: Colour {
        switch self {
        case .ok: .green
        case .warning: .yellow
        case .problem: .red
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

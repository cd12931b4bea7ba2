/// A table of text: columns as wide as their widest cell, and on a terminal no wider together than that is.
struct Table {
    /// A column that is cut short where there is no room keeps so many places.
    private static let least = 8
    private static let gap = 2

    private let flexible: Set<Int>
    private var rows: [[String]]
    private var colours: [Int: Colour] = [:]

    /// Makes a table; of columns that are too wide together, the flexible ones are cut.
    init(_ header: String..., flexible: Set<Int> = []) {
        rows = [header]
        self.flexible = flexible
    }

    /// Adds a row; a colour is that of its cells as a whole.
    mutating func add(_ cells: String..., colour: Colour? = nil) {
        colours[rows.count] = colour
        rows.append(cells.map(Self.oneLine))
    }

    /// The lines of the table.
    ///
    /// - Parameters:
    ///   - width: how many places a line may have; nil for any number.
    ///   - hasColour: whether rows are shown in their colours.
    /// - Returns: the header and the rows.
    func lines(width: Int? = nil, hasColour: Bool = false) -> [String] {
        let widths = widths(within: width)
        return rows.enumerated().map { number, row in
            let cells = zip(row, widths).map { cell, width in cell.cut(to: width).padded(to: width) }
            let line = cells.joined(separator: String(repeating: " ", count: Self.gap))
            let text = String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
            guard hasColour, let colour = colours[number] else { return text }
            return colour.applied(to: text)
        }
    }

    private func widths(within limit: Int?) -> [Int] {
        var widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].columns }.max() ?? 0 }
        guard let limit else { return widths }
        var excess = widths.reduce(0, +) + Self.gap * max(0, widths.count - 1) - limit
        while excess > 0, let widest = flexible.filter({ widths[$0] > Self.least }).max(by: { widths[$0] < widths[$1] }) {
            // Down to the next one, or as far as is needed.
            let next = flexible.subtracting([widest]).map { widths[$0] }.filter { $0 < widths[widest] }.max() ?? Self.least
            let step = max(1, min(excess, widths[widest] - max(next, Self.least)))
            widths[widest] -= step
            excess -= step
        }
        return widths
    }

    func print() {
        for line in lines(width: Terminal.width, hasColour: Terminal.hasColour) { Terminal.data(line) }
    }

    /// Control characters would break the table, or play tricks on the terminal.
    static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
            )
        )
    }
}

/// A colour of a terminal (ECMA-48, SGR).
enum Colour: Int {
    case red = 31
    case green = 32
    case yellow = 33
    case grey = 90

    /// The text in the colour.
    func applied(to text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}

extension String {
    /// How many places of a terminal the text takes.
    var columns: Int { reduce(0) { $0 + $1.columns } }

    /// The text, with spaces up to a width.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - columns))
    }

    /// The beginning of the text in so many places, with `…` where something is left out.
    func cut(to width: Int) -> String {
        if columns <= width { return self }
        var (text, taken) = ("", 0)
        for character in self {
            taken += character.columns
            if taken > width - 1 { break }
            text.append(character)
        }
        return text + "…"
    }
}

extension Character {
    /// How many places of a terminal the character takes: two for East Asian wide ones and pictures (Unicode TR11).
    fileprivate var columns: Int {
        if isASCII { return 1 }
        guard let first = unicodeScalars.first else { return 0 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        if first.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}") { return 2 }
        switch first.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}

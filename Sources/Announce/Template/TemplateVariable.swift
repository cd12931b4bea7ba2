import Recurrence

/// A name that stands for something in a text.
enum TemplateVariable: String, Hashable, Sendable, CaseIterable {
    case count, endsAt, id, lateBy, name, phase, revision, startsAt, startsIn, text, zone

    /// All names, for a message.
    static let list = allCases.map(\.rawValue).joined(separator: ", ")

    /// The variable that was probably meant: the one with the fewest wrong letters, if that is at most two and less than
    /// half of the word; case, `_`, `-` and `.` do not count.
    static func nearest(to name: String) -> TemplateVariable? {
        let wanted = letters(name)
        guard wanted.count <= 20 else { return nil }
        let ranked = allCases.map { (variable: $0, slips: slips(letters($0.rawValue), wanted)) }
        guard let best = ranked.min(by: { $0.slips < $1.slips }), best.slips <= 2, best.slips * 2 < wanted.count else {
            return nil
        }
        return best.variable
    }

    private static func letters(_ name: String) -> [UInt8] {
        name.lowercased().utf8.filter { ![0x5F, 0x2D, 0x2E].contains($0) }
    }

    /// Letters to add, drop, change or swap with their neighbour to make one word of the other (optimal string alignment).
    private static func slips(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var rows = [Array(0...right.count)]
        for (row, letter) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                let change = rows[row][column] + (letter == other ? 0 : 1)
                var least = min(rows[row][column + 1] + 1, next[column] + 1, change)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    least = min(least, rows[row - 1][column - 1] + 1)
                }
                next.append(least)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }
}

/// What the variables stand for in one notice; each is worked out when it is first asked for.
struct TemplateValues {
    private let context: NoticeContext
    private let kind: NoticeKind
    private var known: [TemplateVariable: [UInt8]] = [:]

    init(_ context: NoticeContext, kind: NoticeKind) {
        self.context = context
        self.kind = kind
    }

    /// The UTF-8 of a variable's value; empty counts as false in a section.
    subscript(variable: TemplateVariable) -> [UInt8] {
        mutating get {
            if let value = known[variable] { return value }
            let value = Array(value(of: variable).utf8)
            known[variable] = value
            return value
        }
    }

    /// Gives TEXT, rendered, its value; until then it is empty.
    mutating func setText(_ text: String) {
        known[.text] = Array(text.utf8)
    }

    private func value(of variable: TemplateVariable) -> String {
        switch variable {
        case .count: "\(context.ordinal)"
        case .endsAt: context.end.map(moment) ?? ""
        case .id: "\(context.id)"
        case .lateBy: lateBy
        case .name: context.name ?? ""
        case .phase: kind.rawValue
        case .revision: "\(context.revision)"
        case .startsAt: moment(context.anchor)
        case .startsIn: startsIn
        case .text: ""
        case .zone: context.zone.identifier
        }
    }

    private var lateBy: String {
        guard context.now - context.nominal > Judge.onTime else { return "" }
        return SpokenTime.distance(from: context.nominal, to: context.now, in: context.zone)
    }

    private var startsIn: String {
        let distance = SpokenTime.distance(from: context.now, to: context.anchor, in: context.zone)
        return distance.isEmpty ? "now" : distance
    }

    private func moment(_ instant: Timestamp) -> String {
        SpokenTime.moment(instant, in: context.zone, now: context.now)
    }
}

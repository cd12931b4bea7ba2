/// What is in values, as far as receivers and encoders care; they are gone through once for all of it.
struct PayloadSurvey {
    /// Whether there is binary data among them.
    private(set) var hasBinary = false
    /// The most bytes that they are as MessagePack.
    private(set) var mostMessagePack = 0
    /// In how many lists and objects the innermost list or object is; -1 where there is none.
    private var depth = -1
    private let limit: Int

    /// Begins with no values.
    ///
    /// - Parameter limit: how deep it looks; what is deeper is not looked at, only found to be there.
    init(limit: Int = .max) {
        self.limit = limit
    }

    /// Looks at a value that is inside of so many lists and objects.
    mutating func look(at value: PayloadValue, depth: Int = 0) {
        switch value {
        case .null, .bool, .integer, .number:
            mostMessagePack += MessagePackCursor.mostOfHead
        case .string(let string):
            mostMessagePack += MessagePackCursor.most(of: string)
        case .binary(let bytes):
            hasBinary = true
            mostMessagePack += bytes.count + 5
        case .timestamp:
            // The text of a moment has 24 bytes, or 27 in a year of six digits.
            mostMessagePack += 32
        case .array(let elements):
            guard enter(depth) else { return }
            for element in elements { look(at: element, depth: depth + 1) }
        case .object(let object):
            guard enter(depth) else { return }
            for entry in object.entries {
                mostMessagePack += MessagePackCursor.most(of: entry.key)
                look(at: entry.value, depth: depth + 1)
            }
        }
    }

    private mutating func enter(_ depth: Int) -> Bool {
        self.depth = max(self.depth, depth)
        mostMessagePack += MessagePackCursor.mostOfHead
        return depth < limit
    }

    /// Refuses values that are nested deeper than the limit.
    func checkDepth() throws(PayloadError) {
        guard depth >= limit else { return }
        throw PayloadError(
            code: .tooDeep,
            message: "An argument is nested more than \(limit) deep; flatten it. Servers that read it could end."
        )
    }

    /// Whether there is what looks like Socket.IO's placeholder of binary data in a value.
    static func hasPlaceholder(_ value: PayloadValue) -> Bool {
        switch value {
        case .array(let elements): elements.contains(where: hasPlaceholder)
        case .object(let object):
            object["_placeholder"] == .bool(true) || object.entries.contains { hasPlaceholder($0.value) }
        default: false
        }
    }
}

/// What is in a value, as far as receivers care.
struct PayloadSurvey {
    private(set) var hasBinary = false

    /// Looks at a value that is inside of so many lists and objects.
    mutating func look(at value: PayloadValue, depth: Int) throws(PayloadError) {
        switch value {
        case .array(let elements):
            try check(depth)
            for element in elements { try look(at: element, depth: depth + 1) }
        case .object(let object):
            try check(depth)
            for entry in object.entries { try look(at: entry.value, depth: depth + 1) }
        case .binary:
            hasBinary = true
        case .null, .bool, .integer, .number, .string, .timestamp:
            return
        }
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

    private func check(_ depth: Int) throws(PayloadError) {
        let limit = PayloadValue.maximumJSONDepth
        guard depth >= limit else { return }
        throw PayloadError(
            code: .tooDeep,
            message: "An argument is nested more than \(limit) deep; flatten it. Servers that read it could end."
        )
    }
}

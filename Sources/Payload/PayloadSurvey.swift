/// What is in a value, as far as receivers care.
struct PayloadSurvey {
    private(set) var hasBinary = false
    private(set) var hasPlaceholder = false

    /// Looks at a value that is inside of so many lists and objects.
    mutating func look(at value: PayloadValue, depth: Int) throws(PayloadError) {
        switch value {
        case .array(let elements):
            try check(depth)
            for element in elements { try look(at: element, depth: depth + 1) }
        case .object(let object):
            try check(depth)
            if object["_placeholder"] == .bool(true) { hasPlaceholder = true }
            for (_, member) in object { try look(at: member, depth: depth + 1) }
        case .binary:
            hasBinary = true
        case .null, .bool, .integer, .number, .string, .timestamp:
            return
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

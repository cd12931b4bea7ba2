extension PayloadValue: ExpressibleByNilLiteral {
    /// Makes `.null` from `nil`.
    public init(nilLiteral: ()) {
        self = .null
    }
}

extension PayloadValue: ExpressibleByBooleanLiteral {
    /// Makes a `.bool` from `true` or `false`.
    public init(booleanLiteral value: Bool) {
        self = .bool(value)
    }
}

extension PayloadValue: ExpressibleByIntegerLiteral {
    /// Makes an `.integer` from a literal such as `42`.
    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }
}

extension PayloadValue: ExpressibleByFloatLiteral {
    /// Makes a `.number` from a literal such as `1.5`.
    public init(floatLiteral value: Double) {
        self = .number(value)
    }
}

extension PayloadValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Makes a `.string` from a literal such as `"text"` or `"\(count) left"`.
    public init(stringLiteral value: String) {
        self = .string(value)
    }
}

extension PayloadValue: ExpressibleByArrayLiteral {
    /// Makes an `.array` from a literal such as `[1, "two", nil]`.
    public init(arrayLiteral elements: PayloadValue...) {
        self = .array(elements)
    }
}

extension PayloadValue: ExpressibleByDictionaryLiteral {
    /// Makes an `.object` from a literal such as `["text": "hello", "level": 3]`.
    ///
    /// A repeated key keeps its first position and its last value.
    public init(dictionaryLiteral elements: (String, PayloadValue)...) {
        self = .object(PayloadObject(elements))
    }
}

/// The keys and values of a JSON object, in the order in which JavaScript would list them.
///
/// Keys that are array indices ("0", "42": decimal, without leading zeros, at most 2^32 - 2) come first, ascending;
/// all other keys follow in the order in which they were first given. This is the order of `Object.keys` (ECMAScript,
/// OrdinaryOwnPropertyKeys), which `JSON.stringify` and notepack.io follow, so both encoders write it.
///
/// ```swift
/// let object: PayloadObject = ["b": 1, "10": 2, "a": 3, "9": 4, "b": 5]
/// object.map(\.key)    // ["9", "10", "b", "a"]
/// object["b"]          // .integer(5): a repeated key keeps its position and takes the last value, as in JSON.parse
/// ```
///
/// Keys are compared code point by code point: "é" in one and in two code points are two keys. Two objects are equal
/// when they hold the same keys and values in the same order.
///
/// Looking up a key takes time in proportion to the number of keys; the objects of messages are small. To build a
/// large object use ``init(_:)``, whose time is in proportion to the number of pairs.
public struct PayloadObject: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        let key: String
        var value: PayloadValue

        static func == (left: Entry, right: Entry) -> Bool {
            left.key.isExactly(right.key) && left.value == right.value
        }
    }

    private(set) var entries: [Entry]

    /// Makes an empty object.
    public init() {
        entries = []
    }

    /// Makes an object from keys and values in the order given.
    ///
    /// A repeated key keeps its first position and takes the last value.
    public init(_ pairs: some Sequence<(String, PayloadValue)>) {
        var builder = PayloadObjectBuilder()
        for (key, value) in pairs { builder.set(key, to: value) }
        self = builder.object()
    }

    /// Makes an object from pairs whose keys differ, none of which is an array index; they are not looked at.
    package init(distinct pairs: [(String, PayloadValue)]) {
        entries = pairs.map { Entry(key: $0, value: $1) }
    }

    /// Takes entries whose keys differ and are in order.
    init(ordered entries: [Entry]) {
        self.entries = entries
    }

    /// The value of a key; setting `nil` removes the key.
    public subscript(key: String) -> PayloadValue? {
        get {
            entries.first { $0.key.isExactly(key) }?.value
        }
        set {
            let position = entries.firstIndex { $0.key.isExactly(key) }
            switch (position, newValue) {
            case (let position?, let value?): entries[position].value = value
            case (let position?, nil): entries.remove(at: position)
            case (nil, let value?): entries.insert(Entry(key: key, value: value), at: insertionPosition(of: key))
            case (nil, nil): break
            }
        }
    }

    private func insertionPosition(of key: String) -> Int {
        guard let index = key.arrayIndex else { return entries.count }
        return entries.firstIndex { entry in
            guard let other = entry.key.arrayIndex else { return true }
            return other > index
        } ?? entries.count
    }
}

extension PayloadObject: RandomAccessCollection {
    /// The position of the first key.
    public var startIndex: Int { 0 }

    /// The position after the last key.
    public var endIndex: Int { entries.count }

    /// The key and the value at a position.
    public subscript(position: Int) -> (key: String, value: PayloadValue) {
        let entry = entries[position]
        return (entry.key, entry.value)
    }
}

extension PayloadObject: ExpressibleByDictionaryLiteral {
    /// Makes an object from a literal such as `["text": "hello"]`; keys may repeat.
    public init(dictionaryLiteral elements: (String, PayloadValue)...) {
        self.init(elements)
    }
}

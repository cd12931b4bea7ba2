import Payload

/// Reads Python pickles of plain values: None, bool, int, float, str, bytes, list, tuple, set and dict.
///
/// python-socketio before 5.14 sends its messages so. Nothing is ever called or imported, which is what makes other readers of
/// pickles dangerous; an opcode that would is refused. Source: CPython `Lib/pickletools.py`, protocols 2 to 5.
struct PickleReader {
    /// Every pickle of protocol 2 and later begins with it.
    static let firstByte: UInt8 = 0x80

    struct Failure: Error {
        let message: String
    }

    /// The deepest nesting that is read, and the most values that a pickle may build: one byte can double what there is.
    private static let maximumDepth = 128
    private static let maximumSize = 1 << 20

    private enum Item {
        case mark
        case value(PayloadValue, depth: Int, isTuple: Bool = false)
    }

    private var bytes: ArraySlice<UInt8>
    private var stack: [Item] = []
    private var memo: [Int: Item] = [:]
    private var size = 0

    /// Whether the outermost `data` was a tuple, which to python-socketio is a list of arguments and not one list.
    private(set) var isDataTuple = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes[...]
    }

    /// The value.
    ///
    /// - Throws: ``Failure`` for what is no pickle, or holds more than plain values.
    mutating func document() throws(Failure) -> PayloadValue {
        while true {
            let opcode = try take(1)[0]
            if opcode == UInt8(ascii: ".") { return try pop().value }
            try perform(opcode)
        }
    }

    private mutating func perform(_ opcode: UInt8) throws(Failure) {
        switch opcode {
        case 0x80: _ = try take(1)  // PROTO
        case 0x95: _ = try take(8)  // FRAME
        case UInt8(ascii: "("): stack.append(.mark)
        case UInt8(ascii: "N"): try push(.null)
        case 0x88: try push(.bool(true))
        case 0x89: try push(.bool(false))
        case UInt8(ascii: "K"): try push(.integer(Int64(try number(1))))
        case UInt8(ascii: "M"): try push(.integer(Int64(try number(2))))
        case UInt8(ascii: "J"): try push(.integer(Int64(Int32(truncatingIfNeeded: try number(4)))))
        case 0x8A: try push(try long(try count(1)))
        case UInt8(ascii: "G"): try push(.number(Double(bitPattern: try take(8).reduce(0) { $0 << 8 | UInt64($1) })))
        case 0x8C: try push(try text(try count(1)))
        case UInt8(ascii: "X"): try push(try text(try count(4)))
        case 0x8D: try push(try text(try count(8)))
        case UInt8(ascii: "C"): try push(.binary(Array(try take(try count(1)))))
        case UInt8(ascii: "B"): try push(.binary(Array(try take(try count(4)))))
        case 0x8E, 0x96: try push(.binary(Array(try take(try count(8)))))
        default: try performOnContainers(opcode)
        }
    }

    private mutating func performOnContainers(_ opcode: UInt8) throws(Failure) {
        switch opcode {
        case UInt8(ascii: "]"), 0x8F: try push(.array([]))
        case UInt8(ascii: ")"): try push(.array([]), isTuple: true)
        case UInt8(ascii: "}"): try push(.object(PayloadObject()))
        case UInt8(ascii: "t"): try append(try popToMark(), to: [], isTuple: true)
        case UInt8(ascii: "l"), 0x91: try append(try popToMark(), to: [])
        case 0x85, 0x86, 0x87:
            var items: [Item] = []
            for _ in 0..<Int(opcode - 0x84) { items.insert(try popItem(), at: 0) }
            try append(items, to: [], isTuple: true)
        case UInt8(ascii: "a"):
            let item = try popItem()
            try extend(with: [item])
        case UInt8(ascii: "e"), 0x90:
            let items = try popToMark()
            try extend(with: items)
        case UInt8(ascii: "s"):
            let value = try popItem()
            let key = try popItem()
            try set([key, value])
        case UInt8(ascii: "u"):
            let items = try popToMark()
            try set(items)
        case UInt8(ascii: "0"): _ = try popItem()
        default: try performOnMemo(opcode)
        }
    }

    private mutating func performOnMemo(_ opcode: UInt8) throws(Failure) {
        switch opcode {
        case 0x94: memo[memo.count] = try top()
        case UInt8(ascii: "q"): memo[try count(1)] = try top()
        case UInt8(ascii: "r"): memo[try count(4)] = try top()
        case UInt8(ascii: "h"): try recall(try count(1))
        case UInt8(ascii: "j"): try recall(try count(4))
        default: throw Failure(message: "it has the instruction 0x\(String(opcode, radix: 16)).")
        }
    }

    // MARK: The stack

    /// A list or dict is a value here, and a memo keeps what it was when it was put there: pickles of trees, which messages
    /// are, put containers there while they are empty and never ask for them again.
    private mutating func recall(_ index: Int) throws(Failure) {
        guard case .value(let value, let depth, _)? = memo[index] else { throw Failure(message: "it is damaged.") }
        if case .array = value { throw Failure(message: "one of its values holds another twice.") }
        if case .object = value { throw Failure(message: "one of its values holds another twice.") }
        try push(value, depth: depth)
    }

    private mutating func push(_ value: PayloadValue, depth: Int = 0, isTuple: Bool = false) throws(Failure) {
        size += 1
        if case .string(let text) = value { size += text.utf8.count / 64 }
        guard size <= Self.maximumSize else { throw Failure(message: "it is too large.") }
        guard depth <= Self.maximumDepth else { throw Failure(message: "it is nested too deeply.") }
        stack.append(.value(value, depth: depth, isTuple: isTuple))
    }

    private func top() throws(Failure) -> Item {
        guard let item = stack.last else { throw Failure(message: "it is damaged.") }
        return item
    }

    private mutating func popItem() throws(Failure) -> Item {
        guard case .value? = stack.last, let item = stack.popLast() else { throw Failure(message: "it is damaged.") }
        return item
    }

    private mutating func pop() throws(Failure) -> (value: PayloadValue, depth: Int) {
        guard case .value(let value, let depth, _) = try popItem() else { throw Failure(message: "it is damaged.") }
        return (value, depth)
    }

    private mutating func popToMark() throws(Failure) -> [Item] {
        guard let mark = stack.lastIndex(where: { if case .mark = $0 { true } else { false } }) else {
            throw Failure(message: "it is damaged.")
        }
        let items = Array(stack[(mark + 1)...])
        stack.removeSubrange(mark...)
        return items
    }

    private mutating func extend(with items: [Item]) throws(Failure) {
        let (container, depth) = try pop()
        guard case .array(let elements) = container else { throw Failure(message: "it is damaged.") }
        try append(items, to: elements, depth: depth)
    }

    /// Pushes a list of some elements and items.
    private mutating func append(
        _ items: [Item],
        to elements: [PayloadValue],
        depth: Int = 0,
        isTuple: Bool = false
    ) throws(Failure) {
        var (elements, depth) = (elements, depth)
        for item in items {
            guard case .value(let value, let own, _) = item else { throw Failure(message: "it is damaged.") }
            elements.append(value)
            depth = max(depth, own + 1)
        }
        try push(.array(elements), depth: depth, isTuple: isTuple)
    }

    private mutating func set(_ items: [Item]) throws(Failure) {
        let (container, depth) = try pop()
        guard case .object(let object) = container, items.count.isMultiple(of: 2) else {
            throw Failure(message: "it is damaged.")
        }
        var pairs = object.map { ($0.key, $0.value) }
        var deepest = depth
        for index in stride(from: 0, to: items.count, by: 2) {
            guard case .value(let key, _, _) = items[index],
                case .value(let value, let own, let isTuple) = items[index + 1]
            else {
                throw Failure(message: "it is damaged.")
            }
            guard case .string(let name) = key else { throw Failure(message: "a key of it is no text.") }
            pairs.append((name, value))
            // The outermost dict is filled last.
            if name == "data" { isDataTuple = isTuple }
            deepest = max(deepest, own + 1)
        }
        try push(.object(PayloadObject(pairs)), depth: deepest)
    }

    // MARK: Bytes

    private mutating func take(_ count: Int) throws(Failure) -> ArraySlice<UInt8> {
        guard count <= bytes.count else { throw Failure(message: "it ends too early.") }
        defer { bytes = bytes.dropFirst(count) }
        let taken = bytes.prefix(count)
        return ArraySlice(Array(taken))
    }

    /// A number of so many bytes, the lowest first.
    private mutating func number(_ count: Int) throws(Failure) -> UInt64 {
        try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func count(_ bytes: Int) throws(Failure) -> Int {
        guard let count = Int(exactly: try number(bytes)) else { throw Failure(message: "it ends too early.") }
        return count
    }

    /// A signed number of so many bytes; one that 64 bits do not hold becomes the nearest double.
    private mutating func long(_ count: Int) throws(Failure) -> PayloadValue {
        let digits = Array(try take(count))
        let isNegative = digits.last.map { $0 >= 0x80 } ?? false
        if digits.count <= 8 {
            let start: UInt64 = isNegative ? .max : 0
            return .integer(Int64(bitPattern: digits.reversed().reduce(start) { $0 << 8 | UInt64($1) }))
        }
        var value = 0.0
        for digit in digits.reversed() { value = value * 256 + Double(isNegative ? ~digit : digit) }
        return .number(isNegative ? -value - 1 : value)
    }

    private mutating func text(_ count: Int) throws(Failure) -> PayloadValue {
        .string(String(decoding: try take(count), as: UTF8.self))
    }
}

import Payload

/// One Redis command: its name and its arguments, as bytes.
///
/// Arguments are counted, never quoted: a line break, a NUL or a space inside one is data, so nothing that comes from
/// a user can become a second command.
///
///     let publish = RedisCommand("PUBLISH", "news", "hello")
///
/// It is held as it goes out: bulk strings of the Redis protocol, one after the other
/// (https://redis.io/docs/latest/develop/reference/protocol-spec/#bulk-strings).
public struct RedisCommand: Hashable, Sendable {
    /// How many words it has.
    private(set) var count = 0
    /// The words as bulk strings.
    private(set) var words: [UInt8] = []

    /// The command's name followed by its arguments; Redis takes any bytes in each.
    public var arguments: [[UInt8]] {
        get { first(count) }
        set { self = RedisCommand(arguments: newValue) }
    }

    /// The first words, at most so many.
    func first(_ most: Int) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var place = 0
        while found.count < most, let word = word(at: place) {
            found.append(Array(words[word]))
            place = word.upperBound + Self.lineEnd
        }
        return found
    }

    /// All words but the last, and the last.
    func dividedBeforeLast() -> (RedisCommand, last: RedisCommand) {
        var place = 0
        for _ in 0..<max(0, count - 1) { place = end(ofWordAt: place) }
        var (beginning, last) = (RedisCommand(capacity: place), RedisCommand(capacity: words.count - place))
        beginning.append(count: max(0, count - 1), bulkStrings: words[..<place])
        last.append(count: min(1, count), bulkStrings: words[place...])
        return (beginning, last)
    }

    /// Where the bulk string ends that begins at a place.
    func end(ofWordAt place: Int) -> Int {
        word(at: place).map { $0.upperBound + Self.lineEnd } ?? words.count
    }

    /// Where the bytes are of the word whose bulk string begins at a place; nil at the end.
    private func word(at place: Int) -> Range<Int>? {
        guard let line = words[place...].firstIndex(of: UInt8(ascii: "\r")) else { return nil }
        let length = words[place + 1..<line].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return line + Self.lineEnd..<line + Self.lineEnd + length
    }

    /// How many bytes the end of a line has.
    private static let lineEnd = 2

    /// Makes a command of raw bytes.
    ///
    /// - Parameter arguments: the name and the arguments; a command without a name is refused when it is sent.
    public init(arguments: [[UInt8]]) {
        words.reserveCapacity(arguments.reduce(0) { $0 + $1.count + 16 })
        for argument in arguments { append(argument) }
    }

    /// Makes a command of texts, which are sent as UTF-8.
    public init(_ arguments: String...) {
        for argument in arguments { append(argument) }
    }

    /// Makes the beginning of a command, with room for so many bytes.
    init(capacity: Int) {
        words.reserveCapacity(capacity)
    }

    /// Makes room for so many bytes.
    mutating func reserveCapacity(_ capacity: Int) { words.reserveCapacity(capacity) }

    /// Whether it has no name, so that Redis would not answer it at all.
    var isNameless: Bool { count == 0 || words.starts(with: Self.emptyWord) }

    private static let emptyWord = Array("$0\r\n".utf8)

    // MARK: Writing

    /// Adds a word.
    mutating func append(_ word: [UInt8]) {
        begin(word: word.count)
        words.append(contentsOf: word)
        end()
    }

    /// Adds a word, as UTF-8.
    mutating func append(_ word: String) {
        var word = word
        word.withUTF8 { bytes in
            begin(word: bytes.count)
            words.append(contentsOf: bytes)
            end()
        }
    }

    /// Adds the words of another command.
    mutating func append(contentsOf command: RedisCommand) {
        count += command.count
        command.words.withUnsafeBufferPointer { words.append(contentsOf: $0) }
    }

    /// Adds words that are written already.
    mutating func append(count: Int, bulkStrings: ArraySlice<UInt8>) {
        self.count += count
        words.append(contentsOf: bulkStrings)
    }

    /// Adds a word of MessagePack, which the body writes, of so many bytes at most.
    ///
    /// It is written where it will stand if its length has as many digits as the bound, and is moved if not.
    mutating func append(atMost most: Int, _ form: MessagePackForm, _ body: (inout MessagePackCursor) -> Void) {
        count += 1
        let expected = Self.size(ofLineWith: most)
        words.append(addingCapacity: expected + most + Self.lineEnd) { (span: inout OutputSpan<UInt8>) in
            span.withUnsafeMutableBufferPointer { memory, written in
                let room = UnsafeMutableBufferPointer(rebasing: memory[written...])
                var cursor = MessagePackCursor(UnsafeMutableBufferPointer(rebasing: room[expected...]), form)
                body(&cursor)
                let length = cursor.count
                let size = Self.size(ofLineWith: length)
                if size < expected, let start = room.baseAddress {
                    (start + size).update(from: start + expected, count: length)
                }
                Self.write("$", length, to: UnsafeMutableBufferPointer(rebasing: room[..<size]))
                Self.endLine(room, at: size + length)
                written += size + length + Self.lineEnd
            }
        }
    }

    private mutating func begin(word length: Int) {
        count += 1
        Self.append("$", length, to: &words)
    }

    private mutating func end() {
        words.append(UInt8(ascii: "\r"))
        words.append(UInt8(ascii: "\n"))
    }

    /// Appends a mark, a number and the end of the line.
    static func append(_ mark: Unicode.Scalar, _ number: Int, to bytes: inout [UInt8]) {
        let size = size(ofLineWith: number)
        bytes.append(addingCapacity: size) { (span: inout OutputSpan<UInt8>) in
            span.withUnsafeMutableBufferPointer { memory, written in
                write(mark, number, to: UnsafeMutableBufferPointer(rebasing: memory[written..<written + size]))
                written += size
            }
        }
    }

    /// How many bytes a mark, a number from 0 and the end of the line are.
    private static func size(ofLineWith number: Int) -> Int {
        var (size, rest) = (1 + 1 + lineEnd, number)
        while rest >= 10 { (size, rest) = (size + 1, rest / 10) }
        return size
    }

    /// Fills memory of just the right size with a mark, a number and the end of the line.
    private static func write(_ mark: Unicode.Scalar, _ number: Int, to line: UnsafeMutableBufferPointer<UInt8>) {
        line[0] = UInt8(ascii: mark)
        var rest = number
        for place in (1..<line.count - lineEnd).reversed() {
            line[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        endLine(line, at: line.count - lineEnd)
    }

    private static func endLine(_ memory: UnsafeMutableBufferPointer<UInt8>, at place: Int) {
        memory[place] = UInt8(ascii: "\r")
        memory[place + 1] = UInt8(ascii: "\n")
    }
}

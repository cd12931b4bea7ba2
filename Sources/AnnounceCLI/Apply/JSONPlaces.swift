/// Finds where the values of a JSON text stand; the text is known to be JSON.
///
/// It is only asked where something is wrong, so it looks from the beginning each time.
struct JSONPlaces {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Where the value at a path stands, its key where it has one, or else what is around it.
    func place(of path: DocumentValue.Path) -> Place {
        var position = skippingSpace(0)
        var found = position
        for step in path {
            guard let (key, value) = child(step, of: position) else { break }
            (found, position) = (key, value)
        }
        return place(at: found)
    }

    private func place(at offset: Int) -> Place {
        let before = String(decoding: bytes[..<offset], as: UTF8.self)
        let lines = before.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return Place(line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    }

    /// Where a child begins, with its key and without.
    private func child(_ step: DocumentValue.Step, of start: Int) -> (key: Int, value: Int)? {
        switch (step, byte(start)) {
        case (.key(let name), UInt8(ascii: "{")?):
            // Of keys that are there twice the last one counts.
            var last: (Int, Int)?
            var position = skippingSpace(start + 1)
            while byte(position) == UInt8(ascii: "\"") {
                let key = position
                let end = skippingValue(key)
                let value = skippingSpace(skippingSpace(end) + 1)
                if (try? DocumentValue(.init(json: Array(bytes[key..<end])))) == .text(name) { last = (key, value) }
                position = skippingSeparator(skippingValue(value))
            }
            return last
        case (.index(let index), UInt8(ascii: "[")?):
            var position = skippingSpace(start + 1)
            for _ in 0..<index { position = skippingSeparator(skippingValue(position)) }
            return (position, position)
        default:
            return nil
        }
    }

    private func byte(_ position: Int) -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private func skippingSpace(_ start: Int) -> Int {
        var position = start
        while let byte = byte(position), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
        return position
    }

    private func skippingSeparator(_ start: Int) -> Int {
        let position = skippingSpace(start)
        return byte(position) == UInt8(ascii: ",") ? skippingSpace(position + 1) : position
    }

    private func skippingValue(_ start: Int) -> Int {
        var position = start
        var depth = 0
        repeat {
            switch byte(position) {
            case nil: return position
            case UInt8(ascii: "\"")?: position = skippingString(position)
            case UInt8(ascii: "{")?, UInt8(ascii: "[")?:
                depth += 1
                position += 1
            case UInt8(ascii: "}")?, UInt8(ascii: "]")?:
                depth -= 1
                position += 1
            default: position += 1
            }
        } while depth > 0 || !isAtEnd(position)
        return position
    }

    /// Whether no part of a scalar stands here.
    private func isAtEnd(_ position: Int) -> Bool {
        guard let byte = byte(position) else { return true }
        return ",:]} \n\r\t".utf8.contains(byte)
    }

    private func skippingString(_ start: Int) -> Int {
        var position = start + 1
        while let byte = byte(position), byte != UInt8(ascii: "\"") {
            position += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        return position + 1
    }
}

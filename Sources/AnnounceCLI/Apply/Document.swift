import Payload
import Yams

/// Where something stands in a file, from 1.
struct Place: Hashable, Comparable {
    let line: Int
    let column: Int

    static func < (one: Place, other: Place) -> Bool { (one.line, one.column) < (other.line, other.column) }
}

/// A document that was read, and where its values stand in its file.
struct Document {
    let root: DocumentValue
    /// Makes what tells where the value at a path stands, or else what is around it.
    ///
    /// It may read the file anew: places are wanted only where something is wrong, and keeping all of them takes more memory
    /// than the values.
    let locator: () -> (DocumentValue.Path) -> Place

    /// Where the value at a path stands.
    func place(_ path: DocumentValue.Path) -> Place { locator()(path) }

    /// Reads YAML.
    ///
    /// - Throws: ``DocumentError`` with the place.
    init(yaml text: String) throws(DocumentError) {
        let node: Node?
        do {
            node = try Self.node(text)
        } catch let error as YamlError {
            throw DocumentError(yaml: error)
        } catch {
            throw DocumentError("It is not YAML: \(error)", at: Place(line: 1, column: 1))
        }
        guard let node else {
            root = .map([])
            locator = { { _ in Place(line: 1, column: 1) } }
            return
        }
        root = try DocumentValue(node)
        locator = {
            let node = try? Self.node(text)
            return { path in node?.place(of: path) ?? Place(line: 1, column: 1) }
        }
    }

    /// The tree of a text, without rules for tags: they would be tried on each key, and nothing here asks for a tag.
    private static func node(_ text: String) throws -> Node? { try compose(yaml: text, .basic) }

    /// Reads JSON.
    ///
    /// - Throws: ``DocumentError`` with the place.
    init(json bytes: [UInt8]) throws(DocumentError) {
        do throws(JSONError) {
            root = DocumentValue(try PayloadValue(json: bytes))
        } catch {
            throw DocumentError(error.message, at: Place(line: error.line, column: error.column))
        }
        locator = {
            let places = JSONPlaces(bytes)
            return { path in places.place(of: path) }
        }
    }
}

/// Why a document cannot be used, and where.
struct DocumentError: Error {
    let message: String
    let place: Place

    init(_ message: String, at place: Place) {
        self.message = message
        self.place = place
    }

    fileprivate init(yaml error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init("It is not YAML: \(problem).", at: Place(line: mark.line, column: mark.column))
        case .duplicatedKeysInMapping(let duplicates, let context):
            let mark = context.mark
            let keys = duplicates.map { $0.description }.joined(separator: ", ")
            self.init("The key \(keys) is there twice. Give it once.", at: Place(line: mark.line, column: mark.column))
        default:
            self.init("It is not YAML: \(error).", at: Place(line: 1, column: 1))
        }
    }
}

extension DocumentValue {
    fileprivate init(_ node: Node) throws(DocumentError) {
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            self = isPlain ? .plain(scalar.string) : .text(scalar.string)
        case .sequence(let sequence):
            var values: [DocumentValue] = []
            values.reserveCapacity(sequence.count)
            for value in sequence { values.append(try DocumentValue(value)) }
            self = .list(values)
        case .mapping(let mapping):
            var pairs: [Pair] = []
            pairs.reserveCapacity(mapping.count)
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    throw DocumentError("A key has to be a text.", at: key.place)
                }
                pairs.append(Pair(key: name.string, value: try DocumentValue(value)))
            }
            self = .map(pairs)
        case .alias:
            throw DocumentError("The alias names no anchor. Write the anchor before it.", at: node.place)
        }
    }
}

extension Node {
    fileprivate var place: Place {
        mark.map { Place(line: $0.line, column: $0.column) } ?? Place(line: 1, column: 1)
    }

    fileprivate func place(of path: DocumentValue.Path) -> Place {
        var (node, found) = (self, place)
        for step in path {
            switch (step, node) {
            case (.key(let name), .mapping(let mapping)):
                guard let pair = mapping.first(where: { $0.key.scalar?.string == name }) else { return found }
                // The key leads to the value: an empty one stands nowhere.
                found = pair.key.place
                node = pair.value
            case (.index(let index), .sequence(let sequence)):
                guard index < sequence.count else { return found }
                node = sequence[index]
                found = node.place
            default: return found
            }
        }
        return found
    }
}

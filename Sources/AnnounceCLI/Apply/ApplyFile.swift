import Announce
import Glibc
import Payload

/// A file to apply, read.
struct ApplyFile {
    /// What a file is written in.
    enum Format: String, CaseIterable {
        case yaml, json, ics, crontab
    }

    struct Entry {
        let name: String
        let value: DocumentValue
        let path: DocumentValue.Path
    }

    /// The file, as it was named.
    let name: String
    /// The folder in which paths inside of it begin, with a slash at its end; empty for the present one.
    let folder: String
    let document: Document
    let entries: [Entry]
    /// The zone of all its entries without one of their own.
    let timezone: String?
    /// Whether it is no document of announce's, so that it cannot say whom it is for.
    let isForeign: Bool

    /// Reads a file; `-` is standard input.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - format: what it is written in; nil to see that by its name and its beginning.
    /// - Throws: ``CommandFailure`` with file, line and column.
    init(_ path: String, format: Format?) throws {
        let isInput = path == "-"
        name = isInput ? "stdin" : path
        folder = isInput ? "" : path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        guard let bytes = isInput ? Bytes.all(of: STDIN_FILENO) : Bytes.all(ofFile: path) else {
            throw CommandFailure(
                "\(path) cannot be read: \(String(cString: strerror(errno))). Name a file of announcements, or - for stdin.",
                exitCode: CommandFailure.dataError
            )
        }
        guard (try? UTF8Span(validating: bytes.span)) != nil else {
            throw CommandFailure(
                "\(path) is not UTF-8 text. Convert it, as with `iconv -t UTF-8`.",
                exitCode: CommandFailure.dataError
            )
        }
        do throws(DocumentError) {
            let format = format ?? Self.format(of: path, bytes)
            isForeign = format == .ics || format == .crontab
            switch format {
            case .yaml: document = try Document(yaml: String(decoding: bytes, as: UTF8.self))
            case .json: document = try Document(json: bytes)
            case .ics: document = try Document(calendar: String(decoding: bytes, as: UTF8.self))
            case .crontab: document = try Document(crontab: String(decoding: bytes, as: UTF8.self))
            }
            (entries, timezone) = try Self.entries(of: document)
        } catch {
            throw CommandFailure(
                "\(name):\(error.place.line):\(error.place.column): \(error.message)",
                exitCode: CommandFailure.dataError
            )
        }
    }

    /// Problems in words, each with file, line and column.
    func lines(for problems: [EntryProblem]) -> [String] {
        if problems.isEmpty { return [] }
        let place = document.locator()
        return problems.map { problem in
            let place = place(problem.path)
            return "\(name):\(place.line):\(place.column): \(problem.message)"
        }
    }

    private static func format(of path: String, _ bytes: [UInt8]) -> Format {
        if path.hasSuffix(".ics") || bytes.starts(with: "BEGIN:VCALENDAR".utf8) { return .ics }
        if path.hasSuffix(".json") { return .json }
        if path.hasSuffix(".yaml") || path.hasSuffix(".yml") { return .yaml }
        if path.hasSuffix("crontab") { return .crontab }
        let spaces = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        return bytes.first { !spaces.contains($0) } == UInt8(ascii: "{") ? .json : .yaml
    }

    /// The announcements of a document by their names: all its keys, or those below `announcements`.
    private static func entries(of document: Document) throws(DocumentError) -> ([Entry], timezone: String?) {
        guard case .map(let pairs) = document.root else {
            if document.root.isNothing { return ([], nil) }
            throw DocumentError("Announcements have names: write name: and below it its keys.", at: document.place([]))
        }
        guard let listed = document.root["announcements"] else {
            return (pairs.map { Entry(name: $0.key, value: $0.value, path: [.key($0.key)]) }, nil)
        }
        for pair in pairs where pair.key != "announcements" && pair.key != "timezone" {
            throw DocumentError(
                "There is no key \"\(pair.key)\" beside announcements. Only timezone may stand there.",
                at: document.place([.key(pair.key)])
            )
        }
        let timezone = document.root["timezone"]?.string
        if listed.isNothing { return ([], timezone) }
        guard case .map(let inner) = listed else {
            throw DocumentError(
                "Announcements have names: write name: and below it its keys.",
                at: document.place([.key("announcements")])
            )
        }
        let path: DocumentValue.Path = [.key("announcements")]
        return (inner.map { Entry(name: $0.key, value: $0.value, path: path + [.key($0.key)]) }, timezone)
    }
}

// Compares Package.swift and the imports of Sources with the list of allowed arrows in .ci/graph.
// Run at the root of the package: swift .ci/graph.swift
import Foundation

/// What the list allows one target.
struct Room {
    var dependencies: Set<String> = []
    /// A module of the system, and the only file that may import it (`nil`: every file of the target).
    var systemModules: [String: String?] = [:]
}

struct Failure: Error, CustomStringConvertible {
    let description: String
}

/// Reads the list; a line that begins with a blank goes on with the target of the line before.
func readList(_ text: String) throws -> [String: Room] {
    var rooms: [String: Room] = [:]
    var target: String?
    var afterPlus = false
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
        for word in line.split(separator: " ").map(String.init) {
            if word.hasSuffix(":") {
                let name = String(word.dropLast())
                if rooms[name] != nil { throw Failure(description: ".ci/graph names \(name) twice.") }
                rooms[name] = Room()
                target = name
                afterPlus = false
                continue
            }
            guard let target else { throw Failure(description: ".ci/graph: \(word) stands before any target.") }
            if word == "+" {
                afterPlus = true
            } else if afterPlus {
                let parts = word.split(separator: "@", maxSplits: 1).map(String.init)
                rooms[target]?.systemModules[parts[0]] = .some(parts.count > 1 ? parts[1] : nil)
            } else {
                rooms[target]?.dependencies.insert(word)
            }
        }
    }
    return rooms
}

/// The manifest as `swift package dump-package` prints it.
struct Manifest: Decodable {
    struct Target: Decodable {
        let name: String
        let type: String
        let path: String?
        let dependencies: [Dependency]

        var isTest: Bool { type == "test" || path?.hasPrefix("Tests/") == true }
    }

    /// An arrow: `Target`, or `package/Product`.
    struct Dependency: Decodable {
        let name: String

        init(from decoder: any Decoder) throws {
            let fields = try decoder.singleValueContainer().decode([String: [Word]].self)
            let words = fields.values.first?.compactMap(\.text) ?? []
            // A product comes with its package; a target stands alone.
            name = fields["product"] != nil && words.count > 1 ? "\(words[1])/\(words[0])" : words.first ?? "?"
        }
    }

    /// A string, or anything else (conditions, aliases), which is no arrow.
    struct Word: Decodable {
        let text: String?

        init(from decoder: any Decoder) throws {
            text = try? decoder.singleValueContainer().decode(String.self)
        }
    }

    let targets: [Target]

    static func ofThisPackage() throws -> Manifest {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["swift", "package", "dump-package"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: "swift package dump-package failed.") }
        return try JSONDecoder().decode(Manifest.self, from: data)
    }
}

/// The modules that a file imports, with their lines.
func imports(in text: String) -> [(module: String, line: Int)] {
    let attributes: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    var found: [(String, Int)] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        var words = line.split(separator: " ").drop { $0.hasPrefix("@") || attributes.contains($0) }
        guard words.popFirst() == "import", let next = words.popFirst() else { continue }
        let name = kinds.contains(next) ? words.first ?? next : next
        found.append((String(name.prefix { $0 != "." && $0 != ";" }), index + 1))
    }
    return found
}

/// The imports of a target that it did not declare, or that the list keeps from it.
func wrongImports(of target: String, _ room: Room) throws -> [String] {
    let modules = Set(room.dependencies.map { String($0.split(separator: "/").last ?? "") })
    let root = "Sources/\(target)"
    let files = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    var wrong: [String] = []
    for file in files.sorted() where file.hasSuffix(".swift") {
        let text = try String(contentsOfFile: "\(root)/\(file)", encoding: .utf8)
        for (module, line) in imports(in: text) where !modules.contains(module) {
            switch room.systemModules[module] {
            case .some(.none): continue
            case .some(.some(let only)) where only == file: continue
            case .some(.some(let only)):
                wrong.append("\(root)/\(file):\(line): \(module) may be imported in \(only) only.")
            case nil:
                wrong.append(
                    "\(root)/\(file):\(line): \(target) imports \(module), which is neither one of its dependencies"
                        + " nor a module of the system that .ci/graph allows it."
                )
            }
        }
    }
    return wrong
}

func findings() throws -> [String] {
    let list = try readList(try String(contentsOfFile: ".ci/graph", encoding: .utf8))
    let targets = try Manifest.ofThisPackage().targets
    var findings: [String] = []
    for name in Set(list.keys).subtracting(targets.map(\.name)).sorted() {
        findings.append(".ci/graph: there is no target \(name) in Package.swift.")
    }
    for target in targets {
        guard let room = list[target.name] else {
            findings.append("Package.swift: the target \(target.name) is not in .ci/graph.")
            continue
        }
        let actual = Set(target.dependencies.map(\.name))
        for arrow in actual.subtracting(room.dependencies).sorted() {
            findings.append("Package.swift: \(target.name) may not depend on \(arrow).")
        }
        for arrow in room.dependencies.subtracting(actual).sorted() {
            findings.append(".ci/graph: \(target.name) does not depend on \(arrow); take it off the list.")
        }
        if !target.isTest { findings += try wrongImports(of: target.name, room) }
    }
    return findings
}

do {
    let findings = try findings()
    for finding in findings { FileHandle.standardError.write(Data("error: \(finding)\n".utf8)) }
    exit(findings.isEmpty ? 0 : 1)
} catch {
    FileHandle.standardError.write(Data("error: the graph was not checked: \(error)\n".utf8))
    exit(1)
}

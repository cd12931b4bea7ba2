import AnnounceTestKit
import Foundation
import Testing

/// A shell in which the commands of a document run one after the other, in a folder with the document's files.
///
/// `announce` is the built program, `systemctl` starts and stops its dispatcher, and another machine (`ssh`, `scp`) is this one. The
/// Redis and the database that documents name are those of the test.
final class ShownSession {
    let announce: Program
    private let redis: String
    private var exports: [String] = []
    private var dispatcher: RunningProgram?

    /// Programs that are run as they are, besides `announce`.
    private static let tools: Set<String> = ["sqlite3", "cp", "rm", "ssh", "scp"]

    init(_ announce: Program, redis: String) throws {
        self.announce = announce
        self.redis = redis
        let shims = [
            "announce": "exec '\(Program.executable)' \"$@\"",
            "ssh": "shift; exec \"$@\"",
            "scp": "for to; do :; done; while [ $# -gt 1 ]; do cp \"$1\" \"${to#*:}\"; shift; done",
            "jq": "exec cat",
        ]
        for (name, script) in shims {
            let path = try announce.write("#!/bin/sh\n\(script)\n", to: "bin/\(name)")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        try FileManager.default.createDirectory(
            atPath: announce.folder.file("shown"),
            withIntermediateDirectories: true
        )
    }

    func save(_ file: ShownDocument.Block) throws {
        if let name = file.name { try announce.write(file.text, to: "shown/\(name)") }
    }

    func startDispatcher() async throws { dispatcher = try await announce.dispatcher() }

    private func stopDispatcher() async throws {
        guard let running = dispatcher else { return }
        running.signal(SIGTERM)
        _ = try await announce.end(of: running)
        dispatcher = nil
    }

    /// Runs one command, which has to succeed, or to begin where it does not end by itself.
    func run(_ command: ShownCommand) async throws {
        let words = command.words
        switch (words.first ?? "", words.dropFirst().first ?? "") {
        case ("export", _): exports.append(adapted(command.line))
        case ("make", let target):
            // Whether they do what they should is found out by running them, as CI does.
            let makefile = DocumentationTests.text("Makefile")
            #expect(makefile.contains("\n\(target):"), "\(command.testDescription): there is no such target")
        case ("systemctl", "stop"): try await stopDispatcher()
        case ("systemctl", "start"): try await startDispatcher()
        case ("announce", "run") where words.contains("--once"):
            try await stopDispatcher()
            try await finish(command)
            try await startDispatcher()
        case ("announce", "run"), ("announce", "listen"):
            try await begin(command) { $0.stdout.contains("ready") || $0.stderr.contains("Listening") }
        case ("announce", _) where words.contains("--watch"):
            try await begin(command) { $0.stdout.split(separator: "\n").count > 1 }
        case ("announce", _):
            // A name is taken where a document shows several ways, or by what was there before.
            if let name = command.value(of: "--name"), !words.contains("--dry-run") {
                _ = try await announce.run("cancel", name)
            }
            try await finish(command)
        case (let tool, _) where Self.tools.contains(tool): try await finish(command)
        default: Issue.record("\(command.testDescription): nothing tests this command")
        }
    }

    private func finish(_ command: ShownCommand) async throws {
        let finished = try await announce.end(of: try announce.starting(script(of: command)))
        #expect(finished.status == 0, "\(command.testDescription)\n\(finished.stdout)\n\(finished.stderr)")
        // What is asked of a time in the text has one answer.
        if command.value(of: "--from") != nil, !command.output.isEmpty {
            #expect(finished.lines == command.output, "\(command.testDescription)")
        }
    }

    private func begin(_ command: ShownCommand, until hasBegun: (RunningProgram) -> Bool) async throws {
        let program = try announce.starting(script(of: command))
        try await eventually("\(command.testDescription) begins; it said \(program.stderr)") { hasBegun(program) }
        program.kill()
    }

    private func script(of command: ShownCommand) -> String {
        var line = adapted(command.line)
        if line.hasSuffix("&") { line.removeLast() }
        let bin = announce.folder.file("bin")
        return (["cd '\(announce.folder.file("shown"))'", "PATH='\(bin)':$PATH"] + exports + [line]).joined(
            separator: "\n"
        )
    }

    /// The line with the Redis and the database of the test.
    private func adapted(_ line: String) -> String {
        line.replacing("redis://127.0.0.1:6379", with: redis)
            .replacing(/--redis \S+/, with: "--redis '\(redis)'")
            .replacing(/--database \S+/, with: "--database '\(announce.database)'")
            .replacing("/var/lib/announce/announce.sqlite", with: announce.database)
    }
}

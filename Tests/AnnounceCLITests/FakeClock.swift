import Foundation
import Testing

/// The variables that give a program another clock: one that a file moves.
struct FakeClock {
    let environment: [String: String?]
    private let file: String

    init(_ announce: Program, offset: String) throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib").filter {
            $0.hasSuffix("-linux-gnu")
        }
        let libraries = folders.map { "/usr/lib/\($0)/faketime/libfaketime.so.1" }
        let library = try #require(libraries.first { FileManager.default.fileExists(atPath: $0) }, "no faketime")
        file = try announce.write(offset + "\n", to: "clock")
        environment = [
            "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        ]
    }

    /// Moves the clock to so many seconds beside the true one.
    func set(_ offset: Int) throws {
        try Data("\(offset > 0 ? "+" : "")\(offset)\n".utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
    }
}

import Foundation

/// Measures the real program beside a private redis-server, and prints a line for each question.
///
/// `measure PATH-OF-ANNOUNCE [lateness|wake|idle …]`; without a question, all of them.
@main
struct Measure {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let questions: [String: @Sendable (Site) async throws -> String] = [
            "lateness": lateness, "wake": wake, "idle": idle,
        ]
        let asked = arguments.count > 1 ? Array(arguments.dropFirst()) : ["lateness", "wake", "idle"]
        guard let program = arguments.first, asked.allSatisfy({ questions[$0] != nil }) else {
            FileHandle.standardError.write(Data("usage: measure PATH-OF-ANNOUNCE [lateness|wake|idle ...]\n".utf8))
            exit(64)
        }
        try await Site.running(program) { site in
            for name in asked { if let question = questions[name] { print(try await question(site)) } }
        }
    }

    /// How late 200 announcements 50 ms apart are heard.
    static func lateness(_ site: Site) async throws -> String {
        let count = 200
        // Adding one takes some ten milliseconds; the lead leaves room for three times that.
        let first = Site.now() + 6
        for index in 0..<count {
            let due = Int(first * 1000) + 50 * index
            try await site.announce("add", "--at", Site.rfc3339(due), "--all", "\(due)")
        }
        guard Site.now() < first else {
            throw MeasureError("Adding took longer than the lead, so nothing was measured.")
        }
        var late: [Double] = []
        for _ in 0..<count {
            let heard = try await site.next()
            late.append(heard.at * 1000 - (Double(heard.text) ?? 0))
        }
        return "lateness   200 announcements 50 ms apart, due to heard:        \(Figures(late))"
    }

    /// How soon an announcement for now is heard, from the start of the process that adds it.
    static func wake(_ site: Site) async throws -> String {
        var delays: [Double] = []
        for index in 0..<50 {
            let began = Site.now()
            async let added: Void = site.announce("add", "--in", "0s", "--all", "wake \(index)")
            let heard = try await site.next()
            try await added
            guard heard.text == "wake \(index)" else { throw MeasureError("Something else was heard: \(heard.text)") }
            delays.append((heard.at - began) * 1000)
        }
        return "wake       50 times add --in 0s, start of that process to heard: \(Figures(delays))"
    }

    /// What an idle dispatcher with one announcement far ahead uses of a core.
    static func idle(_ site: Site) async throws -> String {
        try await site.announce("add", "--in", "1d", "--all", "later")
        let seconds = 30.0
        let before = site.dispatcherTime()
        try await Task.sleep(for: .seconds(seconds))
        let share = (site.dispatcherTime() - before) / seconds * 100
        return "idle       processor time of the dispatcher in 30 s: \(String(format: "%.3f", share)) % of a core"
    }
}

/// Minimum, median, 99th percentile and maximum, in milliseconds.
struct Figures: CustomStringConvertible {
    private let sorted: [Double]

    init(_ values: [Double]) {
        sorted = values.sorted()
    }

    var description: String {
        func at(_ share: Double) -> String { String(format: "%.2f", sorted[Int(Double(sorted.count - 1) * share)]) }
        return "min \(at(0)), median \(at(0.5)), p99 \(at(0.99)), max \(at(1)) ms"
    }
}

struct MeasureError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

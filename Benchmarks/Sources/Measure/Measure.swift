import Foundation

/// Measures the real program beside a private redis-server and prints one line of JSON a question.
///
/// `measure PATH-OF-ANNOUNCE [lateness|wake|idle …]`; without a question, all of them.
@main
struct Measure {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let program = arguments.first else {
            FileHandle.standardError.write(Data("usage: measure PATH-OF-ANNOUNCE [lateness|wake|idle ...]\n".utf8))
            exit(64)
        }
        let questions = arguments.count > 1 ? Array(arguments.dropFirst()) : ["lateness", "wake", "idle"]
        let bench = try await Bench(program: program)
        defer { bench.stop() }
        for question in questions {
            switch question {
            case "lateness": try await bench.lateness()
            case "wake": try await bench.wake()
            case "idle": try await bench.idle()
            default:
                FileHandle.standardError.write(Data("there is no question \(question)\n".utf8))
                exit(64)
            }
        }
    }
}

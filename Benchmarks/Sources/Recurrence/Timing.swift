import Recurrence

extension Case {
    /// A thousand instants spread over 2026 and 2027, the same in every run.
    static let instants: [Timestamp] = {
        var state: UInt64 = 20_261_124
        return (0..<1000).map { _ in
            // Knuth's constants of a linear congruence: no more chance is needed here.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Timestamp(seconds: 1_767_225_600 + Int64((state >> 33) % 63_072_000))
        }
    }()

    /// Nanoseconds of `next(after:)`, as a line of JSON.
    ///
    /// - `step`: the median of a step from one occurrence to the next, taken over 64 at a time.
    /// - `ask`: the median of a question about an instant out of nowhere.
    /// - `worst`: the slowest of a thousand such questions, each the best of five.
    func timed() throws -> String {
        let schedule = try schedule()
        let clock = ContinuousClock()
        func nanoseconds(_ body: () -> Void) -> Double {
            let taken = clock.measure(body).components
            return Double(taken.seconds) * 1e9 + Double(taken.attoseconds) / 1e9
        }
        var seen: Int64 = 0
        func ask(_ instant: Timestamp) -> Timestamp? {
            let next = schedule.next(after: instant)
            seen &+= next?.milliseconds ?? 1
            return next
        }
        let steps = Self.instants.prefix(300).map { start in
            nanoseconds {
                var last = start
                for _ in 0..<64 { last = ask(last) ?? start }
            } / 64
        }
        let questions = Self.instants.map { instant in
            (0..<5).map { _ in nanoseconds { _ = ask(instant) } }.min() ?? 0
        }
        // What a loop over many asks costs less the clock's own time, which a single question cannot tell.
        let rounds = (0..<21).map { _ in
            nanoseconds { for instant in Self.instants { _ = ask(instant) } } / Double(Self.instants.count)
        }
        let figures = ["step": steps.median, "ask": rounds.median, "worst": questions.max() ?? 0]
        let members = figures.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \(Int($0.value.rounded()))" }
        return "{\"name\": \"\(name)\", \(members.joined(separator: ", ")), \"sum\": \(seen)}"
    }
}

extension [Double] {
    var median: Double { sorted()[count / 2] }
}
